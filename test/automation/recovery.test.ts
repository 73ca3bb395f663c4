import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { folderBackend, readFolderState } from "../../automation/backend.ts";
import { runEngine } from "../../automation/engine.ts";
import { SluiceError } from "../../automation/errors.ts";
import { places } from "../../automation/paths.ts";
import { isAlive } from "../../automation/process.ts";
import { recover } from "../../automation/recovery.ts";
import { createRunConfig } from "../../automation/run-config.ts";
import { ensureStack } from "../../automation/stack-lifecycle.ts";
import type { Target } from "../../automation/target.ts";
import { createProject, type Project, type Recorded, recordOutput } from "./engine-fixture.ts";

/** Processes whose command line or environment belongs to a project, read off the process table. */
function processesOf(project: Project): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        const environment = readFileSync(`/proc/${name}/environ`, "utf8");
        return environment.includes(`TEST_CLOUD=${project.cloud}`) ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    })
    .filter(({ pid }) => isAlive(pid));
}

async function until<T>(what: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const found = await what();
    if (found) return found;
    assert.ok(Date.now() < deadline, `not within 30 s: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe("after the engine was killed in the middle of an update", function () {
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

  const backend = () =>
    folderBackend(project.context.env.PULUMI_BACKEND_URL, project.root) as NonNullable<
      ReturnType<typeof folderBackend>
    >;
  const calls = async () =>
    (await readFile(path.join(project.cloud, "calls"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  const locks = () => {
    try {
      return readdirSync(backend().lockFolder("dev"));
    } catch {
      return [];
    }
  };

  async function up(config: Record<string, unknown>) {
    await project.configure(config);
    const { context, interruption, root } = project;
    const here = { ...places(), runs: project.runs, exports: path.join(path.dirname(project.runs), "exports") };
    const target: Target = { stack: "dev", sandbox: false, places: here, context };
    using copy = createRunConfig({ stack: "dev", root, runs: project.runs, sandbox: false });
    const state = readFolderState(backend(), "dev") ?? {};
    await recover({ target, config: copy, output, interruption, lockTimeout: 5 }, state);
    return await runEngine({ operation: "up", stack: "dev", context, config: copy, output, interruption });
  }

  async function killEngineDuring(config: Record<string, unknown>) {
    const before = (await calls()).length;
    const running = up(config).then(
      () => undefined,
      (error: unknown) => error,
    );
    await until(async () => (await calls()).length > before);
    const engine = await until(() => processesOf(project).find(({ command }) => /\/pulumi up /.test(command)));
    process.kill(engine.pid, "SIGKILL");
    return await running;
  }

  it("the run fails and says so; no process is left, but its lock and an open question are", async () => {
    const error = await killEngineDuring({ value: "one", delay: 5000 });
    assert.ok(error instanceof SluiceError, String(error));
    assert.match(error.message, /the engine was killed/);
    await until(() => processesOf(project).length === 0);
    assert.equal(locks().filter((name) => name.endsWith(".json")).length, 1);
    assert.deepEqual(
      readFolderState(backend(), "dev")?.pending_operations?.map(({ type }) => type),
      ["creating"],
    );
  });

  it("the next run breaks the lock, says what is unknown, keeps the state from before, and converges", async () => {
    await up({ value: "one" });
    assert.match(output.text(), /broke the lock on dev/);
    assert.match(output.text(), /first: was being created, and cannot be looked up/);
    const kept = /state from before: (.*)/.exec(output.text())?.[1] ?? "";
    assert.equal(JSON.parse(readFileSync(kept, "utf8")).deployment.pending_operations.length, 1);
    assert.deepEqual(readFolderState(backend(), "dev")?.pending_operations ?? [], []);
    assert.deepEqual(locks(), []);
    assert.equal(JSON.parse(readFileSync(path.join(project.cloud, "second.json"), "utf8")).value, "two");
  });

  it("a change that was under way is read again, and then made again", async () => {
    await killEngineDuring({ value: "changed", delay: 5000 });
    assert.deepEqual(
      readFolderState(backend(), "dev")?.pending_operations?.map(({ type }) => type),
      ["updating"],
    );
    await up({ value: "changed" });
    assert.match(output.text(), /first: was updating; it is read again/);
    assert.deepEqual(readFolderState(backend(), "dev")?.pending_operations ?? [], []);
    assert.equal(JSON.parse(readFileSync(path.join(project.cloud, "first.json"), "utf8")).value, "changed");
  });

  it("a quiet run asks nothing", async () => {
    await up({ value: "changed" });
    assert.doesNotMatch(output.text(), /interrupted|broke/);
  });

  it("an engine whose starter was killed ends its update in order", async () => {
    const script = `
      const [, root, runs, pulumi, env] = process.argv;
      const { runEngineProcess } = await import(${JSON.stringify(path.join(import.meta.dirname, "../../automation/engine-process.ts"))});
      await runEngineProcess({ command: pulumi, args: ["up", "--yes", "--json", "--non-interactive", "-s", "dev"], cwd: root, env: JSON.parse(env), output: runs + "/orphan", onLine() {}, signal: new AbortController().signal });
    `;
    await project.configure({ value: "orphaned", delay: 1500 });
    const before = (await calls()).length;
    const starter = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        script,
        project.root,
        project.runs,
        project.context.pulumi,
        JSON.stringify(project.context.env),
      ],
      { stdio: "inherit" },
    );
    await until(async () => (await calls()).length > before);
    starter.kill("SIGKILL");
    await until(() => processesOf(project).length === 0);
    assert.equal(JSON.parse(readFileSync(path.join(project.cloud, "first.json"), "utf8")).value, "orphaned");
    assert.deepEqual([locks(), readFolderState(backend(), "dev")?.pending_operations ?? []], [[], []]);
  });
});
