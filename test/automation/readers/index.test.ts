import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type ReadReportArgs, readers, readReport } from "../../../automation/readers/index.ts";
import { ReportError } from "../../../automation/readers/reader.ts";
import type { ReportKind } from "../../../model/gates/results.ts";

describe("reading a report", () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "sluice-index-"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const junit = '<testsuite tests="1"><testcase name="a"/></testsuite>';
  const read = <K extends ReportKind>(kind: K, text: string, options: Partial<ReadReportArgs<K>> = {}) => {
    const file = path.join(root, "report");
    writeFileSync(file, text);
    return readReport({ kind, file, root, ...options });
  };
  const refused = (reading: Promise<unknown>, words: RegExp) =>
    assert.rejects(reading, (error: Error) => {
      assert.ok(error instanceof ReportError, error.stack);
      assert.match([error.message, error.remedy].join("; "), words);
      return true;
    });

  it("names format, file and hash beside what it says", async () => {
    const { format, report, result } = await read("tests", junit);
    const sha256 = createHash("sha256").update(junit).digest("hex");
    assert.deepEqual([format, report], ["junit", { file: path.join(root, "report"), sha256 }]);
    assert.deepEqual([result.total, result.passed], [1, 1]);
  });

  it("refuses what no reader of the kind knows, with what it begins with and what is read", () =>
    refused(
      read("tests", "\u001b[31mhello\u001b[0m\nworld"),
      /is no report of tests that is known: starts with "hello world"; formats of tests: junit, go-test, mocha-json$/,
    ));

  it("refuses a report of another kind", () =>
    refused(read("coverage", junit), /is no report of coverage that is known/));

  it("refuses a format of another kind, and takes the one that is named", async () => {
    await refused(read("tests", junit, { format: "lcov" }), /tests is not read from "lcov"; formats of tests: /);
    await refused(read("tests", `${junit}\n`, { format: "go-test" }), /line 1: 1:1: is not JSON/);
    assert.equal((await read("tests", junit, { format: "junit" })).format, "junit");
  });

  it("takes control characters out of every text", async () => {
    const name = "\u001b[31mred\u001b[0m\u202e\r\n::error::no";
    const { result } = await read("tests", `<testsuite><testcase name="${name}"><failure/></testcase></testsuite>`);
    assert.deepEqual(result.failures, ["red ::error::no"]);
  });

  it("takes them out of refusals", () =>
    refused(
      read("tests", '<testsuite><testcase name="a" status="&#27;[31mbad&#10;x"/></testsuite>'),
      /its status "bad x" is not known/,
    ));

  it("checks what a reader made of a report with the schema of the kind", () =>
    refused(
      read("coverage", `SF:${"x/".repeat(3000)}a\nDA:1,1\nend_of_record\n`),
      /report: files\.0\.path: .*\(of what coverage says\)/,
    ));

  it("has formats with names of their own", () => {
    const names = readers.map((reader) => reader.format);
    assert.equal(new Set(names).size, names.length);
  });
});
