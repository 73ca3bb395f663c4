import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServicePast } from "../../../components/ecs/previous.ts";
import { checkConfig } from "../../../model/config/config.ts";
import { allOn, type Desired } from "../../../model/traffic.ts";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import { checkInputs } from "../../../sandbox/providers/check.ts";
import { specsOf } from "../../../sandbox/providers/tagging.ts";
import type { Declarations } from "../harness.ts";
import { declareService, digest, firstTime } from "./service-fixture.ts";

const standing = (tag: string) => {
  const deployed = { id: `id-${tag}`, tag, digest, attempt: 1 };
  return { deployed, declared: deployed, intact: true };
};
/** v2 on blue has all traffic, v1 stands by. */
const past: ServicePast = {
  ...firstTime,
  colours: { blue: standing("v2"), green: standing("v1") },
  stateWeights: allOn("blue"),
  liveWeights: allOn("blue"),
  activeTag: "blue",
  former: "id-v1",
  desiredCounts: { blue: 5, green: 0 },
};
const back: Desired = { kind: "recall", id: "id-v1" };
const count = { min: 2, max: 8 };
const target = (resources: Declarations, colour: string) => {
  const { minCapacity, maxCapacity, suspendedState } = resources.one("appautoscaling/target", `api-${colour}-scaling`);
  return { minCapacity, maxCapacity, suspendedState };
};
const suspended = (dynamicScalingInSuspended: boolean) => ({
  dynamicScalingInSuspended,
  dynamicScalingOutSuspended: false,
  scheduledScalingSuspended: false,
});
/** Names of resources in the order of their registration, which waits for what they depend on. */
const order = (resources: Declarations) => resources.all.map(({ name }) => name);

describe("autoscaling of a service", () => {
  it("by default keeps CPU at 60 %, within count, with nothing suspended", async () => {
    const resources = await declareService({ count });
    assert.deepEqual(target(resources, "blue"), { minCapacity: 2, maxCapacity: 8, suspendedState: suspended(false) });
    assert.deepEqual(resources.names("appautoscaling/policy"), ["api-blue-cpu"]);
    const { targetTrackingScalingPolicyConfiguration } = resources.one("appautoscaling/policy", "api-blue-cpu");
    assert.deepEqual(targetTrackingScalingPolicyConfiguration, {
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      targetValue: 60,
    });
  });

  it("has a policy for each metric asked for, and counts the requests of the colour's own target group", async () => {
    const scaling = { cpu: 0, memory: 70, requestsPerTask: 1200, scaleInCooldown: 600, scaleOutCooldown: 30 };
    const resources = await declareService({ scaling });
    assert.deepEqual(resources.names("appautoscaling/policy").sort(), ["api-blue-memory", "api-blue-requests"]);
    assert.partialDeepStrictEqual(resources.one("appautoscaling/policy", "api-blue-requests"), {
      name: "api-blue-requests",
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: {
          predefinedMetricType: "ALBRequestCountPerTarget",
          resourceLabel: "app/cluster-http/0123456789abcdef/targetgroup/api-blue-target-group/0123456789abcdef",
        },
        targetValue: 1200,
        scaleInCooldown: 600,
        scaleOutCooldown: 30,
      },
    });
  });

  it("changes its bounds under what runs: both colours have today's", async () => {
    const resources = await declareService({ count: { min: 3, max: 9 } }, { past, desired: { kind: "keep" } });
    for (const colour of ["blue", "green"]) {
      assert.partialDeepStrictEqual(target(resources, colour), { minCapacity: 3, maxCapacity: 9 });
    }
  });

  it("gives a cold standby its tasks before the weights move, and takes the other's away after", async () => {
    const resources = await declareService({ count, standby: "cold" }, { past, desired: back });
    assert.partialDeepStrictEqual(target(resources, "green"), { minCapacity: 5, maxCapacity: 8 });
    assert.partialDeepStrictEqual(target(resources, "blue"), { minCapacity: 0, maxCapacity: 0 });
    const [raised, moved, lowered] = ["api-green-scaling", "api-traffic", "api-blue-scaling"].map((name) =>
      resources.all.findLastIndex((one) => one.name === name && !one.type.startsWith("sluice:")),
    );
    assert.ok(Number(raised) < Number(moved) && Number(moved) < Number(lowered), order(resources).join(", "));
  });

  it("takes no task from either colour while traffic is split", async () => {
    const split = { ...past, stateWeights: { blue: 75, green: 25 }, liveWeights: { blue: 75, green: 25 } };
    const resources = await declareService({ count, standby: "cold" }, { past: split, desired: { kind: "keep" } });
    for (const colour of ["blue", "green"]) {
      assert.deepEqual(target(resources, colour), { minCapacity: 2, maxCapacity: 8, suspendedState: suspended(true) });
    }
  });

  it("is within the provider's limits for every configuration that is accepted", async function () {
    this.timeout(60_000);
    const { types } = awsProvider("0");
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const settings = fc.record({
      count: fc.record({ min: fc.integer({ min: 0, max: 1001 }), max: fc.integer({ min: 1, max: 1001 }) }),
      standby: fc.constantFrom("warm", "cool", "cold"),
      scaling: fc.record({
        cpu: optional(fc.integer({ min: -1, max: 101 })),
        memory: optional(fc.integer({ min: 0, max: 101 })),
        requestsPerTask: optional(fc.integer({ min: 0, max: 10_000_001 })),
        scaleInCooldown: optional(fc.integer({ min: -1, max: 3601 })),
      }),
    });
    const run = async (raw: object, desired: Desired) => {
      const given = JSON.parse(JSON.stringify(raw));
      if (checkConfig({ network: {}, cluster: {}, services: { api: given } }).config === undefined) return;
      const resources = await declareService(given, { past, desired });
      for (const { type, inputs, name } of resources.all.filter((one) => one.type.includes("appautoscaling"))) {
        const definition = types[type];
        assert.ok(definition, type);
        const checked = checkInputs(specsOf(definition), inputs);
        const across = definition.check?.(checked.inputs, { region: "eu-west-1" }) ?? [];
        assert.deepEqual([...checked.problems, ...across], [], name);
      }
    };
    await fc.assert(fc.asyncProperty(settings, fc.constantFrom<Desired>(back, { kind: "keep" }), run), { numRuns: 40 });
  });
});
