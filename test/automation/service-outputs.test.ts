import assert from "node:assert/strict";
import type { StackState } from "../../automation/backend.ts";
import { truthfulOutputs } from "../../automation/service-outputs.ts";

const urn = (type: string, name: string) => `urn:pulumi:local::sluice::${type}::${name}`;
const resource = (type: string, name: string, outputs: Record<string, unknown>, id = name) => ({
  urn: urn(type, name),
  type,
  id,
  custom: true,
  outputs,
});
const containers = (tag: string) =>
  JSON.stringify([
    { image: `r/api@sha256:${tag}`, dockerLabels: { "dev.sluice.release": `id-${tag}`, "dev.sluice.tag": tag } },
  ]);
const colour = (tag: string, taskDefinition: string) => ({
  tag,
  digest: `sha256:${tag}`,
  release: `id-${tag}`,
  taskDefinition,
  service: "s",
  targetGroup: "g",
});

/** Blue serves v1 and green holds v2, as the resources have it; the outputs are what a test makes them. */
function state(told: object, greenRuns = "td-green:2"): StackState {
  const targetGroups = [
    { arn: "tg-blue", weight: 100 },
    { arn: "tg-green", weight: 0 },
  ];
  return {
    resources: [
      resource("pulumi:pulumi:Stack", "sluice-local", { environment: "local", services: { api: told } }),
      resource("aws:lb/listenerRule:ListenerRule", "api-traffic", { actions: [{ forward: { targetGroups } }] }, "rule"),
      resource("aws:lb/targetGroup:TargetGroup", "api-blue-target-group", {}, "tg-blue"),
      resource("aws:lb/targetGroup:TargetGroup", "api-green-target-group", {}, "tg-green"),
      resource("aws:ecs/taskDefinition:TaskDefinition", "api-blue-task", {
        arn: "td-blue:1",
        containerDefinitions: containers("v1"),
      }),
      resource("aws:ecs/taskDefinition:TaskDefinition", "api-green-task", {
        arn: "td-green:2",
        containerDefinitions: containers("v2"),
      }),
      resource("aws:ecs/service:Service", "api-blue-service", { taskDefinition: "td-blue:1" }),
      resource("aws:ecs/service:Service", "api-green-service", { taskDefinition: greenRuns }),
    ],
  } as unknown as StackState;
}

const truth = {
  url: "http://x/",
  active: "blue",
  standby: "green",
  weights: { blue: 100, green: 0 },
  blue: colour("v1", "td-blue:1"),
  green: colour("v2", "td-green:2"),
  rule: "rule",
  cluster: "c",
};

describe("truthfulOutputs", () => {
  it("leaves alone what the resources confirm", () => {
    const { outputs, corrected } = truthfulOutputs(state(truth));
    assert.deepEqual(outputs, { environment: "local", services: { api: truth } });
    assert.deepEqual(corrected, []);
  });

  it("tells what the resources hold where an update only said so", () => {
    const lie = {
      ...truth,
      active: "green",
      standby: "blue",
      weights: { blue: 0, green: 100 },
      green: colour("v3", "td-green:3"),
    };
    const { outputs, corrected } = truthfulOutputs(state(lie));
    assert.deepEqual(outputs.services, { api: truth });
    assert.deepEqual(corrected, ["api"]);
  });

  it("does not take a declared release for what runs after ECS went back", () => {
    const wentBack = { ...truth, green: colour("v0", "td-green:1") };
    assert.deepEqual(truthfulOutputs(state(wentBack, "td-green:1")).outputs.services, { api: wentBack });
  });
});
