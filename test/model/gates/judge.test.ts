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

  describe("waivers", () => {
    const failing = () => changed(good(), "lint", ({ counts }) => Object.assign(counts, { high: 2 }));
    const waiver = (result: object = {}, about: Partial<Piece> = {}) =>
      piece(
        "waiver",
        { environment: "prod", gate: "lint.issues", by: "ada", reason: "too\nloud", until: iso(now + hour), ...result },
        { name: "waiver", signer: "ada", ...about },
      );

    it("let a gate pass, with its finding, their file and a loud line", () => {
      const verdict = verdictOn({ gates, pieces: [...failing(), waiver()] });
      const { passed, reason, found, evidence } = gateIn(verdict, "lint.issues");
      assert.deepEqual([verdict.allowed, passed, reason], [true, true, "waived"]);
      assert.match(found, /^2 issues/);
      assert.ok(evidence.some((file) => file.startsWith("waiver-")));
      assert.deepEqual(verdict.notices, [
        "WAIVED: lint.issues of app in prod, by ada until 2026-11-21T13:00Z: too loud",
      ]);
    });

    it("are not mentioned where the gate holds", () => {
      const verdict = verdictOn({ gates, pieces: [...good(), waiver()] });
      assert.deepEqual([gateIn(verdict, "lint.issues").reason, verdict.notices], ["met", []]);
    });

    const grace = { by: "grace", gate: "*" };
    const void_: [what: string, pieces: () => Piece[], found: RegExp][] = [
      ["another environment", () => [...failing(), waiver({ environment: "staging" })], /^2 issues \(scanner\)$/],
      ["another gate", () => [...failing(), waiver({ gate: "lint" })], /^2 issues \(scanner\)$/],
      [
        "another's signature",
        () => [...failing(), waiver({ by: "mary" })],
        /a waiver does not count: ada, who signed it, does not speak for mary/,
      ],
      [
        "nobody whom the pack knows",
        () => [...failing(), waiver({ by: "eve" }, { signer: "ci" })],
        /the pack does not know eve/,
      ],
      [
        "an inherited name",
        () => [...failing(), waiver({ by: "constructor" }, { signer: "ci" })],
        /the pack does not know constructor/,
      ],
      [
        "another role",
        () => [...failing(), waiver({ by: "mary" }, { signer: "ci" })],
        /mary has not the role release-manager/,
      ],
      [
        "longer than allowed by a hair",
        () => [...failing(), waiver({ until: iso(now + 23 * hour + 1) })],
        /it is for longer than 24 h/,
      ],
      ["for ever", () => [...failing(), waiver({ until: "never" })], /does not say until when/],
      [
        "one's own work",
        () => changed([...failing(), waiver()], "change", ({ authors }) => authors.push("ADA@example.test")),
        /it is ada's own work/,
      ],
      [
        "a change of which nothing is known",
        () => [...failing(), waiver()].filter(({ kind }) => kind !== "change"),
        /nothing is known of the change/,
      ],
      [
        "somebody without an address",
        () => [...failing(), waiver({ by: "rosa" }, { signer: "ci" })],
        /no address of rosa/,
      ],
      [
        "glass broken by those who only waive",
        () => [...failing(), waiver({ gate: "*" })],
        /ada has not the role break-glass/,
      ],
      [
        "a gate waived by those who break glass",
        () => [...failing(), waiver({ by: "grace" }, { signer: "ci" })],
        /grace has not the role release-manager/,
      ],
    ];
    for (const [what, pieces, found] of void_) {
      it(`do not count: ${what}`, () => {
        const judged = gateIn(verdictOn({ gates, pieces: pieces() }), "lint.issues");
        assert.deepEqual([judged.passed, judged.reason], [false, "failed"]);
        assert.match(judged.found, found);
      });
    }

    it("are for as long as allowed, and until their last moment", () => {
      const given = waiver({ until: iso(now + 23 * hour) });
      const at = (time: number) => gateIn(verdictOn({ gates, pieces: [...failing(), given], at: time }), "lint.issues");
      assert.equal(at(now + 23 * hour - 1).reason, "waived");
      assert.deepEqual([at(now + 23 * hour).reason, at(now + 23 * hour).passed], ["waiver-expired", false]);
      assert.match(
        at(now + 23 * hour).found,
        /^2 issues \(scanner\); the waiver of ada ended at 2026-11-22T11:00:00.000Z$/,
      );
    });

    it("never make up for evidence that is not whole, unless the glass is broken", () => {
      const cut = [...good(), piece("dast", {} as never, { rejected: "changed" }), waiver({ gate: "integrity" })];
      assert.deepEqual(refusedBy(verdictOn({ gates, pieces: cut })), ["integrity"]);
      const broken = verdictOn({ gates, pieces: [...cut, waiver(grace, { signer: "ci" })] });
      assert.ok(broken.allowed && gateIn(broken, "integrity").reason === "waived");
    });

    it("break the glass for every gate, even for one's own work, and say so even where all holds", () => {
      const said = ["BREAK GLASS: every gate of app in prod, by grace until 2026-11-21T13:00Z: too loud"];
      const own = changed([...good(), waiver(grace, { signer: "ci" })], "change", ({ authors }) =>
        authors.push("grace@example.test"),
      );
      assert.deepEqual(verdictOn({ gates, pieces: own }).notices, said);
      const nothing = verdictOn({ gates, pieces: [waiver(grace, { signer: "ci" })] });
      assert.deepEqual([nothing.allowed, refusedBy(nothing), nothing.notices], [true, [], said]);
      assert.deepEqual(
        verdictOn({ gates: { tests: { unit: {} } }, pieces: [waiver(grace, { signer: "ci" })] }).allowed,
        false,
      );
    });
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
