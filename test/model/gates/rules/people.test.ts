import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import { commit, gateIn, hour, now, type Piece, piece, verdictOn } from "../fixture.ts";

const until = new Date(now + hour).toISOString();
const change = (more: object = {}, about: Partial<Piece> = {}) =>
  piece(
    "change",
    { base: "", head: commit, authors: ["x@y.z"], committers: ["x@y.z"], types: ["fix"], paths: ["a.ts"], ...more },
    about,
  );
const approval = (by: string, role = "senior-engineer", more: object = {}, about: Partial<Piece> = {}) =>
  piece(
    "approval",
    { environment: "prod", role, by, reason: "read", until, ...more },
    { name: `${role}-${by}`, ...about },
  );
const judged = (gates: GatesInput, pieces: readonly Piece[], gate = "approvals.senior-engineer", at = now) =>
  gateIn(verdictOn({ gates, pieces, at }), gate);

describe("approvals", () => {
  const two: GatesInput = { approvals: [{ role: "senior-engineer", count: 2 }] };

  const rows: [what: string, pieces: Piece[], reason: string, found: RegExp][] = [
    ["two people", [change(), approval("ada"), approval("alan")], "met", /^approved by (?:ada, alan|alan, ada)$/],
    ["one person", [change(), approval("ada")], "failed", /^approved by ada$/],
    [
      "one person twice",
      [change(), approval("ada"), approval("ada", "senior-engineer", {}, { name: "again" })],
      "failed",
      /^approved by ada$/,
    ],
    ["nobody", [change()], "missing", /^no approval$/],
    [
      "two, of whom nobody knows what they approved",
      [approval("ada"), approval("alan")],
      "unknown",
      /^nothing is known of the change$/,
    ],
    [
      "a change of another commit",
      [change({ head: "d".repeat(40) }), approval("ada"), approval("alan")],
      "unknown",
      /^the change ends at another commit$/,
    ],
    [
      "a change without authors",
      [change({ authors: [] }), approval("ada"), approval("alan")],
      "unknown",
      /^the change names no author$/,
    ],
    [
      "another role",
      [change(), approval("ada"), approval("grace")],
      "failed",
      /grace has not the role senior-engineer/,
    ],
    ["for another role", [change(), approval("ada"), approval("alan", "security")], "failed", /^approved by ada$/],
    [
      "their own work, in another case",
      [change({ authors: ["ADA@Example.Test"] }), approval("ada"), approval("alan")],
      "failed",
      /it is ada's own work/,
    ],
    [
      "what they committed",
      [change({ committers: ["alan@example.test"] }), approval("ada"), approval("alan")],
      "failed",
      /it is alan's own work/,
    ],
    [
      "what they pushed",
      [change({ pusher: "Alan" }), approval("ada"), approval("alan")],
      "failed",
      /it is alan's own work/,
    ],
    [
      "what they wrote on GitHub's pages",
      [change({ authors: ["123+alan@users.noreply.github.com"] }), approval("ada"), approval("alan")],
      "failed",
      /it is alan's own work/,
    ],
    [
      "what they wrote there long ago",
      [change({ authors: ["alan@users.noreply.github.com"] }), approval("ada"), approval("alan")],
      "failed",
      /it is alan's own work/,
    ],
    [
      "what somebody of a longer name wrote",
      [change({ authors: ["1+mcalan@users.noreply.github.com"] }), approval("ada"), approval("alan")],
      "met",
      /approved/,
    ],
    [
      "what was theirs in an earlier account of the change",
      [
        change({ authors: ["alan@example.test"] }, { madeAt: now - 9 * hour }),
        change(),
        approval("ada"),
        approval("alan"),
      ],
      "failed",
      /it is alan's own work/,
    ],
    [
      "an approval without an end",
      [change(), approval("ada"), approval("alan", "senior-engineer", { until: "" })],
      "failed",
      /does not say until when/,
    ],
  ];
  for (const [what, pieces, reason, found] of rows) {
    it(`${what}: ${reason}`, () => {
      const verdict = judged(two, pieces);
      assert.equal(verdict.reason, reason, verdict.found);
      assert.match(verdict.found, found);
    });
  }

  it("stay good when evidence comes later: they are bound to the image", () => {
    const early = approval("ada", "senior-engineer", {}, { madeAt: now - 9 * hour });
    const gates: GatesInput = { approvals: [{ role: "senior-engineer" }], ageHours: 1 };
    assert.ok(judged(gates, [early, change()]).passed);
  });

  it("are as many as the strictest rule that applies to the change asks for, one gate a role", () => {
    const gates: GatesInput = {
      approvals: [{ role: "senior-engineer" }, { role: "senior-engineer", count: 2, when: { paths: ["infra/**"] } }],
    };
    assert.ok(judged(gates, [change(), approval("ada")]).passed);
    assert.equal(judged(gates, [change({ paths: ["infra/.ci/a.ts"] }), approval("ada")]).passed, false);
    assert.ok(judged(gates, [change({ paths: ["infra/.ci/a.ts"] }), approval("ada"), approval("alan")]).passed);
  });

  it("are asked for whenever any account of the change names such a path or type", () => {
    const gates: GatesInput = { approvals: [{ role: "security", when: { paths: ["auth/**"], types: ["feat"] } }] };
    const needs = (...changes: Piece[]) => judged(gates, changes, "approvals.security").reason;
    assert.equal(needs(change()), "met");
    assert.equal(needs(change({ paths: ["auth/a.ts"] }, { madeAt: now - 2 * hour }), change()), "missing");
    assert.equal(needs(change({ types: ["FEAT"] })), "missing");
    assert.equal(needs(change({ types: ["fix", "other"] })), "missing");
    assert.equal(needs(change({ types: [] })), "missing");
    assert.equal(needs(), "unknown");
  });

  it("say of whom and when they are needed", () => {
    const when = { paths: ["auth/**"], types: ["feat", "breaking"] };
    const gates: GatesInput = {
      approvals: [
        { role: "security", when },
        { role: "security", count: 2, when: { types: ["feat"] } },
      ],
    };
    assert.equal(
      judged(gates, [change()], "approvals.security").needed,
      "approval by 1 of the role security where the change touches auth/** or is feat, breaking; by 2 of the role security where the change is feat",
    );
  });

  it("do not ask what a commit is where only paths matter", () => {
    const gates: GatesInput = { approvals: [{ role: "security", when: { paths: ["auth/**"] } }] };
    assert.ok(judged(gates, [change({ types: ["other"] })], "approvals.security").passed);
  });
});
