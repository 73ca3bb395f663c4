import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareLive,
  type ExpectedService,
  formatMismatches,
  type LiveColourService,
  type LiveService,
  type Mismatch,
} from "../../model/read-back.ts";

const blue = { tag: "v1.0.0", digest: "sha256:b", release: "rb", taskDefinition: "arn:td/api-blue:3" };
const green = { tag: "v1.1.0", digest: "sha256:g", release: "rg", taskDefinition: "arn:td/api-green:7" };
const expected: ExpectedService = { weights: { blue: 75, green: 25 }, blue, green };

const running = (colour: typeof blue): LiveColourService => ({
  ...colour,
  deployments: [colour.taskDefinition],
  desired: 2,
  running: 2,
  healthyTargets: 2,
});
const live: LiveService = {
  weights: { blue: 75, green: 25 },
  strangers: [],
  sticky: false,
  blue: running(blue),
  green: running(green),
};
const onBlue: ExpectedService = { ...expected, weights: { blue: 100, green: 0 } };
const liveOnBlue = (standby: LiveColourService | null): LiveService => ({
  ...live,
  weights: { blue: 100, green: 0 },
  green: standby,
});

describe("model/read-back", () => {
  it("finds nothing where everything is as expected", () => {
    assert.deepEqual(compareLive(expected, live), []);
  });

  const cases: [what: string, expected: ExpectedService, live: LiveService, mismatches: Mismatch[]][] = [
    [
      "weights that were moved",
      expected,
      { ...live, weights: { blue: 100, green: 0 } },
      [
        { field: "weights.blue", expected: "75", live: "100" },
        { field: "weights.green", expected: "25", live: "0" },
      ],
    ],
    [
      "a third target group in the rule",
      expected,
      { ...live, strangers: ["arn:tg/other"] },
      [{ field: "weights", expected: "no other target group", live: "arn:tg/other" }],
    ],
    ["stickiness", expected, { ...live, sticky: true }, [{ field: "stickiness", expected: "off", live: "on" }]],
    [
      "a service that ECS rolled back, on the standby too",
      onBlue,
      liveOnBlue({ ...running(green), taskDefinition: "arn:td/api-green:6", deployments: ["arn:td/api-green:6"] }),
      [
        { field: "green.taskDefinition", expected: "arn:td/api-green:7", live: "arn:td/api-green:6" },
        { field: "green.deployments", expected: "arn:td/api-green:7", live: "arn:td/api-green:6" },
      ],
    ],
    [
      "a rollback that is under way",
      onBlue,
      liveOnBlue({ ...running(green), deployments: ["arn:td/api-green:7", "arn:td/api-green:6"] }),
      [{ field: "green.deployments", expected: "arn:td/api-green:7", live: "arn:td/api-green:7, arn:td/api-green:6" }],
    ],
    [
      "another image, release or tag in the right revision",
      expected,
      { ...live, blue: { ...running(blue), digest: "sha256:x", release: "rx", tag: undefined } },
      [
        { field: "blue.digest", expected: "sha256:b", live: "sha256:x" },
        { field: "blue.release", expected: "rb", live: "rx" },
        { field: "blue.tag", expected: "v1.0.0", live: "unknown" },
      ],
    ],
    [
      "a colour with traffic and no capacity",
      expected,
      { ...live, green: { ...running(green), running: 0, healthyTargets: 0 } },
      [
        { field: "green.running", expected: "at least 1", live: "0" },
        { field: "green.healthyTargets", expected: "at least 1", live: "0" },
      ],
    ],
    [
      "counts that are no numbers",
      expected,
      { ...live, green: { ...running(green), healthyTargets: Number.NaN } },
      [{ field: "green.healthyTargets", expected: "at least 1", live: "NaN" }],
    ],
    [
      "a colour with traffic and no deployment",
      expected,
      { ...live, green: { ...running(green), deployments: [] } },
      [{ field: "green.deployments", expected: green.taskDefinition, live: "none" }],
    ],
    [
      "a service that is gone",
      onBlue,
      liveOnBlue(null),
      [{ field: "green", expected: green.taskDefinition, live: "no service" }],
    ],
    [
      "a service that should not be there",
      { ...onBlue, green: null },
      liveOnBlue(running(green)),
      [{ field: "green", expected: "no service", live: green.taskDefinition }],
    ],
    [
      "weight on a colour that has no service",
      { ...expected, green: null },
      { ...live, green: null },
      [{ field: "green", expected: "a service, since it has weight", live: "no service" }],
    ],
  ];
  for (const [what, wanted, found, mismatches] of cases) {
    it(`finds ${what}`, () => assert.deepEqual(compareLive(wanted, found), mismatches));
  }

  it("asks no capacity of a colour without traffic", () => {
    const idle = { ...running(green), desired: 0, running: 0, healthyTargets: 0 };
    assert.deepEqual(compareLive(onBlue, liveOnBlue(idle)), []);
    assert.deepEqual(compareLive({ ...onBlue, green: null }, liveOnBlue(null)), []);
  });

  it("asks capacity of a colour that has traffic though it should have none", () => {
    const fields = compareLive(onBlue, { ...live, green: { ...running(green), running: 0 } }).map(({ field }) => field);
    assert.deepEqual(fields, ["weights.blue", "weights.green", "green.running"]);
  });

  it("passes only where identity, weights and revision are equal (property)", () => {
    const text = fc.constantFrom("a", "b");
    const colour = fc.record({ tag: text, digest: text, release: text, taskDefinition: text });
    const percent = fc.constantFrom(0, 50, 100);
    fc.assert(
      fc.property(colour, colour, percent, percent, (wanted, found, wantedWeight, liveWeight) => {
        const mismatches = compareLive(
          { weights: { blue: 100 - wantedWeight, green: wantedWeight }, blue, green: wanted },
          { ...live, weights: { blue: 100 - liveWeight, green: liveWeight }, green: running(found) },
        );
        const same = wantedWeight === liveWeight && JSON.stringify(wanted) === JSON.stringify(found);
        assert.equal(mismatches.length === 0, same);
      }),
    );
  });

  it("is told in lines", () => {
    const lines = formatMismatches("api", compareLive(expected, { ...live, sticky: true }));
    assert.deepEqual(lines, ["api: stickiness is on, not off"]);
  });
});
