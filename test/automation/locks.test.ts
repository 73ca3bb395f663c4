import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readLocks, waitForLocks } from "../../automation/locks.ts";
import { isAlive, startedAt } from "../../automation/process.ts";
import { recordOutput } from "./engine-fixture.ts";

describe("locks of a self-managed backend", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sluice-locks-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: object) => writeFileSync(path.join(folder, name), JSON.stringify(content));
  const owner = (pid: number, more = {}) => ({
    pid,
    username: "me",
    hostname: os.hostname(),
    timestamp: new Date().toISOString(),
    ...more,
  });
  const wait = (seconds: number, output = recordOutput()) =>
    waitForLocks({
      stack: "dev",
      folder,
      deadline: Date.now() + seconds * 1000,
      output,
      signal: new AbortController().signal,
    });

  const cases: [what: string, content: () => object, dead: boolean][] = [
    ["a live process", () => owner(process.pid), false],
    ["a process that is gone", () => owner(2 ** 22 + 1), true],
    ["a process elsewhere", () => owner(2 ** 22 + 1, { hostname: "elsewhere" }), false],
    ["a number that somebody else has now", () => owner(process.pid, { timestamp: "2020-01-01T00:00:00Z" }), true],
    ["nobody that can be read", () => ({ pid: "x" }), false],
  ];
  for (const [what, content, dead] of cases) {
    it(`of ${what} ${dead ? "are" : "are not"} known to be dead`, () => {
      write("a.json", content());
      assert.deepEqual(
        readLocks(folder).map((lock) => lock.dead),
        [dead],
      );
    });
  }

  it("of the dead are broken with a word; those of the living stay", async () => {
    write("dead.json", owner(2 ** 22 + 1));
    write("live.json", owner(process.pid));
    const output = recordOutput();
    await assert.rejects(wait(0, output), { exitCode: 1, message: /dev is locked/ });
    assert.deepEqual(readdirSync(folder), ["live.json"]);
    assert.match(output.text(), /broke the lock on dev of process 4194305/);
  });

  it("are waited for until their owner has died", async () => {
    const child = spawn("sleep", ["60"]);
    write("live.json", owner(child.pid as number));
    const output = recordOutput();
    const waiting = wait(30, output);
    await new Promise((done) => setTimeout(done, 50));
    child.kill("SIGKILL");
    await once(child, "exit");
    await waiting;
    assert.match(output.text(), /waiting: dev is locked.*\n.*broke the lock/);
  });

  it("need no folder", async () => {
    assert.deepEqual(readLocks(path.join(folder, "none")), []);
    await wait(0);
  });
});

describe("processes", () => {
  it("are told alive from dead, and when they began", async () => {
    const child = spawn("true");
    await once(child, "exit");
    assert.equal(isAlive(process.pid), true);
    assert.equal(isAlive(child.pid as number), false);
    const began = startedAt(process.pid) ?? 0;
    assert.ok(Math.abs(began - (Date.now() - process.uptime() * 1000)) < 5000, String(began));
  });
});
