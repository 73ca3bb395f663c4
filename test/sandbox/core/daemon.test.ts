import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  addFault,
  calls,
  clearFaults,
  type DaemonInfo,
  listFaults,
  logs,
  NotRunning,
  reset,
  start,
  status,
  stop,
} from "../../../sandbox/client.ts";
import { installPlugins } from "../../../sandbox/install-plugins.ts";
import { Engine, urnOf } from "./harness.ts";

const GROUP = urnOf("aws:cloudwatch/logGroup:LogGroup", "app");

/** Ids of all processes that serve this home, from the process table. */
function daemonsOf(home: string): number[] {
  const list = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return list.filter((line) => line.includes(`daemon.ts --home ${home}`)).map((line) => Number.parseInt(line, 10));
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/ Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) await setTimeout(10);
}

async function makeGroup(info: DaemonInfo, name: string): Promise<void> {
  const engine = await new Engine(info.providerPorts.aws).configure({ region: "eu-west-1" });
  await engine.create(GROUP, { name, retentionInDays: 0 });
  engine.close();
}

async function hasGroup(info: DaemonInfo, name: string): Promise<boolean> {
  const engine = await new Engine(info.providerPorts.aws).configure({ region: "eu-west-1" });
  const { id } = await engine.read(GROUP, name);
  engine.close();
  return id === name;
}

describe("daemon", function () {
  this.timeout(60_000);
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "sluice-daemon-"));
  });
  afterEach(async () => {
    await stop(home);
    rmSync(home, { recursive: true, force: true });
  });

  it("is one, however many start it, and starting it again changes nothing", async () => {
    const infos = await Promise.all([start(home), start(home), start(home)]);
    while (daemonsOf(home).length > 1) await setTimeout(20);
    assert.deepEqual(daemonsOf(home), [infos[0]?.pid]);
    assert.equal(new Set(infos.map((info) => info.pid)).size, 1);
    assert.equal(infos.filter((info) => info.started).length, 1);
    assert.equal((await start(home)).started, false);
  });

  it("loses nothing when it is killed, keeps its ports, and a new one takes its place", async () => {
    const first = await start(home);
    await makeGroup(first, "/kept");
    process.kill(first.pid, "SIGKILL");
    await gone(first.pid);
    assert.equal((await status(home)).running, false);
    const second = await start(home);
    assert.notEqual(second.pid, first.pid);
    assert.deepEqual(
      [second.apiPort, second.registryPort, second.providerPorts],
      [first.apiPort, first.registryPort, first.providerPorts],
    );
    assert.ok(await hasGroup(second, "/kept"));
  });

  it("is not taken in by the file of a dead daemon whose id another process has", async () => {
    const info = {
      pid: process.pid,
      startTime: "1",
      apiPort: 1,
      registryPort: 1,
      providerPorts: {},
      version: "0",
      code: "",
    };
    writeFileSync(join(home, "daemon.json"), JSON.stringify(info));
    assert.equal((await status(home)).running, false);
    assert.equal((await start(home)).started, true);
  });

  it("keeps what resources hold from other users", async () => {
    await start(home);
    assert.equal(statSync(join(home, "state.db")).mode & 0o077, 0);
  });

  it("says why it cannot start, and leaves no process behind", async () => {
    mkdirSync(join(home, "state.db"));
    await assert.rejects(start(home), /did not start \(status 1\)[\s\S]*unable to open database file/);
    assert.deepEqual(daemonsOf(home), []);
  });

  it("takes another port when somebody has its own", async () => {
    const first = await start(home);
    await stop(home);
    const squatter = createServer().listen(first.apiPort, "127.0.0.1");
    await once(squatter, "listening");
    const second = await start(home);
    assert.notEqual(second.apiPort, first.apiPort);
    assert.deepEqual(second.providerPorts, first.providerPorts);
    squatter.close();
  });

  it("gives way to newer code, and keeps what it knows", async () => {
    const older = join(home, "older");
    const root = join(import.meta.dirname, "../../..");
    cpSync(join(root, "sandbox"), join(older, "sandbox"), { recursive: true });
    cpSync(join(root, "package.json"), join(older, "package.json"));
    symlinkSync(join(root, "node_modules"), join(older, "node_modules"));
    appendFileSync(join(older, "sandbox/store.ts"), "// older\n");
    const before = (await import(join(older, "sandbox/client.ts"))) as { start: typeof start };
    const first = await before.start(home);
    await makeGroup(first, "/kept");
    assert.equal((await before.start(home)).started, false);
    const second = await start(home);
    assert.ok(second.started);
    assert.deepEqual(daemonsOf(home), [second.pid]);
    assert.ok(await hasGroup(second, "/kept"));
  });

  it("stops for good: no process, no file, and says so to whoever asks", async () => {
    const { pid } = await start(home);
    assert.equal(await stop(home), true);
    assert.deepEqual(daemonsOf(home), []);
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.equal(await stop(home), false);
    await assert.rejects(reset(home), NotRunning);
    assert.match(logs(home).join("\n"), /ready/);
  });

  it("forgets everything at a reset but its ports", async () => {
    const info = await start(home);
    await makeGroup(info, "/old");
    await addFault(home, { kind: "gap", match: {} });
    assert.deepEqual(await calls(home), { "logs.createLogGroup": 1 });
    await reset(home);
    assert.equal(await hasGroup(info, "/old"), false);
    assert.deepEqual(await calls(home), {});
    assert.deepEqual(await listFaults(home), []);
    assert.equal((await status(home)).registryHost, `127.0.0.1:${info.registryPort}`);
    assert.equal((await fetch(`http://127.0.0.1:${info.registryPort}/v2/`)).status, 200);
  });

  it("takes faults, refuses wrong ones, and forgets them when told", async () => {
    const info = await start(home);
    const { id } = await addFault(home, {
      kind: "error",
      match: { operation: "createLogGroup" },
      times: 1,
      value: { status: 400, code: "Planted" },
    });
    assert.match(id, /^[0-9a-f]{8}$/);
    await assert.rejects(makeGroup(info, "/x"), /Planted/);
    await makeGroup(info, "/x");
    await addFault(home, { kind: "throttle", match: {} });
    await clearFaults(home);
    assert.deepEqual(await listFaults(home), []);
    await assert.rejects(addFault(home, { kind: "explode" } as never), /kind/);
    await assert.rejects(addFault(home, { kind: "slow", match: { service: "ecs", oops: 1 } } as never), /oops/);
  });

  it("does not listen to web pages", async () => {
    const { apiPort } = await start(home);
    const url = `http://127.0.0.1:${apiPort}/_sandbox/reset`;
    assert.equal((await fetch(url, { method: "POST", headers: { origin: "https://evil.example" } })).status, 403);
  });

  it("is found by the engine through plugins that end with it", async () => {
    const plugins = installPlugins(join(home, "pulumi-home"), home);
    assert.deepEqual(
      plugins.map((file) => file.split("/").at(-1)),
      ["aws", "github", "kubernetes", "random"].map((name) => `pulumi-resource-${name}`),
    );
    const [aws = ""] = plugins;
    assert.throws(() => execFileSync(aws, { stdio: "pipe" }), /does not run; start it with/);
    const info = await start(home);
    const plugin = spawn(aws, { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(plugin.stdout.setEncoding("utf8"), "data");
    assert.equal(line, `${info.providerPorts.aws}\n`);
    assert.equal(plugin.exitCode, null);
    const exited = once(plugin, "exit");
    plugin.stdin.end();
    assert.deepEqual(await exited, [0, null]);
    process.kill(info.pid, "SIGKILL");
    await gone(info.pid);
    assert.throws(() => execFileSync(aws, { stdio: "pipe" }), /does not run/);
  });
});
