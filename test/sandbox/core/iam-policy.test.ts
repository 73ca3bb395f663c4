import assert from "node:assert/strict";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { ProviderServer } from "../../../sandbox/providers/server.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const POLICY = urnOf("aws:iam/policy:Policy", "boundary");
const ROLE = urnOf("aws:iam/role:Role", "task");
const trust = JSON.stringify({
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ecs-tasks.amazonaws.com" } }],
});
const document = (action: string, resource = "*") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] });
const roleInputs = { name: "task", assumeRolePolicy: trust, path: "/", maxSessionDuration: 3600 };

describe("a policy of the account's own", () => {
  let cloud: Cloud;
  let dispose: () => void;
  let server: ProviderServer;
  let engine: Engine;
  beforeEach(async () => {
    ({ cloud, dispose } = bareCloud());
    server = await serve(cloud, awsProvider("0"));
    engine = await new Engine(server.port).configure({ region: "eu-west-1" });
  });
  afterEach(async () => {
    engine.close();
    await server.close();
    dispose();
  });

  async function make(policy = document("logs:PutLogEvents")) {
    const { inputs, failures } = await engine.check(POLICY, { name: "boundary", policy });
    assert.deepEqual(failures, []);
    return { inputs, ...(await engine.create(POLICY, inputs)) };
  }

  it("is created, read, updated in place and deleted with all its versions", async () => {
    const { inputs, id, state } = await make();
    assert.equal(id, "arn:aws:iam::000000000000:policy/boundary");
    assert.deepEqual((await engine.read(POLICY, id, state, inputs)).state, state);
    let current = state;
    for (const action of ["a:A", "b:B", "c:C", "d:D", "e:E", "f:F"]) {
      const wanted = { ...inputs, policy: document(action) };
      const diff = await engine.diff(POLICY, current, wanted);
      assert.deepEqual([diff.paths, diff.replaces], [["policy"], []]);
      current = await engine.update(POLICY, id, current, wanted);
    }
    // IAM keeps five: the provider made room for each.
    const { Versions } = await cloud.iam.listPolicyVersions({ PolicyArn: id });
    assert.deepEqual(
      Versions.map(({ VersionId }) => VersionId),
      ["v7", "v6", "v5", "v4", "v3"],
    );
    assert.equal((await engine.read(POLICY, id)).state.policy, document("f:F"));
    await engine.delete(POLICY, id, current);
    assert.equal((await engine.read(POLICY, id, current, inputs)).id, "");
  });

  it("is replaced where its name, path or description changes", async () => {
    const { inputs, state } = await make();
    for (const change of [{ name: "other" }, { path: "/team/" }, { description: "new" }]) {
      const diff = await engine.diff(POLICY, state, { ...inputs, ...change });
      assert.deepEqual(diff.replaces, Object.keys(change));
    }
  });

  it("has at most 6144 characters, white space not counted", async () => {
    const filled = (length: number) =>
      document("s3:GetObject", "x".repeat(length - document("s3:GetObject", "").length));
    const { inputs } = await engine.check(POLICY, { name: "long", policy: filled(6145) });
    await assert.rejects(engine.create(POLICY, inputs), /LimitExceeded: Cannot exceed quota for PolicySize: 6144/);
    await make(filled(6144).replaceAll(",", ", "));
  });

  it("bounds a role and hangs on it, and cannot be deleted meanwhile", async () => {
    const { id, state } = await make();
    const role = await engine.create(ROLE, { ...roleInputs, permissionsBoundary: id });
    assert.equal(role.state.permissionsBoundary, id);
    await cloud.iam.attachRolePolicy({ RoleName: "task", PolicyArn: id });
    const { Policy } = await cloud.iam.getPolicy({ PolicyArn: id });
    assert.deepEqual([Policy.AttachmentCount, Policy.PermissionsBoundaryUsageCount], [1, 1]);
    await cloud.iam.detachRolePolicy({ RoleName: "task", PolicyArn: id });
    await assert.rejects(engine.delete(POLICY, id, state), /DeleteConflict/);
    await engine.delete(ROLE, "task", role.state);
    await engine.delete(POLICY, id, state);
  });

  it("comes upon a role and leaves it without a replacement", async () => {
    const { id } = await make();
    const { state } = await engine.create(ROLE, roleInputs);
    const bounded = { ...roleInputs, permissionsBoundary: id, maxSessionDuration: 7200 };
    const diff = await engine.diff(ROLE, state, bounded);
    assert.deepEqual([diff.paths.sort(), diff.replaces], [["maxSessionDuration", "permissionsBoundary"], []]);
    const updated = await engine.update(ROLE, "task", state, bounded);
    assert.equal((await engine.read(ROLE, "task")).state.permissionsBoundary, id);
    const freed = await engine.update(ROLE, "task", updated, roleInputs);
    assert.equal(freed.permissionsBoundary, undefined);
    assert.equal((await engine.read(ROLE, "task")).state.permissionsBoundary, undefined);
  });

  it("must exist before it bounds or hangs on anything", async () => {
    const PolicyArn = "arn:aws:iam::000000000000:policy/none";
    await assert.rejects(engine.create(ROLE, { ...roleInputs, permissionsBoundary: PolicyArn }), /NoSuchEntity/);
    await engine.create(ROLE, roleInputs);
    await assert.rejects(cloud.iam.attachRolePolicy({ RoleName: "task", PolicyArn }), { code: "NoSuchEntity" });
    await assert.rejects(cloud.iam.putRolePermissionsBoundary({ RoleName: "task", PermissionsBoundary: PolicyArn }), {
      code: "NoSuchEntity",
    });
  });

  it("lets sessions last one to twelve hours", async () => {
    for (const [seconds, refused] of [
      [3599, true],
      [3600, false],
      [43_200, false],
      [43_201, true],
    ] as const) {
      const { failures } = await engine.check(ROLE, { ...roleInputs, maxSessionDuration: seconds });
      assert.equal(failures.length > 0, refused, String(seconds));
    }
  });
});
