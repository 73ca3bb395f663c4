/** What became of each test, when a report lists it once or several times. */
import type { Result } from "../../model/gates/results.ts";
import { type Report, ReportError } from "./reader.ts";
import { shorten } from "./text.ts";

/** `flaky`: passed, and the report says that it did not at first. */
export type Outcome = "passed" | "failed" | "skipped" | "flaky";

export interface TestRun {
  /** Tells tests apart. */
  key: string;
  /** For people. */
  name: string;
  outcome: Outcome;
}

const namesShown = 100;

/**
 * Counts tests: one that ran several times counts once, as it ended; one that failed before it passed is flaky.
 *
 * @param runs in the order in which they ran
 * @throws ReportError where no test ran at all: neither an empty suite nor one that is skipped as a whole proves anything
 * @example
 * tallyTests(report, [{ key: "a", name: "a", outcome: "failed" }, { key: "a", name: "a", outcome: "passed" }])
 * // { total: 1, passed: 1, failed: 0, skipped: 0, flaky: 1, failures: [], flakes: ["a"] }
 */
export function tallyTests(report: Report, runs: readonly TestRun[], seconds?: number): Result<"tests"> {
  const tests = new Map<string, TestRun[]>();
  for (const run of runs) {
    const earlier = tests.get(run.key);
    if (earlier === undefined) tests.set(run.key, [run]);
    else earlier.push(run);
  }
  const names: Record<Outcome, string[]> = { passed: [], failed: [], skipped: [], flaky: [] };
  for (const history of tests.values()) names[endOf(history)].push(history[0]?.name ?? "");
  const { passed, failed, skipped, flaky } = names;
  if (tests.size === 0) throw new ReportError(report, "", "has no tests");
  if (skipped.length === tests.size) throw new ReportError(report, "", `no test ran: all ${tests.size} were skipped`);
  return {
    total: tests.size,
    passed: passed.length + flaky.length,
    failed: failed.length,
    skipped: skipped.length,
    flaky: flaky.length,
    failures: shown(failed),
    flakes: shown(flaky),
    ...(seconds === undefined ? {} : { seconds: Math.round(seconds * 1e6) / 1e6 }),
  };
}

function endOf(history: readonly TestRun[]): Outcome {
  const ran = history.map((run) => run.outcome).filter((outcome) => outcome !== "skipped");
  const last = ran.at(-1);
  if (last === undefined) return "skipped";
  if (last === "failed") return "failed";
  return ran.some((outcome) => outcome !== "passed") ? "flaky" : "passed";
}

function shown(names: readonly string[]): string[] {
  return names.slice(0, namesShown).map((name) => shorten(name));
}
