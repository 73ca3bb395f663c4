/** One testcase of a JUnit report. */
import { type Report, ReportError } from "./reader.ts";
import type { Outcome, TestRun } from "./test-tally.ts";
import { cleanText, shorten } from "./text.ts";
import { placeOf, type XmlElement } from "./xml.ts";

export interface JunitCase extends TestRun {
  /** Surefire ran it again, and says so inside of the case. */
  rerun: boolean;
  /** The suite's own figures leave it out. */
  uncounted?: boolean;
}

const failing = new Set(["failure", "error"]);
/** Surefire's, and what pytest's plugins put in. */
const rerunning = new Set(["flakyFailure", "flakyError", "rerunFailure", "rerunError", "rerun"]);
const beside = new Set(["system-out", "system-err", "properties", "attachments"]);

/** Words of the attributes `status` (Ginkgo, GoogleTest) and `result` (GoogleTest) that go with no child element. */
const passingWords = new Set(["run", "passed", "pass", "ok", "success", "completed"]);
const skippingWords = new Set(["notrun", "skipped", "pending", "disabled", "ignored", "suppressed"]);

/**
 * Reads a testcase.
 *
 * @param suite the suite that it stands in
 * @throws ReportError where it has no name, or where what became of it is not said in a way that is known
 * @example
 * readCase(report, element, suite, "host").outcome // "passed"
 */
export function readCase(report: Report, element: XmlElement, suite: XmlElement, host: string): JunitCase {
  const { attributes } = element;
  const classname = attributes.get("classname") || (suite.attributes.get("name") ?? "");
  const outcome = outcomeOf(report, element);
  // What fails before any test of a class can run is written as a case without a name, by Surefire.
  const name = attributes.get("name") || (outcome === "failed" ? classname : "");
  if (name === "") throw new ReportError(report, placeOf(report, element), "has no name");
  return {
    key: JSON.stringify([host, classname, name]),
    name: name.includes(classname) ? name : `${classname} ${name}`,
    outcome,
    rerun: element.children.some((child) => rerunning.has(child.name)),
  };
}

function outcomeOf(report: Report, element: XmlElement): Outcome {
  const names = element.children.map((child) => child.name);
  const strange = element.children.find(
    ({ name }) => !failing.has(name) && !rerunning.has(name) && !beside.has(name) && name !== "skipped",
  );
  // It may be a word for having failed.
  if (strange !== undefined) throw new ReportError(report, placeOf(report, strange), "is not known in a testcase");
  if (names.some((name) => failing.has(name))) return "failed";
  if (names.includes("rerunFailure") || names.includes("rerunError")) return "failed";
  const word = wordOf(report, element);
  if (names.includes("skipped") || word === "skipped") return "skipped";
  return names.some((name) => rerunning.has(name)) ? "flaky" : "passed";
}

function wordOf(report: Report, element: XmlElement): Outcome {
  let outcome: Outcome = "passed";
  for (const attribute of ["status", "result"]) {
    const word = element.attributes.get(attribute)?.toLowerCase() ?? "passed";
    if (skippingWords.has(word)) outcome = "skipped";
    else if (!passingWords.has(word) && !element.children.some(({ name }) => name === "skipped"))
      throw new ReportError(
        report,
        placeOf(report, element),
        `its ${attribute} "${shorten(cleanText(word), 40)}" is not known, and no failure says why`,
      );
  }
  return outcome;
}
