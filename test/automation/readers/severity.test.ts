import assert from "node:assert/strict";
import { bySeverity, countSeverities, severityOf, severityOfScore } from "../../../automation/readers/severity.ts";

describe("severities", () => {
  const words: [string | undefined, string][] = [
    ["CRITICAL", "critical"],
    ["High", "high"],
    ["error", "high"],
    ["MODERATE", "medium"],
    ["warning", "medium"],
    ["Negligible", "low"],
    ["info", "low"],
    ["none", "low"],
    ["UNKNOWN", "unknown"],
    ["UNDEFINED", "unknown"],
    ["", "unknown"],
    [undefined, "unknown"],
    ["lowish", "unknown"],
    ["__proto__", "unknown"],
    ["constructor", "unknown"],
  ];
  for (const [word, severity] of words) {
    it(`${word} is ${severity}`, () => assert.equal(severityOf(word), severity));
  }

  it("puts scores in GitHub's bands, and tells nothing of what is no score", () => {
    const scores = [10, 9, 8.9, 7, 6.9, 4, 3.9, 0.1, 0, -0.1, 10.1, Number.NaN];
    assert.deepEqual(scores.map(severityOfScore), [
      ...["critical", "critical", "high", "high", "medium", "medium", "low", "low", "low"],
      ...["unknown", "unknown", "unknown"],
    ]);
  });

  it("puts what is unknown before what is known to be mild", () => {
    assert.deepEqual((["low", "unknown", "critical", "medium", "high"] as const).toSorted(bySeverity), [
      "critical",
      "high",
      "unknown",
      "medium",
      "low",
    ]);
  });

  it("counts each", () => {
    const counts = { critical: 0, high: 2, medium: 0, low: 0, unknown: 1 };
    assert.deepEqual(countSeverities(["high", "unknown", "high"]), counts);
  });
});
