import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { CommandModule, Invocation } from "../cli.ts";
import { confirm } from "../confirm.ts";
import { configurationError } from "../errors.ts";
import { OptionReader } from "../options.ts";
import { places } from "../paths.ts";
import { installPlugins, startDaemon } from "../sandbox-daemon.ts";

type Client = typeof import("../../sandbox/client.ts");
type Subcommand = (invocation: Invocation, client: Client) => Promise<void>;

const home = () => places().sandbox;

export const run: CommandModule["run"] = async (invocation) => {
  const client = await import("../../sandbox/client.ts");
  await subcommands[invocation.command]?.(invocation, client);
  return undefined;
};

const subcommands: Readonly<Record<string, Subcommand>> = { start, stop, status, reset, logs, fault };

async function start({ options, output }: Invocation): Promise<void> {
  await installPlugins(places());
  const daemon = await startDaemon(places(), output);
  if (options.json === true) output.json(daemon);
  else output.data(`http://127.0.0.1:${daemon.apiPort}`);
}

async function stop({ options, output }: Invocation, client: Client): Promise<void> {
  const stopped = await client.stop(home());
  if (options.json === true) output.json({ stopped });
  else output.say(stopped ? "stopped; its state is kept" : "it does not run");
}

async function status({ options, output }: Invocation, client: Client): Promise<void> {
  const found = await client.status(home());
  if (options.json === true) {
    output.json(found);
    return;
  }
  for (const [name, value] of Object.entries(found)) {
    output.data(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
}

/** State of stacks without the cloud that they describe would be worth nothing, and worse: it would be believed. */
async function reset({ options, output }: Invocation, client: Client): Promise<void> {
  if (options.yes !== true) await confirm("forget the sandbox's cloud and its stacks?");
  await startDaemon(places(), output);
  await client.reset(home());
  rmSync(places().backend, { recursive: true, force: true });
  output.say("the sandbox is empty, and its stacks are forgotten");
}

async function logs({ args, options, output }: Invocation, client: Client): Promise<void> {
  const reader = new OptionReader(options);
  const count = reader.number("lines", 1, 100_000) ?? 100;
  reader.done();
  const task = args[0];
  const lines = task === undefined ? client.logs(home(), count) : taskLogs(task, count);
  for (const line of lines) output.data(line);
}

/** @throws SluiceError (2) where no task has that id */
function taskLogs(task: string, count: number): string[] {
  const folder = path.join(home(), "tasks");
  const tasks = list(folder);
  const found = tasks.filter((name) => name.startsWith(task));
  if (found.length !== 1) {
    throw configurationError(
      `${found.length === 0 ? "no task has" : "several tasks have"} an id that begins with ${task}`,
      {
        remedy: `name one of: ${tasks.slice(-10).join(", ") || "(there is none)"}`,
      },
    );
  }
  const files = list(path.join(folder, found[0] as string)).filter((name) => name.endsWith(".log"));
  return files
    .flatMap((name) =>
      readFileSync(path.join(folder, found[0] as string, name), "utf8")
        .trimEnd()
        .split("\n"),
    )
    .slice(-count);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

async function fault({ args, options, output }: Invocation, client: Client): Promise<void> {
  const [word, id] = args;
  if (word === "clear") {
    await client.clearFaults(home(), id);
    output.say("no faults are left");
    return;
  }
  if (word !== undefined) {
    const asked = parseFault(word);
    output.json(await client.addFault(home(), asked).catch(refusedFault));
    return;
  }
  const faults = await client.listFaults(home());
  if (options.json === true) output.json(faults);
  else for (const one of faults) output.data(JSON.stringify(one));
}

const faultExample = 'for example: {"kind":"slow","match":{"service":"ecs"},"ms":2000}';

function refusedFault(error: Error): never {
  throw configurationError("the sandbox does not take this fault", { details: [error.message], remedy: faultExample });
}

function parseFault(text: string): Parameters<Client["addFault"]>[1] {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw configurationError(`a fault is JSON; got ${JSON.stringify(text)}`, {
      details: [(error as Error).message],
      remedy: faultExample,
    });
  }
}
