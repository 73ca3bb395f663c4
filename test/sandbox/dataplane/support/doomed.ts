/**
 * A sandbox in a process of its own, to be killed: `node doomed.ts <home> <registry port> <version>`. It brings up one service
 * and then, on each line of its standard input, does what the line says; standard output is one line of JSON per answer.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Store } from "../../../../sandbox/store.ts";
import { openWorld } from "../../../../sandbox/world.ts";
import { createStack } from "./stack.ts";

const [home = "", port = "0"] = process.argv.slice(2);
const store = new Store(join(home, "state.db"));
const world = await openWorld({
  home,
  store,
  registryPort: Number(port),
  log: (line) => process.stderr.write(`${line}\n`),
});
const stack = await createStack({ cloud: world.cloud, home, registry: `127.0.0.1:${port}` } as never);
const definition = await stack.release("v1");
await stack.createService("api", "blue", definition, { desiredCount: 2 });
await stack.steady("api");
process.stdout.write(`${JSON.stringify({ url: stack.url, groups: stack.groups, rule: stack.rule })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [word, argument = ""] = line.split(" ");
  if (word === "scale") {
    await world.cloud.ecs.updateService({ cluster: "main", service: "api", desiredCount: Number(argument) });
  }
  process.stdout.write(`${JSON.stringify({ done: line })}\n`);
}
