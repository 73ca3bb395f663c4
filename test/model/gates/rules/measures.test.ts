import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import type { Result } from "../../../../model/gates/results.ts";
import { gateIn, hour, now, type Piece, piece, verdictOn } from "../fixture.ts";

const judged = (gates: GatesInput, pieces: readonly Piece[], gate: string) =>
  gateIn(verdictOn({ gates, pieces }), gate);

describe("gates over measurements", () => {
  const load = (more: Partial<Result<"load">> = {}, about: Partial<Piece> = {}) => {
    const result = { requests: 100, requestsPerSecond: 100, errorPercent: 0, p95Ms: 10, seconds: 60, ...more };
    return piece("load", result, { name: "soak", ...about });
  };
  const gates: GatesInput = { load: { soak: { p95Ms: { below: 1000 }, p99Ms: { atMost: 3000 } } } };

  const rows: [what: string, report: Piece[], reason: string][] = [
    ["within it", [load({ p95Ms: 999.9999 })], "met"],
    ["at it", [load({ p95Ms: 1000 })], "failed"],
    ["below nothing", [load({ p95Ms: -1 })], "unknown"],
    ["without a request", [load({ requests: 0 })], "unknown"],
    ["of another scenario", [load({}, { name: "spike" })], "missing"],
    ["measured in staging", [load({}, { environment: "staging" })], "met"],
    ["better, but older", [load({ p95Ms: 1000 }), load({}, { madeAt: now - 2 * hour })], "failed"],
    ["worse, but older", [load({}), load({ p95Ms: 1000 }, { madeAt: now - 2 * hour })], "met"],
    ["better, and as old", [load({ p95Ms: 1000 }), load({})], "failed"],
  ];
  for (const [what, pieces, reason] of rows) {
    it(`a load test ${what} is ${reason}`, () => assert.equal(judged(gates, pieces, "load.soak.p95Ms").reason, reason));
  }

  it("a figure that the report has not is unknown", () => {
    const verdict = judged(gates, [load()], "load.soak.p99Ms");
    assert.deepEqual([verdict.reason, verdict.found], ["unknown", "no such figure in the report"]);
  });

  it("a demand for a place refuses what was measured elsewhere last", () => {
    const staging: GatesInput = { load: { soak: { p95Ms: { below: 1000 }, environment: "staging" } } };
    const there = load({}, { environment: "staging", madeAt: now - 2 * hour });
    assert.equal(judged(staging, [there], "load.soak.p95Ms").reason, "met");
    const verdict = judged(staging, [there, load({}, { environment: "development" })], "load.soak.p95Ms");
    assert.deepEqual([verdict.reason, verdict.found], ["failed", "measured in development"]);
    assert.match(verdict.remedy ?? "", /collect load:soak=FILE --environment staging/);
    assert.equal(judged(staging, [load()], "load.soak.p95Ms").found, "measured nobody says where");
  });

  type Entry = Result<"benchmarks">["entries"][number];
  const entry = (more: Partial<Entry> = {}): Entry => ({
    name: "scan",
    value: 100,
    unit: "ms",
    better: "lower",
    baseline: 100,
    ...more,
  });
  const benchmarks = (...entries: Entry[]) => piece("benchmarks", { entries });
  const slow: GatesInput = { performance: { slowdownPercent: { atMost: 10 } } };
  const slowdowns: [what: string, entries: Entry[], reason: string][] = [
    ["as slow as allowed", [entry({ value: 110 })], "met"],
    ["slower by a hair", [entry({ value: 110.000001 })], "failed"],
    ["of decimals that floats cannot hold", [entry({ value: 0.11, baseline: 0.1 })], "met"],
    ["faster", [entry({ value: 1 })], "met"],
    ["one of two slower", [entry(), entry({ name: "b", value: 200 })], "failed"],
    ["without a baseline", [entry({ baseline: undefined })], "unknown"],
    ["with a baseline of nothing", [entry({ baseline: 0 })], "unknown"],
    ["that took no time", [entry({ value: 0 })], "unknown"],
    ["one of two without a baseline", [entry(), entry({ name: "b", baseline: undefined })], "unknown"],
    ["of nothing", [], "unknown"],
    ["of throughput, lower as allowed", [entry({ better: "higher", value: 100, baseline: 110 })], "met"],
    ["of throughput, lower by a hair", [entry({ better: "higher", value: 100, baseline: 110.0001 })], "failed"],
    ["of throughput, higher", [entry({ better: "higher", value: 500 })], "met"],
  ];
  for (const [what, entries, reason] of slowdowns) {
    it(`a benchmark ${what} is ${reason}`, () => {
      assert.equal(judged(slow, [benchmarks(...entries)], "performance.slowdownPercent").reason, reason);
    });
  }

  const limits: [what: string, entries: Entry[], reason: string, found: string][] = [
    ["below its limit", [entry({ value: 99.99 })], "met", "99.99 ms"],
    ["at its limit", [entry()], "failed", "100 ms"],
    ["in another unit", [entry({ value: 1, unit: "s" })], "unknown", "1 s"],
    ["that is better when higher", [entry({ value: 1, better: "higher" })], "unknown", "1 ms, where more is better"],
    ["that is not there", [entry({ name: "other" })], "missing", "no such benchmark"],
    ["twice, once slow", [entry({ value: 1 }), entry({ value: 200 })], "failed", "200 ms"],
  ];
  for (const [what, entries, reason, found] of limits) {
    it(`a benchmark ${what} is ${reason}`, () => {
      const bounded: GatesInput = { performance: { limits: { scan: { below: 100, unit: "ms" } } } };
      const verdict = judged(bounded, [benchmarks(...entries)], "performance.limits.scan");
      assert.deepEqual([verdict.reason, verdict.found], [reason, found]);
    });
  }
});
