import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { XMLParser } from "fast-xml-parser";
import { repositoryRoot } from "../../automation/paths.ts";
import { readReport } from "../../automation/readers/index.ts";

/** Whatever a title or a message may hold. */
const hostile = `</testcase> & "quotes" 'single' ]]> \u001b[31m \u0000 \ud800 <!ENTITY`;

const source = `
const hostile = ${JSON.stringify(hostile)};
let tries = 0;
describe("outer", () => {
  it("passes", () => {});
  it("is skipped");
  it("fails " + hostile, () => { throw new Error(hostile); });
  it("is flaky", function () { this.retries(1); if (tries++ === 0) throw new Error("first"); });
});
`;

describe("the JUnit file of a run", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "sluice-junit-"));
  let suite: { [name: string]: unknown; testcase: Record<string, unknown>[] };
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    const test = path.join(folder, "some.test.cjs");
    const file = path.join(folder, "reports", "junit.xml");
    writeFileSync(test, source);
    const mocha = path.join(repositoryRoot, "node_modules/mocha/bin/mocha.js");
    const reporter = path.join(repositoryRoot, "test/support/tally-reporter.mjs");
    const { TEST_TALLY: _, ...env } = process.env;
    const args = [mocha, "--no-config", "--reporter", reporter, test];
    await execa(process.execPath, args, {
      cwd: folder,
      extendEnv: false,
      env: { ...env, TEST_JUNIT: file },
      reject: false,
    });
    const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === "testcase" });
    suite = parser.parse(readFileSync(file, "utf8"), true).testsuites.testsuite;
  });

  it("counts all of them", () => {
    const counts = ["tests", "failures", "errors", "skipped"].map((name) => suite[`@_${name}`]);
    assert.deepEqual(counts, ["4", "1", "0", "1"]);
  });

  it("tells how each ended, where it stands, and that one was repeated", () => {
    const ends = suite.testcase.map((one) => Object.keys(one).filter((key) => !key.startsWith("@_")));
    assert.deepEqual(ends, [[], ["skipped"], ["failure"], ["flakyFailure"]]);
    assert.deepEqual(suite.testcase[0], {
      "@_classname": "outer",
      "@_name": "passes",
      "@_file": "some.test.cjs",
      "@_time": suite.testcase[0]?.["@_time"],
    });
  });

  it("is what Sluice's own gates read", async () => {
    const file = path.join(folder, "reports", "junit.xml");
    const { result } = await readReport({ kind: "tests", file, root: folder });
    const { total, passed, failed, skipped, flaky, flakes } = result;
    assert.deepEqual(
      { total, passed, failed, skipped, flaky },
      { total: 4, passed: 2, failed: 1, skipped: 1, flaky: 1 },
    );
    assert.match(flakes.join(), /is flaky/);
  });

  it("keeps hostile text inside its attribute", () => {
    assert.match(String(suite.testcase[2]?.["@_name"]), /^fails <\/testcase> & "quotes" 'single' \]\]> {2}/);
  });
});
