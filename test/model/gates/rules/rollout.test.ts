import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import { gateIn, now, type Piece, piece, verdictOn } from "../fixture.ts";

const minute = 60_000;
type Outcome = "green" | "failed" | "rolled-back";
const record = (outcome: Outcome, minutesAgo: number, environment = "staging", service = "app") =>
  piece(
    "deployment",
    { environment, stack: "x-staging", service, tag: "v1", outcome },
    { name: service, madeAt: now - minutesAgo * minute },
  );
const gates: GatesInput = { provenIn: { environment: "staging", minutes: 30 } };

describe("an image proven elsewhere", () => {
  const rows: [what: string, pieces: Piece[], reason: string, found: RegExp][] = [
    ["for long enough", [record("green", 30)], "met", /^green for 30 min, since 2026-11-21T11:30Z$/],
    ["not quite", [record("green", 29.999)], "failed", /^green for 29\.99\d* min/],
    ["never", [], "missing", /^nothing$/],
    ["in another environment", [record("green", 99, "development")], "missing", /^nothing$/],
    ["failed there", [record("failed", 99)], "failed", /^failed there at 2026-11-21T10:21Z \(app\)$/],
    ["failed there later", [record("green", 99), record("failed", 50)], "failed", /^failed there/],
    ["rolled back there later", [record("green", 99), record("rolled-back", 50)], "failed", /^rolled-back there/],
    ["rolled back at that very time", [record("green", 50), record("rolled-back", 50)], "failed", /^rolled-back there/],
    ["failed there, and green since", [record("failed", 99), record("green", 50)], "met", /^green for 50 min/],
    [
      "green again, too short a while ago",
      [record("green", 99), record("failed", 50), record("green", 29)],
      "failed",
      /^green for 29 min/,
    ],
    ["green again since then", [record("green", 99), record("green", 5)], "met", /^green for 99 min/],
    ["failed elsewhere", [record("green", 99), record("failed", 50, "development")], "met", /^green for 99 min/],
  ];
  for (const [what, pieces, reason, found] of rows) {
    it(`${what}: ${reason}`, () => {
      const verdict = gateIn(verdictOn({ gates, pieces }), "provenIn");
      assert.equal(verdict.reason, reason, verdict.found);
      assert.match(verdict.found, found);
      assert.equal(verdict.remedy === undefined, reason === "met");
    });
  }

  it("does not grow too old: it is the longer proven", () => {
    const aged: GatesInput = { ...gates, ageHours: 1 };
    assert.equal(gateIn(verdictOn({ gates: aged, pieces: [record("green", 99)] }), "provenIn").reason, "met");
  });

  it("is so from the later of the times that its record gives", () => {
    const backdated = { ...record("green", 99), collectedAt: now - minute };
    assert.equal(gateIn(verdictOn({ gates, pieces: [backdated] }), "provenIn").reason, "failed");
  });
});

describe("a freeze", () => {
  const from = "2026-11-21T12:00:00Z";
  const frozen: GatesInput = { freeze: [{ from, until: "2026-11-21T15:00:00+01:00", reason: "a launch" }] };
  const at = (time: number) => gateIn(verdictOn({ gates: frozen, pieces: [], at: time }), "freeze");

  it("holds from its first moment to before its last", () => {
    assert.ok(at(now - 1).passed);
    assert.deepEqual([at(now).passed, at(now).found], [false, "frozen until 2026-11-21T14:00Z: a launch"]);
    assert.equal(at(now + 120 * minute - 1).passed, false);
    assert.ok(at(now + 120 * minute).passed);
  });
});
