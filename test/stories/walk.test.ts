import assert from "node:assert/strict";
import { Checkout, type Finished, versionAt } from "./checkout.ts";
import { seconds, startLoad } from "./load.ts";

describe("story: from a clone to a switch and back, under traffic", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  before(() => checkout.create());
  let url: string;
  after(() => checkout.remove());

  const succeeded = (finished: Finished) => assert.equal(finished.code, 0, finished.stdout + finished.stderr);
  const weights = async () => (await checkout.service()).weights;

  it("npm run up: foundation, the example as v1.0.0, and its address on the last line of stdout", async () => {
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    assert.equal(await versionAt(url), "v1.0.0");
    assert.deepEqual([...checkout.tasks().values()], ["v1.0.0"]);
  });

  it("npm run up again: no changes", async () => {
    const { stderr } = await checkout.done("quickstart");
    assert.equal(stderr.match(/up, update: no changes/g)?.length, 2, stderr);
    assert.equal(await versionAt(url), "v1.0.0");
  });

  it("pushes another version, prints its digest, and refuses other content under the same tag", async () => {
    const { stdout } = await checkout.push("v1.1.0");
    assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
    const refused = await checkout.sluice(
      "push",
      "engine",
      "--repository",
      "api",
      "--tag",
      "v1.1.0",
      "--stack",
      "local",
    );
    assert.notEqual(refused.code, 0);
    const other = await checkout.sluice(
      "push",
      "examples",
      "--repository",
      "api",
      "--tag",
      "v1.1.0",
      "--stack",
      "local",
    );
    assert.notEqual(other.code, 0);
  });

  it("switches to it and loses no request, on kept and on new connections; one in flight completes", async () => {
    const loads = [startLoad(url, 200, "keep-alive"), startLoad(url, 200, "close")];
    await seconds(20);
    const switching = checkout.start("up", "--stack", "local", "--image-tag", "v1.1.0");
    const slow: Promise<Response>[] = [];
    const asking = setInterval(() => slow.push(fetch(new URL("/slow?ms=5000", url))), 500);
    succeeded(await switching.finished);
    clearInterval(asking);
    await seconds(20);
    for (const { failures, sent, answered, versions, seconds: took } of await Promise.all(
      loads.map((load) => load.end()),
    )) {
      assert.deepEqual(failures, {});
      assert.equal(answered, sent);
      assert.ok(sent / took > 190, `${sent} requests in ${took} s`);
      assert.deepEqual(Object.keys(versions).sort(), ["v1.0.0", "v1.1.0"]);
    }
    const answers = await Promise.all(
      slow.map(async (answer) => ((await answer).ok ? (await answer).json() : undefined)),
    );
    const sawFlip = answers.map((answer) => (answer as { version: string } | undefined)?.version);
    assert.ok(sawFlip.includes("v1.0.0"), "a request was in flight on the old version");
    assert.ok(!sawFlip.includes(undefined as never), "every slow request completed");
    assert.equal(await versionAt(url), "v1.1.0");
    assert.deepEqual(await weights(), { blue: 0, green: 100 });
  });

  it("the plain CLI flips back: no task is started or ended, and nothing in the checkout changes", async () => {
    const before = checkout.tasks();
    succeeded(await checkout.pulumi("up", "-s", "local", "--yes", "--config", "sluice:imageTag=v1.0.0"));
    assert.equal(await versionAt(url), "v1.0.0");
    assert.deepEqual(checkout.tasks(), before);
    assert.equal(checkout.git("status", "--porcelain"), "");
  });

  it("the plain CLI without a tag moves nothing", async () => {
    succeeded(await checkout.pulumi("up", "-s", "local", "--yes"));
    assert.deepEqual(await weights(), { blue: 100, green: 0 });
  });

  const spellings: [string, string[], string][] = [
    ["a bare key", ["--config", "imageTag=v1.1.0"], "v1.1.0"],
    ["one service by path", ["--config-path", "--config", "sluice:services.api.imageTag=v1.0.0"], "v1.0.0"],
  ];
  for (const [what, flags, version] of spellings) {
    it(`the plain CLI takes ${what}`, async () => {
      succeeded(await checkout.pulumi("up", "-s", "local", "--yes", ...flags));
      assert.equal(await versionAt(url), version);
      assert.equal(checkout.git("status", "--porcelain"), "");
    });
  }

  it("splits the traffic; an update without a tag keeps the split; the active tag ends it", async () => {
    await checkout.done("up", "--stack", "local", "--candidate", "v1.1.0", "--weight", "25");
    assert.deepEqual(await weights(), { blue: 75, green: 25 });
    await checkout.done("up", "--stack", "local");
    assert.deepEqual(await weights(), { blue: 75, green: 25 });
    succeeded(await checkout.pulumi("up", "-s", "local", "--yes", "--config", "sluice:imageTag=v1.0.0"));
    assert.deepEqual(await weights(), { blue: 100, green: 0 });
  });

  it("a third tag within a split: the plain CLI aborts and says so, and its next run deploys it", async () => {
    await checkout.push("v1.2.0");
    await checkout.done("up", "--stack", "local", "--candidate", "v1.1.0", "--weight", "25");
    const third = ["up", "-s", "local", "--yes", "--config", "sluice:imageTag=v1.2.0"];
    const aborted = await checkout.pulumi(...third);
    assert.notEqual(aborted.code, 0);
    assert.match(aborted.stdout + aborted.stderr, /release deferred: api v1\.2\.0/);
    assert.deepEqual(await weights(), { blue: 100, green: 0 });
    assert.equal(await versionAt(url), "v1.0.0");
    succeeded(await checkout.pulumi(...third));
    assert.equal(await versionAt(url), "v1.2.0");
  });

  it("a third tag within a split: sluice up does both", async () => {
    await checkout.done("up", "--stack", "local", "--candidate", "v1.1.0", "--weight", "50");
    const { stderr } = await checkout.done("up", "--stack", "local", "--image-tag", "v1.0.0");
    assert.match(stderr, /running the second update now/);
    assert.equal(await versionAt(url), "v1.0.0");
  });

  it("rolls back to what stands by, for all services or one, and by tag", async () => {
    const standing = await checkout.service();
    const tagBefore = standing[standing.standby ?? "blue"]?.tag;
    const tasks = checkout.tasks();
    await checkout.done("rollback", "--stack", "local", "--to", "previous");
    assert.equal(await versionAt(url), tagBefore);
    assert.deepEqual(checkout.tasks(), tasks);
    await checkout.done("rollback", "--stack", "local", "--to", "previous", "--service", "api");
    assert.equal(await versionAt(url), "v1.0.0");
    await checkout.done("rollback", "--stack", "local", "--to", tagBefore ?? "");
    assert.equal(await versionAt(url), tagBefore);
  });

  for (const args of [
    ["rollback", "--to", "v9.9.9"],
    ["up", "--image-tag", "v9.9.9"],
    ["rollback", "--to", "previous", "--service", "nope"],
  ]) {
    it(`refuses \`sluice ${args.join(" ")}\` with exit code 2, and changes nothing`, async () => {
      const [before, tasks] = [await checkout.service(), checkout.tasks()];
      const { code, stderr } = await checkout.sluice(...args, "--stack", "local");
      assert.equal(code, 2, stderr);
      assert.deepEqual(await checkout.service(), before);
      assert.deepEqual(checkout.tasks(), tasks);
    });
  }

  it("prints its outputs as JSON", async () => {
    const { stdout } = await checkout.done("outputs", "--stack", "local", "--json");
    const { services, balancer } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(services.api).sort(), [
      "active",
      "blue",
      "cluster",
      "green",
      "rule",
      "standby",
      "url",
      "weights",
    ]);
    assert.match(services.api.blue.digest, /^sha256:/);
    assert.ok(balancer.dnsName);
    const foundation = JSON.parse(
      (await checkout.done("outputs", "--stack", "foundation", "--sandbox", "--json")).stdout,
    );
    assert.ok(foundation.registry.api.url && foundation.roles && foundation.oidcProvider);
  });

  it("destroys what it made", async () => {
    await checkout.done("destroy", "--stack", "local");
    assert.equal(checkout.tasks().size, 0);
    const gone = await checkout.sluice("outputs", "--stack", "local", "--json");
    assert.deepEqual(JSON.parse(gone.stdout), {});
  });
});
