import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import type { Result } from "../../../../model/gates/results.ts";
import { gateIn, hour, now, type Piece, piece, verdictOn } from "../fixture.ts";

const run = (more: Partial<Result<"tests">> = {}, about: Partial<Piece> = {}) => {
  const passed = { total: 10, passed: 10, failed: 0, skipped: 0, flaky: 0, failures: [], flakes: [] };
  return piece("tests", { ...passed, ...more }, { name: "unit", ...about });
};
const gates: GatesInput = { tests: { unit: { minimum: 10 } } };
const judged = (...pieces: Piece[]) => gateIn(verdictOn({ gates, pieces }), "tests.unit");

describe("gates over suites", () => {
  const rows: [what: string, more: Partial<Result<"tests">>, reason: string, found: string][] = [
    ["as many as needed", {}, "met", "10 tests passed"],
    ["some skipped besides", { total: 13, skipped: 3 }, "met", "10 tests passed, 3 skipped"],
    ["skipped ones among the needed", { passed: 9, skipped: 1 }, "failed", "9 tests passed, 1 skipped"],
    ["none", { total: 0, passed: 0 }, "failed", "0 tests passed"],
    [
      "one failed",
      { passed: 9, failed: 1, failures: ["a", "b", "c", "d"] },
      "failed",
      "1 of 10 failed: a, b, c and 1 more",
    ],
    ["one flaky", { flaky: 1, flakes: ["a"] }, "failed", "1 flaky: a"],
    [
      "too many in all",
      { total: 11 },
      "unknown",
      "counts that do not add up: 11 in all, 10 passed, 0 failed, 0 skipped",
    ],
    ["too few in all", { total: 9 }, "unknown", "counts that do not add up: 9 in all, 10 passed, 0 failed, 0 skipped"],
    [
      "more flaky than passed",
      { flaky: 11 },
      "unknown",
      "counts that do not add up: 10 in all, 10 passed, 0 failed, 0 skipped",
    ],
  ];
  for (const [what, more, reason, found] of rows) {
    it(`${what} is ${reason}`, () => {
      const verdict = judged(run(more));
      assert.deepEqual([verdict.reason, verdict.found], [reason, found]);
    });
  }

  const earlier = { madeAt: now - 2 * hour };
  const failed = { passed: 9, failed: 1, failures: ["adds"] };
  const runs: [what: string, pieces: Piece[], reason: string][] = [
    ["passed twice", [run({}, earlier), run()], "met"],
    ["failed first", [run(failed, earlier), run()], "failed"],
    ["was flaky first", [run({ flaky: 1 }, earlier), run()], "failed"],
    ["had too few tests first", [run({ total: 1, passed: 1 }, earlier), run()], "met"],
    ["failed last", [run({}, earlier), run(failed)], "failed"],
    ["failed and passed at the same time", [run(failed), run()], "failed"],
    ["failed under another name", [run(failed, { ...earlier, name: "e2e" }), run()], "met"],
  ];
  for (const [what, pieces, reason] of runs) {
    it(`a suite that ${what} is ${reason}`, () => assert.equal(judged(...pieces).reason, reason));
  }

  it("rest on the newest run, and where it is flaky on those that failed, too", () => {
    assert.equal(judged(run({}, earlier), run()).evidence.length, 1);
    assert.equal(judged(run(failed, earlier), run()).evidence.length, 2);
  });
});
