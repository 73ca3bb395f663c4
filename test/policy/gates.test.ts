import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ECSClient, RegisterTaskDefinitionCommand, type RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { calls, markCalls } from "../../sandbox/client.ts";
import { Checkout, type Finished } from "../stories/checkout.ts";
import { proveImage } from "../support/evidence.ts";

const tag = "v1.1.0";

describe("gates in the real engine", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let digest: string;
  let file: string;
  before(async () => {
    checkout.create();
    await checkout.done("up", "--stack", "foundation", "--sandbox");
    digest = (await checkout.push(tag)).stdout.trim();
  });
  after(() => checkout.remove());

  const prod = ["--stack", "prod", "--sandbox", "--image-tag", tag];
  const plain = (command: "up" | "preview", ...flags: string[]) =>
    checkout.pulumi(command, "-s", "prod", "--sandbox", "--config", `imageTag=${tag}`, ...flags);

  /** Refused for want of proof, each gate in a line of its own, and neither the cloud nor the state has changed. */
  async function assertRefused(run: () => Promise<Finished>, code: number): Promise<void> {
    const home = path.join(checkout.home, "sandbox");
    await markCalls(home);
    const before = resources();
    const finished = await run();
    const said = finished.stdout + finished.stderr;
    assert.equal(finished.code, code, said);
    const lines = said
      .split("\n")
      .filter((line) => /release: api v1\.1\.0: [A-Za-z.0-9]+: needs .+, found nothing; /.test(line));
    const gates = lines.map((line) => /: ([A-Za-z.0-9]+): needs /.exec(line)?.[1]);
    assert.ok(gates.length > 12, said);
    assert.equal(new Set(gates).size, gates.length, said);
    assert.deepEqual(await calls(home), {});
    assert.deepEqual(resources(), before);
  }

  /** What the state of prod holds, but for the engine's own: the stack, its providers, what it read of the foundation. */
  function resources(): string[] {
    const file = path.join(checkout.home, "backend/.pulumi/stacks/sluice/prod.json");
    try {
      const { latest } = JSON.parse(readFileSync(file, "utf8")).checkpoint;
      const all = (latest?.resources ?? []) as { urn: string; type: string }[];
      return all.filter(({ type }) => !type.startsWith("pulumi:")).map(({ urn }) => urn);
    } catch {
      return [];
    }
  }

  /** Changes a file of the checkout, which must have what is replaced. */
  function change(name: string, from: RegExp, to: string): void {
    const source = path.join(checkout.root, name);
    const text = readFileSync(source, "utf8");
    assert.match(text, from);
    writeFileSync(source, text.replace(from, to));
  }

  it("sluice up ends with exit code 5, and has changed nothing", () =>
    assertRefused(() => checkout.sluice("up", ...prod), 5));

  it("sluice preview as well", () => assertRefused(() => checkout.sluice("preview", ...prod), 5));

  it("plain pulumi up ends with Pulumi's own code, and has changed nothing", () =>
    assertRefused(() => plain("up", "--yes"), 1));

  it("plain pulumi up without a preview is refused before anything else is registered", () =>
    assertRefused(() => plain("up", "--yes", "--skip-preview"), 1));

  it("a pulumi of a sluice env shell is refused, too", () =>
    assertRefused(() => {
      const script = `eval "$(sh bin/sluice env --stack prod --sandbox)" && pulumi up --yes --skip-preview -s prod --config imageTag=${tag}`;
      return checkout.run("sh", ["-c", script]).finished;
    }, 1));

  it("a program that leaves the release out is refused, in the preview already", async () => {
    change("index.ts", /^ {4}await new Release\(.*$/m, "");
    const { code, stderr } = await checkout.sluice("preview", ...prod);
    checkout.reset();
    assert.equal(code, 5, stderr);
    assert.match(
      stderr,
      /api-blue-task: containerDefinitions\[0\] "api" runs sha256:[0-9a-f]+, which no Release before it names/,
    );
    assert.match(stderr, /api-blue-task: containerDefinitions\[0\] "api" tests\.unit: needs /);
  });

  it("where each gate is met, all of them are content", async () => {
    [file = ""] = await proveImage({
      home: checkout.home,
      root: checkout.root,
      stack: "prod",
      repository: "api",
      digest,
    });
    const { stderr } = await checkout.done("preview", ...prod);
    assert.match(stderr, /preview: \d+ to create/);
    assert.equal((await plain("preview")).code, 0);
  });

  it("a program that leaves the release out is refused though the image is proven", async () => {
    change("index.ts", /^ {4}await new Release\(.*$/m, "");
    const { code, stderr } = await checkout.sluice("preview", ...prod);
    checkout.reset();
    assert.equal(code, 5, stderr);
    assert.match(stderr, /which no Release before it names/);
  });

  it("a service that runs what somebody registered beside the stack is refused, though the program reads it", async () => {
    const arn = await registerBeside();
    const from = "this.#service(targetGroup, taskDefinition, testRule)";
    const read = `aws.ecs.TaskDefinition.get(\`\${name}-other\`, "${arn}", { arn: "${arn}" })`;
    change(
      "components/ecs/colour.ts",
      new RegExp(from.replace(/[.#()]/g, "\\$&")),
      from.replace("taskDefinition", read),
    );
    const { code, stderr } = await checkout.sluice("preview", ...prod);
    checkout.reset();
    assert.equal(code, 5, stderr);
    assert.match(stderr, /workloads-judged \[critical\]: .*which this stack does not declare/);
  });

  it("one that the program imports, and whose containers it leaves alone, is judged as it is", async () => {
    const other = `sha256:${"e".repeat(64)}`;
    const arn = await registerBeside(other);
    const from = "this.#service(targetGroup, taskDefinition, testRule)";
    const left = ["containerDefinitions", "cpu", "memory", "networkMode", "requiresCompatibilities", "family"];
    const inputs = `{ family: "beside", containerDefinitions: taskDefinition.containerDefinitions, skipDestroy: true }`;
    const options = `{ import: "${arn}", ignoreChanges: ${JSON.stringify(left)} }`;
    const imported = `new aws.ecs.TaskDefinition(\`\${name}-other\`, ${inputs}, ${options})`;
    change(
      "components/ecs/colour.ts",
      new RegExp(from.replace(/[.#()]/g, "\\$&")),
      from.replace("taskDefinition", imported),
    );
    const { code, stderr } = await checkout.sluice("preview", ...prod);
    checkout.reset();
    assert.equal(code, 5, stderr);
    assert.match(stderr, new RegExp(`runs ${other}, which no Release before it names`));
  });

  /** @returns the ARN of a task definition that no program has declared */
  async function registerBeside(image = digest): Promise<string> {
    const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
    const endpoint = `http://127.0.0.1:${checkout.daemon().apiPort}`;
    const client = new ECSClient({ endpoint, region: "eu-west-1", credentials });
    const containerDefinitions = [{ name: "api", image: `127.0.0.1:1/api@${image}`, essential: true }];
    const sizes: Partial<RegisterTaskDefinitionCommandInput> = {
      cpu: "256",
      memory: "512",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
    };
    const command = new RegisterTaskDefinitionCommand({ family: "beside", containerDefinitions, ...sizes });
    const { taskDefinition } = await client.send(command);
    client.destroy();
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  it("one file of evidence less, and it is refused again", async () => {
    rmSync(path.join(checkout.home, "evidence/images", digest.slice("sha256:".length), "evidence", file));
    const { code, stderr: said } = await checkout.sluice("preview", ...prod);
    assert.equal(code, 5, said);
    assert.match(said, /release: api v1\.1\.0: integrity: needs .*collected, and gone/);
  });
});
