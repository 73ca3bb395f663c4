/** Whether the figures in a suite's attributes are those of its cases: a process that died half-way leaves fewer. */
import type { JunitCase } from "./junit-case.ts";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";
import { placeOf, type XmlElement } from "./xml.ts";

/**
 * Reads a count from an attribute.
 *
 * @returns `undefined` where it is absent
 * @throws ReportError where it is no count
 * @example
 * figure(report, suite, "tests") // 12
 */
export function figure(report: Report, suite: XmlElement, name: string): number | undefined {
  const text = suite.attributes.get(name);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ReportError(report, placeOf(report, suite), `its ${name} "${shorten(cleanText(text), 40)}" is no count`);
}

/**
 * Compares a suite's attributes with its cases, and marks tests as flaky that were repeated without a word.
 *
 * Tools differ in what they count. These are the ways that are let through:
 * - every case; or every test, those that were repeated once (pytest with reruns: the failed run looks like a pass);
 * - all cases but failed ones (mocha's hooks, gotestsum's broken packages): the report fails anyhow;
 * - the last repetition alone (Surefire with reruns);
 * - all but tests that are yet to be written (jest's `todo`): no more than a passed case is to be seen of one, so as many
 *   passed cases as are too many count as skipped.
 *
 * @param jest whether jest-junit wrote it
 * @throws ReportError where none of them fits
 * @example
 * checkFigures(report, suite, cases, false)
 */
export function checkFigures(report: Report, suite: XmlElement, all: readonly JunitCase[], jest: boolean): void {
  const cases = all.filter((one) => one.uncounted !== true);
  const failed = cases.filter((one) => one.outcome === "failed").length;
  const skipped = cases.filter((one) => one.outcome === "skipped").length;
  const slack = uncounted(report, suite, cases, failed, jest);
  const differs = (said: number, found: number) => Math.abs(said - found) > slack;
  const saidFailed = sum(figure(report, suite, "failures"), figure(report, suite, "errors"));
  // No slack lets a failure disappear.
  if (saidFailed !== undefined && (differs(saidFailed, failed) || (saidFailed > 0 && failed === 0)))
    refuse(report, suite, `says that ${saidFailed} failed, and has ${failed} that did`);
  const saidSkipped = figure(report, suite, "skipped");
  const disabled = figure(report, suite, "disabled") ?? 0;
  if (saidSkipped !== undefined && differs(saidSkipped, skipped) && differs(saidSkipped + disabled, skipped))
    refuse(report, suite, `says that ${saidSkipped} were skipped, and has ${skipped} that were`);
}

/** @returns how many cases the suite's own figures leave out */
function uncounted(
  report: Report,
  suite: XmlElement,
  cases: readonly JunitCase[],
  failed: number,
  jest: boolean,
): number {
  const said = figure(report, suite, "tests");
  if (said === undefined || said === cases.length) return 0;
  const surplus = cases.length - said;
  const tests = Map.groupBy(cases, (one) => one.key);
  if (surplus > 0 && said === tests.size) for (const runs of tests.values()) markFlaky(runs);
  else if (surplus > failed && jest) return markTodo(report, suite, cases, surplus);
  else if (surplus < 0 || (surplus > failed && !cases.some((one) => one.rerun)))
    refuse(report, suite, `says ${said} tests, and has ${cases.length}`);
  return surplus;
}

/** Which ones they are cannot be told; how many can. */
function markTodo(report: Report, suite: XmlElement, cases: readonly JunitCase[], surplus: number): number {
  const passed = cases.filter((one) => one.outcome === "passed").slice(-surplus);
  if (passed.length < surplus) refuse(report, suite, `has ${surplus} cases too many`);
  for (const one of passed) Object.assign(one, { outcome: "skipped", uncounted: true });
  return 0;
}

function markFlaky([first, ...others]: JunitCase[]): void {
  if (first?.outcome === "passed" && others.length > 0) first.outcome = "flaky";
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

function refuse(report: Report, suite: XmlElement, reason: string): never {
  throw new ReportError(
    report,
    placeOf(report, suite),
    reason,
    "let the tests run to their end, and all of them be reported (mocha-junit-reporter: includePending=true)",
  );
}
