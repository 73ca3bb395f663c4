import assert from "node:assert/strict";
import fc from "fast-check";
import {
  allOn,
  type Colour,
  type Desired,
  type Plan,
  PlanError,
  type Previous,
  planTraffic,
  StaleStateError,
} from "../../model/traffic.ts";

const release = (tag: string, id = `id-${tag}`) => ({ id, tag, digest: `sha256:${tag}` });
const standing = (tag: string, intact = true, id = `id-${tag}`) => {
  const deployed = { ...release(tag, id), attempt: 1 };
  return { deployed, declared: deployed, intact };
};
const nothing: Previous = {
  colours: { blue: undefined, green: undefined },
  stateWeights: undefined,
  liveWeights: undefined,
  activeTag: undefined,
  former: undefined,
};
const blueOnV1: Previous = {
  ...nothing,
  colours: { blue: standing("v1"), green: undefined },
  stateWeights: allOn("blue"),
  liveWeights: allOn("blue"),
  activeTag: "blue",
};
const blueOnV1GreenOnV2: Previous = { ...blueOnV1, colours: { blue: standing("v1"), green: standing("v2") } };
const split: Previous = {
  ...blueOnV1GreenOnV2,
  stateWeights: { blue: 75, green: 25 },
  liveWeights: { blue: 75, green: 25 },
};
const want = (tag: string, id?: string): Desired => ({ kind: "release", release: release(tag, id) });

describe("planTraffic", () => {
  const rows: [story: string, previous: Previous, desired: Desired, expected: object][] = [
    ["waits without a release", nothing, { kind: "keep" }, { outcome: "waiting", weights: undefined }],
    [
      "puts the first release on blue",
      nothing,
      want("v1"),
      { outcome: "deploy", weights: allOn("blue"), active: "blue" },
    ],
    ["does nothing for the active release", blueOnV1, want("v1"), { outcome: "none", weights: allOn("blue") }],
    [
      "deploys a new release to the standby",
      blueOnV1,
      want("v2"),
      { outcome: "deploy", weights: allOn("green"), active: "green" },
    ],
    ["flips back to the standby", blueOnV1GreenOnV2, want("v2"), { outcome: "flip", weights: allOn("green") }],
    ["keeps a split", split, { kind: "keep" }, { outcome: "none", weights: { blue: 75, green: 25 }, active: "blue" }],
    [
      "aborts a split for the active tag",
      split,
      want("v1"),
      { outcome: "abort", weights: allOn("blue"), active: "blue" },
    ],
    [
      "promotes the candidate by its tag",
      split,
      want("v2"),
      { outcome: "flip", weights: allOn("green"), active: "green" },
    ],
    [
      "aborts a split for a third tag and leaves it for the next update",
      split,
      want("v3"),
      { outcome: "abort", weights: allOn("blue"), deferred: release("v3") },
    ],
    [
      "defers where the live weights are whole again but state still has a share on the standby",
      { ...split, liveWeights: allOn("blue") },
      want("v3"),
      { outcome: "abort", weights: allOn("blue"), deferred: release("v3") },
    ],
    [
      "splits for a candidate",
      blueOnV1,
      { kind: "candidate", release: release("v2"), weight: 25 },
      { outcome: "split", weights: { blue: 75, green: 25 }, active: "blue" },
    ],
    [
      "shifts a candidate further",
      split,
      { kind: "candidate", release: release("v2"), weight: 50 },
      { outcome: "split", weights: { blue: 50, green: 50 }, active: "blue" },
    ],
    [
      "recalls what stands on the standby",
      blueOnV1GreenOnV2,
      { kind: "recall", id: "id-v2" },
      { outcome: "flip", weights: allOn("green") },
    ],
    [
      "treats another variable under the active tag as a new release",
      blueOnV1,
      want("v1", "other"),
      { outcome: "deploy" },
    ],
    [
      "goes back to all that ran under the standby's tag, whatever the configuration says today",
      blueOnV1GreenOnV2,
      want("v2", "other"),
      { outcome: "flip", weights: allOn("green") },
    ],
  ];
  for (const [story, previous, desired, expected] of rows) {
    it(story, () => assert.partialDeepStrictEqual(planTraffic(previous, desired), expected));
  }

  it("deploys a release anew where the standby does not run what state says, as another attempt", () => {
    const previous: Previous = { ...blueOnV1, colours: { blue: standing("v1"), green: standing("v2", false) } };
    const { colours } = planTraffic(previous, want("v2"));
    assert.deepEqual(colours.green, { action: "deploy", deployed: { ...release("v2"), attempt: 2 } });
  });

  it("knows a release that ECS took back by what runs, and its next attempt by what was declared", () => {
    const takenBack = { ...standing("v0"), declared: { ...release("v2"), attempt: 3 } };
    const previous: Previous = { ...blueOnV1, colours: { blue: standing("v1"), green: takenBack } };
    assert.deepEqual(planTraffic(previous, want("v2")).colours.green, {
      action: "deploy",
      deployed: { ...release("v2"), attempt: 4 },
    });
    assert.equal(planTraffic(previous, want("v0")).outcome, "flip");
  });

  it("never edits the active colour, also where it does not run what state says", () => {
    const previous: Previous = { ...blueOnV1, colours: { blue: standing("v1", false), green: undefined } };
    assert.equal(planTraffic(previous, want("v1")).colours.blue.action, "keep");
  });

  it("asks for a refresh where the engine would not see that weights have to move", () => {
    const failedFlip: Previous = { ...blueOnV1GreenOnV2, stateWeights: allOn("green") };
    assert.throws(() => planTraffic(failedFlip, want("v2")), { name: StaleStateError.name, message: /pulumi refresh/ });
    assert.equal(planTraffic(failedFlip, want("v1")).outcome, "none");
    assert.deepEqual(planTraffic(failedFlip, { kind: "keep" }).weights, allOn("blue"));
  });

  it("remembers which release was live before, and not what failed on the standby since", () => {
    const deployed = planTraffic(blueOnV1, want("v2"));
    assert.equal(deployed.former, "id-v1");
    const failed: Previous = { ...blueOnV1GreenOnV2, former: "id-v0" };
    assert.equal(planTraffic(failed, { kind: "keep" }).former, "id-v0");
    assert.equal(planTraffic(split, want("v1")).former, undefined);
    assert.equal(planTraffic(split, want("v2")).former, "id-v1");
  });

  const refusals: [story: string, previous: Previous, desired: Desired, message: RegExp][] = [
    ["a recall of what stands nowhere", blueOnV1, { kind: "recall", id: "nowhere" }, /stands on neither colour/],
    ["a recall before any release", nothing, { kind: "recall", id: "x" }, /none to go back to/],
    ["a first candidate", nothing, { kind: "candidate", release: release("v1"), weight: 5 }, /no release is live/],
    [
      "the active release as candidate",
      blueOnV1,
      { kind: "candidate", release: release("v1"), weight: 5 },
      /runs already/,
    ],
    ["a split that does not say who was active", { ...split, activeTag: undefined }, want("v3"), /does not say/],
    ["a rule that is gone", { ...blueOnV1, liveWeights: undefined }, want("v2"), /pulumi refresh/],
  ];
  for (const [story, previous, desired, message] of refusals) {
    it(`refuses ${story}`, () =>
      assert.throws(() => planTraffic(previous, desired), { name: PlanError.name, message }));
  }
});

/** How far an update comes: `recorded` is one whose rule failed, and that the state holds for done. */
type Reach = "nothing" | "services" | "recorded" | "live" | "all";

/** A world that carries plans out, fully or as a failed update leaves it. */
class World {
  previous: Previous = nothing;

  /** Makes the state true. */
  refresh(): void {
    this.previous = { ...this.previous, stateWeights: this.previous.liveWeights };
  }

  apply(plan: Plan, reach: Reach): void {
    if (reach === "nothing") return;
    const colours = { ...this.previous.colours };
    for (const colour of ["blue", "green"] as const) {
      const step = plan.colours[colour];
      if (step.action !== "deploy") continue;
      // ECS may take a failed deployment back to what ran there before.
      const before = colours[colour]?.deployed;
      const failed = reach === "services";
      colours[colour] = { deployed: (failed && before) || step.deployed, declared: step.deployed, intact: !failed };
    }
    this.previous = { ...this.previous, colours };
    if (reach === "services" || plan.weights === undefined) return;
    if (reach === "recorded") {
      if (this.previous.stateWeights !== undefined) this.previous = { ...this.previous, stateWeights: plan.weights };
      return;
    }
    this.previous = { ...this.previous, liveWeights: plan.weights, activeTag: plan.active };
    // The rule's URN is in state as soon as it exists; a rule that state never saw cannot be found live.
    if (reach === "all") this.previous = { ...this.previous, stateWeights: plan.weights };
    else if (this.previous.stateWeights === undefined) {
      this.previous = { ...this.previous, stateWeights: undefined, liveWeights: undefined, activeTag: undefined };
    }
  }
}

const tags = ["v1", "v2", "v3", "v4"];
const desiredArbitrary: fc.Arbitrary<Desired> = fc.oneof(
  fc.constant<Desired>({ kind: "keep" }),
  fc.constantFrom(...tags).map((tag): Desired => want(tag)),
  fc
    .tuple(fc.constantFrom(...tags), fc.integer({ min: 0, max: 100 }))
    .map(([tag, weight]): Desired => ({ kind: "candidate", release: release(tag), weight })),
  fc.constantFrom(...tags).map((tag): Desired => ({ kind: "recall", id: `id-${tag}` })),
);
const reachArbitrary = fc.constantFrom<Reach>("nothing", "services", "recorded", "live", "all");

function tryPlan(previous: Previous, desired: Desired): Plan | undefined {
  try {
    return planTraffic(previous, desired);
  } catch (error) {
    if (error instanceof PlanError || error instanceof StaleStateError) return undefined;
    throw error;
  }
}

describe("planTraffic over any history of whole and failed updates", () => {
  const histories = fc.array(fc.tuple(desiredArbitrary, reachArbitrary), { maxLength: 25 });

  function walk(history: [Desired, Reach][], check: (previous: Previous, desired: Desired, plan: Plan) => void): World {
    const world = new World();
    for (const [desired, reach] of history) {
      const plan = tryPlan(world.previous, desired);
      if (plan === undefined) continue;
      check(world.previous, desired, plan);
      world.apply(plan, reach);
    }
    return world;
  }

  it("deploys to no colour that carries traffic, in state or live", () => {
    fc.assert(
      fc.property(histories, (history) => {
        walk(history, (previous, _desired, plan) => {
          for (const colour of ["blue", "green"] as const) {
            const carried = Math.max(previous.stateWeights?.[colour] ?? 0, previous.liveWeights?.[colour] ?? 0);
            if (carried > 0) assert.notEqual(plan.colours[colour].action, "deploy");
          }
        });
      }),
    );
  });

  it("gives out 100 per cent, to colours that have a release", () => {
    fc.assert(
      fc.property(histories, (history) => {
        walk(history, (_previous, _desired, { weights, colours }) => {
          if (weights === undefined) return;
          assert.equal(weights.blue + weights.green, 100);
          for (const colour of ["blue", "green"] as const) {
            if (weights[colour] > 0) assert.notEqual(colours[colour].action, "absent");
          }
        });
      }),
    );
  });

  it("moves nothing when nothing is asked for", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { previous } = walk(history, () => undefined);
        const plan = planTraffic(previous, { kind: "keep" });
        assert.deepEqual(plan.weights, previous.liveWeights);
        for (const colour of ["blue", "green"] as Colour[]) assert.notEqual(plan.colours[colour].action, "deploy");
      }),
    );
  });

  it("has any release live after at most two whole updates and a refresh", () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(...tags), (history, tag) => {
        const world = walk(history, () => undefined);
        world.refresh();
        let plan = planTraffic(world.previous, want(tag));
        world.apply(plan, "all");
        if (plan.deferred !== undefined) {
          plan = planTraffic(world.previous, want(tag));
          assert.equal(plan.deferred, undefined);
          world.apply(plan, "all");
        }
        const active = plan.active as Colour;
        assert.equal(world.previous.colours[active]?.deployed.tag, tag);
        assert.deepEqual(world.previous.liveWeights, allOn(active));
        assert.equal(planTraffic(world.previous, want(tag)).outcome, "none");
      }),
    );
  });
});
