import assert from "node:assert/strict";
import { ReportError } from "../../../automation/readers/reader.ts";
import { toolsHealthy } from "../../../automation/readers/tool-health.ts";
import { fixture } from "./reports.ts";

const report = fixture("sha256sum/dist/punchtrunk-offline-linux-amd64.tool-health.json");
const healthy = (change: object) =>
  toolsHealthy({ file: "health.json", text: JSON.stringify({ ...JSON.parse(report.text), ...change }) });
const item = (status: string) => [{ name: "go@1.25.0", status }];

describe("a bundle's tools", () => {
  const cases: [string, object, boolean][] = [
    ["every tool in place", {}, true],
    ["no version demanded", { trunk: { status: "detected" }, linters: item("skipped") }, true],
    ["another version", { trunk: { status: "mismatch" } }, false],
    ["a version that is not known", { trunk: { status: "unknown" } }, false],
    ["a runtime missing", { runtimes: item("missing") }, false],
    ["a linter missing", { linters: item("missing") }, false],
    ["a plug-in unknown", { plugin_sources: item("unknown") }, false],
    ["a status of tomorrow", { linters: item("fine") }, false],
    ["a warning", { warnings: ["cache was not included"] }, false],
  ];
  for (const [what, change, expected] of cases) {
    it(`are ${expected ? "" : "not "}healthy with ${what}`, () => assert.equal(healthy(change), expected));
  }

  it("are unknown where the report is cut off, or none", () => {
    for (let tenth = 1; tenth < 10; tenth += 1) {
      const text = report.text.slice(0, (report.text.length * tenth) / 10);
      assert.throws(() => toolsHealthy({ ...report, text }), ReportError);
    }
    assert.throws(() => healthy({ trunk: undefined }), ReportError);
    assert.throws(() => healthy({ linters: "all" }), ReportError);
  });
});
