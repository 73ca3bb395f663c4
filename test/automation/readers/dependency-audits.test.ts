/** npm audit, cargo audit and pip-audit. */
import assert from "node:assert/strict";
import { cargoAudit } from "../../../automation/readers/cargo-audit.ts";
import { npmAudit } from "../../../automation/readers/npm-audit.ts";
import { pipAudit } from "../../../automation/readers/pip-audit.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));

describe("npm audit", () => {
  const dirty = fixture("npm-audit/dirty.json");
  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) => changed("npm-audit/dirty.json", change);

  it("counts packages, as npm does", () => {
    const { tool, result } = read(npmAudit, "dependencies", dirty);
    assert.equal(tool.name, "npm-audit");
    assert.deepEqual(figures(result.counts), [1, 2, 1, 1, 0]);
    assert.deepEqual(result.first.slice(0, 3), [
      {
        id: "GHSA-0000-0000-0001",
        severity: "critical",
        title: "archive writes outside of its folder",
        place: "archive <2.0.1",
      },
      {
        id: "GHSA-0000-0000-0002",
        severity: "high",
        title: "parser takes quadratic time",
        place: "parser <=1.9.9",
        fixedIn: "framework 5.0.0",
      },
      {
        id: "framework",
        severity: "high",
        title: "depends on parser",
        place: "framework 2.0.0 - 4.9.9",
        fixedIn: "framework 5.0.0",
      },
    ]);
  });

  it("is good where no package is named", () => {
    assert.deepEqual(
      figures(read(npmAudit, "dependencies", fixture("npm-audit/offline.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
  });

  it("finds a package's second advisory new", () => {
    const before = broken(({ vulnerabilities }) => vulnerabilities.parser.via.pop());
    assert.deepEqual(freshOf(read(npmAudit, "dependencies", dirty, before)), [0, 1, 0, 0, 0]);
    assert.deepEqual(freshOf(read(npmAudit, "dependencies", dirty, dirty)), [0, 0, 0, 0, 0]);
  });

  const none = { name: "x", severity: "none", via: [] };
  const cases: [string, string, RegExp][] = [
    ["the endpoint's error", fixture("npm-audit/error.json"), /^report: the audit did not run: npm wrote an error$/],
    ["npm's own error", fixture("npm-audit/no-lock.json"), /the audit did not run/],
    ["an error beside a report", broken((document) => (document.error = { code: "E503" })), /the audit did not run/],
    ["a message beside a report", broken((document) => (document.message = "gone")), /the audit did not run/],
    ["version 1", broken((document) => (document.auditReportVersion = 1)), /auditReportVersion/],
    ["no version", broken((document) => delete document.auditReportVersion), /auditReportVersion/],
    ["no totals", broken((document) => delete document.metadata), /metadata/],
    ["no list", broken((document) => delete document.vulnerabilities), /vulnerabilities/],
    [
      "a package less",
      broken(({ vulnerabilities }) => delete vulnerabilities.colour),
      /names 5 packages, by severity, but the list has 4/,
    ],
    ["a package more", broken(({ vulnerabilities }) => (vulnerabilities.x = none)), /but the list has 6/],
    [
      "a severity that is another",
      broken(({ vulnerabilities }) => (vulnerabilities.archive.severity = "low")),
      /names 5 packages/,
    ],
    [
      "a severity that is none, and is not counted",
      broken(({ vulnerabilities, metadata }) => {
        vulnerabilities.notes.severity = "";
        metadata.vulnerabilities.info = 0;
      }),
      /names 5 packages/,
    ],
    [
      "a severity that is none",
      broken(({ vulnerabilities }) => (vulnerabilities.notes.severity = "")),
      /names 5 packages/,
    ],
    ["a total that is another", broken(({ metadata }) => (metadata.vulnerabilities.total = 4)), /names 4 packages/],
    ["an empty object", "{}", /./],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(npmAudit, "dependencies", text), words));
});

describe("cargo audit", () => {
  const dirty = fixture("cargo-audit/dirty.json");
  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) => changed("cargo-audit/dirty.json", change);

  it("scores vectors, and knows nothing of advisories without", () => {
    const { tool, result } = read(cargoAudit, "dependencies", dirty);
    assert.equal(tool.name, "cargo-audit");
    // 9.8 and 7.5; unmaintained and yanked; one without a vector, and one unsound.
    assert.deepEqual(figures(result.counts), [1, 1, 0, 2, 2]);
    assert.equal(result.suppressed, 1);
    assert.equal(result.databaseAt, "2026-11-18T11:00:00.000Z");
    assert.deepEqual(result.first[1], {
      id: "RUSTSEC-2026-0002",
      severity: "high",
      title: "Stack overflow in parse",
      place: "parse 0.3.0",
      fixedIn: "^0.3.4, >=0.4.1",
    });
    assert.deepEqual(
      result.first.filter(({ severity }) => severity === "unknown").map(({ id }) => id),
      ["RUSTSEC-2026-0003", "RUSTSEC-2026-0005"],
    );
  });

  it("is good without either", () => {
    assert.deepEqual(
      figures(read(cargoAudit, "dependencies", fixture("cargo-audit/clean.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
  });

  it("knows no warning of another kind", () => {
    const text = changed("cargo-audit/clean.json", (document) => {
      document.warnings = { evil: [{ package: { name: "x", version: "1.0.0" }, advisory: null, versions: null }] };
    });
    assert.deepEqual(figures(read(cargoAudit, "dependencies", text).result.counts), [0, 0, 0, 0, 1]);
  });

  it("compares with a baseline", () => {
    assert.deepEqual(
      freshOf(read(cargoAudit, "dependencies", dirty, fixture("cargo-audit/clean.json"))),
      [1, 1, 0, 2, 2],
    );
  });

  const cases: [string, string, RegExp][] = [
    ["an empty database", broken(({ database }) => (database["advisory-count"] = 0)), /database: has no advisory/],
    ["an empty lock file", broken(({ lockfile }) => (lockfile["dependency-count"] = 0)), /lockfile: has no dependency/],
    ["a threshold", broken(({ settings }) => (settings.severity = "high")), /settings\.severity: leaves findings out/],
    ["a vulnerability less", broken(({ vulnerabilities }) => vulnerabilities.list.pop()), /says 3, but lists 2/],
    ["a count that is another", broken(({ vulnerabilities }) => (vulnerabilities.count = 2)), /says 2, but lists 3/],
    [
      "nothing found in a list",
      broken(({ vulnerabilities }) => (vulnerabilities.found = false)),
      /says 3, but lists 3/,
    ],
    ["no database", broken((document) => delete document.database), /database/],
    ["no settings", broken((document) => delete document.settings), /settings/],
    ["no vulnerabilities", broken((document) => delete document.vulnerabilities), /vulnerabilities/],
    ["a time that is none", broken(({ database }) => (database["last-updated"] = "now")), /last-updated: is no ISO/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(cargoAudit, "dependencies", text), words));
});

describe("pip-audit", () => {
  it("knows no severity", () => {
    const { tool, result } = read(pipAudit, "dependencies", fixture("pip-audit/dirty.json"));
    assert.equal(tool.name, "pip-audit");
    assert.deepEqual(figures(result.counts), [0, 0, 0, 0, 1]);
    assert.deepEqual(result.first[0], {
      id: "PYSEC-2026-1",
      severity: "unknown",
      title: "requests sends a header to another host",
      place: "requests 2.19.0",
      fixedIn: "2.20.0",
    });
    assert.deepEqual(
      figures(read(pipAudit, "dependencies", fixture("pip-audit/clean.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
  });

  const skipped = changed("pip-audit/clean.json", ({ dependencies }) => (dependencies[0].skip_reason = "local"));
  const cases: [string, string, RegExp][] = [
    [
      "a package that was skipped",
      fixture("pip-audit/skipped.json"),
      /dependencies\[0\]: was skipped, and not audited/,
    ],
    ["a package that was skipped, and has a list", skipped, /was skipped/],
    ["no package", '{"dependencies":[],"fixes":[]}', /nothing was audited/],
    ["no list", "{}", /dependencies/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(pipAudit, "dependencies", text), words));
});
