/** What counts in a SARIF run, how severe it is, and what is new in it. */
import assert from "node:assert/strict";
import { sarif } from "../../../automation/readers/sarif.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

interface Rule {
  id: string;
  [name: string]: unknown;
}

/** A log of one run with these rules and these results. */
const log = (results: readonly object[], rules: readonly Rule[] = [], run: object = {}): string =>
  JSON.stringify({
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "tool", rules } },
        results: results.map((one) => ({ message: { text: "m" }, ...one })),
        ...run,
      },
    ],
  });
const scored = (score: unknown, level?: string): Rule => ({
  id: "r",
  properties: { "security-severity": score },
  ...(level === undefined ? {} : { defaultConfiguration: { level } }),
});
const severityOf = (text: string) => {
  const { first } = read(sarif, "sast", text).result;
  assert.equal(first.length, 1);
  return first[0]?.severity;
};

describe("a SARIF result's severity", () => {
  const r = { ruleId: "r" };
  const scores: [unknown, string][] = [
    ["10.0", "critical"],
    ["9.0", "critical"],
    ["8.9", "high"],
    ["7.0", "high"],
    ["6.9", "medium"],
    ["4.0", "medium"],
    ["3.9", "low"],
    ["0.1", "low"],
    [9.5, "critical"],
    ["11", "unknown"],
    ["-1", "unknown"],
    ["high", "unknown"],
    ["", "unknown"],
    [null, "unknown"],
    [{}, "unknown"],
  ];
  for (const [score, severity] of scores) {
    it(`is ${severity} by a score of ${JSON.stringify(score)}, whatever the level`, () => {
      assert.equal(severityOf(log([{ ...r, level: "note" }], [scored(score)])), severity);
    });
  }

  const cases: [string, string, string][] = [
    ["by level error", log([{ ...r, level: "error" }]), "high"],
    ["by level warning", log([{ ...r, level: "warning" }]), "medium"],
    ["by level note", log([{ ...r, level: "note" }]), "low"],
    ["by level none", log([{ ...r, level: "none" }]), "low"],
    ["by level where the score is zero", log([{ ...r, level: "error" }], [scored("0.0")]), "high"],
    ["unknown where the score is zero and the level mild", log([{ ...r, level: "note" }], [scored("0.0")]), "unknown"],
    ["by the rule's level", log([r], [{ id: "r", defaultConfiguration: { level: "error" } }]), "high"],
    ["by SARIF's default level", log([r], [{ id: "r" }]), "medium"],
    [
      "by its own level before the rule's",
      log([{ ...r, level: "error" }], [{ id: "r", defaultConfiguration: { level: "note" } }]),
      "high",
    ],
    ["unknown where the rule is not described", log([r], [{ id: "s" }]), "unknown"],
    ["unknown without a rule", log([{}]), "unknown"],
    [
      "unknown where a run overrides rules",
      log([r], [{ id: "r", defaultConfiguration: { level: "note" } }], {
        invocations: [{ executionSuccessful: true, ruleConfigurationOverrides: [{}] }],
      }),
      "unknown",
    ],
    ["unknown where it is open", log([{ ...r, kind: "open", level: "none" }], [{ id: "r" }]), "unknown"],
    ["unknown where it is up for review", log([{ ...r, kind: "review" }], [{ id: "r" }]), "unknown"],
    ["by the score where it is open", log([{ ...r, kind: "open" }], [scored("9.1")]), "critical"],
    ["by its own level where it is up for review", log([{ ...r, kind: "review", level: "note" }]), "low"],
    ["the worst of a rule that is there twice", log([r], [scored("1.0"), scored("9.9")]), "critical"],
    [
      "the worst of rule's and result's",
      log([{ ...r, properties: { "security-severity": "9.9" } }], [scored("1.0")]),
      "critical",
    ],
    ["by the rule whose part it breaks", log([{ ruleId: "r/1" }], [scored("9.9")]), "critical"],
    [
      "by its own rule before the one that it may be a part of",
      log([{ ruleId: "r/1" }], [{ ...scored("1"), id: "r/1" }, scored("9.9")]),
      "low",
    ],
    ["by the rule whose part's part it breaks", log([{ ruleId: "r/1/2" }], [scored("9.9")]), "critical"],
    ["by index without an id", log([{ ruleIndex: 1 }], [{ id: "s" }, scored("9.9")]), "critical"],
    [
      "by id where the index is another rule's",
      log([{ ...r, ruleIndex: 0 }], [{ id: "s" }, scored("9.9")]),
      "critical",
    ],
  ];
  for (const [what, text, severity] of cases)
    it(`is ${severity}: ${what}`, () => assert.equal(severityOf(text), severity));

  it("comes from the component that the result names, by index, name or guid", () => {
    const one = { name: "one", guid: "11", rules: [scored("2.0")] };
    const two = { name: "two", guid: "22", rules: [scored("9.9")] };
    const tool = { driver: { name: "tool", rules: [{ id: "r" }] }, extensions: [one, two] };
    for (const toolComponent of [{ index: 1 }, { name: "two" }, { guid: "22" }]) {
      const results = [{ ...r, rule: { id: "r", index: 0, toolComponent }, message: { text: "m" } }];
      assert.equal(severityOf(log([], [], { tool, results })), "critical");
    }
  });

  it("is high for every secret", () => {
    assert.equal(read(sarif, "secrets", log([{ level: "note" }, {}])).result.counts.high, 2);
  });
});

describe("a SARIF result counts", () => {
  const counts = (...results: object[]) => {
    const { counts, suppressed } = read(sarif, "sast", log(results.map((one) => ({ level: "error", ...one })))).result;
    return [counts.high, suppressed];
  };

  it("when it fails, is open or is up for review", () => {
    const kinds = ["fail", "open", "review", "pass", "notApplicable", "informational"];
    const { first } = read(sarif, "sast", log(kinds.map((kind) => ({ kind, ruleId: kind })))).result;
    assert.deepEqual(first.map(({ id }) => id).sort(), ["fail", "open", "review"]);
  });

  it("unless it is gone", () => {
    const states = ["new", "unchanged", "updated", "absent"];
    assert.deepEqual(counts(...states.map((baselineState) => ({ baselineState }))), [3, 0]);
  });

  it("unless every suppression is accepted", () => {
    const [yes, no, later] = [{ status: "accepted" }, { status: "rejected" }, { status: "underReview" }];
    assert.deepEqual(counts({ suppressions: [yes] }, { suppressions: [{ kind: "inSource" }] }), [0, 2]);
    assert.deepEqual(counts({ suppressions: [] }, { suppressions: null }), [2, 0]);
    assert.deepEqual(counts({ suppressions: [no] }, { suppressions: [later] }, { suppressions: [yes, no] }), [3, 0]);
  });
});

it("reads as many SARIF results as rules and runs' ends in no time", () => {
  const many = Array.from({ length: 20_000 }, (_, number) => ({ ruleId: `r${number}`, message: { text: "m" } }));
  const invocations = many.map(() => ({ executionSuccessful: true, endTimeUtc: "2026-11-20T08:30:00Z" }));
  const text = log(
    many,
    many.map(({ ruleId }) => ({ id: ruleId })),
    { invocations: [...invocations, ...invocations, ...invocations] },
  );
  assert.equal(read(sarif, "sast", text).result.counts.medium, 20_000);
}).timeout(20_000);

describe("several SARIF runs", () => {
  it("count together, and are as old as the oldest", () => {
    const text = changed("codeql/dirty.sarif", ({ runs }) => {
      const second = structuredClone(runs[0]);
      second.invocations[0].endTimeUtc = "2026-11-19T08:30:00Z";
      runs.push(second);
    });
    const { madeAt, result } = read(sarif, "sast", text);
    assert.equal(madeAt, Date.UTC(2026, 10, 19, 8, 30));
    assert.deepEqual(figures(result.counts), [2, 6, 2, 4, 0]);
    assert.equal(result.suppressed, 2);
  });

  it("are refused where any of them failed", () => {
    const text = changed("codeql/dirty.sarif", ({ runs }) => {
      runs.push({ ...runs[0], invocations: [{ executionSuccessful: false }] });
    });
    refused(() => read(sarif, "sast", text), /^report: runs\[1\]\.invocations\[0\]: /);
  });
});

describe("what is new in SARIF", () => {
  const dirty = fixture("codeql/dirty.sarif");
  const fresh = (text: string, baseline: string) =>
    figures(read(sarif, "sast", text, baseline).result.fresh ?? assert.fail());

  it("is nothing where lines moved and messages changed, but fingerprints did not", () => {
    const moved = changed("codeql/dirty.sarif", ({ runs: [run] }) => {
      for (const result of run.results) {
        result.locations[0].physicalLocation.region.startLine += 100;
        result.message.text += "!";
      }
    });
    assert.deepEqual(fresh(moved, dirty), [0, 0, 0, 0, 0]);
  });

  it("is all of it where the baseline is clean", () => {
    assert.deepEqual(fresh(dirty, fixture("codeql/clean.sarif")), [1, 3, 1, 2, 0]);
  });

  it("is what has another fingerprint, file or rule", () => {
    // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
    const other = (change: (result: any) => unknown) =>
      changed("codeql/dirty.sarif", ({ runs: [run] }) => void change(run.results[0]));
    assert.deepEqual(
      fresh(
        other((one) => (one.partialFingerprints.primaryLocationLineHash = "0:1")),
        dirty,
      ),
      [1, 0, 0, 0, 0],
    );
    const moved = other((one) => (one.locations[0].physicalLocation.artifactLocation.uri = "src/new.js"));
    assert.deepEqual(fresh(moved, dirty), [1, 0, 0, 0, 0]);
  });

  it("is told by the message where there are no fingerprints", () => {
    const at = (startLine: number, text: string) => ({
      ruleId: "r",
      level: "error",
      message: { text },
      locations: [{ physicalLocation: { artifactLocation: { uri: "a" }, region: { startLine } } }],
    });
    assert.deepEqual(fresh(log([at(1, "x"), at(9, "y")]), log([at(5, "x")])), [0, 1, 0, 0, 0]);
  });
});
