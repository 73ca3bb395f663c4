import assert from "node:assert/strict";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import { UNKNOWN } from "../../../sandbox/providers/protocol.ts";
import { randomProvider } from "../../../sandbox/providers/random/index.ts";
import type { ProviderServer } from "../../../sandbox/providers/server.ts";
import { bareCloud, Engine, initFailure, serve, urnOf, wire } from "./harness.ts";

const GROUP = urnOf("aws:cloudwatch/logGroup:LogGroup", "app");
const REPOSITORY = urnOf("aws:ecr/repository:Repository", "api");
const ROLE = urnOf("aws:iam/role:Role", "deployer");
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ecs-tasks.amazonaws.com" } }],
});

describe("provider protocol", () => {
  let cloud: Cloud;
  let server: ProviderServer;
  let engine: Engine;
  let dispose: () => void;

  beforeEach(async () => {
    ({ cloud, dispose } = bareCloud());
    server = await serve(cloud, awsProvider("7.48.0"));
    engine = await new Engine(server.port).configure({
      region: "eu-central-1",
      defaultTags: '{"tags":{"owner":"team"}}',
    });
  });
  afterEach(async () => {
    engine.close();
    await server.close();
    dispose();
  });

  it("refuses types and functions that it does not have", async () => {
    await assert.rejects(engine.check(urnOf("aws:sqs/queue:Queue", "b"), {}), /no resource type aws:sqs\/queue:Queue/);
    await assert.rejects(engine.invoke("aws:sqs/getQueue:getQueue", {}), /no function aws:sqs/);
  });

  it("serves no connection that was not configured, such as one that outlived a daemon", async () => {
    const stranger = new Engine(server.port);
    await assert.rejects(stranger.check(GROUP, {}), /run the update again/);
    stranger.close();
  });

  it("keeps the configurations of two engines apart", async () => {
    const other = await new Engine(server.port).configure({ region: "us-east-1" });
    const [mine, theirs] = await Promise.all([
      engine.create(GROUP, { name: "/mine", retentionInDays: 0 }),
      other.create(GROUP, { name: "/theirs", retentionInDays: 0 }),
    ]);
    assert.equal(mine.state.arn, "arn:aws:logs:eu-central-1:000000000000:log-group:/mine");
    assert.equal(theirs.state.arn, "arn:aws:logs:us-east-1:000000000000:log-group:/theirs");
    assert.deepEqual(mine.state.tagsAll, { owner: "team" });
    assert.deepEqual(theirs.state.tagsAll, {});
    other.close();
  });

  it("refuses arguments that the provider does not have", async () => {
    const stranger = new Engine(server.port);
    await assert.rejects(stranger.configure({ regoin: "eu-west-1" }), /regoin/);
    await assert.rejects(stranger.configure({ region: "Frankfurt" }), /Frankfurt/);
    stranger.close();
  });

  it("names what has no name, keeps that name, and makes another for a replacement", async () => {
    const first = await engine.check(GROUP, {});
    assert.match(String(first.inputs.name), /^app-[0-9a-f]{7}$/);
    const second = await engine.check(GROUP, { retentionInDays: 7 }, first.inputs);
    assert.equal(second.inputs.name, first.inputs.name);
    const replacement = await engine.check(GROUP, {});
    assert.notEqual(replacement.inputs.name, first.inputs.name);
  });

  it("deletes first where the program's own name would collide, and last where the name is new", async () => {
    const fixed = await engine.check(GROUP, { name: "fixed", logGroupClass: "STANDARD" });
    const changed = await engine.check(GROUP, { name: "fixed", logGroupClass: "INFREQUENT_ACCESS" }, fixed.inputs);
    const diff = await engine.diff(GROUP, { ...fixed.inputs }, changed.inputs);
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["logGroupClass"], true]);
    const ours = await engine.check(GROUP, { logGroupClass: "STANDARD" });
    const again = await engine.check(GROUP, { logGroupClass: "INFREQUENT_ACCESS" }, ours.inputs);
    assert.equal((await engine.diff(GROUP, { ...ours.inputs }, again.inputs)).deleteBeforeReplace, false);
  });

  it("says in a preview what it cannot know yet, and changes nothing", async () => {
    const { id, state } = await engine.create(GROUP, { name: "x", retentionInDays: 0 }, true);
    assert.deepEqual([id, state.arn, state.name], ["", UNKNOWN, "x"]);
    assert.deepEqual((await cloud.logs.describeLogGroups()).logGroups, []);
    assert.deepEqual(cloud.faults.calls(), {});
  });

  it("fails as the cloud does when the name is taken", async () => {
    await engine.create(ROLE, { name: "taken", assumeRolePolicy: TRUST, path: "/", maxSessionDuration: 3600 });
    const again = engine.create(ROLE, { name: "taken", assumeRolePolicy: TRUST, path: "/", maxSessionDuration: 3600 });
    await assert.rejects(
      again,
      /IAM: CreateRole.*StatusCode: 409.*EntityAlreadyExists: Role with name taken already exists/,
    );
  });

  it("creates, reads, updates and deletes, and reads nothing afterwards", async () => {
    const { inputs } = await engine.check(REPOSITORY, { name: "api", tags: { app: "x" } });
    const { id, state } = await engine.create(REPOSITORY, inputs);
    assert.equal(state.repositoryUrl, "127.0.0.1:5000/api");
    const read = await engine.read(REPOSITORY, id, state, inputs);
    assert.deepEqual(read.state, state);
    assert.equal((await engine.diff(REPOSITORY, read.state, inputs)).changes, false);
    const wanted = { ...inputs, imageTagMutability: "IMMUTABLE" };
    assert.deepEqual((await engine.diff(REPOSITORY, state, wanted)).paths, ["imageTagMutability"]);
    const updated = await engine.update(REPOSITORY, id, state, wanted);
    const { repositories } = await cloud.ecr.describeRepositories();
    assert.deepEqual([updated.imageTagMutability, repositories[0]?.imageTagMutability], ["IMMUTABLE", "IMMUTABLE"]);
    await engine.delete(REPOSITORY, id, updated);
    await engine.delete(REPOSITORY, id, updated);
    assert.equal((await engine.read(REPOSITORY, id, updated, wanted)).id, "");
  });

  it("imports what it has never seen so that the next update changes nothing", async () => {
    await cloud.ecr.createRepository({ repositoryName: "old", imageTagMutability: "IMMUTABLE" });
    const { id, state, inputs } = await engine.read(REPOSITORY, "old");
    assert.equal(id, "old");
    const checked = await engine.check(REPOSITORY, { name: "old", imageTagMutability: "IMMUTABLE" }, inputs);
    // The provider's default tags are not there yet; nothing else differs.
    assert.deepEqual((await engine.diff(REPOSITORY, state, checked.inputs)).paths, ["tagsAll.owner"]);
  });

  it("shows drift: what was changed behind its back is a change, as state and as input", async () => {
    const { inputs } = await engine.check(REPOSITORY, { name: "api", imageTagMutability: "IMMUTABLE" });
    const { id, state } = await engine.create(REPOSITORY, inputs);
    await cloud.ecr.putImageTagMutability({ repositoryName: "api", imageTagMutability: "MUTABLE" });
    const read = await engine.read(REPOSITORY, id, state, inputs);
    assert.equal(read.inputs.imageTagMutability, "MUTABLE");
    assert.deepEqual((await engine.diff(REPOSITORY, read.state, inputs)).paths, ["imageTagMutability"]);
  });

  it("tags with the provider's defaults, and tells them from the resource's own", async () => {
    const { inputs } = await engine.check(REPOSITORY, { name: "api", tags: { app: "x" } });
    const { id, state } = await engine.create(REPOSITORY, inputs);
    assert.deepEqual(state.tagsAll, { owner: "team", app: "x" });
    assert.deepEqual((await engine.read(REPOSITORY, id, state, inputs)).state.tags, { app: "x" });
    const found = await cloud.tags.getResources({ TagFilters: [{ Key: "owner", Values: ["team"] }] });
    assert.deepEqual(
      found.ResourceTagMappingList.map((one) => one.ResourceARN),
      [state.arn],
    );
    const retagged = await new Engine(server.port).configure({ region: "eu-central-1" });
    assert.deepEqual((await retagged.diff(REPOSITORY, state, inputs)).paths, ["tagsAll.owner"]);
    retagged.close();
  });

  it("does nothing in an update without a difference", async () => {
    const { inputs } = await engine.check(REPOSITORY, { name: "api" });
    const { id, state } = await engine.create(REPOSITORY, inputs);
    cloud.faults.mark();
    assert.deepEqual(await engine.update(REPOSITORY, id, state, inputs), state);
    assert.deepEqual(cloud.faults.calls(), {});
  });

  it("leaves ignored properties as they are", async () => {
    const { inputs } = await engine.check(GROUP, { name: "x", retentionInDays: 7 });
    const { id, state } = await engine.create(GROUP, inputs);
    await cloud.logs.putRetentionPolicy({ logGroupName: "x", retentionInDays: 30 });
    const read = await engine.read(GROUP, id, state, inputs);
    assert.equal((await engine.diff(GROUP, read.state, inputs, ["retentionInDays"])).changes, false);
    const wanted = { ...inputs, tags: { a: "b" } };
    await engine.update(GROUP, id, read.state, wanted, { ignored: ["retentionInDays"] });
    assert.equal((await cloud.logs.describeLogGroups()).logGroups[0]?.retentionInDays, 30);
  });

  it("changes a log group's key in place, as the real provider does", async () => {
    const { inputs } = await engine.check(GROUP, { name: "x", kmsKeyId: "arn:aws:kms:eu-west-1:000000000000:key/a" });
    const { id, state } = await engine.create(GROUP, inputs);
    const without = (await engine.check(GROUP, { name: "x" }, inputs)).inputs;
    assert.deepEqual((await engine.diff(GROUP, state, without)).replaces ?? [], []);
    await engine.update(GROUP, id, state, without);
    assert.equal((await cloud.logs.describeLogGroups()).logGroups[0]?.kmsKeyId, undefined);
  });

  it("records what was planned when an update fails, as the real bridge does, and says why", async () => {
    const { inputs } = await engine.check(GROUP, { name: "x", retentionInDays: 7 });
    const { id, state } = await engine.create(GROUP, inputs);
    cloud.faults.add({
      kind: "error",
      match: { operation: "putRetentionPolicy" },
      value: { code: "AccessDenied", status: 403 },
    });
    const error: unknown = await engine
      .update(GROUP, id, state, { ...inputs, retentionInDays: 30 })
      .catch((one) => one);
    const failed = initFailure(error);
    assert.equal(failed?.id, "x");
    assert.equal(failed?.state.retentionInDays, 30);
    assert.match(failed?.reasons[0] ?? "", /PutRetentionPolicy.*403.*AccessDenied/);
    assert.equal((await cloud.logs.describeLogGroups()).logGroups[0]?.retentionInDays, 7);
    assert.equal((await engine.diff(GROUP, failed?.state ?? {}, { ...inputs, retentionInDays: 30 })).changes, false);
  });

  it("lies when told to: done, it says, and nothing is", async () => {
    const { inputs } = await engine.check(GROUP, { name: "x", retentionInDays: 7 });
    const { id, state } = await engine.create(GROUP, inputs);
    cloud.faults.add({ kind: "lie", match: { service: "provider", operation: "update", name: "app" } });
    const told = await engine.update(GROUP, id, state, { ...inputs, retentionInDays: 30 });
    assert.equal(told.retentionInDays, 30);
    assert.equal((await cloud.logs.describeLogGroups()).logGroups[0]?.retentionInDays, 7);
  });

  it("tries again when the cloud throttles, as the SDK does, and gives up in the end", async () => {
    cloud.faults.add({ kind: "throttle", match: { operation: "createLogGroup" }, times: 2 });
    await engine.create(GROUP, { name: "slow", retentionInDays: 0 });
    cloud.faults.add({ kind: "throttle", match: { operation: "createLogGroup" } });
    await assert.rejects(
      engine.create(GROUP, { name: "never", retentionInDays: 0 }),
      /maximum number of attempts.*ThrottlingException/,
    );
  });

  for (const how of ["the connection dies", "the engine cancels"]) {
    it(`lands nothing more once ${how}`, async () => {
      cloud.faults.add({ kind: "slow", match: { operation: "putRetentionPolicy" }, ms: 300 });
      const { port, cut } = await wire(server.port);
      const dying = await new Engine(port).configure({ region: "eu-central-1" });
      const created = dying.create(GROUP, { name: "x", retentionInDays: 7 }).catch((error: unknown) => error);
      while ((await cloud.logs.describeLogGroups()).logGroups.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      if (how === "the engine cancels") await dying.cancel();
      else cut();
      await created;
      while (server.inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.equal((await cloud.logs.describeLogGroups()).logGroups[0]?.retentionInDays, undefined);
      assert.deepEqual(cloud.faults.calls(), { "logs.createLogGroup": 1 });
      dying.close();
      cut();
    });
  }
});

describe("random provider", () => {
  it("keeps a password as a secret, in the wanted alphabet, and makes no other without a reason", async () => {
    const { cloud, dispose } = bareCloud();
    const server = await serve(cloud, randomProvider("4.21.2"));
    const engine = await new Engine(server.port).configure();
    const urn = urnOf("random:index/randomPassword:RandomPassword", "p");
    const { inputs, failures } = await engine.check(urn, { length: 40, special: false, minNumeric: 5 });
    assert.deepEqual(failures, []);
    const { id, state } = await engine.create(urn, inputs);
    const wrapped = state.result as Record<string, string>;
    assert.equal(wrapped["4dabf18193072939515e22adb298388d"], "1b47061264138c4ac30d75fd1eb44270");
    assert.match(wrapped.value ?? "", /^(?=(.*\d){5})[0-9A-Za-z]{40}$/);
    const bare = { ...state, result: wrapped.value };
    assert.deepEqual(
      ((await engine.read(urn, id, bare, inputs)).state.result as { value: string }).value,
      wrapped.value,
    );
    assert.equal((await engine.diff(urn, bare, inputs)).changes, false);
    assert.deepEqual((await engine.diff(urn, bare, { ...inputs, length: 41 })).replaces, ["length"]);
    assert.match((await engine.check(urn, { length: 3, minNumeric: 5 })).failures.join(), /sum of the minima/);
    engine.close();
    await server.close();
    dispose();
  });
});
