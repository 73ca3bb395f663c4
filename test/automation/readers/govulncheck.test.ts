import assert from "node:assert/strict";
import { govulncheck } from "../../../automation/readers/govulncheck.ts";
import { isOwed } from "../../../automation/readers/govulncheck-affected.ts";
import { figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));

describe("govulncheck", () => {
  const dirty = fixture("govulncheck/dirty.json");
  const clean = fixture("govulncheck/clean.json");
  const messages = (text: string): string[] => text.split(/(?<=^\}\n)/m);

  it("holds what is called for high, and knows nothing of what is merely there; each once", () => {
    const { tool, result } = read(govulncheck, "dependencies", dirty);
    assert.deepEqual(tool, { name: "govulncheck", version: "v1.1.4" });
    assert.deepEqual(figures(result.counts), [0, 1, 0, 0, 2]);
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

  it("reads messages without any space between them", () => {
    const dense = `${messages(dirty)
      .map((text) => JSON.stringify(JSON.parse(text)))
      .join("")}\n`;
    assert.deepEqual(read(govulncheck, "dependencies", dense), read(govulncheck, "dependencies", dirty));
  });

  it("compares with a baseline", () => {
    assert.deepEqual(freshOf(read(govulncheck, "dependencies", dirty, clean)), [0, 1, 0, 0, 2]);
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

  it("is refused where it ends before every module's vulnerabilities are told, and never better where it ends later", () => {
    const all = messages(dirty);
    const first = all.findIndex((one) => one.includes('"finding"'));
    for (let end = first; end < first + 3; end += 1)
      refused(
        () => read(govulncheck, "dependencies", all.slice(0, end).join("")),
        /ends before it has told of GO-2026-900/,
      );
    for (let end = first + 3; end < all.length; end += 1) {
      const { counts } = read(govulncheck, "dependencies", all.slice(0, end).join("")).result;
      assert.deepEqual(figures(counts), [0, 0, 0, 0, 3]);
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
    ["no newline at its end", dirty.trimEnd(), /ended before/],
    ["a list", "[]", /message 1: is no object/],
    ["text in between", clean.replace("\n{", "\nfailed: {"), /message 2: is no object/],
    ["a bracket in a text that breaks off", `${clean}{"progress":{"message":"}}`, /message 5: breaks off/],
    ["a broken message", clean.replace('"SBOM":', '"SBOM"'), /^report: message 2: /],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(govulncheck, "dependencies", text), words));
});

describe("govulncheck owes a finding", () => {
  type Event = { introduced: string } | { fixed: string };
  const entry = (events: Event[], more: object = {}, type = "SEMVER") => ({
    id: "GO-1",
    affected: [{ package: { name: "m" }, ranges: [{ type, events }], ...more }],
  });
  const from = (introduced: string, fixed?: string): Event[] =>
    fixed === undefined ? [{ introduced }] : [{ introduced }, { fixed }];
  const imports = (...limits: object[]) => ({ ecosystem_specific: { imports: limits } });

  const cases: [string, ReturnType<typeof entry>, string | undefined, boolean][] = [
    ["below the mended version", entry(from("0", "1.2.1")), "v1.2.0", true],
    ["not of the mended version", entry(from("0", "1.2.1")), "v1.2.1", false],
    ["of the first version that has it", entry(from("1.1.0", "1.2.1")), "v1.1.0", true],
    ["not before it", entry(from("1.1.0", "1.2.1")), "v1.0.9", false],
    ["where it is not mended", entry(from("0")), "v9.0.0", true],
    ["in a second range", entry([...from("0", "1.0.0"), ...from("2.0.0", "2.1.0")]), "v2.0.5", true],
    ["not between two", entry([...from("0", "1.0.0"), ...from("2.0.0", "2.1.0")]), "v1.5.0", false],
    ["in whatever order they are told", entry([...from("2.0.0", "2.1.0"), ...from("0", "1.0.0")]), "v2.0.5", true],
    ["of Go's own versions", entry(from("1.25.0-0", "1.25.3")), "go1.25.2", true],
    ["of a commit", entry(from("0", "0.0.0-20260101000000-abcdefabcdef")), "v0.0.0-20250101000000-abcdefabcdef", true],
    ["of every version without a range", entry([], { ranges: undefined }), "v1.0.0", true],
    ["of every version in a range of another type", entry(from("0", "1.0.0"), {}, "GIT"), "v2.0.0", true],
    ["not of a version that is not known", entry(from("0")), "(devel)", false],
    ["not without a version", entry(from("0")), undefined, false],
    ["not where all of it is limited to platforms", entry(from("0"), imports({ goos: ["windows"] })), "v1.0.0", false],
    ["where some of it is", entry(from("0"), imports({ goos: ["windows"] }, {})), "v1.0.0", true],
    [
      "not where it was withdrawn",
      { ...entry(from("0")), withdrawn: "2026-01-01T00:00:00Z" } as never,
      "v1.0.0",
      false,
    ],
  ];
  for (const [what, osv, version, owed] of cases)
    it(what, () => assert.equal(isOwed(osv as never, new Map([["m", [{ version }]]])), owed));

  it("of no other module", () =>
    assert.equal(isOwed(entry(from("0")), new Map([["n", [{ version: "v1.0.0" }]]])), false));
});
