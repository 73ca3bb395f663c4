import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TaskDoc } from "../../../sandbox/cloud/ecs-model.ts";
import { Store } from "../../../sandbox/store.ts";
import { openWorld, type World } from "../../../sandbox/world.ts";
import { isRunning } from "./support/processes.ts";
import { eventually, freePort } from "./support/world.ts";

/** Processes of tasks of this sandbox, by the kernel's process table; health commands and the like are not among them. */
async function taskProcesses(home: string): Promise<number[]> {
  const pids: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (environment.includes(`SLUICE_SANDBOX_TASK=${home}|`) && (await isRunning(Number(name))))
      pids.push(Number(name));
  }
  return pids.sort((a, b) => a - b);
}

describe("a killed daemon", () => {
  let home: string;
  let port: number;
  let child: ChildProcess;
  let lines: AsyncIterator<string>;
  let world: World | undefined;
  let store: Store | undefined;
  let url: string;

  const answer = async () => JSON.parse((await lines.next()).value as string);
  const kill = async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  const revive = async () => {
    store = new Store(join(home, "state.db"));
    world = await openWorld({ home, store, registryPort: port, log: () => {} });
    return world.cloud;
  };
  const runningCount = async () => {
    const { services } = (await world?.cloud.ecs.describeServices({ cluster: "main", services: ["api"] })) ?? {};
    return services?.[0]?.runningCount;
  };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "sluice-adoption-"));
    port = await freePort();
    const script = join(import.meta.dirname, "support/doomed.ts");
    child = spawn(process.execPath, [script, home, String(port)], { stdio: ["pipe", "pipe", "inherit"] });
    lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    ({ url } = await answer());
  });
  afterEach(async () => {
    child.kill("SIGKILL");
    await world?.close(true);
    store?.close();
    const left = await taskProcesses(home);
    for (const pid of left) process.kill(pid, "SIGKILL");
    await rm(home, { recursive: true, force: true });
    assert.deepEqual(left, [], "no process is left when the sandbox has ended");
  });

  it("leaves its tasks running, and the next one takes them over as they are", async () => {
    const before = await taskProcesses(home);
    assert.equal(before.length, 2);
    await kill();
    assert.deepEqual(await taskProcesses(home), before);
    const cloud = await revive();
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(await taskProcesses(home), before, "nothing was started or ended");
    const { services } = await cloud.ecs.describeServices({ cluster: "main", services: ["api"] });
    assert.deepEqual([services?.[0]?.runningCount, services?.[0]?.deployments?.length], [2, 1]);
    process.kill(before[0] ?? 0, "SIGKILL");
    await eventually("an adopted task that dies is replaced", async () => {
      const now = await taskProcesses(home);
      return now.length === 2 && !now.includes(before[0] ?? 0) && now.includes(before[1] ?? 0);
    });
  });

  it("has its dead tasks replaced by the next one", async () => {
    const [first = 0, second = 0] = await taskProcesses(home);
    await kill();
    process.kill(first, "SIGKILL");
    await eventually("the task is dead", async () => !(await isRunning(first)));
    await revive();
    await eventually("two tasks run again", async () => {
      const now = await taskProcesses(home);
      return now.length === 2 && now.includes(second) && (await runningCount()) === 2;
    });
    assert.equal((await fetch(url)).status, 200);
  });

  it("ends processes that it had started but not yet recorded, and starts those tasks anew", async () => {
    const [first = 0, second = 0] = await taskProcesses(home);
    await kill();
    // What the store holds when the daemon dies between a start and its record; and a task that nobody knows any more.
    const edited = new Store(join(home, "state.db"));
    const [one, two] = edited.list<TaskDoc>("ecs.task");
    const containers = one?.containers.map(({ ref: _, ...container }) => ({ ...container, lastStatus: "PENDING" }));
    edited.put("ecs.task", one?.taskArn ?? "", { ...one, lastStatus: "PENDING", registered: false, containers });
    edited.delete("ecs.task", two?.taskArn ?? "");
    edited.close();
    await revive();
    await eventually("the strays are gone and two tasks run", async () => {
      const now = await taskProcesses(home);
      return now.length === 2 && !now.includes(first) && !now.includes(second) && (await runningCount()) === 2;
    });
    assert.ok(
      world?.cloud.store.get<TaskDoc>("ecs.task", one?.taskArn ?? "")?.containers[0]?.ref,
      "the first is the same task",
    );
  });

  it("loses and doubles nothing when it dies in the middle of starting and stopping tasks", async () => {
    child.stdin?.write("scale 6\n");
    await answer();
    await eventually("some of the tasks have started", async () => (await taskProcesses(home)).length > 2);
    await kill();
    const cloud = await revive();
    const settled = (count: number) =>
      eventually(`exactly ${count} tasks run and are healthy`, async () => {
        const { services } = await cloud.ecs.describeServices({ cluster: "main", services: ["api"] });
        const steady = services?.[0]?.events?.[0]?.message?.endsWith("has reached a steady state.");
        return steady && (await runningCount()) === count && (await taskProcesses(home)).length === count;
      });
    await settled(6);
    await cloud.ecs.updateService({ cluster: "main", service: "api", desiredCount: 1 });
    await world?.close(false);
    store?.close();
    await revive();
    await eventually(
      "exactly one task runs",
      async () => (await runningCount()) === 1 && (await taskProcesses(home)).length === 1,
    );
    assert.equal((await fetch(url)).status, 200);
  });
});
