import assert from "node:assert/strict";
import fc from "fast-check";
import { planScaling, requestCountLabel, type ScalingArgs, tasksServing } from "../../model/scaling.ts";
import { allOn, type Colour, otherColour, type Weights } from "../../model/traffic.ts";

const count = { min: 2, max: 6 };
const kept = { action: "keep", deployed: { id: "a", tag: "v1", digest: "sha256:0", attempt: 1 } } as const;
const deployed = { ...kept, action: "deploy" } as const;
const on = (blue: number): Weights => ({ blue, green: 100 - blue });

const situation = (more: Partial<ScalingArgs> & Partial<ScalingArgs["plan"]>): ScalingArgs => {
  const { outcome = "none", weights = allOn("blue"), colours = { blue: kept, green: kept }, ...rest } = more;
  return {
    plan: { outcome, weights, colours },
    liveWeights: allOn("blue"),
    desiredCounts: { blue: 4, green: 2 },
    count,
    standby: "warm",
    ...rest,
  };
};

describe("planScaling", () => {
  const rows: [story: string, args: ScalingArgs, colour: Colour, expected: object][] = [
    ["the active colour has the configured bounds", situation({}), "blue", { min: 2, max: 6, scaleIn: true }],
    ["a warm standby too", situation({}), "green", { min: 2, max: 6, order: "after" }],
    ["a cool standby has one task", situation({ standby: "cool" }), "green", { min: 1, max: 1, order: "after" }],
    ["a cold standby has none", situation({ standby: "cold" }), "green", { min: 0, max: 0, order: "after" }],
    [
      "what takes over gets first what serves now",
      situation({ outcome: "flip", weights: allOn("green") }),
      "green",
      { min: 4, max: 6, order: "before" },
    ],
    [
      "a cold standby that takes over as well",
      situation({ outcome: "flip", weights: allOn("green"), standby: "cold", desiredCounts: { blue: 4, green: 0 } }),
      "green",
      { min: 4, max: 6, order: "before" },
    ],
    [
      "who gave all away steps down afterwards",
      situation({ outcome: "flip", weights: allOn("green"), standby: "cold" }),
      "blue",
      { min: 0, max: 0, order: "after" },
    ],
    [
      "max is raised where more than that serves now",
      situation({ outcome: "flip", weights: allOn("green"), desiredCounts: { blue: 9, green: 2 } }),
      "green",
      { min: 9, max: 9 },
    ],
    [
      "a candidate gets its share",
      situation({ outcome: "split", weights: on(50), colours: { blue: kept, green: deployed } }),
      "green",
      { min: 2, max: 6, scaleIn: false, order: "before" },
    ],
    [
      "within a split the active colour keeps its tasks",
      situation({ outcome: "split", weights: on(50) }),
      "blue",
      { min: 2, max: 6, scaleIn: false, order: "after" },
    ],
    [
      "within a split what serves is more than what one colour has",
      situation({
        outcome: "flip",
        weights: allOn("green"),
        liveWeights: on(75),
        desiredCounts: { blue: 3, green: 2 },
      }),
      "green",
      { min: 4, max: 6, scaleIn: true },
    ],
    [
      "an abort raises nobody first",
      situation({ outcome: "abort", liveWeights: on(60), desiredCounts: { blue: 3, green: 3 } }),
      "blue",
      { min: 2, max: 6, scaleIn: true, order: "after" },
    ],
    [
      "a candidate that is only tested has tasks, whatever the standby",
      situation({ outcome: "split", standby: "cold", colours: { blue: kept, green: deployed } }),
      "green",
      { min: 2, max: 6, order: "after" },
    ],
    [
      "the first release begins with the configured minimum",
      situation({ outcome: "deploy", liveWeights: undefined, desiredCounts: { blue: 0, green: 0 }, standby: "cold" }),
      "blue",
      { min: 2, max: 6, order: "before" },
    ],
  ];
  for (const [story, args, colour, expected] of rows) {
    it(story, () => assert.partialDeepStrictEqual(planScaling(args)[colour], expected));
  }

  const weightsArbitrary = fc.option(fc.integer({ min: 0, max: 100 }).map(on), { nil: undefined });
  const situations = fc.record({
    weights: weightsArbitrary,
    liveWeights: weightsArbitrary,
    outcome: fc.constantFrom("none", "deploy", "flip", "split", "abort", "waiting"),
    blue: fc.integer({ min: 0, max: 1000 }),
    green: fc.integer({ min: 0, max: 1000 }),
    bounds: fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })),
    standby: fc.constantFrom("warm", "cool", "cold"),
    deploys: fc.boolean(),
  });
  const every = (check: (args: ScalingArgs) => void) =>
    fc.assert(
      fc.property(situations, ({ weights, liveWeights, outcome, blue, green, bounds, standby, deploys }) => {
        const [min = 1, max = 1] = [...bounds].sort((a, b) => a - b);
        const colours = { blue: kept, green: deploys ? deployed : kept };
        check({
          plan: { outcome: outcome as "none", weights, colours },
          liveWeights,
          desiredCounts: { blue, green },
          count: { min, max },
          standby: standby as "warm",
        });
      }),
    );

  it("has a minimum that is never above the maximum", () =>
    every((args) => {
      for (const { min, max } of Object.values(planScaling(args))) assert.ok(0 <= min && min <= max);
    }));

  it("leaves a colour with weight, now or afterwards, the configured minimum", () =>
    every((args) => {
      const scaling = planScaling(args);
      for (const colour of ["blue", "green"] as const) {
        const [now, then] = [args.liveWeights?.[colour] ?? 0, args.plan.weights?.[colour] ?? 0];
        if (then > 0) assert.ok(scaling[colour].min >= args.count.min);
        if (now > then) assert.equal(scaling[colour].order, "after");
        if (now > 0 && then > 0) assert.equal(scaling[colour].scaleIn, args.plan.weights?.[otherColour(colour)] === 0);
      }
    }));

  it("gives who takes over all no less than what serves all now", () =>
    every((args) => {
      const from = (["blue", "green"] as const).find((colour) => args.liveWeights?.[colour] === 100);
      if (from === undefined || args.plan.outcome === "abort") return;
      const to = otherColour(from);
      if (args.plan.weights?.[to] !== 100) return;
      assert.ok(planScaling(args)[to].min >= args.desiredCounts[from]);
    }));

  it("has no colour ask for more than is allowed or serves already", () =>
    every((args) => {
      const most = Math.max(args.count.max, args.desiredCounts.blue, args.desiredCounts.green);
      for (const { max } of Object.values(planScaling(args))) assert.ok(max <= most);
    }));
});

describe("tasksServing", () => {
  it("is what serves, where one colour has all", () =>
    assert.equal(tasksServing(allOn("blue"), { blue: 5, green: 9 }), 5));
  it("is the lower bound of a split's two", () => assert.equal(tasksServing(on(95), { blue: 4, green: 1 }), 5));
  it("is nothing before the first release", () => assert.equal(tasksServing(undefined, { blue: 0, green: 0 }), 0));
});

describe("requestCountLabel", () => {
  const listener = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2";
  const group = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/api-blue/943f017f100becff";
  it("joins what AWS calls the balancer and the target group", () =>
    assert.equal(
      requestCountLabel(listener, group),
      "app/main/50dc6c495c0c9188/targetgroup/api-blue/943f017f100becff",
    ));
  it("takes no other ARNs", () => assert.throws(() => requestCountLabel(group, group), /no ARNs/));
});
