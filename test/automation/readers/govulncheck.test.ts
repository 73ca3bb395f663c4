import assert from "node:assert/strict";
import { govulncheck } from "../../../automation/readers/govulncheck.ts";
import { figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));

describe("govulncheck", () => {
  const dirty = fixture("govulncheck/dirty.json");
  const clean = fixture("govulncheck/clean.json");
  const messages = (text: string): string[] => text.split(/(?<=^\}\n)/m);

  it("holds what is called for high, and what is merely there for low; each once", () => {
    const { tool, result } = read(govulncheck, "dependencies", dirty);
    assert.deepEqual(tool, { name: "govulncheck", version: "v1.1.4" });
    assert.deepEqual(figures(result.counts), [0, 1, 0, 2, 0]);
    assert.equal(result.databaseAt, "2026-11-01T00:00:00.000Z");
    assert.deepEqual(result.first[0], {
      id: "GO-2026-9001",
      severity: "high",
      title: "Parse believes its input in example.com/lib",
      place: "example.com/lib v1.2.0",
      fixedIn: "v1.2.1",
    });
  });

  it("is good where nothing was found", () => {
    assert.deepEqual(figures(read(govulncheck, "dependencies", clean).result.counts), [0, 0, 0, 0, 0]);
  });

  it("does not know whether anything is called where it did not look", () => {
    const text = dirty.replace('"scan_level": "symbol"', '"scan_level": "package"');
    assert.deepEqual(figures(read(govulncheck, "dependencies", text).result.counts), [0, 1, 0, 0, 2]);
  });

  it("reads messages without any space between them", () => {
    const dense = `${messages(dirty)
      .map((text) => JSON.stringify(JSON.parse(text)))
      .join("")}\n`;
    assert.deepEqual(read(govulncheck, "dependencies", dense), read(govulncheck, "dependencies", dirty));
  });

  it("compares with a baseline", () => {
    assert.deepEqual(freshOf(read(govulncheck, "dependencies", dirty, clean)), [0, 1, 0, 2, 0]);
    assert.deepEqual(freshOf(read(govulncheck, "dependencies", dirty, dirty)), [0, 0, 0, 0, 0]);
  });

  it("is refused where it ends before the code was looked at", () => {
    for (const text of [dirty, clean]) {
      const all = messages(text);
      const looked = all.findIndex((one) => one.includes("Checking the code"));
      assert.ok(looked > 2);
      for (let end = 1; end <= looked; end += 1)
        refused(
          () => read(govulncheck, "dependencies", all.slice(0, end).join("")),
          /ended before it had looked at all/,
        );
    }
  });

  const cases: [string, string, RegExp][] = [
    ["no list of what was looked at", messages(clean).toSpliced(1, 1).join(""), /ended before it had looked at all/],
    ["no configuration", messages(dirty).slice(1).join(""), /has no configuration/],
    ["two configurations", clean + clean, /has several configurations/],
    [
      "a finding of what is not described",
      `${clean}{"finding":{"osv":"GO-1","trace":[{"module":"m"}]}}\n`,
      /is not described/,
    ],
    [
      "a finding without a trace",
      `${dirty}{"finding":{"osv":"GO-2026-9001","trace":[]}}\n`,
      /^report: message 14: finding\.trace/,
    ],
    ["another level", clean.replace('"symbol"', '"none"'), /scan_level/],
    ["no newline at its end", dirty.trimEnd(), /ended before/],
    ["a list", "[]", /message 1: is no object/],
    ["text in between", clean.replace("\n{", "\nfailed: {"), /message 2: is no object/],
    ["a bracket in a text that breaks off", `${clean}{"progress":{"message":"}}`, /message 5: breaks off/],
    ["a broken message", clean.replace('"SBOM":', '"SBOM"'), /^report: message 2: /],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(govulncheck, "dependencies", text), words));
});
