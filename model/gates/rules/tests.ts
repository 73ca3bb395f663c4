/** Suites of tests: all pass, enough of them, none now and then. */
import { defaults, type Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { isNewer } from "../facts.ts";
import { allOf, collect, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { counted, grouped, minute, some } from "../text.ts";

export function testGates({ tests }: Gates): Gate[] {
  return Object.entries(tests).map(([suite, { minimum = defaults.minimum }]) => ({
    gate: `tests.${suite}`,
    needed: `all tests passed, at least ${grouped(minimum)}, none flaky`,
    feeds: collect("tests", suite),
    judge({ evidence }) {
      const runs = evidence.filter((one): one is Evidence<"tests"> => one.kind === "tests" && one.name === suite);
      const latest = runs.filter((one) => !runs.some((other) => isNewer(other, one)));
      if (latest.length === 0) return nothing(collect("tests", suite));
      const earlier = runs.filter((one) => !latest.includes(one));
      return allOf(latest.map((run) => judgeRun(run, minimum, earlier)));
    },
  }));
}

function judgeRun(run: Evidence<"tests">, minimum: number, earlier: readonly Evidence<"tests">[]): Outcome {
  const { total, passed, failed, skipped, flaky, failures, flakes } = run.result;
  const again = `mend them, build anew and run ${collect("tests", run.name)}`;
  if (passed + failed + skipped !== total || flaky > passed) {
    const found = `counts that do not add up: ${total} in all, ${passed} passed, ${failed} failed, ${skipped} skipped`;
    return refused("unknown", found, `mend the report, then run ${collect("tests", run.name)}`, [run]);
  }
  const beside = skipped > 0 ? `, ${grouped(skipped)} skipped` : "";
  if (failed > 0)
    return refused("failed", `${grouped(failed)} of ${grouped(total)} failed: ${some(failures)}`, again, [run]);
  if (flaky > 0) return refused("failed", `${grouped(flaky)} flaky: ${some(flakes)}`, again, [run]);
  if (passed < minimum) {
    const remedy = `run the whole suite, then ${collect("tests", run.name)}`;
    return refused("failed", `${counted(passed, "test")} passed${beside}`, remedy, [run]);
  }
  const unstable = earlier.filter(({ result }) => result.failed > 0 || result.flaky > 0);
  const [last] = unstable;
  if (last !== undefined) {
    const found = `flaky: ${some([...last.result.failures, ...last.result.flakes]) || "tests"} failed at ${minute(last.madeAt)} and passed at ${minute(run.madeAt)} with the same image`;
    return refused("failed", found, again, [run, ...unstable]);
  }
  return met(`${counted(passed, "test")} passed${beside}`, [run]);
}
