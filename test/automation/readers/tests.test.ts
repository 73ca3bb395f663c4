/** Reports of tests: what each tool's own report says, and what is refused. */
import assert from "node:assert/strict";
import { goTest } from "../../../automation/readers/go-test.ts";
import { junit } from "../../../automation/readers/junit.ts";
import { mochaJson } from "../../../automation/readers/mocha-json.ts";
import type { Reader } from "../../../automation/readers/reader.ts";
import { fixture, readWith, refusesCuts } from "./reports.ts";

/** total, passed, failed, skipped, flaky; names of those that failed, and of flaky ones */
type Figures = [number, number, number, number, number, string[]?, string[]?];

/** Counted by hand, in the report and in the tests that it is of. */
const good: [Reader<"tests">, string, string, Figures][] = [
  [
    junit,
    "surefire/TEST-shop.CartTest.xml",
    "surefire",
    [8, 5, 2, 1, 2, ["shop.CartTest errs", "shop.CartTest fails"], ["shop.CartTest flaky", "shop.CartTest flakyError"]],
  ],
  [junit, "surefire/TEST-shop.PriceTest.xml", "surefire", [2, 2, 0, 0, 0]],
  [junit, "surefire/TEST-shop.SetupTest.xml", "surefire", [1, 0, 1, 0, 0, ["shop.SetupTest"]]],
  [junit, "pytest/pass.xml", "pytest", [8, 6, 0, 2, 0]],
  [junit, "pytest/flaky.xml", "pytest", [8, 6, 0, 2, 1, [], ["tests.test_cart test_flaky"]]],
  [
    junit,
    "pytest/fail.xml",
    "pytest",
    [8, 4, 2, 2, 0, ["tests.test_broken test_reads", "tests.test_broken test_compares"]],
  ],
  [junit, "pytest/teardown.xml", "pytest", [8, 5, 1, 2, 0, ["tests.test_broken test_reads"]]],
  [junit, "pytest/collect.xml", "pytest", [1, 0, 1, 0, 0, ["pytest tests.test_import"]]],
  [junit, "mocha/pass.xml", "mocha", [6, 5, 0, 1, 0]],
  [junit, "mocha/fail.xml", "mocha", [6, 4, 1, 1, 0, ["cart discount is taken"]]],
  [junit, "mocha/hook.xml", "mocha", [5, 3, 1, 1, 0, ['database "before all" hook for "reads"']]],
  [mochaJson, "mocha/pass.json", "mocha", [6, 5, 0, 1, 0]],
  [mochaJson, "mocha/flaky.json", "mocha", [6, 5, 0, 1, 1, [], ["cart discount is taken"]]],
  [mochaJson, "mocha/fail.json", "mocha", [6, 4, 1, 1, 0, ["cart discount is taken"]]],
  [mochaJson, "mocha/hook.json", "mocha", [5, 3, 1, 1, 0, ['database "before all" hook for "reads"']]],
  [junit, "mocha-junit-reporter/pass.xml", "mocha", [6, 5, 0, 1, 0]],
  [junit, "mocha-junit-reporter/fail.xml", "mocha", [6, 4, 1, 1, 0, ["cart discount is taken"]]],
  [junit, "jest/pass.xml", "jest", [6, 4, 0, 2, 0]],
  [junit, "jest/fail.xml", "jest", [6, 4, 1, 1, 0, ["cart is <red>"]]],
  [junit, "jest/broken-said.xml", "jest", [6, 3, 1, 2, 0, ["Test suite failed to run t/broken.test.js"]]],
  [junit, "go-junit-report/pass.xml", "junit", [7, 6, 0, 1, 0]],
  [junit, "go-junit-report/fail.xml", "junit", [7, 5, 1, 1, 0, ["example.com/shop/cart TestEmpty"]]],
  [junit, "go-junit-report/crash.xml", "junit", [3, 2, 1, 0, 0, ["example.com/shop/price TestCrash"]]],
  [junit, "go-junit-report/build.xml", "junit", [8, 6, 1, 1, 0, ["example.com/shop/broken [build failed]"]]],
  [junit, "go-junit-report/count2.xml", "junit", [2, 2, 0, 0, 1, [], ["example.com/shop/price TestFlaky"]]],
  [junit, "gotestsum/pass.xml", "go-test", [7, 6, 0, 1, 0]],
  [junit, "gotestsum/fail.xml", "go-test", [7, 5, 1, 1, 0, ["example.com/shop/cart TestEmpty"]]],
  [junit, "gotestsum/crash.xml", "go-test", [3, 2, 1, 0, 0, ["example.com/shop/price TestCrash"]]],
  [junit, "gotestsum/build.xml", "go-test", [8, 6, 1, 1, 0, ["example.com/shop/broken TestMain"]]],
  [junit, "gotestsum/flaky.xml", "go-test", [7, 6, 0, 1, 1, [], ["example.com/shop/price TestFlaky"]]],
  [goTest, "gotestsum/flaky.json", "go-test", [7, 6, 0, 1, 1, [], ["example.com/shop/price TestFlaky"]]],
  [goTest, "go-test/pass.json", "go-test", [7, 6, 0, 1, 0]],
  [goTest, "go-test/fail.json", "go-test", [7, 5, 1, 1, 0, ["example.com/shop/cart TestEmpty"]]],
  [goTest, "go-test/crash.json", "go-test", [3, 2, 1, 0, 0, ["example.com/shop/price TestCrash"]]],
  [
    goTest,
    "go-test/build.json",
    "go-test",
    [8, 6, 1, 1, 0, ["build of example.com/shop/broken [example.com/shop/broken.test]"]],
  ],
  [goTest, "go-test/count2.json", "go-test", [2, 2, 0, 0, 1, [], ["example.com/shop/price TestFlaky"]]],
  [junit, "googletest/disabled.xml", "junit", [4, 1, 1, 2, 0, ["CartTest Fails"]]],
  [junit, "ginkgo/report.xml", "junit", [3, 2, 0, 1, 0]],
  [junit, "gradle/retried.xml", "junit", [2, 2, 0, 0, 1, [], ["shop.CartTest flaky()"]]],
];

describe("reports of tests", () => {
  for (const [reader, name, tool, [total, passed, failed, skipped, flaky, failures = [], flakes = []]] of good) {
    it(`reads ${name}`, () => {
      const reading = readWith(reader, fixture(name));
      const { seconds, ...result } = reading.result;
      assert.deepEqual(result, { total, passed, failed, skipped, flaky, failures, flakes });
      assert.equal(reading.tool.name, tool);
      assert.ok(seconds !== undefined && seconds > 0, "says how long it took");
    });
    it(`refuses ${name} where it is cut off`, () => refusesCuts(reader, fixture(name)));
  }

  it("says when a report was made: at its oldest time", () => {
    const madeAt = (reader: Reader<"tests">, name: string) => readWith(reader, fixture(name)).madeAt;
    assert.equal(madeAt(junit, "pytest/pass.xml"), Date.parse("2026-11-21T17:25:59.244Z"));
    assert.equal(madeAt(junit, "mocha/pass.xml"), Date.parse("2026-11-21T17:26:08Z"));
    assert.equal(madeAt(mochaJson, "mocha/pass.json"), Date.parse("2026-11-21T17:26:10.711Z"));
    assert.equal(madeAt(junit, "gotestsum/flaky.xml"), Date.parse("2026-11-21T17:29:24Z"));
    assert.equal(madeAt(goTest, "go-test/pass.json"), Date.parse("2026-11-21T17:23:31.483Z"));
    assert.equal(madeAt(junit, "surefire/TEST-shop.PriceTest.xml"), undefined);
  });

  it("names the first hundred that failed, each cut to a length that a table takes", () => {
    const cases = Array.from(
      { length: 150 },
      (_, n) => `<testcase name="${n}${"x".repeat(5000)}"><failure/></testcase>`,
    );
    const { result } = readWith(junit, { file: "many.xml", text: `<testsuite>${cases.join("")}</testsuite>` });
    assert.deepEqual([result.failed, result.failures.length, result.failures[0]?.length], [150, 100, 300]);
  });
});
