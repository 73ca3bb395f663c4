import assert from "node:assert/strict";
import { changed, gateIn, hour, now, proof, refusedBy, verdictOn } from "../fixture.ts";
import { atLeast, below, none, overall, severityRows, suite, tools } from "./common-rows.ts";
import { proveRows, type Row, row, shipped } from "./rows.ts";

const repository = "sanctum/messaging";
const staging = shipped("sanctum/Pulumi.sanctum-staging.yaml", repository);
const prod = shipped("sanctum/Pulumi.sanctum-prod.yaml", repository);

const checks: Row[] = [
  suite("unit"),
  suite("integration"),
  overall("statements", 86_000, /at least 86 % of statements.*, found 85\.99 % \(85,999 of 100,000\)/),
  overall("branches", 85_000, /at least 85 % of branches.*, found 84\.99 % \(84,999 of 100,000\)/),
  overall("functions", 90_000, /at least 90 % of functions.*, found 89\.99 % \(89,999 of 100,000\)/),
  none("lint", "issue"),
  tools("lint", "eslint"),
  ...severityRows("sast"),
  tools("sast", "codeql"),
];

const slo = (scenario: string, rate: number, seconds: number): Row[] => [
  below(scenario, "errorPercent", 2, " %"),
  below(scenario, "p95Ms", 1500, " ms"),
  below(scenario, "p99Ms", 3000, " ms"),
  atLeast(scenario, "requestsPerSecond", rate, " requests/s"),
  atLeast(scenario, "seconds", seconds, " s"),
];

const nights: Row[] = [
  ...slo("load-1kib", 990, 120),
  ...slo("load-64kib", 990, 120),
  ...slo("soak", 495, 900),
  below("soak", "memoryGrowthPercent", 10, " %"),
  below("soak", "cpuPercent", 70, " %"),
  row({
    gate: "load.soak.crashes",
    kind: "load",
    name: "soak",
    passes: (result) => Object.assign(result, { crashes: 0 }),
    fails: (result) => Object.assign(result, { crashes: 1 }),
    says: /at most 0.*, found 1 over/,
    empty: (result) => Object.assign(result, { crashes: undefined }),
  }),
];

describe("Sanctum's gates", () => {
  proveRows("SA1: what comes to staging", staging, "staging", checks);
  proveRows("SA1, SA2: what is promoted", prod, "prod", [...checks, ...nights]);

  it("SA1: every service has them", () => {
    for (const service of ["sanctum/auth", "sanctum/directory"]) {
      assert.deepEqual(shipped("sanctum/Pulumi.sanctum-prod.yaml", service), prod);
    }
  });

  it("SA2: a night elsewhere is none on staging", () => {
    const pieces = changed(proof(prod), "load", (_result, one) => Object.assign(one, { environment: "development" }));
    const refused = refusedBy(verdictOn({ gates: prod, pieces }));
    assert.deepEqual(refused.sort(), nights.map(({ gate }) => gate).sort());
  });

  it("SA2: an image that staging rolled back is not promoted, and one of three nights ago neither", () => {
    const back = changed(proof(prod), "deployment", (result) => Object.assign(result, { outcome: "rolled-back" }));
    assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: back })), ["provenIn"]);
    const old = changed(proof(prod), "load", (_result, one) => Object.assign(one, { madeAt: now - 49 * hour }));
    const verdict = verdictOn({ gates: prod, pieces: old });
    assert.equal(gateIn(verdict, "load.soak.p99Ms").reason, "stale");
    assert.equal(refusedBy(verdict).length, nights.length);
  });
});
