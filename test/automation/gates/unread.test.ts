import assert from "node:assert/strict";
import { unreadReports } from "../../../automation/gates/unread.ts";
import { type GatesInput, gates } from "../../../model/gates/config.ts";
import { type Kind, reportKinds } from "../../../model/gates/results.ts";

const unread = (own: GatesInput, kind: Kind, name: string) => unreadReports(gates.parse(own), [{ kind, name }], "prod");

describe("unreadReports", () => {
  it("tells the name that a gate asks for", () =>
    assert.deepEqual(unread({ tests: { unit: {}, e2e: {} } }, "tests", "tests"), [
      "tests:tests: no gate of prod asks for it; there it is tests:unit, tests:e2e that is asked for",
    ]));

  it("tells of a kind that no gate asks for", () =>
    assert.deepEqual(unread({}, "sast", "gosec"), ["sast:gosec: no gate of prod asks for it"]));

  it("says nothing of what a gate reads", () => {
    assert.deepEqual(unread({ tests: { unit: {} } }, "tests", "unit"), []);
    assert.deepEqual(unread({ lint: {} }, "lint", "eslint"), []);
    assert.deepEqual(unread({ licences: { allow: ["MIT"] } }, "sbom", "sbom"), []);
  });

  it("knows a gate for every kind but those that are always collected", () => {
    const known = reportKinds.filter((kind) => unread({}, kind, "x").length > 0);
    assert.deepEqual(
      reportKinds.filter((kind) => !known.includes(kind)),
      ["image", "change"],
    );
  });
});
