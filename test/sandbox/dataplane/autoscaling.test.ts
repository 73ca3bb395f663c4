import assert from "node:assert/strict";
import { type TrackedTarget, trackedCount } from "../../../sandbox/cloud/autoscaling-tracking.ts";
import { createStack, type Stack } from "./support/stack.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

const tracked = (perSecond: number, more: Partial<TrackedTarget> = {}): TrackedTarget => ({
  desired: 2,
  healthy: 2,
  min: 1,
  max: 6,
  requests: Array(15).fill(perSecond),
  // Requests a minute, which are 10 a second.
  target: 600,
  mayScaleIn: true,
  mayScaleOut: true,
  ...more,
});

describe("target tracking of the sandbox", () => {
  const rows: [story: string, target: TrackedTarget, count: number][] = [
    ["stays where a task has what it should", tracked(20), 2],
    ["stays a little below", tracked(19), 2],
    ["adds tasks above", tracked(41), 5],
    ["adds no more than max", tracked(400), 6],
    ["takes tasks away below", tracked(9), 1],
    ["takes none below min", tracked(1, { min: 2 }), 2],
    ["does nothing where nothing was asked: no data, no alarm", tracked(0), 2],
    ["takes none away while that is suspended", tracked(1, { mayScaleIn: false }), 2],
    ["adds none while that is suspended", tracked(41, { mayScaleOut: false }), 2],
    ["does not follow a single busy second", tracked(5, { requests: [40, ...Array(14).fill(5)] }), 2],
    ["nor a single calm one", tracked(20, { requests: [1, ...Array(14).fill(20)] }), 2],
  ];
  for (const [story, target, count] of rows) it(story, () => assert.equal(trackedCount(target), count));
});

describe("autoscaling by requests per target", function () {
  this.timeout(60_000);
  let world: TestWorld;
  let stack: Stack;
  const key = {
    ServiceNamespace: "ecs",
    ResourceId: "service/main/api",
    ScalableDimension: "ecs:service:DesiredCount",
  };
  const policy = (predefinedMetricType: string, resourceLabel?: string) => ({
    ...key,
    PolicyName: "requests",
    PolicyType: "TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType, ...(resourceLabel && { resourceLabel }) },
      targetValue: 600,
      scaleInCooldown: 60,
      scaleOutCooldown: 60,
    },
  });

  before(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
    await stack.createService("api", "blue", await stack.release("v1"));
    await stack.steady("api");
    await world.cloud.autoscaling.registerScalableTarget({ ...key, MinCapacity: 1, MaxCapacity: 3 });
  });
  after(() => world.close());

  const label = () => {
    const balancer = stack.loadBalancer.split("loadbalancer/")[1];
    return `${balancer}/${stack.groups.blue.split(":").at(-1)}`;
  };

  it("refuses a label that is missing, out of place, or of what is attached to nothing", async () => {
    const put = (metric: string, resourceLabel?: string) =>
      world.cloud.autoscaling.putScalingPolicy(policy(metric, resourceLabel));
    await assert.rejects(put("ALBRequestCountPerTarget"), /names no target group/);
    await assert.rejects(put("ECSServiceAverageCPUUtilization", label()), /only/);
    await assert.rejects(put("ALBRequestCountPerTarget", `${label()}0`), /names no target group/);
  });

  it("adds tasks while the load is above the target, and takes them away again when it is low", async () => {
    await world.cloud.autoscaling.putScalingPolicy(policy("ALBRequestCountPerTarget", label()));
    const ask = (everyMs: number) =>
      setInterval(
        () =>
          void fetch(stack.url).then(
            (response) => response.arrayBuffer(),
            () => undefined,
          ),
        everyMs,
      );
    const busy = ask(30);
    await eventually("there are three", async () => (await stack.service("api")).runningCount === 3);
    clearInterval(busy);
    const calm = ask(1000);
    await eventually("there is one", async () => (await stack.service("api")).desiredCount === 1, 40_000);
    clearInterval(calm);
  });
});
