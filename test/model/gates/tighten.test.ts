import assert from "node:assert/strict";
import fc from "fast-check";
import type { GatesInput } from "../../../model/gates/config.ts";
import { tighten } from "../../../model/gates/tighten.ts";
import { approved, brokenPieces, gatesInput } from "./arbitraries.ts";
import { type Piece, parse, proof, refusedBy, verdictOn } from "./fixture.ts";

const problemsOf = (floor: GatesInput, own: GatesInput) =>
  tighten(parse(floor), own).problems.map(({ field }) => field);

describe("tighten", () => {
  const window = { from: "2026-12-20T00:00:00Z", until: "2027-01-04T00:00:00Z", reason: "holidays" };
  const lines = (bound: object) => ({ coverage: { overall: { lines: bound } } }) as GatesInput;
  const high = (limit: unknown) => ({ sast: { high: limit } }) as GatesInput;
  const critical = (paths: string[]): GatesInput => ({ coverage: { critical: { paths, lines: { atLeast: 95 } } } });
  const builders = (...names: string[]): GatesInput => ({
    provenance: { builders: names, sources: ["git+https://github.com/example/*"] },
  });
  const hotspots = (unit: string): GatesInput => ({ performance: { limits: { hotspots: { below: 100, unit } } } });
  const approval = (count: number, when?: { paths: string[] }): GatesInput => ({
    approvals: [{ role: "security", count, ...(when && { when }) }],
  });

  const rows: [setting: string, floor: GatesInput, stricter: GatesInput, looser: GatesInput, field: string][] = [
    [
      "a minimum of tests",
      { tests: { unit: { minimum: 5 } } },
      { tests: { unit: { minimum: 6 } } },
      { tests: { unit: { minimum: 4 } } },
      "gates.tests.unit.minimum",
    ],
    [
      "at least, and above",
      lines({ above: 85 }),
      lines({ atLeast: 85.001 }),
      lines({ atLeast: 85 }),
      "gates.coverage.overall.lines",
    ],
    [
      "above, and at least",
      lines({ atLeast: 85 }),
      lines({ above: 85 }),
      lines({ above: 84.99 }),
      "gates.coverage.overall.lines",
    ],
    [
      "paths",
      critical(["a/**", "b/**"]),
      critical(["b/**", "a/**"]),
      critical(["a/**", "b/**", "tests/**"]),
      "gates.coverage.critical.paths",
    ],
    [
      "a drop",
      { coverage: { baseline: { allowedDrop: 1 } } },
      { coverage: { baseline: { allowedDrop: 0 } } },
      { coverage: { baseline: { allowedDrop: 1.1 } } },
      "gates.coverage.baseline.allowedDrop",
    ],
    ["issues, by default", { lint: {} }, { lint: { tools: ["eslint"] } }, { lint: { issues: 1 } }, "gates.lint.issues"],
    ["a count", high(2), high(1), high(3), "gates.sast.high"],
    ["a count, and approval", high(2), high(0), high({ approvedBy: "security" }), "gates.sast.high"],
    ["approval, and a count", high({ approvedBy: "security" }), high(0), high(1), "gates.sast.high"],
    [
      "approval by others",
      high({ approvedBy: "security" }),
      high({ approvedBy: "security" }),
      high({ approvedBy: "mary" }),
      "gates.sast.high",
    ],
    [
      "a count, by default",
      { container: {} },
      { container: { medium: 3 } },
      { container: { critical: 1 } },
      "gates.container.critical",
    ],
    [
      "an age of vulnerabilities",
      { container: { databaseHours: 24 } },
      { container: { databaseHours: 12 } },
      { container: { databaseHours: 25 } },
      "gates.container.databaseHours",
    ],
    [
      "licences",
      { licences: { allow: ["MIT", "ISC"] } },
      { licences: { allow: ["ISC"] } },
      { licences: { allow: ["ISC", "0BSD"] } },
      "gates.licences.allow",
    ],
    [
      "a demand",
      { image: { nonRoot: true } },
      { image: { distroless: true } },
      { image: { nonRoot: false } },
      "gates.image.nonRoot",
    ],
    [
      "patterns",
      builders("https://github.com/example/*/w.yml"),
      builders("https://github.com/example/shop-*/w.yml"),
      builders("https://github.com/*/*/w.yml"),
      "gates.provenance.builders",
    ],
    [
      "an upper bound",
      { performance: { slowdownPercent: { below: 10 } } },
      { performance: { slowdownPercent: { below: 9 } } },
      { performance: { slowdownPercent: { atMost: 10 } } },
      "gates.performance.slowdownPercent",
    ],
    ["a unit", hotspots("s"), hotspots("s"), hotspots("ms"), "gates.performance.limits.hotspots.unit"],
    [
      "a figure of a load test",
      { load: { soak: { p95Ms: { below: 100 } } } },
      { load: { soak: { p95Ms: { below: 99 } } } },
      { load: { soak: { p95Ms: { below: 101 } } } },
      "gates.load.soak.p95Ms",
    ],
    [
      "bundles",
      { artifacts: { bundles: 4 } },
      { artifacts: { bundles: 5 } },
      { artifacts: { bundles: 3 } },
      "gates.artifacts.bundles",
    ],
    [
      "where it is proven",
      { provenIn: { environment: "staging" } },
      { provenIn: { environment: "staging", minutes: 5 } },
      { provenIn: { environment: "local" } },
      "gates.provenIn.environment",
    ],
    [
      "for how long",
      { provenIn: { environment: "staging", minutes: 30 } },
      { provenIn: { environment: "staging" } },
      { provenIn: { environment: "staging", minutes: 29 } },
      "gates.provenIn.minutes",
    ],
    ["approvals", approval(2), approval(3), approval(1), "gates.approvals.0.count"],
    ["approvals of other changes", approval(2), approval(1, { paths: ["a"] }), approval(1), "gates.approvals.0.count"],
    [
      "who waives",
      { waivers: { roles: ["a", "b"] } },
      { waivers: { roles: ["a"] } },
      { waivers: { roles: ["c"] } },
      "gates.waivers.roles",
    ],
    ["who waives, by default", {}, { waivers: { roles: [] } }, { waivers: { roles: ["a"] } }, "gates.waivers.roles"],
    [
      "who breaks the glass",
      {},
      { waivers: { hours: 1 } },
      { waivers: { breakGlass: ["a"] } },
      "gates.waivers.breakGlass",
    ],
    ["for how long, by default", {}, { waivers: { hours: 168 } }, { waivers: { hours: 169 } }, "gates.waivers.hours"],
    ["age", { ageHours: 24 }, { ageHours: 23.9 }, { ageHours: 24.1 }, "gates.ageHours"],
  ];
  for (const [setting, floor, stricter, looser, field] of rows) {
    it(`takes what is stricter and names what is looser: ${setting}`, () => {
      assert.deepEqual(problemsOf(floor, floor), []);
      assert.deepEqual(problemsOf(floor, stricter), []);
      const joined = tighten(parse(floor), looser);
      assert.deepEqual(
        joined.problems.map((one) => one.field),
        [field],
      );
      assert.match(joined.problems[0]?.rule ?? "", /gates may only be tightened$/);
      assert.ok(joined.problems[0]?.remedy);
      // What it says stands for nothing: what is in force is within the floor.
      assert.deepEqual(tighten(parse(floor), joined.gates).problems, []);
    });
  }

  it("takes what neither says from the other", () => {
    const floor = parse({ tests: { unit: { minimum: 5 } }, ageHours: 24, waivers: { roles: ["a"] } });
    const { gates, problems } = tighten(floor, { tests: { e2e: {} }, freeze: [window] });
    assert.deepEqual(problems, []);
    assert.deepEqual(gates, parse({ ...floor, tests: { unit: { minimum: 5 }, e2e: {} }, freeze: [window] }));
  });

  it("joins lists of what is demanded", () => {
    const floor = parse({ sast: { tools: ["gosec"] }, image: { platforms: ["linux/amd64"] }, freeze: [window] });
    const own: GatesInput = {
      sast: { tools: ["codeql", "gosec"] },
      image: { platforms: ["linux/arm64"] },
      freeze: [window],
    };
    const { gates } = tighten(floor, own);
    assert.deepEqual(gates.sast?.tools, ["gosec", "codeql"]);
    assert.deepEqual(gates.image?.platforms, ["linux/amd64", "linux/arm64"]);
    assert.deepEqual(gates.freeze, [window]);
  });

  it("names what is malformed, by its place in the stack's configuration", () => {
    assert.deepEqual(problemsOf({}, { ageHours: -1, nonsense: {} } as GatesInput), [
      "gates.ageHours",
      "gates.nonsense",
    ]);
  });

  it("is the floor where a stack says nothing", () => {
    const floor = parse({ ageHours: 1 });
    assert.deepEqual(tighten(floor, undefined), { gates: floor, problems: [] });
  });

  it("refuses whatever the floor refuses, gate by gate, whatever a stack says", function () {
    this.timeout(60_000);
    const seen = { allowed: 0, refused: 0, stricter: 0, problems: 0 };
    fc.assert(
      fc.property(gatesInput, gatesInput, brokenPieces, (floorInput, own, { breaks, at }) => {
        const floor = parse(floorInput);
        const { gates, problems } = tighten(floor, own);
        const pieces = breaks.reduce<readonly Piece[]>((all, one) => one(all), proof(gates));
        const [joined, alone] = [gates, floor].map((one) =>
          verdictOn({ gates: one, pieces: [...pieces, ...approved], at }),
        );
        assert.ok(joined && alone);
        const refused = new Set(refusedBy(joined));
        const let2 = refusedBy(alone).filter((gate) => !refused.has(gate));
        assert.deepEqual(let2, [], `let through: ${JSON.stringify({ floor, own, gates })}`);
        if (joined.allowed) assert.ok(alone.allowed);
        seen.allowed += Number(joined.allowed && joined.gates.length > 0);
        seen.refused += Number(!alone.allowed);
        seen.stricter += Number(!joined.allowed && alone.allowed);
        seen.problems += Number(problems.length > 0);
      }),
      { numRuns: 800 },
    );
    // Otherwise it would have shown nothing.
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 40, `${what}: ${count}`);
  });
});
