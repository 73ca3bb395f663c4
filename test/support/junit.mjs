/**
 * A run of mocha as JUnit XML. Mocha's own xunit reporter forgets that a test failed before it passed; here that is told as Maven's
 * Surefire tells it, by `flakyFailure`: https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import Mocha from "mocha";

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING, EVENT_TEST_RETRY } =
  Mocha.Runner.constants;
const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };

/** XML 1.0 has no place for most control characters, nor for halves of surrogate pairs. */
const clean = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  stripVTControlCharacters(text.toWellFormed()).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "");
const attributes = (values) =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${clean(String(value)).replace(/[&<>"\n]/g, (found) => entities[found])}"`)
    .join("");
const seconds = (milliseconds) => ((milliseconds ?? 0) / 1000).toFixed(3);

/** One attempt that went wrong. */
function failure(element, error) {
  const message = String(error?.message ?? error).slice(0, 4000);
  return `<${element}${attributes({ message, type: error?.name ?? "Error" })}/>`;
}

function testCase(test, root, inner = "") {
  const about = {
    classname: test.parent?.fullTitle() || "(top)",
    name: test.title,
    file: test.file === undefined ? "" : path.relative(root, test.file),
    time: seconds(test.duration),
  };
  return inner === "" ? `<testcase${attributes(about)}/>` : `<testcase${attributes(about)}>${inner}</testcase>`;
}

/**
 * Writes the run to a file when it ends.
 *
 * @param {Mocha.Runner} runner
 * @param {string} file
 */
export function writeJunit(runner, file, root = process.cwd()) {
  const cases = [];
  /** Failed attempts of the test that runs now. */
  let attempts = [];
  let failures = 0;
  let skipped = 0;
  const started = new Date();
  const add = (test, inner) => {
    cases.push(testCase(test, root, inner));
    attempts = [];
  };
  runner.on(EVENT_TEST_RETRY, (_test, error) => attempts.push(error));
  runner.on(EVENT_TEST_PASS, (test) => add(test, attempts.map((error) => failure("flakyFailure", error)).join("")));
  runner.on(EVENT_TEST_FAIL, (test, error) => {
    failures++;
    add(test, failure("failure", error));
  });
  runner.on(EVENT_TEST_PENDING, (test) => {
    skipped++;
    add(test, "<skipped/>");
  });
  runner.once(EVENT_RUN_END, () => {
    const totals = { tests: cases.length, failures, errors: 0, skipped };
    const time = seconds(Date.now() - started.getTime());
    const about = { name: "sluice", ...totals, time, timestamp: started.toISOString() };
    mkdirSync(path.dirname(file), { recursive: true });
    const lines = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<testsuites>",
      `<testsuite${attributes(about)}>`,
      ...cases,
      "</testsuite>",
      "</testsuites>",
      "",
    ];
    writeFileSync(file, lines.join("\n"));
  });
}
