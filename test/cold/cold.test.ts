/**
 * The first minutes of a new user. Everything is downloaded and built, which takes minutes; SLUICE_COLD_ENGINE names a Pulumi CLI to start
 * from instead (its language host must stand beside it), to leave out the build of the engine alone.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { FreshMachine } from "./fresh-machine.ts";

const TIMEOUT_MS = 45 * 60_000;
/** A few tests with a real subprocess: enough to show that the suite starts. */
const SAMPLE = "locating the engine on PATH takes a CLI";

describe("a clean clone on a fresh machine", function () {
  this.timeout(TIMEOUT_MS);
  let machine: FreshMachine;

  beforeEach(async () => {
    machine = await FreshMachine.create(process.env.SLUICE_COLD_ENGINE);
  });

  afterEach(async () => {
    await machine.command("npx", "sluice", "sandbox", "stop");
    for (const pid of machine.processes()) process.kill(Number(pid), "SIGKILL");
    machine.remove();
  });

  it("answers over HTTP after `npm run up`, and again is nothing to do", async () => {
    const up = await machine.command("npm", "run", "up");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const url = up.stdout.match(/https?:\/\/\S+/g)?.at(-1);
    assert.ok(url, `no URL in: ${up.stdout}`);
    const response = await fetch(url);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /v1\.0\.0/);

    const again = await machine.command("npm", "run", "up");
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.ok(again.stdout.includes(url));
    assert.doesNotMatch(again.stderr, /installing|building/);

    assert.deepEqual(machine.litter(), []);
    assert.equal((await machine.command("git", "status", "--porcelain")).stdout, "");

    await machine.command("npx", "sluice", "sandbox", "stop");
    await sleep(500);
    assert.deepEqual(machine.processes(), []);
  });

  it("runs tests with `npm test` as the first command", async () => {
    const { code, stdout, stderr } = await machine.command("npm", "test", "--", "--grep", SAMPLE);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✔ takes a CLI[\s\S]*\b1 passing/);
    assert.match(stderr, /installing node_modules/);
    assert.deepEqual(machine.litter(), []);
  });

  it("knows `npx sluice` after a bare `npm ci`", async () => {
    const installed = await machine.command("npm", "ci");
    assert.equal(installed.code, 0, installed.stderr);
    const { code, stdout, stderr } = await machine.command("npx", "sluice", "--help");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Usage: sluice/);
  });
});
