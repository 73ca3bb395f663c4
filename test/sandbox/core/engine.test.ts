import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { engineEnvironment } from "../../../engine/locate.mjs";
import { addFault, calls, clearFaults, listFaults, markCalls, start, status, stop } from "../../../sandbox/client.ts";
import { installPlugins } from "../../../sandbox/install-plugins.ts";
import { PROGRAM } from "./engine-program.ts";

/** Long enough for a busy machine to kill the engine in the middle of it. */
const SLOW_MS = 4000;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it never came to that");
    await setTimeout(10);
  }
}

describe("real engine", function () {
  this.timeout(120_000);
  let folder: string;
  let home: string;
  let environment: NodeJS.ProcessEnv;
  let cli: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sluice-engine-"));
    home = join(folder, "sandbox");
    symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: core\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.ts\n",
    );
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "index.ts"), PROGRAM);
    const { pulumi, path } = await engineEnvironment();
    cli = pulumi;
    environment = {
      PATH: path,
      HOME: folder,
      PULUMI_HOME: join(folder, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    await start(home);
    installPlugins(join(folder, "pulumi-home"), home);
    await pulumi_("stack", "init", "dev");
  });
  after(async () => {
    await stop(home);
    rmSync(folder, { recursive: true, force: true });
  });

  function begin(...args: string[]): ChildProcess {
    return spawn(cli, [...args, "--non-interactive"], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async function pulumi_(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = begin(...args);
    const exited = once(child, "exit");
    const [out, err] = await Promise.all([
      child.stdout ? text(child.stdout) : "",
      child.stderr ? text(child.stderr) : "",
    ]);
    const [code] = (await exited) as [number | null];
    return { code, output: `${out}${err}` };
  }

  const up = (...args: string[]) => pulumi_("up", "--yes", "--skip-preview", ...args);

  /** What the cloud holds, read from its database and not from the engine. */
  function documents(): Record<string, number> {
    const database = new DatabaseSync(join(home, "state.db"), { readOnly: true });
    const rows = database.prepare("SELECT kind, count(*) AS n FROM document GROUP BY kind").all() as {
      kind: string;
      n: number;
    }[];
    database.close();
    return Object.fromEntries(
      rows.filter(({ kind }) => !["daemon", "github-counter", "fault"].includes(kind)).map(({ kind, n }) => [kind, n]),
    );
  }

  it("previews without touching anything", async () => {
    const { code, output } = await pulumi_("preview");
    assert.equal(code, 0, output);
    assert.match(output, /\+ 27 to create/);
    assert.deepEqual(documents(), {});
    assert.deepEqual(await calls(home), {});
  });

  it("creates everything, and then sees nothing to do, also after a refresh", async () => {
    const first = await up();
    assert.equal(first.code, 0, first.output);
    const expected = {
      "ec2-vpc": 1,
      "ec2-subnet": 2,
      "iam-role": 1,
      "ecr-repository": 1,
      "log-group": 1,
      "github-ruleset": 1,
    };
    const found = documents();
    for (const [kind, n] of Object.entries(expected)) assert.equal(found[kind], n, kind);
    await markCalls(home);
    const again = await up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
    const refreshed = await pulumi_("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.output);
    assert.deepEqual(await calls(home), {});
    // Providers from PULUMI_HOME, not from PATH.
    assert.doesNotMatch(first.output, /using pulumi-resource-/);
  });

  it("keeps secrets out of plain state, and out of the outputs", async () => {
    const { output } = await pulumi_("stack", "output", "--json");
    assert.equal((JSON.parse(output) as { password: string }).password, "[secret]");
    const shown = await pulumi_("stack", "output", "password", "--show-secrets");
    const password = shown.output.trim();
    assert.match(password, /^[0-9A-Za-z]{24}$/);
    const state = readdirSync(join(folder, ".pulumi/stacks/core"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".json"))
      .map((file) => readFileSync(join(folder, ".pulumi/stacks/core", file), "utf8"));
    assert.ok(state.length > 0);
    assert.ok(state.every((one) => !one.includes(password)));
  });

  it("replaces a role with a new name, and what hangs on it, old ones last", async () => {
    const { code, output } = await up("--config", "roleName=renamed");
    assert.equal(code, 0, output);
    assert.match(output, /\+-3 replaced/);
    assert.equal(documents()["iam-role"], 1);
  });

  it("records a failed update as done, as the real provider does, until a refresh", async () => {
    await addFault(home, {
      kind: "error",
      match: { operation: "putRetentionPolicy" },
      times: 1,
      value: { code: "AccessDenied", status: 403 },
    });
    const failed = await up("--config", "retention=30");
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /AccessDenied/);
    await markCalls(home);
    const again = await up();
    assert.equal(again.code, 0, again.output);
    assert.deepEqual(await calls(home), {}, "state says that it is done");
    assert.equal((await up("--refresh")).code, 0);
    assert.deepEqual(await calls(home), { "logs.putRetentionPolicy": 1 });
  });

  it("lets nothing land once the engine was killed", async () => {
    await clearFaults(home);
    await addFault(home, { kind: "slow", match: { operation: "putRetentionPolicy" }, ms: SLOW_MS, times: 1 });
    await markCalls(home);
    const child = begin("up", "--yes", "--skip-preview", "--config", "retention=60");
    // The fault is used up when the call has begun, and now waits.
    await until(async () => (await listFaults(home)).length === 0);
    assert.equal(child.exitCode, null);
    child.kill("SIGKILL");
    await until(async () => (await status(home)).busy === 0);
    await setTimeout(SLOW_MS);
    assert.deepEqual(await calls(home), {});
    await clearFaults(home);
    assert.equal((await pulumi_("cancel", "--yes")).code, 0);
    assert.equal((await up()).code, 0);
    assert.deepEqual(await calls(home), { "logs.putRetentionPolicy": 1 });
  });

  it("refuses wrong arguments before anything changes", async () => {
    await markCalls(home);
    const { code, output } = await up("--config", "retention=15");
    assert.notEqual(code, 0);
    assert.match(output, /retentionInDays.*expected one of .*got 15/);
    assert.deepEqual(await calls(home), {});
    await pulumi_("config", "set", "retention", "60");
  });

  it("destroys everything, to the last trace", async () => {
    const { code, output } = await pulumi_("destroy", "--yes", "--skip-preview");
    assert.equal(code, 0, output);
    assert.deepEqual(documents(), {});
  });
});
