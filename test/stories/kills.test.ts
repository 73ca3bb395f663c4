import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { StateResource } from "../../automation/backend.ts";
import { createLookup } from "../../automation/created-resources.ts";
import { Checkout, type Started, until, versionAt } from "./checkout.ts";

describe("story: killed in the middle of an update", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let url: string;
  before(async () => {
    checkout.create();
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    await checkout.push("v1.1.0");
    await checkout.push("v1.2.0");
  });
  after(() => checkout.remove());

  const state = () =>
    JSON.parse(readFileSync(path.join(checkout.home, "backend/.pulumi/stacks/sluice/local.json"), "utf8")).checkpoint
      .latest;
  const locks = () => {
    try {
      return readdirSync(path.join(checkout.home, "backend/.pulumi/locks/organization/sluice/local")).filter((name) =>
        name.endsWith(".json"),
      );
    } catch {
      return [];
    }
  };

  /** An update to a tag, at the moment when a new task has been started and traffic has not moved. */
  async function midUpdate(tag: string): Promise<Started> {
    const running = checkout.start("up", "--stack", "local", "--image-tag", tag);
    await until(() => [...checkout.tasks().values()].includes(tag));
    return running;
  }

  async function converged(tag: string) {
    assert.equal(await versionAt(url), tag);
    assert.deepEqual(state().pending_operations ?? [], []);
    assert.deepEqual(locks(), []);
    await until(() => checkout.engines().length === 0, 10);
    const { active, weights } = await checkout.service();
    assert.equal(weights[active ?? "blue"], 100);
  }

  it("whatever can be looked up by its name is found under the id that it has", async () => {
    const resources = state().resources as StateResource[];
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${checkout.daemon().apiPort}`;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "sandbox", AWS_SECRET_ACCESS_KEY: "sandbox" });
    using lookup = createLookup("eu-west-1");
    const kinds = new Set<string>();
    for (const resource of resources.filter(({ custom }) => custom === true)) {
      const found = await lookup.find(resource);
      if (found.kind === "exists") kinds.add(resource.type);
      if (found.kind === "exists") assert.equal(found.id, resource.id, resource.urn);
      assert.notEqual(found.kind, "absent", resource.urn);
    }
    for (const type of [
      "aws:ecs/cluster:Cluster",
      "aws:ecs/service:Service",
      "aws:lb/listener:Listener",
      "aws:lb/listenerRule:ListenerRule",
      "aws:lb/loadBalancer:LoadBalancer",
      "aws:lb/targetGroup:TargetGroup",
    ]) {
      assert.ok(kinds.has(type), type);
    }
    const gone = resources.find(({ type }) => type === "aws:lb/targetGroup:TargetGroup") as StateResource;
    assert.deepEqual(await lookup.find({ ...gone, inputs: { name: "sluice-local-nothing" } }), { kind: "absent" });
  });

  it("an answer that is lost after the creation: the resource is taken into the state, and the update goes on", async () => {
    const lost = { kind: "timeout-after-success", match: { service: "elb", operation: "createTargetGroup" }, times: 1 };
    await checkout.done("sandbox", "fault", JSON.stringify(lost));
    const { stderr } = await checkout.done("up", "--stack", "preview-pr-7", "--sandbox");
    assert.match(stderr, /it may exist although its creation failed: api-(blue|green)-target-group/);
    const again = await checkout.done("up", "--stack", "preview-pr-7", "--sandbox");
    assert.match(again.stderr, /up, update: no changes/);
    await checkout.done("destroy", "--stack", "preview-pr-7", "--sandbox");
  });

  it("kill -9 of pulumi: the run says so, nothing of the engine is left, traffic stays; the next run converges", async () => {
    const running = await midUpdate("v1.1.0");
    const engine = checkout.engines().find(({ command }) => /\/pulumi up /.test(command));
    assert.ok(engine);
    process.kill(engine.pid, "SIGKILL");
    const { code, stderr } = await running.finished;
    assert.notEqual(code, 0);
    assert.match(stderr, /the engine was killed/);
    await until(() => checkout.engines().length === 0, 10);
    assert.equal(await versionAt(url), "v1.0.0");
    assert.equal(locks().length, 1);
    const { stderr: again } = await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    assert.match(again, /broke the lock on local/);
    await converged("v1.1.0");
  });

  it("kill -9 of the daemon: requests go on being answered after its restart, and the next run converges", async () => {
    const running = await midUpdate("v1.2.0");
    process.kill(checkout.daemon().pid, "SIGKILL");
    const { code } = await running.finished;
    assert.notEqual(code, 0);
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.2.0");
    await converged("v1.2.0");
  });

  it("kill -9 of sluice itself: its engine ends in order, and a run in the meantime waits for it", async () => {
    const running = await midUpdate("v1.0.0").catch(() => undefined);
    assert.ok(running);
    running.child.kill("SIGKILL");
    await checkout.done("up", "--stack", "local", "--lock-timeout", "120");
    await converged("v1.0.0");
  });

  it("Ctrl-C: exit code 8, no lock and no process stays behind", async () => {
    const running = checkout.start("up", "--stack", "local", "--image-tag", "v1.1.0");
    await until(() => checkout.engines().some(({ command }) => /\/pulumi up /.test(command)));
    running.child.kill("SIGINT");
    const { code, stderr } = await running.finished;
    assert.equal(code, 8, stderr);
    await until(() => checkout.engines().length === 0, 10);
    assert.deepEqual(locks(), []);
  });

  it("a second update waits for the first one, and then does its work", async () => {
    const first = checkout.start("up", "--stack", "local", "--image-tag", "v1.2.0");
    await until(() => locks().length === 1);
    const { stderr } = await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    assert.equal((await first.finished).code, 0);
    assert.match(stderr, /waiting: local is locked by process \d+ of /);
    await converged("v1.1.0");
  });
});
