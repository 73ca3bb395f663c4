import assert from "node:assert/strict";
import { junit } from "../../../automation/readers/junit.ts";
import { fixture, readWith, refuses } from "./reports.ts";

describe("JUnit", () => {
  const suite = (attributes: string, body: string) => `<testsuite name="s" ${attributes}>${body}</testsuite>`;
  const [pass, skip] = ['<testcase name="a"/>', '<testcase name="c"><skipped/></testcase>'];
  const fail = '<testcase name="b"><failure/></testcase>';

  const broken: [string, string, RegExp][] = [
    ["no tests", suite("", ""), /report: has no tests/],
    ["an empty list of suites", "<testsuites/>", /has no tests/],
    ["nothing but skipped tests", suite("", skip), /no test ran: all 1 were skipped/],
    ["fewer cases than tests", suite('tests="2"', pass), /line 1, testsuite: says 2 tests, and has 1/],
    [
      "fewer cases in all suites",
      `<testsuites tests="3">${suite('tests="2"', pass + fail)}</testsuites>`,
      /testsuites: says 3 tests, and has 2/,
    ],
    ["more cases than tests", suite('tests="1"', `${pass}<testcase name="x"/>`), /says 1 tests, and has 2/],
    ["a failure that is not there", suite('tests="1" failures="1"', pass), /says that 1 failed, and has 0/],
    ["an error that is not there", suite('tests="1" errors="1"', pass), /says that 1 failed, and has 0/],
    [
      "a failure that is not said",
      suite('tests="2" failures="0" errors="0"', pass + fail),
      /says that 0 failed, and has 1/,
    ],
    [
      "a failure hidden by a rerun",
      suite('tests="1" failures="1"', '<testcase name="a"><flakyFailure/></testcase>'),
      /says that 1 failed, and has 0/,
    ],
    ["a failure hidden by a repetition", suite('tests="1" failures="1"', pass + pass), /says that 1 failed, and has 0/],
    [
      "another number of skipped tests",
      suite('tests="2" skipped="0"', pass + skip),
      /says that 0 were skipped, and has 1/,
    ],
    ["a count that is none", suite('tests="-1"', pass), /its tests "-1" is no count/],
    ["a count in words", suite('tests="1" failures="none"', pass), /its failures "none" is no count/],
    ["a test without a name", suite("", "<testcase/>"), /has no name/],
    [
      "a child that nobody knows",
      suite("", '<testcase name="a"><broken/></testcase>'),
      /line 1, broken: is not known in a testcase/,
    ],
    ["a child of a suite that nobody knows", suite("", `${pass}<crash/>`), /crash: is not known in a testsuite/],
    ["a test outside of a suite", `<testsuites>${pass}</testsuites>`, /testcase: is not known in a testsuites/],
    [
      "a status that nobody knows",
      suite("", '<testcase name="a" status="exploded"/>'),
      /its status "exploded" is not known/,
    ],
    ["a time that is none", suite('timestamp="noon"', pass), /its timestamp is no time/],
    ["another document", '<testsuite-like tests="1"/>', /is neither testsuites nor testsuite/],
    [
      "surplus cases in a report that is not jest's",
      `<testsuites name="x" tests="1">${suite("", `${pass}<testcase name="todo"/>`)}</testsuites>`,
      /says 1 tests, and has 2/,
    ],
  ];
  for (const [what, text, words] of broken)
    it(`refuses ${what}`, () => {
      assert.throws(() => junit.read({ report: { file: "report", text }, root: "/" }, "tests"), words);
    });

  it("refuses mocha-junit-reporter's report that leaves pending tests out, and says what helps", () => {
    refuses(junit, fixture("mocha-junit-reporter/pending-left-out.xml"), /line 5, testsuite: says 3 tests, and has 2/);
    refuses(junit, fixture("mocha-junit-reporter/hook.xml"), /says 2 tests, and has 1/);
  });

  const read = (text: string) => readWith(junit, { file: "report", text }).result;
  const figures = (text: string) => {
    const { total, passed, failed, skipped, flaky } = read(text);
    return [total, passed, failed, skipped, flaky];
  };
  const twice = (first: string, second: string) =>
    suite("", `<testcase name="t">${first}</testcase>${pass}<testcase name="t">${second}</testcase>`);
  const readings: [string, string, number[]][] = [
    ["failed and then passed: flaky", twice("<failure/>", ""), [2, 2, 0, 0, 1]],
    ["failed twice: failed, once", twice("<failure/>", "<error/>"), [2, 1, 1, 0, 0]],
    ["passed and then failed: failed", twice("", "<failure/>"), [2, 1, 1, 0, 0]],
    ["failed and then skipped: failed", twice("<failure/>", "<skipped/>"), [2, 1, 1, 0, 0]],
    ["skipped and then passed: passed", twice("<skipped/>", ""), [2, 2, 0, 0, 0]],
    ["passed twice, and both counted: passed", suite('tests="2"', pass + pass), [1, 1, 0, 0, 0]],
    ["passed twice, and counted once: flaky", suite('tests="1"', pass + pass), [1, 1, 0, 0, 1]],
    [
      "failed and skipped at once: failed",
      suite("", '<testcase name="a"><skipped/><failure/></testcase>'),
      [1, 0, 1, 0, 0],
    ],
    ["rerunFailure alone: failed", suite("", '<testcase name="a"><rerunFailure/></testcase>'), [1, 0, 1, 0, 0]],
    ["flakyError alone: flaky", suite("", '<testcase name="a"><flakyError/></testcase>'), [1, 1, 0, 0, 1]],
    ["not run, by its status: skipped", suite("", `${pass}<testcase name="b" status="notrun"/>`), [2, 1, 0, 1, 0]],
    ["an error of the suite, without cases: failed", suite('tests="0" errors="1"', ""), [1, 0, 1, 0, 0]],
    ["a failure directly in the suite: failed", suite('tests="1" failures="1"', `${pass}<failure/>`), [2, 1, 1, 0, 0]],
    [
      "an empty suite beside a full one",
      `<testsuites tests="1">${suite('tests="0"', "")}${suite('tests="1"', pass)}</testsuites>`,
      [1, 1, 0, 0, 0],
    ],
    [
      "suites in suites",
      `<testsuites tests="2" failures="1">${suite('tests="2"', pass + suite('tests="1" failures="1"', fail))}</testsuites>`,
      [2, 1, 1, 0, 0],
    ],
    [
      "same names on two hosts: two tests",
      `<testsuites>${suite('hostname="x"', '<testcase name="t"><failure/></testcase>')}${suite('hostname="y"', '<testcase name="t"/>')}</testsuites>`,
      [2, 1, 1, 0, 0],
    ],
    [
      "same names of two classes: two tests",
      suite("", '<testcase classname="A" name="t"><failure/></testcase><testcase classname="B" name="t"/>'),
      [2, 1, 1, 0, 0],
    ],
  ];
  for (const [what, text, expected] of readings) it(`reads ${what}`, () => assert.deepEqual(figures(text), expected));

  it("reads as many cases as there may be", function () {
    this.timeout(60_000);
    const cases = Array.from({ length: 200_000 }, (_, n) => `<testcase name="${n}"/>`).join("");
    const { total } = read(`<testsuites tests="200000">${suite('tests="200000"', cases)}</testsuites>`);
    assert.equal(total, 200_000);
  });

  it("does not take a name for anything else", () => {
    const { failures } = read(suite("", '<testcase name="__proto__" classname="constructor"><failure/></testcase>'));
    assert.deepEqual(failures, ["constructor __proto__"]);
  });
});
