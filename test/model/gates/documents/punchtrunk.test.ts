import assert from "node:assert/strict";
import { changed, gateIn, hour, now, piece, proof, refusedBy, verdictOn } from "../fixture.ts";
import { bill, none, severityRows, suite, tools } from "./common-rows.ts";
import { proveRows, type Row, row, shipped } from "./rows.ts";

const gatesOf = (stage: string) => shipped(`punchtrunk/Pulumi.punchtrunk-${stage}.yaml`, "punchtrunk");
const [pull, main, release] = [gatesOf("pr"), gatesOf("main"), gatesOf("release")];

const hotspots = (result: { entries: { name: string; value: number; unit: string }[] }) => {
  const found = result.entries.find(({ name }) => name === "hotspots");
  assert.ok(found);
  return found;
};

const pullRequest: Row[] = [
  suite("unit"),
  suite("e2e"),
  none("lint", "issue"),
  tools("lint", "trunk"),
  ...severityRows("sast"),
  tools("sast", "punchtrunk"),
  row({
    gate: "performance.limits.hotspots",
    kind: "benchmarks",
    passes: (result) => Object.assign(hotspots(result), { value: 119.999, baseline: 119.999 }),
    fails: (result) => Object.assign(hotspots(result), { value: 120, baseline: 120 }),
    says: /below 120 s.*, found 120 s/,
    empty: (result) => Object.assign(result, { entries: [] }),
  }),
];

const afterMerge: Row[] = [
  row({
    gate: "coverage.baseline",
    kind: "coverage",
    passes: (result) => Object.assign(result, before({ covered: 333, total: 1000 }, { covered: 333, total: 1000 })),
    fails: (result) =>
      Object.assign(result, before({ covered: 332_999, total: 1_000_000 }, { covered: 333, total: 1000 })),
    says: /no lower than at the base commit.*, found 33\.29 % of lines, 33\.3 % before/,
    empty: (result) => Object.assign(result, { baseline: undefined }),
  }),
  row({
    gate: "performance.slowdownPercent",
    kind: "benchmarks",
    passes: (result) => Object.assign(hotspots(result), { value: 11, baseline: 10 }),
    fails: (result) => Object.assign(hotspots(result), { value: 11.0001, baseline: 10 }),
    says: /at most 10 % slower than at the base commit.*, found hotspots 10\.001 %/,
    empty: (result) => Object.assign(hotspots(result), { baseline: undefined }),
  }),
];

const artifact = (gate: string, rest: Pick<Row<"artifacts">, "passes" | "fails" | "says" | "empty">): Row =>
  row({ gate: `artifacts.${gate}`, kind: "artifacts", ...rest });

const published: Row[] = [
  suite("unit"),
  suite("e2e"),
  row({
    gate: "release",
    kind: "release",
    passes: (result) => Object.assign(result, { notes: "x" }),
    fails: (result) => Object.assign(result, { changelog: false }),
    says: /an entry and notes in the changelog.*, found v1\.2\.3, which has no entry in the changelog/,
    empty: (result) => Object.assign(result, { notes: " \n" }),
  }),
  ...severityRows("dependencies"),
  tools("dependencies", "govulncheck"),
  ...severityRows("container"),
  tools("container", "trivy"),
  bill,
  artifact("files", {
    passes: (result) => Object.assign(result, { files: result.files.slice(0, 1) }),
    fails: ({ files }) => Object.assign(files.at(-1) ?? {}, { verified: false }),
    says: /every file as its checksum says.*, found 1 of 10 files not: bundle-3\.tar\.gz/,
    empty: (result) => Object.assign(result, { files: [] }),
  }),
  artifact("platforms", {
    passes: ({ platforms }) => platforms.push("plan9/amd64"),
    fails: ({ platforms }) => platforms.pop(),
    says: /windows\/amd64.*, found .*; none for windows\/amd64/,
    empty: (result) => Object.assign(result, { platforms: [] }),
  }),
  artifact("bundles", {
    passes: ({ bundles }) =>
      bundles.push({ name: "a fifth", hydrationStatus: "complete", warnings: 0, toolsHealthy: true }),
    fails: ({ bundles }) => Object.assign(bundles[2] ?? {}, { warnings: 1 }),
    says: /at least 4 bundles, each complete.*, found bundle-2\.tar\.gz has 1 warning/,
    empty: (result) => Object.assign(result, { bundles: [] }),
  }),
];

function before(lines: object, then: object) {
  return { lines, baseline: { commit: "b".repeat(40), lines: then } };
}

describe("PunchTrunk's gates", () => {
  proveRows("PT1: a pull request", pull, "punchtrunk-pr", pullRequest);
  proveRows("PT2: main", main, "punchtrunk-main", [...pullRequest, ...afterMerge]);
  proveRows("PT4, PT5: a release", release, "punchtrunk-release", published);

  it("PT1: a maintainer approved", () => {
    const left = proof(pull, "punchtrunk-pr").filter(({ kind }) => kind !== "approval");
    const verdict = verdictOn({ gates: pull, pieces: left, environment: "punchtrunk-pr" });
    assert.deepEqual(refusedBy(verdict), ["approvals.maintainer"]);
  });

  it("PT2: a run that failed and then passed is flaky, whichever was handed in first", () => {
    const failed = { total: 20, passed: 19, failed: 1, skipped: 0, flaky: 0, failures: ["kitchen sink"], flakes: [] };
    for (const collectedAt of [now - 2 * hour, now]) {
      const earlier = piece("tests", failed, { name: "e2e", madeAt: now - 3 * hour, collectedAt });
      const pieces = [...proof(main, "punchtrunk-main"), earlier];
      const verdict = verdictOn({ gates: main, pieces, environment: "punchtrunk-main" });
      assert.deepEqual(refusedBy(verdict), ["tests.e2e"]);
      assert.match(
        gateIn(verdict, "tests.e2e").found,
        /^flaky: kitchen sink failed at 2026-11-21T09:00Z and passed at/,
      );
    }
  });

  it("PT2: a test that failed and passed within one run is flaky", () => {
    const pieces = changed(
      proof(main, "punchtrunk-main"),
      "tests",
      (result) => Object.assign(result, { flaky: 1, flakes: ["kitchen sink"] }),
      "e2e",
    );
    const verdict = verdictOn({ gates: main, pieces, environment: "punchtrunk-main" });
    assert.match(gateIn(verdict, "tests.e2e").found, /^1 flaky: kitchen sink$/);
  });

  const more: [
    what: string,
    gate: string,
    change: (pieces: ReturnType<typeof proof>) => ReturnType<typeof proof>,
    found: RegExp,
  ][] = [
    [
      "a tag that is no semantic version",
      "release",
      (all) => changed(all, "release", (one) => Object.assign(one, { tag: "v1.2", semver: false })),
      /^v1\.2, which is no semantic version$/,
    ],
    [
      "three bundles",
      "artifacts.bundles",
      (all) => changed(all, "artifacts", ({ bundles }) => bundles.pop()),
      /^3 bundles$/,
    ],
    [
      "four bundles of three names",
      "artifacts.bundles",
      (all) => changed(all, "artifacts", ({ bundles }) => Object.assign(bundles[0] ?? {}, { name: bundles[1]?.name })),
      /two bundles of one name/,
    ],
    [
      "a bundle half fetched",
      "artifacts.bundles",
      (all) =>
        changed(all, "artifacts", ({ bundles }) => Object.assign(bundles[0] ?? {}, { hydrationStatus: "partial" })),
      /bundle-0\.tar\.gz is partial/,
    ],
    [
      "a bundle with unhealthy tools",
      "artifacts.bundles",
      (all) => changed(all, "artifacts", ({ bundles }) => Object.assign(bundles[0] ?? {}, { toolsHealthy: false })),
      /has unhealthy tools/,
    ],
    [
      "a bundle whose tools nobody ran",
      "artifacts.bundles",
      (all) => changed(all, "artifacts", ({ bundles }) => Object.assign(bundles[0] ?? {}, { toolsHealthy: undefined })),
      /does not say that its tools are healthy/,
    ],
  ];
  for (const [what, gate, change, found] of more) {
    it(`PT4, PT5: ${what} is not published`, () => {
      const pieces = change(proof(release, "punchtrunk-release"));
      const verdict = verdictOn({ gates: release, pieces, environment: "punchtrunk-release" });
      assert.deepEqual(refusedBy(verdict), [gate]);
      assert.match(gateIn(verdict, gate).found, found);
    });
  }
});
