import assert from "node:assert/strict";
import fc from "fast-check";
import { WeightedChoice } from "../../../sandbox/balancer/weighted-choice.ts";
import { evaluate } from "../../../sandbox/cloud/cloudwatch-math.ts";
import { addValue, emptyStat, mergeStat, statisticOf } from "../../../sandbox/cloud/cloudwatch-stats.ts";
import {
  breakerThreshold,
  type DeploymentView,
  planService,
  type ServiceView,
  type TaskView,
} from "../../../sandbox/cloud/ecs-plan.ts";

const deployment = (id: string, more: Partial<DeploymentView> = {}): DeploymentView => ({
  id,
  rolloutState: "IN_PROGRESS",
  failedTasks: 0,
  nextStartAt: 0,
  ...more,
});
const service = (desired: number, more: Partial<ServiceView> = {}): ServiceView => ({
  desired,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  graceMs: 0,
  breaker: true,
  deployments: [deployment("new")],
  ...more,
});
const task = (arn: string, deploymentId: string, more: Partial<TaskView> = {}): TaskView => ({
  arn,
  deploymentId,
  phase: "running",
  health: "healthy",
  createdAt: 0,
  startedAt: 0,
  ...more,
});
const NOW = 1_000_000;

describe("planService", () => {
  const both = [deployment("new"), deployment("old", { rolloutState: "COMPLETED" })];
  const cases: [string, ServiceView, TaskView[], Partial<ReturnType<typeof planService>>][] = [
    ["starts what is missing", service(2), [], { start: 2, settled: false }],
    [
      "starts no more than the maximum allows",
      service(2, { deployments: both, maximumPercent: 150 }),
      [task("a", "old"), task("b", "old")],
      { start: 1, stop: [] },
    ],
    [
      "waits for new tasks before it stops old ones",
      service(1, { deployments: both }),
      [task("a", "old"), task("b", "new", { health: "pending" })],
      { start: 0, stop: [] },
    ],
    [
      "stops old ones as new ones get healthy",
      service(1, { deployments: both }),
      [task("a", "old"), task("b", "new")],
      { start: 0, stop: ["a"] },
    ],
    [
      "stops old ones first where the minimum allows",
      service(2, { deployments: both, minimumHealthyPercent: 50, maximumPercent: 100 }),
      [task("a", "old"), task("b", "old")],
      { start: 0, stop: ["a"] },
    ],
    ["is settled alone and healthy", service(1), [task("a", "new")], { settled: true, start: 0 }],
    [
      "is not settled right after the start",
      service(1),
      [task("a", "new", { startedAt: NOW - 10 })],
      { settled: false, wakeAt: NOW + 490 },
    ],
    [
      "is not settled while an old task is stopping",
      service(1, { deployments: both }),
      [task("a", "new"), task("b", "old", { phase: "stopping" })],
      { settled: false, remove: [] },
    ],
    ["drops deployments without tasks", service(1, { deployments: both }), [task("a", "new")], { remove: ["old"] }],
    ["replaces the unhealthy", service(1), [task("a", "new", { health: "unhealthy" })], { replace: ["a"], start: 1 }],
    [
      "gives grace",
      service(1, { graceMs: 5000 }),
      [task("a", "new", { health: "unhealthy", startedAt: NOW - 1000 })],
      { replace: [], wakeAt: NOW + 4000 },
    ],
    [
      "waits after failures",
      service(1, { deployments: [deployment("new", { nextStartAt: NOW + 100 })] }),
      [],
      { start: 0, wakeAt: NOW + 100 },
    ],
    [
      "trips the breaker",
      service(1, { deployments: [deployment("new", { failedTasks: 3 })] }),
      [],
      { breakerTripped: true, start: 0 },
    ],
    [
      "has no breaker when there is none",
      service(1, { breaker: false, deployments: [deployment("new", { failedTasks: 30 })] }),
      [],
      { breakerTripped: false, start: 1 },
    ],
    [
      "starts nothing of a failed deployment",
      service(1, { deployments: [deployment("new", { rolloutState: "FAILED" })] }),
      [],
      { start: 0 },
    ],
    [
      "scales in by the youngest",
      service(1),
      [task("a", "new", { createdAt: 1 }), task("b", "new", { createdAt: 2 })],
      { stop: ["b"] },
    ],
    ["stops everything at 0", service(0), [task("a", "new")], { stop: ["a"], settled: false }],
    ["is settled with nothing at 0", service(0), [], { settled: true }],
  ];
  for (const [what, view, tasks, expected] of cases) {
    it(what, () => {
      const plan = planService(view, tasks, NOW);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(plan[key as keyof typeof plan], value, key);
    });
  }

  it("never goes below the minimum of healthy tasks nor above the maximum, and always arrives", () => {
    const shape = fc.record({
      desired: fc.integer({ min: 0, max: 9 }),
      running: fc.integer({ min: 0, max: 9 }),
      // ECS needs room on one side to replace anything.
      percent: fc.constantFrom([100, 200], [50, 200], [0, 100], [50, 150], [100, 120]),
      order: fc.array(fc.nat(), { minLength: 5, maxLength: 20 }),
    });
    fc.assert(
      fc.property(shape, ({ desired, running, percent: [min = 100, max = 200], order }) => {
        // With a single spare fraction of a task nothing can start: that is a real limit of ECS as well.
        fc.pre(
          Math.floor((desired * max) / 100) > desired || Math.ceil((desired * min) / 100) < desired || desired === 0,
        );
        const view = service(desired, {
          deployments: [deployment("new"), deployment("old")],
          minimumHealthyPercent: min,
          maximumPercent: max,
        });
        let tasks = Array.from({ length: running }, (_, index) => task(`old-${index}`, "old"));
        const minimum = Math.ceil((desired * min) / 100);
        let settled = false;
        for (let step = 0; step < 200 && !settled; step += 1) {
          const plan = planService(view, tasks, NOW);
          const healthyBefore = tasks.filter((each) => each.health === "healthy").length;
          const stopped = new Set([...plan.stop, ...plan.replace]);
          tasks = tasks.filter((each) => !stopped.has(each.arn));
          const begun = Array.from({ length: plan.start }, (_, index) =>
            task(`new-${step}-${index}`, "new", { health: "pending", createdAt: step }),
          );
          tasks = [...tasks, ...begun];
          const healthy = tasks.filter((each) => each.health === "healthy").length;
          assert.ok(
            healthy >= Math.min(minimum, healthyBefore),
            `step ${step}: ${healthy} healthy of at least ${minimum}`,
          );
          if (begun.length > 0)
            assert.ok(tasks.length <= Math.floor((desired * max) / 100), `step ${step}: ${tasks.length} tasks`);
          const pending = tasks.findIndex((each) => each.health === "pending");
          const wait = (order[step % order.length] ?? 0) % 2 === 0;
          if (pending >= 0 && (wait || plan.start === 0))
            tasks = tasks.map((each, index) => (index === pending ? { ...each, health: "healthy" } : each));
          settled = plan.settled;
        }
        assert.ok(settled, "it arrives");
        assert.equal(tasks.filter((each) => each.deploymentId === "new").length, desired);
      }),
    );
  });

  it("knows the breaker's threshold", () => {
    assert.deepEqual([1, 6, 7, 100, 1000].map(breakerThreshold), [3, 3, 4, 50, 200]);
  });
});

describe("WeightedChoice", () => {
  it("gives every value exactly its share of a round, and nothing to weight 0", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 }), (weights) => {
        const choice = new WeightedChoice(weights.map((weight, value) => ({ value, weight })));
        const total = weights.reduce((a, b) => a + b, 0);
        const seen = weights.map(() => 0);
        for (let index = 0; index < total; index += 1) {
          const value = choice.next() ?? -1;
          seen[value] = (seen[value] ?? 0) + 1;
        }
        assert.deepEqual(seen, weights);
        if (total === 0) assert.equal(choice.next(), undefined);
      }),
    );
  });
});

describe("metric statistics", () => {
  it("come out the same however values are split, percentiles within 3 %", () => {
    const values = fc.array(fc.double({ min: 0.0001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.nat(), (list, cut) => {
        const at = cut % (list.length + 1);
        const [left, right] = [emptyStat(), emptyStat()];
        for (const value of list.slice(0, at)) addValue(left, value);
        for (const value of list.slice(at)) addValue(right, value);
        mergeStat(left, right);
        const sorted = [...list].sort((a, b) => a - b);
        const exact = (percent: number) => sorted[Math.max(1, Math.ceil((percent / 100) * list.length)) - 1] ?? 0;
        assert.equal(statisticOf(left, "SampleCount"), list.length);
        assert.equal(statisticOf(left, "Maximum"), sorted.at(-1));
        assert.equal(statisticOf(left, "Minimum"), sorted[0]);
        for (const percent of [50, 90, 95, 99]) {
          const found = statisticOf(left, `p${percent}`) ?? 0;
          assert.ok(
            Math.abs(found - exact(percent)) <= exact(percent) * 0.03,
            `p${percent}: ${found} is not ${exact(percent)}`,
          );
        }
      }),
    );
    assert.equal(statisticOf(emptyStat(), "p101"), undefined);
    assert.equal(statisticOf(emptyStat(), "Median"), undefined);
  });

  it("are combined by expressions", () => {
    const series = new Map([
      ["errors", new Map([[60, 1]])],
      [
        "requests",
        new Map([
          [0, 10],
          [60, 20],
        ]),
      ],
    ]);
    const value = (text: string) => evaluate(text, (id) => series.get(id), [0, 60]);
    assert.deepEqual(value("100 * errors / requests"), new Map([[60, 5]]));
    assert.deepEqual(
      value("100 * FILL(errors, 0) / requests"),
      new Map([
        [0, 0],
        [60, 5],
      ]),
    );
    assert.deepEqual(value("requests - (errors + 1) * 2"), new Map([[60, 16]]));
    assert.deepEqual(value("requests / 0"), new Map());
    for (const bad of ["", "nobody", "requests +", "SEARCH('x')", "errors; 1"])
      assert.throws(() => value(bad), /is not supported/, bad);
  });
});
