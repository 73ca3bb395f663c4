import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import type { Kind, Result } from "../../../../model/gates/results.ts";
import { gateIn, hour, now, type Piece, piece, verdictOn } from "../fixture.ts";

const none = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 };
type Scan = Result<"sast">;
const scan = (
  kind: Kind,
  tool: string,
  counts: Partial<Scan["counts"]> = {},
  about: Partial<Piece> = {},
  more: Partial<Scan> = {},
) =>
  piece(
    kind,
    { counts: { ...none, ...counts }, suppressed: 0, first: [], ...more },
    { name: tool.toLowerCase(), tool, ...about },
  );
const judged = (gates: GatesInput, pieces: readonly Piece[], gate: string) =>
  gateIn(verdictOn({ gates, pieces }), gate);

describe("gates over findings", () => {
  const counts: [limits: GatesInput["sast"], counts: Partial<Scan["counts"]>, gate: string, reason: string][] = [
    [{}, { critical: 1 }, "sast.critical", "failed"],
    [{}, { high: 1 }, "sast.high", "failed"],
    [{}, { unknown: 1 }, "sast.unknown", "failed"],
    [{}, { medium: 99, low: 99 }, "sast.high", "met"],
    [{ high: 2 }, { high: 2 }, "sast.high", "met"],
    [{ high: 2 }, { high: 3 }, "sast.high", "failed"],
    [{ medium: 0 }, { medium: 1 }, "sast.medium", "failed"],
    [{ low: 1 }, { low: 1 }, "sast.low", "met"],
  ];
  for (const [sast, found, gate, reason] of counts) {
    it(`${JSON.stringify(sast)}: ${JSON.stringify(found)} is ${reason}`, () => {
      assert.equal(judged({ sast } as GatesInput, [scan("sast", "gosec", found)], gate).reason, reason);
    });
  }

  it("add up what all tools found", () => {
    const both = [scan("sast", "gosec", { high: 1 }), scan("sast", "CodeQL", { high: 1 })];
    const verdict = judged({ sast: { high: 1 } }, both, "sast.high");
    assert.deepEqual([verdict.reason, verdict.found], ["failed", "2 high (gosec, CodeQL)"]);
  });

  it("take the newest report of each name and tool, and hide none behind another", () => {
    const dirty = scan("sast", "gosec", { high: 1 }, { madeAt: now - 3 * hour });
    const high = (...pieces: Piece[]) => judged({ sast: {} }, [dirty, ...pieces], "sast.high").reason;
    assert.equal(high(scan("sast", "gosec")), "met");
    assert.equal(high(scan("sast", "gosec", {}, { madeAt: now - 4 * hour, collectedAt: now })), "failed");
    assert.equal(high(scan("sast", "gosec", {}, { name: "elsewhere" })), "failed");
    assert.equal(high(scan("sast", "codeql", {}, { name: "gosec" })), "failed");
    assert.equal(high(scan("sast", "gosec", {}, { madeAt: now - 3 * hour, collectedAt: dirty.madeAt ?? 0 })), "failed");
  });

  it("demand the tools by what the reports say of themselves", () => {
    const gates: GatesInput = { sast: { tools: ["codeql", "semgrep-oss"] } };
    const [codeql, semgrep] = [scan("sast", "CodeQL"), scan("sast", "Semgrep OSS", {}, { name: "x" })];
    assert.equal(judged(gates, [codeql, semgrep], "sast.tools").reason, "met");
    const verdict = judged(gates, [codeql, scan("sast", "other", {}, { name: "semgrep-oss" })], "sast.tools");
    assert.deepEqual([verdict.reason, verdict.found], ["missing", "codeql, other; none of semgrep-oss"]);
    assert.equal(verdict.remedy, "run sluice gate collect sast:semgrep-oss=FILE");
    assert.equal(judged(gates, [], "sast.tools").found, "nothing; none of codeql, semgrep-oss");
  });

  it("count a linter's and a secret scanner's findings whatever their severity", () => {
    for (const severity of ["critical", "high", "medium", "low", "unknown"]) {
      assert.equal(judged({ lint: {} }, [scan("lint", "eslint", { [severity]: 1 })], "lint.issues").reason, "failed");
      assert.equal(
        judged({ secrets: {} }, [scan("secrets", "x", { [severity]: 1 })], "secrets.findings").reason,
        "failed",
      );
    }
    assert.equal(judged({ lint: { issues: 1 } }, [scan("lint", "eslint", { low: 1 })], "lint.issues").reason, "met");
    assert.equal(
      judged({ secrets: { findings: 1 } }, [scan("secrets", "x", { low: 1 })], "secrets.findings").reason,
      "met",
    );
  });

  describe("let through with approval", () => {
    const gates: GatesInput = { container: { high: { approvedBy: "security" } } };
    const dirty = scan("container", "trivy", { high: 7 });
    const change = piece("change", {
      base: "",
      head: "c".repeat(40),
      authors: ["x@y.z"],
      committers: [],
      types: ["fix"],
      paths: [],
    });
    const until = new Date(now + hour).toISOString();
    const approval = piece("approval", { environment: "prod", role: "security", by: "grace", reason: "seen", until });
    const rows: [what: string, pieces: Piece[], reason: string, found: RegExp][] = [
      ["none found", [scan("container", "trivy")], "met", /^none \(trivy\)$/],
      ["found and approved", [dirty, change, approval], "met", /^7 high \(trivy\); approved by grace$/],
      ["not approved", [dirty, change], "failed", /^7 high \(trivy\); no approval$/],
      ["nothing known of the change", [dirty, approval], "unknown", /nothing is known of the change/],
    ];
    for (const [what, pieces, reason, found] of rows) {
      it(what, () => {
        const verdict = judged(gates, pieces, "container.high");
        assert.equal(verdict.reason, reason);
        assert.match(verdict.found, found);
        if (reason !== "met")
          assert.match(verdict.remedy ?? "", /sluice (?:approve --role security|gate collect --change)/);
      });
    }
  });

  describe("with a vulnerability database", () => {
    const gates: GatesInput = { container: { databaseHours: 24 } };
    const made = now - 100 * hour;
    const rows: [databaseAt: string | undefined, reason: string][] = [
      [new Date(made - 24 * hour).toISOString(), "met"],
      [new Date(made - 24 * hour - 1).toISOString(), "failed"],
      [new Date(made + 5 * 60_000).toISOString(), "met"],
      [new Date(made + 5 * 60_000 + 1).toISOString(), "unknown"],
      ["yesterday", "unknown"],
      [undefined, "unknown"],
    ];
    for (const [databaseAt, reason] of rows) {
      it(`of ${databaseAt} is ${reason}, as it was at the scan`, () => {
        const report = scan("container", "trivy", {}, { madeAt: made }, databaseAt === undefined ? {} : { databaseAt });
        assert.equal(judged(gates, [report], "container.databaseHours").reason, reason);
        const other = scan("container", "grype", {}, {}, { databaseAt: new Date(now - hour).toISOString() });
        assert.equal(judged(gates, [report, other], "container.databaseHours").passed, reason === "met");
      });
    }
  });

  describe("of a running system", () => {
    const rows: [
      what: string,
      gates: GatesInput["dast"],
      fresh: Scan["fresh"],
      where: string | undefined,
      reason: string,
    ][] = [
      ["nothing new", {}, none, undefined, "met"],
      ["something new", {}, { ...none, low: 1 }, undefined, "failed"],
      ["something new of no known severity", {}, { ...none, unknown: 1 }, undefined, "failed"],
      ["as much new as allowed", { fresh: 2 }, { ...none, low: 1, high: 1 }, undefined, "met"],
      ["no baseline", {}, undefined, undefined, "unknown"],
      ["the right place", { environment: "staging" }, none, "staging", "met"],
      ["another place", { environment: "staging" }, none, "development", "failed"],
      ["no place", { environment: "staging" }, none, undefined, "failed"],
    ];
    for (const [what, dast, fresh, environment, reason] of rows) {
      it(`${what} is ${reason}`, () => {
        const report = scan("dast", "zap", { high: 3 }, { environment }, fresh === undefined ? {} : { fresh });
        assert.equal(judged({ dast } as GatesInput, [report], "dast.fresh").reason, reason);
      });
    }
  });
});
