import assert from "node:assert/strict";
import fc from "fast-check";
import type { GatesInput } from "../../../../model/gates/config.ts";
import { describeGates, judge } from "../../../../model/gates/judge.ts";
import { brokenPieces, gatesInput } from "../arbitraries.ts";
import {
  changed,
  digest,
  evidenceOf,
  gateIn,
  now,
  otherDigest,
  type Piece,
  parse,
  piece,
  proof,
  refusedBy,
  trust,
  verdictOn,
} from "../fixture.ts";

const gates: GatesInput = { tests: { unit: {} }, lint: {}, sbom: {} };
const good = () => proof(parse(gates));

describe("integrity", () => {
  const refuses = (pieces: readonly Piece[], found: RegExp) => {
    const verdict = verdictOn({ gates, pieces });
    const integrity = gateIn(verdict, "integrity");
    assert.deepEqual([verdict.allowed, integrity.passed, integrity.reason], [false, false, "void"]);
    assert.match(integrity.found, found);
    assert.ok(integrity.remedy);
  };

  it("is broken by any file that does not count, even one that no gate asks for", () => {
    const clean = { counts: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 }, suppressed: 0, first: [] };
    refuses(
      [...good(), piece("dast", clean, { rejected: "its bytes are not those that its name says" })],
      /^dast-0+\d\.json: its bytes/,
    );
  });

  for (const [index, { kind, name }] of good().entries()) {
    it(`is broken by taking one file away: ${kind}:${name}`, () => {
      const whole = evidenceOf(good());
      const file = whole.evidence[index]?.file ?? "";
      const left = { ...whole, evidence: whole.evidence.filter((one) => one.file !== file) };
      const args = { digest, repository: "app", environment: "prod", gates: parse(gates), trust, now };
      const verdict = judge({ ...args, evidence: left });
      assert.equal(gateIn(verdict, "integrity").found, `${file}: collected, and gone`);
      assert.equal(verdict.allowed, false);
    });
  }

  it("is broken by taking any one collected file away, whatever the gates and whatever is in it", () => {
    let taken = 0;
    fc.assert(
      fc.property(gatesInput, brokenPieces, (input, { breaks, at }) => {
        const own = parse({ ...input, waivers: {} });
        if (describeGates(own).length === 0) return;
        const pieces = breaks.reduce<readonly Piece[]>((all, one) => one(all), proof(own));
        const whole = evidenceOf(pieces);
        for (const { file, kind } of whole.evidence) {
          if (["deployment", "approval", "waiver"].includes(kind)) continue;
          const left = { ...whole, evidence: whole.evidence.filter((one) => one.file !== file) };
          const args = { digest, repository: "app", environment: "prod", gates: own, trust, now: at };
          const integrity = gateIn(judge({ ...args, evidence: left }), "integrity");
          assert.equal(integrity.passed, false, file);
          taken += 1;
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(taken > 100, `${taken} files`);
  });

  it("is broken by taking the collection away", () => {
    const whole = evidenceOf(good());
    const left = { ...whole, evidence: whole.evidence.filter(({ kind }) => kind !== "collection") };
    const verdict = judge({
      digest,
      repository: "app",
      environment: "prod",
      gates: parse(gates),
      trust,
      now,
      evidence: left,
    });
    assert.match(gateIn(verdict, "integrity").found, /^tests-0+\.json: in no collection.* and 1 more$/);
  });

  it("is broken by a file that nobody collected", () => {
    refuses(
      changed(good(), "lint", (_result, one) => Object.assign(one, { collected: false })),
      /^lint-0+1\.json: in no collection/,
    );
  });

  it("is broken by evidence of two commits", () => {
    const other = changed(good(), "lint", (_result, one) => Object.assign(one, { commit: "d".repeat(40) }));
    refuses(other, /^evidence of 2 commits: c{12} \(.*\), d{12} \(lint-/);
    const approval = piece(
      "approval",
      { environment: "x", role: "y", by: "z", reason: "", until: "" },
      { commit: "e".repeat(40) },
    );
    refuses([...good(), approval], /^evidence of 2 commits/);
  });

  it("takes a record from a signer of its environment alone", () => {
    const record = (environment: string, signer: string) => {
      const result = { environment, stack: environment, service: "app", tag: "v1", outcome: "green" } as const;
      return piece("deployment", result, { signer });
    };
    assert.deepEqual(refusedBy(verdictOn({ gates, pieces: [...good(), record("staging", "stager")] })), []);
    refuses([...good(), record("prod", "stager")], /stager, does not speak for prod/);
    const verdict = verdictOn({ gates, pieces: [...good(), record("prod", "stager")] });
    assert.equal(verdict.admittedAt, undefined);
    assert.notEqual(verdictOn({ gates, pieces: [...good(), record("prod", "ci")] }).admittedAt, undefined);
  });

  const future = now + 5 * 60_000;
  const voids: [what: string, about: Partial<Piece>, found: RegExp][] = [
    ["another image", { digest: otherDigest }, /another image, sha256:2/],
    ["a signer whom the pack does not know", { signer: "mallory" }, /nobody whom the pack knows/],
    ["an inherited name for a signer", { signer: "constructor" }, /nobody whom the pack knows/],
    ["a signer of other kinds", { signer: "scanner" }, /scanner, does not sign evidence of this kind/],
    ["a report from the future", { madeAt: future + 1, collectedAt: now }, /dated in the future/],
    ["a collection in the future", { collectedAt: future + 1, madeAt: now }, /dated in the future/],
    ["no time at all", { madeAt: Number.NaN }, /dated in the future/],
  ];
  for (const [what, about, found] of voids) {
    it(`is broken by ${what}, which counts for nothing`, () => {
      const pieces = changed(good(), "lint", (_result, one) => Object.assign(one, about));
      refuses(pieces, found);
      assert.equal(gateIn(verdictOn({ gates, pieces }), "lint.issues").reason, "missing");
    });
  }

  it("allows clocks five minutes apart", () => {
    const pieces = changed(good(), "lint", (_result, one) =>
      Object.assign(one, { madeAt: future, collectedAt: future }),
    );
    assert.ok(verdictOn({ gates, pieces }).allowed);
  });

  it("tells the first three of many faults, and how many there are", () => {
    const bad = Array.from({ length: 5 }, (_, index) =>
      piece("lint", {} as never, { name: `n${index}`, rejected: "changed" }),
    );
    assert.match(gateIn(verdictOn({ gates, pieces: [...good(), ...bad] }), "integrity").found, /; and 2 more$/);
  });
});
