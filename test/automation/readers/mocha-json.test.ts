import assert from "node:assert/strict";
import { mochaJson } from "../../../automation/readers/mocha-json.ts";
import { changed, readWith, refuses } from "./reports.ts";

describe("mocha's JSON", () => {
  type Change = Parameters<typeof changed>[1];
  const broken: [string, Change, RegExp][] = [
    ["a number of tests that is not theirs", (d) => (d.stats.tests = 7), /stats.tests: is 7, and 6 are listed/],
    ["a number of passes that is not theirs", (d) => (d.stats.passes = 6), /stats.passes: is 6, and 5 are listed/],
    ["a failure that is not listed", (d) => (d.stats.failures = 1), /stats.failures: is 1, and 0 are listed/],
    [
      "a pass that is no test",
      (d) => {
        d.passes.push(d.passes[0]);
        d.stats.passes += 1;
      },
      /tests: 6 are listed, and 7 ended/,
    ],
    [
      "a test that did not end",
      (d) => {
        d.passes.pop();
        d.stats.passes -= 1;
      },
      /tests: 6 are listed, and 5 ended/,
    ],
    ["a pass with an error", (d) => (d.passes[0].err = { message: "no" }), /"cart adds up" passed with an error/],
    ["a start that is no time", (d) => (d.stats.start = "noon"), /stats.start: is no time/],
    ["no list of tests", (d) => delete d.tests, /^mocha\/pass.json: tests: /],
    [
      "no tests",
      (d) => {
        d.stats = { suites: 0, tests: 0, passes: 0, pending: 0, failures: 0, start: d.stats.start };
        d.tests = d.passes = d.pending = [];
      },
      /has no tests/,
    ],
  ];
  for (const [what, change, words] of broken)
    it(`refuses ${what}`, () => refuses(mochaJson, changed("mocha/pass.json", change), words));

  it("takes two tests of one title for two", () => {
    const report = changed("mocha/fail.json", (d) => {
      d.failures[0].fullTitle = d.passes[0].fullTitle;
    });
    const { failed, flaky } = readWith(mochaJson, report).result;
    assert.deepEqual([failed, flaky], [1, 0]);
  });
});
