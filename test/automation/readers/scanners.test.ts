/** What holds for every reader of findings: broken off, strange and hostile reports. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readReport } from "../../../automation/readers/index.ts";
import { ReportError } from "../../../automation/readers/reader.ts";
import type { Findings } from "../../../model/gates/results.ts";
import { figures, fixture } from "./scanner-fixtures.ts";

type Kind = "lint" | "sast" | "secrets" | "dependencies" | "container" | "dast";

/** A good report with findings, and a format's reading of it. */
const reports: [string, Kind, string][] = [
  ["actionlint/dirty.json", "lint", "actionlint"],
  ["bandit/dirty.json", "sast", "bandit"],
  ["bandit/dirty.sarif", "sast", "sarif"],
  ["cargo-audit/dirty.json", "dependencies", "cargo-audit"],
  ["codeql/dirty.sarif", "sast", "sarif"],
  ["eslint/dirty.json", "lint", "eslint"],
  ["eslint/dirty.sarif", "lint", "sarif"],
  ["gitleaks/dirty.json", "secrets", "gitleaks"],
  ["gitleaks/dirty.sarif", "secrets", "sarif"],
  ["golangci-lint/dirty.json", "lint", "golangci-lint"],
  ["golangci-lint/dirty.sarif", "lint", "sarif"],
  ["gosec/dirty.sarif", "sast", "sarif"],
  ["govulncheck/dirty.json", "dependencies", "govulncheck"],
  ["govulncheck/dirty.sarif", "dependencies", "sarif"],
  ["grype/image.json", "container", "grype"],
  ["npm-audit/dirty.json", "dependencies", "npm-audit"],
  ["pip-audit/dirty.json", "dependencies", "pip-audit"],
  ["semgrep/dirty.sarif", "sast", "sarif"],
  ["trivy/image.json", "container", "trivy"],
  ["zap/dirty.json", "dast", "zap"],
  ["zizmor/dirty.sarif", "sast", "sarif"],
];

describe("every report of findings", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-scanners-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const readText = (kind: Kind, text: string, more: { name?: string } = {}) => {
    const file = join(folder, "report");
    writeFileSync(file, text);
    return readReport({ kind, file, root: folder, ...more });
  };
  const refusedText = (kind: Kind, text: string, more?: { name?: string }) =>
    assert.rejects(readText(kind, text, more), (error: Error) => {
      assert.ok(error instanceof ReportError, error.stack);
      return true;
    });

  for (const [name, kind, format] of reports) {
    it(`${name} is read as ${format}`, async () => {
      const reading = await readText(kind, fixture(name));
      assert.equal(reading.format, format);
      const total = figures(reading.result.counts).reduce((sum, one) => sum + one, 0);
      assert.ok(total > 0);
    });

    it(`${name} is refused where it breaks off`, async () => {
      const text = fixture(name).trimEnd();
      for (let tenth = 0; tenth < 10; tenth += 1)
        await refusedText(kind, text.slice(0, Math.floor((text.length * tenth) / 10)));
      await refusedText(kind, text.slice(0, -1));
    });

    it(`${name} is refused with a field named __proto__`, async () => {
      const text = fixture(name);
      const hostile = text.replace("{", '{"__proto__":{"counts":{}},');
      assert.notEqual(hostile, text);
      await refusedText(kind, hostile);
      await refusedText(kind, text.replace("{", '{"\\u005f_proto__":[],'));
    });

    it(`${name} says the same, and nothing that a terminal obeys, with hostile texts`, async () => {
      const text = fixture(name);
      // Into every text of several words, which is what people read.
      const hostile = text.replaceAll(
        /"((?:message|text|issue_text|title|Title|Text|name|Description|description)": ?")(?=\w+ )/g,
        '"$1\\u001b[2J\\u202e\\u0007',
      );
      assert.notEqual(hostile, text);
      const [plain, changed] = [await readText(kind, text), await readText(kind, hostile)];
      assert.deepEqual(changed.result.counts, plain.result.counts);
      assert.equal(changed.result.suppressed, plain.result.suppressed);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      const harmful = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|\\u00[01]/;
      assert.doesNotMatch(JSON.stringify(changed), harmful);
    });
  }

  it("compares with a baseline from a file", async () => {
    const baselineFile = join(folder, "baseline");
    writeFileSync(baselineFile, fixture("zap/baseline.json"));
    const file = join(folder, "report");
    writeFileSync(file, fixture("zap/dirty.json"));
    const { result } = await readReport({ kind: "dast", file, baselineFile, root: folder });
    assert.equal((result as Findings).fresh?.high, 1);
  });

  it("takes an empty list for gitleaks', which is the only one of its kind", async () => {
    assert.equal((await readText("secrets", "[]")).format, "gitleaks");
  });

  it("takes an empty list for actionlint's or ESLint's where the user says so, and else for nobody's", async () => {
    await assert.rejects(readText("lint", "[]\n"), /could be each of eslint, actionlint/);
    assert.equal((await readText("lint", "[]\n", { name: "actionlint" })).format, "actionlint");
    await assert.rejects(readText("lint", "[]\n", { name: "eslint" }), /no file was linted/);
    await assert.rejects(readText("lint", "[]\n", { name: "oxlint" }), /could be each of/);
  });

  it("quotes nothing of what was given as a report of secrets and is none", async () => {
    await assert.rejects(readText("secrets", "hunter2"), (error: Error) => !error.message.includes("hunter2"));
    await assert.rejects(readText("lint", "hunter2"), /starts with "hunter2"/);
  });
});
