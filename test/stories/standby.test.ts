import assert from "node:assert/strict";
import { Checkout, versionAt } from "./checkout.ts";
import { startLoad } from "./load.ts";

describe("story: a standby that costs less", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let url: string;
  const configure = (settings: Record<string, unknown>) =>
    checkout.configure("local", (config) => Object.assign(config["sluice:services"].api ?? {}, settings));
  const running = () => [...checkout.tasks().values()].sort();

  /** What `change` does under load, which loses no request. */
  async function underLoad(change: () => Promise<unknown>): Promise<void> {
    const load = startLoad(url, 50, "close");
    await change();
    const { failures, sent, answered } = await load.end();
    assert.deepEqual(failures, {});
    assert.equal(answered, sent);
  }

  before(async () => {
    checkout.create();
    configure({ standby: "cold", count: { min: 2, max: 4 } });
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    for (const tag of ["v1.1.0", "v1.2.0"]) await checkout.push(tag);
  });
  after(() => checkout.remove());

  it("cold: the tasks of who lost the traffic end after the switch, and no request is lost", async () => {
    assert.deepEqual(running(), ["v1.0.0", "v1.0.0"]);
    await underLoad(() => checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0"));
    assert.equal(await versionAt(url), "v1.1.0");
    assert.deepEqual(running(), ["v1.1.0", "v1.1.0"]);
  });

  it("a preview of the way back shows what starts and what ends", async () => {
    const { stderr } = await checkout.done("preview", "--stack", "local", "--image-tag", "v1.0.0");
    assert.match(stderr, /preview: 3 to update/);
    assert.deepEqual(running(), ["v1.1.0", "v1.1.0"]);
  });

  it("a rollback first starts the tasks that the load needs, and loses no request", async () => {
    await underLoad(() => checkout.done("rollback", "--stack", "local", "--to", "previous"));
    assert.equal(await versionAt(url), "v1.0.0");
    assert.deepEqual(running(), ["v1.0.0", "v1.0.0"]);
  });

  it("a release that does not stay up on a cold standby gets no traffic, and says why", async () => {
    configure({ environment: { CRASH_AFTER_MS: "200" } });
    const { code, stderr } = await checkout.sluice("up", "--stack", "local", "--image-tag", "v1.2.0");
    configure({ environment: {} });
    assert.equal(code, 4, stderr);
    assert.match(stderr, /of its tasks have failed, the last with: Essential container in task exited/);
    assert.equal(await versionAt(url), "v1.0.0");
    await checkout.done("up", "--stack", "local");
    assert.deepEqual(running(), ["v1.0.0", "v1.0.0"]);
  });

  it("cool: one task stands by; the bounds of both colours change under what runs", async () => {
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    configure({ standby: "cool", count: { min: 3, max: 4 } });
    await underLoad(() => checkout.done("up", "--stack", "local"));
    assert.equal(await versionAt(url), "v1.1.0");
    const wanted = ["v1.0.0", "v1.1.0", "v1.1.0", "v1.1.0"];
    for (let look = 0; look < 300 && running().length < wanted.length; look++) {
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.deepEqual(running(), wanted);
  });
});
