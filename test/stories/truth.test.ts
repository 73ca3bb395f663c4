import assert from "node:assert/strict";
import { Checkout, versionAt } from "./checkout.ts";

describe("story: what is live decides, not what was said", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let url: string;
  before(async () => {
    checkout.create();
    checkout.configure("local", (config) => {
      Object.assign(config["sluice:services"].api ?? {}, {
        environment: { GREETING: "old" },
        health: { interval: 5, timeout: 2, gracePeriod: 0 },
      });
    });
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    await checkout.push("v1.1.0");
    await checkout.push("v1.2.0");
  });
  after(() => checkout.remove());

  const environment = (version: string, name: string) =>
    [...checkout.tasks()].filter(([, found]) => found === version).map(([pid]) => checkout.variable(pid, name));

  it("the same tag with another environment is a new release on the standby, and rollback brings the old one back", async () => {
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, { environment: { GREETING: "new" } }),
    );
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.0.0");
    const switched = await checkout.service();
    assert.equal(switched.active, "green");
    assert.notEqual(switched.green?.release, switched.blue?.release);
    assert.equal(switched.green?.digest, switched.blue?.digest);
    assert.deepEqual(environment("v1.0.0", "GREETING").sort(), ["new", "old"]);
    const tasks = checkout.tasks();
    await checkout.done("rollback", "--stack", "local", "--to", "previous");
    assert.equal((await checkout.service()).active, "blue");
    assert.deepEqual(checkout.tasks(), tasks);
  });

  it("another size alone is a new release too", async () => {
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, { cpu: 512, memory: 1024 }),
    );
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.0.0");
    assert.equal((await checkout.service()).active, "green");
  });

  it("an update without a tag moves nothing, whatever the configuration says by now", async () => {
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, { environment: { GREETING: "newest" } }),
    );
    const [before, tasks] = [await checkout.service(), checkout.tasks()];
    await checkout.done("up", "--stack", "local");
    assert.deepEqual(await checkout.service(), before);
    assert.deepEqual(checkout.tasks(), tasks);
  });

  it("a daemon that lies about what runs does not deceive an update", async () => {
    const { green } = await checkout.service();
    assert.ok(green);
    const fault = {
      kind: "lie",
      match: { service: "ecs", operation: "describeServices" },
      value: { "services.0.taskDefinition": green.taskDefinition.replace(/:\d+$/, ":999") },
    };
    await checkout.done("sandbox", "fault", JSON.stringify(fault));
    const { code, stderr } = await checkout.sluice("up", "--stack", "local");
    await checkout.done("sandbox", "fault", "clear");
    assert.notEqual(code, 0, stderr);
    assert.match(stderr, /999/);
    await checkout.done("up", "--stack", "local");
  });

  it("a provider that says it moved the traffic and did not is found out: exit code 4, and what differs", async () => {
    const lie = { kind: "lie", match: { service: "provider", operation: "update", name: "api-traffic" }, times: 1 };
    await checkout.done("sandbox", "fault", JSON.stringify(lie));
    const { code, stderr } = await checkout.sluice("up", "--stack", "local", "--image-tag", "v1.1.0");
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /the update reports success, but what is live is something else\n {2}api: weights\.\w+ is \d+, not \d+/,
    );
    assert.equal(await versionAt(url), "v1.0.0");
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    assert.equal(await versionAt(url), "v1.1.0");
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.0.0");
  });

  it("a release that never becomes healthy fails with the reason and its last words; traffic stays", async () => {
    const before = await checkout.service();
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, { environment: { CRASH_AFTER_MS: "300" } }),
    );
    const { code, stderr } = await checkout.sluice("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.equal(code, 4, stderr);
    assert.match(stderr, /CRASH_AFTER_MS is set/);
    assert.equal(await versionAt(url), "v1.0.0");
    assert.deepEqual((await checkout.service()).weights, before.weights);
  });

  it("and the next release that is well takes its place", async () => {
    checkout.configure("local", (config) => Object.assign(config["sluice:services"].api ?? {}, { environment: {} }));
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.equal(await versionAt(url), "v1.2.0");
  });
});
