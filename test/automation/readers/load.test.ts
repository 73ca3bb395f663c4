import assert from "node:assert/strict";
import { k6 } from "../../../automation/readers/k6.ts";
import { loadSummary } from "../../../automation/readers/load-summary.ts";
import { changed, fixture, type Parsed, readWith, refuses, refusesCuts } from "./reports.ts";

const exported = "k6/summary-export.json";
const handled = "k6/handle-summary.json";
const soak = "load-summary/soak.json";

describe("k6", () => {
  it("reads what --summary-export wrote", () => {
    assert.deepEqual(readWith(k6, fixture(exported)).result, {
      requests: 200,
      requestsPerSecond: 249.06650775758547,
      errorPercent: 3,
      p95Ms: 28.47735344999999,
      seconds: 200 / 249.06650775758547,
    });
  });

  it("reads what handleSummary wrote, though a threshold of its own failed", () => {
    assert.deepEqual(readWith(k6, fixture(handled)).result, {
      requests: 200,
      requestsPerSecond: 49.987535770415136,
      errorPercent: 5,
      p95Ms: 21.7524176,
      p99Ms: 24.36455702,
      seconds: 4.000997387,
    });
  });

  it("counts failed checks and dropped iterations as no failed requests", () => {
    const report = changed(exported, ({ metrics }) => {
      metrics.checks = { passes: 0, fails: 200, value: 0 };
      metrics.dropped_iterations = { count: 50, rate: 10 };
    });
    assert.equal(readWith(k6, report).result.errorPercent, 3);
  });

  for (const file of [exported, handled]) it(`refuses ${file} cut off anywhere`, () => refusesCuts(k6, fixture(file)));

  const refused: [string, string, (metrics: Parsed) => void, RegExp][] = [
    ["no request", exported, (all) => delete all.http_reqs, /no request was sent/],
    [
      "zero requests",
      exported,
      (all) =>
        Object.assign(all, { http_reqs: { count: 0, rate: 0 }, http_req_failed: { passes: 0, fails: 0, value: 0 } }),
      /http_reqs: no request was sent/,
    ],
    ["no count of failures", exported, (all) => delete all.http_req_failed, /http_req_failed/],
    [
      "failures of some requests alone",
      exported,
      (all) => (all.http_req_failed = { passes: 0, fails: 10, value: 0 }),
      /tells of 10 requests, not of 200/,
    ],
    [
      "a rate that is not that of the counts",
      exported,
      (all) => (all.http_req_failed.value = 0),
      /its rate is not that of its counts/,
    ],
    ["a rate over 1", handled, (all) => (all.http_req_failed.values.rate = 5), /http_req_failed\.values\.rate/],
    ["a NaN, which JSON writes as null", handled, (all) => (all.http_req_duration.values["p(95)"] = null), /p\(95\)/],
    ["no p95", exported, (all) => delete all.http_req_duration["p(95)"], /p\(95\)/],
    ["a negative latency", handled, (all) => (all.http_req_duration.values["p(99)"] = -1), /p\(99\)/],
    ["a p99 below the p95", handled, (all) => (all.http_req_duration.values["p(99)"] = 1), /p99 is below p95/],
    ["a negative count", exported, (all) => (all.http_reqs.count = -1), /http_reqs\.count/],
    ["requests in no time", exported, (all) => (all.http_reqs.rate = 0), /http_reqs\.rate: is 0/],
  ];
  for (const [what, file, change, reason] of refused)
    it(`refuses ${what}`, () =>
      refuses(
        k6,
        changed(file, ({ metrics }) => change(metrics)),
        reason,
      ));
});

describe("sluice.dev/load/v1", () => {
  it("reads a soak test with samples", () => {
    const { result, ...reading } = readWith(loadSummary, fixture(soak));
    const { memoryGrowthPercent = 0, cpuPercent = 0, ...others } = result;
    assert.deepEqual(others, {
      requests: 450_000,
      requestsPerSecond: 500,
      errorPercent: 0.25,
      p95Ms: 180.5,
      p99Ms: 420,
      seconds: 900,
      memoryPercent: 45,
      crashes: 0,
    });
    // Two samples are a tenth of 21: 100,000,000 and 100,400,000 at first, 107,600,000 and 108,000,000 at last.
    assert.ok(Math.abs(memoryGrowthPercent - (107.8 / 100.2 - 1) * 100) < 1e-9);
    assert.ok(Math.abs(cpuPercent - 1130 / 21) < 1e-9);
    assert.deepEqual(reading, {
      tool: { name: "wrk", version: "4.1.0" },
      madeAt: Date.UTC(2026, 10, 20, 2, 17),
      commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      digest: `sha256:${"5a".repeat(32)}`,
    });
  });

  it("says nothing of what the summary does not say", () => {
    const { result } = readWith(loadSummary, fixture("load-summary/plain.json"));
    assert.deepEqual(result, { requests: 1200, requestsPerSecond: 20, errorPercent: 0, p95Ms: 95, seconds: 60 });
  });

  it("says nothing of a figure that no sample has", () => {
    const report = changed(soak, ({ samples }) => samples.forEach((one: Parsed) => void delete one.cpuPercent));
    assert.ok(!("cpuPercent" in readWith(loadSummary, report).result));
  });

  it("refuses a summary cut off anywhere", () => refusesCuts(loadSummary, fixture(soak)));

  const refused: [string, (summary: Parsed) => void, RegExp][] = [
    ["zero requests", (one) => Object.assign(one, { requests: 0, failures: 0 }), /requests: no request was sent/],
    ["more failures than requests", (one) => (one.failures = 450_001), /failures: are more than/],
    ["no failures named", (one) => delete one.failures, /failures/],
    ["no time at all", (one) => (one.seconds = 0), /seconds/],
    ["a p99 below the p95", (one) => (one.latencyMs.p99 = 100), /p99 is below p95/],
    ["a percentage over 100", (one) => (one.samples[3].cpuPercent = 150), /samples\[3\]\.cpuPercent/],
    [
      "a figure that some samples leave out",
      (one) => delete one.samples[20].memoryBytes,
      /memoryBytes stands in 20 of 21 only/,
    ],
    ["samples in disorder", (one) => (one.samples[5].second = 1), /samples\[5\]\.second/],
    ["too few samples", (one) => one.samples.splice(1, 12), /samples: must be 10 or more/],
    ["samples of the first half", (one) => one.samples.splice(11), /samples: must be 10 or more, over the whole/],
    ["samples of the second half", (one) => one.samples.splice(0, 10), /samples: must be 10 or more, over the whole/],
    ["another version", (one) => (one.format = "sluice.dev/load/v2"), /format/],
    ["a field that is not known", (one) => (one.errors = 0), /errors/],
    ["a digest that is none", (one) => (one.digest = "sha256:x"), /digest/],
    ["a negative crash", (one) => (one.crashes = -1), /crashes/],
  ];
  for (const [what, change, reason] of refused)
    it(`refuses ${what}`, () => refuses(loadSummary, changed(soak, change), reason));
});
