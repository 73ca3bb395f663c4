import assert from "node:assert/strict";
import type { GatesInput } from "../../../model/gates/config.ts";
import { describeGates, judge } from "../../../model/gates/judge.ts";
import { gateLine } from "../../../model/gates/verdict.ts";
import {
  changed,
  digest,
  evidenceOf,
  gateIn,
  hour,
  now,
  otherDigest,
  type Piece,
  parse,
  piece,
  proof,
  refusedBy,
  trust,
  verdictOn,
} from "./fixture.ts";

const waivers = { roles: ["release-manager"], breakGlass: ["break-glass"], hours: 24 };
const gates: GatesInput = { tests: { unit: {} }, lint: {}, sbom: {}, waivers };
const good = () => proof(parse(gates));
const iso = (time: number) => new Date(time).toISOString();

describe("judge", () => {
  it("demands nothing where no gate is configured, not even that evidence be whole", () => {
    for (const none of [{}, { waivers, ageHours: 1 }] satisfies GatesInput[]) {
      const verdict = verdictOn({ gates: none, pieces: [piece("lint", {} as never, { rejected: "changed" })] });
      assert.deepEqual([verdict.allowed, verdict.gates, verdict.notices], [true, [], []]);
    }
  });

  it("names every gate once, in one order, as the explanation does", () => {
    const verdict = verdictOn({ gates, pieces: good() });
    assert.deepEqual(
      verdict.gates.map(({ gate }) => gate),
      ["integrity", "tests.unit", "lint.issues", "sbom"],
    );
    const explained = describeGates(parse(gates));
    assert.deepEqual(
      verdict.gates.map(({ gate, needed }) => ({ gate, needed })),
      explained.map(({ gate, needed }) => ({ gate, needed })),
    );
    assert.ok(explained.every(({ feeds }) => feeds.length > 0));
  });

  it("says in one line what is missing and how to mend it", () => {
    const verdict = verdictOn({ gates, pieces: [] });
    assert.equal(verdict.allowed, false);
    assert.equal(
      gateLine(gateIn(verdict, "tests.unit")),
      "tests.unit: needs all tests passed, at least 1, none flaky, found nothing; run sluice gate collect tests:unit=FILE",
    );
    assert.deepEqual(refusedBy(verdict), ["tests.unit", "lint.issues", "sbom"]);
  });

  it("rests every verdict on files", () => {
    const { gates: judged } = verdictOn({ gates, pieces: good() });
    for (const { gate, evidence } of judged) assert.ok(evidence.length > 0, gate);
  });

  it("judges no image by another's evidence", () => {
    const evidence = { ...evidenceOf(good()), digest: otherDigest };
    const args = { digest, repository: "app", environment: "prod", gates: parse(gates), trust, now };
    assert.throws(() => judge({ ...args, evidence }), /evidence of sha256:2+ was given for sha256:1+/);
  });

  it("repeats nothing that a terminal would obey", () => {
    const hostile = "\u001b[2Jgreen\r\n\u202eevil\u0085";
    const pieces = changed(good(), "tests", (result) =>
      Object.assign(result, { failed: 1, total: result.total + 1, failures: [hostile] }),
    );
    const found = gateIn(verdictOn({ gates, pieces }), "tests.unit").found;
    assert.match(found, /green/);
    assert.doesNotMatch(found, /\p{Cc}|\p{Cf}/u);
  });

  describe("an image that ran green here before", () => {
    const strict: GatesInput = {
      ...gates,
      ageHours: 24,
      provenIn: { environment: "staging", minutes: 30 },
      freeze: [{ from: iso(now - hour), until: iso(now + hour), reason: "a launch" }],
      approvals: [{ role: "security" }],
    };
    const record = (environment: string, outcome: "green" | "failed" = "green") =>
      piece(
        "deployment",
        { environment, stack: environment, service: "app", tag: "v1", outcome },
        { madeAt: now - 99 * hour },
      );
    const old = (pieces: readonly Piece[]) => pieces.map((one) => ({ ...one, madeAt: now - 100 * hour }));
    const approval = piece(
      "approval",
      { environment: "prod", role: "security", by: "grace", reason: "read", until: iso(now - 50 * hour) },
      { name: "approval" },
    );
    const ranBefore = () => [...old(proof(parse(gates))), approval];

    it("is exempt from age, freezes, proof elsewhere and the end of approvals", () => {
      const first = verdictOn({ gates: strict, pieces: ranBefore() });
      assert.deepEqual(refusedBy(first), [
        "tests.unit",
        "lint.issues",
        "sbom",
        "provenIn",
        "freeze",
        "approvals.security",
      ]);
      assert.deepEqual([gateIn(first, "tests.unit").reason, first.admittedAt], ["stale", undefined]);
      const again = verdictOn({ gates: strict, pieces: [...ranBefore(), record("prod")] });
      assert.deepEqual([again.allowed, refusedBy(again), again.admittedAt], [true, [], iso(now - 99 * hour)]);
    });

    it("is exempt from nothing else", () => {
      const pieces = [...ranBefore(), record("prod")];
      const without = (kind: string) => verdictOn({ gates: strict, pieces: pieces.filter((one) => one.kind !== kind) });
      assert.deepEqual(refusedBy(without("approval")), ["approvals.security"]);
      assert.deepEqual(refusedBy(without("sbom")), ["sbom"]);
      const failing = changed(pieces, "lint", ({ counts }) => Object.assign(counts, { low: 1 }));
      assert.deepEqual(refusedBy(verdictOn({ gates: strict, pieces: failing })), ["lint.issues"]);
    });

    it("ran green here, not elsewhere, and not only failed", () => {
      for (const other of [record("staging"), record("prod", "failed")]) {
        const verdict = verdictOn({ gates: strict, pieces: [...ranBefore(), other] });
        assert.equal(verdict.admittedAt, undefined);
        assert.ok(refusedBy(verdict).includes("freeze"));
      }
    });
  });
});
