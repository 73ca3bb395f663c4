/**
 * Adds up the tallies of all test runs, holds them against `test/floor.json`, and prints the closing line.
 * Exit code 1 on a failure, on fewer passed tests than the floor, or on a skipped test that the floor does not list.
 */
import { existsSync, readFileSync } from "node:fs";

const [tallyFile, failedSteps = ""] = process.argv.slice(2);
const runs = existsSync(tallyFile)
  ? readFileSync(tallyFile, "utf8")
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
const floor = JSON.parse(readFileSync(new URL("../test/floor.json", import.meta.url), "utf8"));
const sum = (key) => runs.reduce((total, run) => total + run[key], 0);
const skipped = runs.flatMap((run) => run.skipped);
const unlisted = skipped.filter((title) => !(title in floor.skips));
const complaints = [
  ...failedSteps
    .split(" ")
    .filter(Boolean)
    .map((step) => `step ${step} failed`),
  ...(sum("passed") < floor.passed ? [`${sum("passed")} tests passed, the floor is ${floor.passed}`] : []),
  ...unlisted.map((title) => `skipped without a reason in test/floor.json: ${title}`),
];
for (const title of runs.flatMap((run) => run.flaky)) console.log(`ci: tried again: ${title}`);
for (const complaint of complaints) console.log(`ci: ${complaint}`);
const failed = sum("failed") + (sum("failed") === 0 && complaints.length > 0 ? complaints.length : 0);
console.log(`${sum("passed")} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
