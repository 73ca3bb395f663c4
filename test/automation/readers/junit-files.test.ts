import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readReport } from "../../../automation/readers/index.ts";

const surefire = path.join(import.meta.dirname, "fixtures/surefire");

describe("many files of JUnit XML", () => {
  let root: string;
  const read = (pattern = "*.xml") => readReport({ kind: "tests", file: path.join(root, pattern), root });
  const refused = (rule: RegExp, pattern?: string) => assert.rejects(read(pattern), rule);

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "sluice-junit-"));
    cpSync(surefire, root, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("are one suite: what they say is added up", async () => {
    const names = ["CartTest", "PriceTest", "SetupTest"].map((name) => `TEST-shop.${name}.xml`);
    const alone = await Promise.all(names.map(async (name) => (await read(name)).result));
    const { result, report, tool, madeAt } = await read("TEST-*.xml");
    for (const figure of ["total", "passed", "failed", "skipped", "flaky"] as const) {
      assert.equal(
        result[figure],
        alone.reduce((sum, one) => sum + one[figure], 0),
        figure,
      );
    }
    assert.ok(result.total > 3 && result.failed > 0);
    assert.deepEqual([report.file, tool.name], [path.join(root, "TEST-*.xml"), (await read(names[0])).tool.name]);
    const times = await Promise.all(names.map(async (name) => (await read(name)).madeAt ?? Number.NaN));
    assert.equal(madeAt, times.some(Number.isNaN) ? undefined : Math.min(...times));
  });

  it("are not refused for a class that is skipped as a whole", async () => {
    const before = (await read()).result;
    const skipped =
      '<?xml version="1.0"?>\n<testsuite name="a" tests="1" skipped="1"><testcase name="t" classname="a"><skipped/></testcase></testsuite>';
    writeFileSync(path.join(root, "a.xml"), skipped);
    await refused(/no test ran/, "a.xml");
    const { total, skipped: count } = (await read()).result;
    assert.deepEqual([total, count], [before.total + 1, before.skipped + 1]);
  });

  it("have another hash when any of them changes", async () => {
    const { sha256 } = (await read()).report;
    writeFileSync(
      path.join(root, "z.xml"),
      '<testsuite name="z" tests="1"><testcase name="t" classname="z"/></testsuite>',
    );
    assert.notEqual((await read()).report.sha256, sha256);
  });

  it("are refused where there is none", () => refused(/matches no file/, "*.junit"));

  const bad: [what: string, text: string, rule: RegExp][] = [
    ["is cut off", "<testsuite><testcase name='a'", /not well-formed/],
    ["closes what it did not open", "</testsuites><testsuites>", /not well-formed/],
    ["holds several", '<testsuite name="a"/><testsuite name="b"/>', /single root|not well-formed/],
    ["is of another form", '<testsuites><testsuite name="a"/></testsuites>', /is no testsuite: .*together/],
    ["is empty", "", /empty/],
  ];
  for (const [what, text, rule] of bad) {
    it(`are refused where one ${what}, by its name`, async () => {
      writeFileSync(path.join(root, "x.xml"), text);
      await refused(rule);
      await refused(/x\.xml/);
    });
  }
});
