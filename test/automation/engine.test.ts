import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { folderBackend, readFolderState } from "../../automation/backend.ts";
import { runEngine } from "../../automation/engine.ts";
import { SluiceError } from "../../automation/errors.ts";
import { createRunConfig } from "../../automation/run-config.ts";
import { ensureStack } from "../../automation/stack-lifecycle.ts";
import { controlledInterruption, createProject, type Project, type Recorded, recordOutput } from "./engine-fixture.ts";

describe("engine, the real one, on a small program", function () {
  this.timeout(60_000);
  let project: Project;
  let output: Recorded;

  before(async () => {
    project = await createProject();
    await ensureStack({ context: project.context, stack: "dev", create: true, sandbox: false, output: recordOutput() });
  });
  after(() => project.remove());
  beforeEach(() => {
    output = recordOutput();
  });

  async function run(operation: "up" | "preview" | "destroy", config: Record<string, unknown> = {}, more = {}) {
    await project.configure(config);
    const { context, interruption, root, runs } = project;
    using copy = createRunConfig({ stack: "dev", root, runs, sandbox: false });
    return await runEngine({ operation, stack: "dev", context, config: copy, output, interruption, ...more });
  }
  const calls = async () =>
    (await readFile(path.join(project.cloud, "calls"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  const oneMoreCall = async (before: number) => {
    while ((await calls()).length === before) await new Promise((done) => setTimeout(done, 20));
  };
  const failure = async (promise: Promise<unknown>): Promise<SluiceError> => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SluiceError, String(error));
    return error;
  };

  it("previews without changing anything", async () => {
    const { log } = await run("preview");
    assert.deepEqual(
      log.steps.preview.filter(({ custom }) => custom).map(({ op, name }) => `${op} ${name}`),
      ["create first", "create second"],
    );
    assert.deepEqual(await calls(), []);
  });

  it("refuses by policy in the preview of an up: exit code 5, nothing called, a line that says what and where", async () => {
    const error = await failure(run("up", { value: "*" }));
    assert.equal(error.exitCode, 5);
    assert.match(error.message, /nothing was changed/);
    assert.deepEqual(error.details, [
      "no-wildcards [high]: first (cell:index:Cell): value is a wildcard; name it exactly",
    ]);
    assert.deepEqual(await calls(), []);
  });

  it("reports every problem of the configuration: exit code 2", async () => {
    const error = await failure(run("up", { problems: true }));
    assert.equal(error.exitCode, 2);
    assert.deepEqual(error.details, [
      "services.api.cpu: 256 to 4096; got 3; set another",
      "cluster: needed; got nothing; add it",
    ]);
  });

  it("brings the stack up, shows each step once, and gives its outputs without secrets", async () => {
    const { log } = await run("up", { value: "long" });
    assert.deepEqual(await calls(), ["create first", "create second"]);
    assert.deepEqual(log.outputs, { value: "long", hidden: "[secret]" });
    assert.equal(output.stderr.filter((line) => line.includes("first") && line.includes("created")).length, 1);
    assert.equal(output.stderr.filter((line) => line.includes("a word from the program")).length, 1);
    assert.match(output.text(), /advice: short: first \(cell:index:Cell\): value is long/);
    assert.deepEqual(output.stdout, []);
  });

  it("leaves committed files and its own folder as they were", async () => {
    const before = await readFile(path.join(project.root, "Pulumi.dev.yaml"), "utf8");
    await run("up", JSON.parse(before).config);
    assert.equal(await readFile(path.join(project.root, "Pulumi.dev.yaml"), "utf8"), before);
    assert.deepEqual(await readdir(project.runs), []);
  });

  it("says that a release was deferred, as a result and not as a failure", async () => {
    const { deferred } = await run("up", { defer: true });
    assert.match(deferred ?? "", /^release deferred: api v3/);
  });

  it("ends in order when asked to: exit code 8, no lock, the operation in flight completed", async () => {
    const before = (await calls()).length;
    const interruption = controlledInterruption();
    const running = failure(run("up", { value: "slow", delay: 2500 }, { interruption }));
    await oneMoreCall(before);
    interruption.end("signal");
    const error = await running;
    assert.equal(error.exitCode, 8);
    assert.equal(JSON.parse(await readFile(path.join(project.cloud, "first.json"), "utf8")).value, "slow");
    const backend = folderBackend(project.context.env.PULUMI_BACKEND_URL, project.root);
    assert.deepEqual(await readdir(backend?.lockFolder("dev") ?? "").catch(() => []), []);
    assert.equal(readFolderState(backend as never, "dev")?.pending_operations?.length ?? 0, 0);
  });

  it("gives up after the time that was set: exit code 9", async () => {
    const before = (await calls()).length;
    const interruption = controlledInterruption();
    const running = failure(run("up", { value: "slower", delay: 1500 }, { interruption }));
    await oneMoreCall(before);
    interruption.end("timeout");
    const error = await running;
    assert.equal(error.exitCode, 9);
  });

  it("breaks the lock of a dead process, and says so", async () => {
    const folder = folderBackend(project.context.env.PULUMI_BACKEND_URL, project.root)?.lockFolder("dev") ?? "";
    await mkdir(folder, { recursive: true });
    const lock = { pid: 2 ** 22 + 1, username: "me", hostname: os.hostname(), timestamp: new Date().toISOString() };
    await writeFile(path.join(folder, "dead.json"), JSON.stringify(lock));
    await run("up", { value: "unlocked" });
    assert.match(output.text(), /broke the lock on dev of process 4194305 of me/);
    assert.equal(existsSync(path.join(folder, "dead.json")), false);
  });

  it("waits for a live owner, then reports it and changes nothing", async () => {
    const folder = folderBackend(project.context.env.PULUMI_BACKEND_URL, project.root)?.lockFolder("dev") ?? "";
    await mkdir(folder, { recursive: true });
    const lock = { pid: process.pid, username: "me", hostname: os.hostname(), timestamp: new Date().toISOString() };
    const file = path.join(folder, "live.json");
    await writeFile(file, JSON.stringify(lock));
    const before = await calls();
    const error = await failure(run("up", { value: "locked out" }, { lockTimeout: 1 }));
    assert.equal(error.exitCode, 1);
    assert.match(error.details.join(), new RegExp(`process ${process.pid} of me on ${os.hostname()}`));
    assert.ok(existsSync(file), "the lock of a live owner stays");
    assert.deepEqual(await calls(), before);
    await writeFile(file, JSON.stringify({ ...lock, pid: 2 ** 22 + 1 }));
  });

  it("destroys", async () => {
    await run("destroy");
    assert.equal(existsSync(path.join(project.cloud, "first.json")), false);
  });

  it("fails with the provider's words and exit code 4 when a resource fails", async () => {
    const error = await failure(run("up", { fail: true }));
    assert.equal(error.exitCode, 4);
    assert.match(error.message, /failed: first \(create\)/);
    assert.match(error.details.join("\n"), /cell first never became healthy: exit code 3/);
  });
});
