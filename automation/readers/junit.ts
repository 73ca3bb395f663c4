/**
 * JUnit XML as Surefire, Gradle, pytest, mocha, jest-junit, go-junit-report and gotestsum write it.
 * Nobody owns the format; what is read here is https://github.com/testmoapp/junitxml and what those tools wrote.
 */
import { type JunitCase, readCase } from "./junit-case.ts";
import { checkFigures, figure } from "./junit-figures.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { tallyTests } from "./test-tally.ts";
import { timeOf } from "./time.ts";
import { parseXml, placeOf, rootName, type XmlElement } from "./xml.ts";

export const junit: Reader<"tests"> = {
  format: "junit",
  kinds: ["tests"],
  recognises: ({ text }) => ["testsuites", "testsuite"].includes(rootName(text) ?? ""),
  read({ report }): Reading<"tests"> {
    const root = parseXml(report);
    if (root.name !== "testsuites" && root.name !== "testsuite")
      throw new ReportError(report, placeOf(report, root), "is neither testsuites nor testsuite");
    const runs = readSuite(report, root, "", root.attributes.get("name") === "jest tests");
    const suites = suitesOf(root);
    const madeAt = oldest(report, suites);
    return {
      tool: toolOf(suites),
      ...(madeAt === undefined ? {} : { madeAt }),
      result: tallyTests(report, runs, secondsOf(root)),
    };
  },
};

/** Of a suite, what may stand in it without being a test. */
const beside = new Set(["properties", "system-out", "system-err"]);

function readSuite(report: Report, suite: XmlElement, outerHost: string, jest: boolean): JunitCase[] {
  const host = suite.attributes.get("hostname") ?? outerHost;
  const cases: JunitCase[] = [];
  for (const child of suite.children) {
    // Not spread: a suite may have more cases than a call takes arguments.
    if (child.name === "testsuite") for (const one of readSuite(report, child, host, jest)) cases.push(one);
    else if (child.name === "testcase" && suite.name === "testsuite") cases.push(readCase(report, child, suite, host));
    else if (child.name === "error" || child.name === "failure") cases.push(brokenSuite(suite));
    else if (!beside.has(child.name))
      throw new ReportError(report, placeOf(report, child), `is not known in a ${suite.name}`);
  }
  // A suite that could not start has no cases to show for its error.
  if (cases.length === 0 && (figure(report, suite, "errors") ?? 0) + (figure(report, suite, "failures") ?? 0) > 0)
    cases.push(brokenSuite(suite));
  checkFigures(report, suite, cases, jest);
  return cases;
}

function brokenSuite(suite: XmlElement): JunitCase {
  const name = `suite ${suite.attributes.get("name") ?? "without a name"}`;
  return { key: JSON.stringify([name, suite.offset]), name, outcome: "failed", rerun: false };
}

function suitesOf(element: XmlElement): XmlElement[] {
  return [element, ...element.children.filter((child) => child.name === "testsuite").flatMap(suitesOf)];
}

function oldest(report: Report, suites: readonly XmlElement[]): number | undefined {
  const times: number[] = [];
  for (const suite of suites) {
    const text = suite.attributes.get("timestamp");
    const time = text === undefined ? undefined : timeOf(text);
    if (Number.isNaN(time)) throw new ReportError(report, placeOf(report, suite), "its timestamp is no time");
    if (time !== undefined) times.push(time);
  }
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function secondsOf(root: XmlElement): number | undefined {
  const own = root.attributes.get("time");
  const texts =
    own !== undefined
      ? [own]
      : root.children.filter((one) => one.name === "testsuite").map((one) => one.attributes.get("time"));
  // Surefire once wrote thousands separators.
  const times = texts.map((text) => Number(text?.replaceAll(",", "") ?? Number.NaN));
  return times.length > 0 && times.every((time) => time >= 0 && time < Number.POSITIVE_INFINITY)
    ? Math.abs(times.reduce((a, b) => a + b))
    : undefined;
}

/** For people only: nothing is decided by it. */
function toolOf(suites: readonly XmlElement[]): Reading["tool"] {
  const schemas = suites.map((suite) => suite.attributes.get("xsi:noNamespaceSchemaLocation") ?? "");
  const names = suites.map((suite) => suite.attributes.get("name") ?? "");
  const properties = suites
    .flatMap((suite) => suite.children)
    .filter((child) => child.name === "properties")
    .flatMap((child) => child.children);
  const go = properties.find((property) => property.attributes.get("name") === "go.version")?.attributes.get("value");
  if (schemas.some((schema) => schema.includes("surefire"))) return { name: "surefire" };
  if (names.some((name) => name === "pytest" || name === "pytest tests")) return { name: "pytest" };
  if (names.includes("Mocha Tests")) return { name: "mocha" };
  if (names.includes("jest tests")) return { name: "jest" };
  return go === undefined ? { name: "junit" } : { name: "go-test", version: go.split(" ")[0] };
}
