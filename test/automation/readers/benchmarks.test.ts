import assert from "node:assert/strict";
import { median } from "../../../automation/readers/benchmark-entries.ts";
import {
  customBiggerIsBetter,
  customSmallerIsBetter,
  hyperfine,
  sluiceBench,
} from "../../../automation/readers/benchmarks.ts";
import { changed, fixture, type Parsed, readWith, refuses, refusesCuts } from "./reports.ts";

const custom = "github-action-benchmark/custom.json";
const customBaseline = "github-action-benchmark/custom-baseline.json";
const exported = "hyperfine/export.json";
const own = "sluice-bench/help.json";

describe("benchmarks as JSON", () => {
  it("reads github-action-benchmark's format, better as its name says, beside a baseline", () => {
    const options = { baseline: fixture(customBaseline) };
    const entries = [
      { name: "hotspots of 10,000 files", value: 1840, unit: "ms", better: "lower", baseline: 1800 },
      { name: "memory", value: 212.5, unit: "MB", better: "lower", baseline: 220 },
    ];
    assert.deepEqual(readWith(customSmallerIsBetter, fixture(custom), options).result.entries, entries);
    const { result } = readWith(customBiggerIsBetter, fixture(custom), options);
    assert.deepEqual(
      result.entries,
      entries.map((entry) => ({ ...entry, better: "higher" })),
    );
  });

  it("reads hyperfine's medians", () => {
    assert.deepEqual(readWith(hyperfine, fixture(exported)).result.entries, [
      { name: "sluice --help", value: 0.12, unit: "s", better: "lower" },
      { name: "node -e 0", value: 0.0405, unit: "s", better: "lower" },
    ]);
  });

  it("reads Sluice's own ratios, and no verdict on them", () => {
    const [entry] = readWith(sluiceBench, fixture(own)).result.entries;
    assert.deepEqual(entry, { name: "help", value: 1.960136025871208, unit: "ratio", better: "lower" });
  });

  it("refuses each cut off anywhere", () => {
    refusesCuts(customSmallerIsBetter, fixture(custom));
    refusesCuts(hyperfine, fixture(exported));
    refusesCuts(sluiceBench, fixture(own));
  });

  it("refuses a benchmark that disappeared, and takes a new one without a baseline", () => {
    const fewer = changed(custom, (entries) => entries.pop());
    refuses(customSmallerIsBetter, fewer, /benchmark memory disappeared/, { baseline: fixture(customBaseline) });
    const { entries } = readWith(customSmallerIsBetter, fixture(custom), { baseline: fewer }).result;
    assert.deepEqual(
      entries.map((entry) => entry.baseline),
      [1840, undefined],
    );
  });

  it("refuses another unit than the baseline's, and a baseline that is none", () => {
    const baseline = changed(customBaseline, (entries) => (entries[0].unit = "s"));
    refuses(customSmallerIsBetter, fixture(custom), /is in ms, in the baseline in s/, { baseline });
    const none = { file: "before.json", text: "[]" };
    refuses(customSmallerIsBetter, fixture(custom), /^before\.json: holds no benchmark/, { baseline: none });
  });

  const refused: [string, (entries: Parsed) => void, RegExp][] = [
    ["two of one name", (all) => (all[1].name = all[0].name), /stands there twice/],
    ["two of one name but for what nobody sees", (all) => (all[1].name = `${all[0].name}\u200b`), /stands there twice/],
    ["a negative value", (all) => (all[0].value = -1), /has the value -1/],
    ["a text for a value", (all) => (all[0].value = "12"), /\[0\]\.value/],
    ["a NaN, which JSON writes as null", (all) => (all[0].value = null), /\[0\]\.value/],
    ["a name of spaces", (all) => (all[0].name = "  "), /is no name/],
    ["no name", (all) => delete all[0].name, /\[0\]\.name/],
  ];
  for (const [what, change, reason] of refused)
    it(`refuses ${what}`, () => refuses(customSmallerIsBetter, changed(custom, change), reason));

  it("refuses a value beyond all numbers", () => {
    const text = fixture(custom).text.replace("1840", "1e999");
    refuses(customSmallerIsBetter, { file: custom, text }, /\[0\]\.value|has the value Infinity/);
  });

  it("refuses a command that failed, or a median that is none", () => {
    refuses(
      hyperfine,
      changed(exported, ({ results }) => (results[0].exit_codes[1] = 1)),
      /results\[0\]: the command failed/,
    );
    refuses(
      hyperfine,
      changed(exported, ({ results }) => (results[0].exit_codes[1] = null)),
      /the command failed/,
    );
    refuses(
      hyperfine,
      changed(exported, ({ results }) => (results[1].median = 0.01)),
      /results\[1\]\.median: is not the median/,
    );
    refuses(
      hyperfine,
      changed(exported, (one) => (one.results = [])),
      /holds no benchmark/,
    );
  });

  it("refuses what Sluice could not measure", () => {
    refuses(
      sluiceBench,
      changed(own, (all) => all.push({ name: "pack", failure: "exit code 1" })),
      /pack: was not measured/,
    );
    refuses(
      sluiceBench,
      changed(own, (all) => delete all[0].ratio),
      /help: has no ratio/,
      {},
    );
    refuses(
      sluiceBench,
      changed(own, (all) => (all[0].rounds = 0)),
      /help: has no ratio/,
    );
  });
});

describe("median", () => {
  it("is the middle one, or the mean of the two in the middle", () => {
    assert.equal(median([3]), 3);
    assert.equal(median([30, 1, 2]), 2);
    assert.equal(median([10, 1, 2, 9]), 5.5);
  });
});
