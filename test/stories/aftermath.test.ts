import assert from "node:assert/strict";
import { Checkout, versionAt } from "./checkout.ts";

describe("story: after a release that ECS took back by itself", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let url: string;
  const configure = (settings: Record<string, unknown>) =>
    checkout.configure("local", (config) => Object.assign(config["sluice:services"].api ?? {}, settings));

  before(async () => {
    checkout.create();
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    for (const tag of ["v1.1.0", "v1.2.0"]) await checkout.push(tag);
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    configure({ environment: { CRASH_AFTER_MS: "200" } });
    const failed = await checkout.sluice("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.equal(failed.code, 4, failed.stderr);
    configure({ environment: {} });
  });
  after(() => checkout.remove());

  it("the release that was live goes on, and an update without a tag goes through", async () => {
    assert.equal(await versionAt(url), "v1.1.0");
    await checkout.done("up", "--stack", "local");
    assert.equal(await versionAt(url), "v1.1.0");
  });

  it("previous is not what failed: the rollback is refused before anything changes", async () => {
    const { code, stderr } = await checkout.sluice("rollback", "--stack", "local", "--to", "previous");
    assert.equal(code, 2, stderr);
    assert.match(stderr, /no longer stands by/);
    assert.equal(await versionAt(url), "v1.1.0");
  });

  it("a candidate takes a share in its place, and an abort takes it back", async () => {
    await checkout.done("up", "--stack", "local", "--candidate", "v1.2.0", "--weight", "25");
    assert.deepEqual((await checkout.service()).weights, { blue: 25, green: 75 });
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    assert.deepEqual((await checkout.service()).weights, { blue: 0, green: 100 });
  });

  it("what was aborted was never live: there is nothing to go back to", async () => {
    const { code, stderr } = await checkout.sluice("rollback", "--stack", "local", "--to", "previous");
    assert.equal(code, 2, stderr);
  });

  it("the same tag, mended, is deployed", async () => {
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.equal(await versionAt(url), "v1.2.0");
  });
});
