import assert from "node:assert/strict";
import type { GatesInput } from "../../../model/gates/config.ts";
import { changed, gateIn, hour, now, type Piece, parse, piece, proof, refusedBy, verdictOn } from "./fixture.ts";

const waivers = { roles: ["release-manager"], breakGlass: ["break-glass"], hours: 24 };
const gates: GatesInput = { tests: { unit: {} }, lint: {}, sbom: {}, waivers };
const good = () => proof(parse(gates));
const iso = (time: number) => new Date(time).toISOString();

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
    assert.deepEqual(verdict.notices, ["WAIVED: lint.issues of app in prod, by ada until 2026-11-21T13:00Z: too loud"]);
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

  describe("that have ended", () => {
    const given = waiver({ until: iso(now + hour) });
    const later = now + 2 * hour;
    const ran = (time: number, result: object = {}) =>
      piece(
        "deployment",
        { environment: "prod", stack: "prod", service: "app", tag: "v1", outcome: "green", ...result },
        { name: "deployment", madeAt: time, collectedAt: time },
      );
    const judged = (...records: Piece[]) => verdictOn({ gates, pieces: [...failing(), given, ...records], at: later });

    it("hold for what ran green under them, loudly", () => {
      const verdict = judged(ran(now + hour - 1));
      assert.deepEqual([verdict.allowed, gateIn(verdict, "lint.issues").reason], [true, "waived"]);
      assert.match(verdict.notices.join(), /until 2026-11-21T13:00Z, since when it only stays/);
    });

    const not: [what: string, record: () => Piece][] = [
      ["at their end", () => ran(now + hour)],
      ["before they were given", () => ran(now - hour - 1)],
      ["elsewhere", () => ran(now, { environment: "staging" })],
      ["and did not end green", () => ran(now, { outcome: "failed" })],
    ];
    for (const [what, record] of not) {
      it(`do not hold for what ran ${what}`, () =>
        assert.equal(gateIn(judged(record()), "lint.issues").reason, "waiver-expired"));
    }
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
