import assert from "node:assert/strict";
import { type Clients, createClients } from "./clients.ts";
import { mismatches } from "./comparison.ts";
import type { AnyMapping, Properties } from "./mapping.ts";
import { actionsOf, isAllowed } from "./permissions.ts";
import { Replay } from "./replay.ts";
import { resourcesOf, type StateResource } from "./state.ts";
import { track } from "./tracking.ts";
import { Translation } from "./translation.ts";

const clients: Clients = createClients("http://127.0.0.1:1");

function resource(type: string, inputs: Properties, id = "old"): StateResource {
  return { urn: `urn::${type}`, type, name: "one", id, inputs, outputs: { ...inputs, id } };
}

/** A cloud that keeps what `keeps` leaves of the inputs. */
function mapping(keeps: (inputs: Properties) => Properties): AnyMapping {
  let kept: Properties = {};
  return {
    async create(inputs) {
      kept = structuredClone(keeps({ ...JSON.parse(JSON.stringify(inputs)) }));
      return { id: "new" };
    },
    read: async () => kept,
  };
}

async function reportOf(one: AnyMapping | undefined, state: StateResource) {
  const replay = new Replay(one === undefined ? {} : { [state.type]: one }, clients);
  await replay.run([state]);
  return replay.report;
}

describe("the replay's own judgement", () => {
  const state = resource("aws:x/y:Y", { size: 1, tags: { a: "b" } });

  it("is content with what reads back equal", async () => {
    const { differences, unmapped } = await reportOf(
      mapping((inputs) => inputs),
      state,
    );
    assert.deepEqual({ differences, unmapped }, { differences: [], unmapped: [] });
  });

  it("tells what the cloud dropped, and what it changed", async () => {
    const { differences } = await reportOf(
      mapping(() => ({ size: 2 })),
      state,
    );
    assert.deepEqual(
      differences.map(({ property, found }) => [property, found]),
      [
        ["size", 2],
        ["tags", undefined],
      ],
    );
  });

  it("tells a type without mapping", async () => {
    assert.deepEqual((await reportOf(undefined, state)).unmapped, ["aws:x/y:Y: no mapping"]);
  });

  it("passes by other providers' types by name, and no others", async () => {
    assert.deepEqual(
      (await reportOf(undefined, resource("random:index/randomPassword:RandomPassword", {}))).unmapped,
      [],
    );
    assert.equal((await reportOf(undefined, resource("randomer:x:X", {}))).unmapped.length, 1);
  });

  it("tells a property that no call carries", async () => {
    const blind: AnyMapping = {
      create: async ({ size }) => ({ id: `${size}` }),
      read: async () => ({ size: 1, tags: { a: "b" } }),
    };
    assert.deepEqual((await reportOf(blind, state)).unmapped, ["aws:x/y:Y: no call carries tags.a"]);
  });

  it("counts a refusal as a difference, and a defect of its own as a failure", async () => {
    const failing = (error: object): AnyMapping => ({ create: () => Promise.reject(error), read: async () => ({}) });
    const refusal = Object.assign(new Error("too long"), { name: "ValidationError", $metadata: {} });
    const { differences } = await reportOf(failing(refusal), state);
    assert.deepEqual(
      differences.map(({ property, found }) => [property, found]),
      [["", "ValidationError: too long"]],
    );
    await assert.rejects(reportOf(failing(new TypeError("a slip")), state), /aws:x\/y:Y one: a slip/);
  });

  it("refuses the state of an update that has not finished", () => {
    const pending = JSON.stringify({ deployment: { pending_operations: [{}], resources: [] } });
    assert.throws(() => resourcesOf(pending), /has not finished/);
  });
});

describe("parts of the replay", () => {
  it("tracks every leaf, in lists too", () => {
    const { value, unread } = track({ a: [{ b: 1, c: 2 }], d: {} });
    assert.deepEqual(unread(), ["a.*.b", "a.*.c", "d"]);
    assert.equal(value.a[0]?.b, 1);
    assert.deepEqual(unread(), ["a.*.c", "d"]);
  });

  it("compares lists without order, by count, and documents by what they hold", () => {
    assert.deepEqual(mismatches({ a: [1, 2] }, { a: [2, 1] }), []);
    assert.equal(mismatches({ a: [1] }, { a: [1, 2] }).length, 1);
    assert.deepEqual(mismatches('{"a":1,"b":2}', '{ "b": 2, "a": 1 }'), []);
    assert.deepEqual(mismatches({ a: [{ x: 1 }] }, { a: [{ x: 2 }] })[0]?.path, "a.*.x");
  });

  it("translates the longest name first, wherever it stands", () => {
    const translation = new Translation();
    translation.add("vpc-1", "vpc-a");
    translation.add("vpc-12", "vpc-b");
    assert.deepEqual(translation.apply({ list: ["x/vpc-12/y", "vpc-1"] }), { list: ["x/vpc-b/y", "vpc-a"] });
  });

  it("knows which actions a request needs", () => {
    const asked = [{ service: "elbv2", operation: "CreateRule", input: { Tags: [] } }];
    assert.deepEqual([...actionsOf(asked)], ["elasticloadbalancing:CreateRule", "elasticloadbalancing:AddTags"]);
    assert.ok(isAllowed("ec2:DescribeVpcs", ["ec2:Describe*"]) && !isAllowed("ec2:DeleteVpc", ["ec2:Describe*"]));
  });
});
