import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import type { Result } from "../../../../model/gates/results.ts";
import { gateIn, type Piece, piece, verdictOn } from "../fixture.ts";

const judged = (gates: GatesInput, one: Piece, gate: string) => gateIn(verdictOn({ gates, pieces: [one] }), gate);

describe("gates over a release", () => {
  const versions: [what: string, more: Partial<Result<"release">>, reason: string, found: string][] = [
    ["with all that it needs", {}, "met", "v1.2.3"],
    ["without an entry", { changelog: false }, "failed", "v1.2.3, which has no entry in the changelog"],
    ["with empty notes", { notes: " \n" }, "failed", "v1.2.3, which has no notes"],
    ["of no version", { tag: "", semver: false }, "failed", "no tag, which is no semantic version"],
    [
      "without anything",
      { semver: false, changelog: false, notes: "" },
      "failed",
      "v1.2.3, which is no semantic version and has no entry in the changelog and has no notes",
    ],
  ];
  for (const [what, more, reason, found] of versions) {
    it(`${what} is ${reason}`, () => {
      const report = piece("release", { tag: "v1.2.3", semver: true, changelog: true, notes: "x", ...more });
      const verdict = judged({ release: {} }, report, "release");
      assert.deepEqual([verdict.reason, verdict.found], [reason, found]);
    });
  }

  const bundle = (more: object = {}) => ({
    name: "a.tar.gz",
    hydrationStatus: "complete",
    warnings: 0,
    toolsHealthy: true,
    ...more,
  });
  const artifacts = (more: Partial<Result<"artifacts">> = {}) =>
    piece("artifacts", {
      files: [{ name: "x", verified: true }],
      platforms: ["linux/amd64"],
      bundles: [bundle()],
      ...more,
    });
  const files: [
    what: string,
    gates: GatesInput["artifacts"],
    more: Partial<Result<"artifacts">>,
    gate: string,
    reason: string,
  ][] = [
    ["verified", {}, {}, "artifacts.files", "met"],
    ["changed", {}, { files: [{ name: "x", verified: false }] }, "artifacts.files", "failed"],
    ["none", {}, { files: [] }, "artifacts.files", "unknown"],
    ["for a platform", { platforms: ["linux/amd64"] }, {}, "artifacts.platforms", "met"],
    ["for another platform", { platforms: ["linux/amd64", "linux/arm64"] }, {}, "artifacts.platforms", "failed"],
    ["no bundles where none are asked for", {}, { bundles: [] }, "artifacts.bundles", "met"],
    ["fewer bundles", { bundles: 2 }, {}, "artifacts.bundles", "failed"],
    ["as many bundles", { bundles: 1 }, {}, "artifacts.bundles", "met"],
    [
      "a partial bundle that nobody asked for",
      {},
      { bundles: [bundle({ hydrationStatus: "partial" })] },
      "artifacts.bundles",
      "failed",
    ],
    [
      "a bundle of a status in other letters",
      {},
      { bundles: [bundle({ hydrationStatus: "Complete" })] },
      "artifacts.bundles",
      "failed",
    ],
    ["a bundle with warnings", {}, { bundles: [bundle({ warnings: 1 })] }, "artifacts.bundles", "failed"],
    [
      "a bundle whose tools nobody ran",
      {},
      { bundles: [bundle({ toolsHealthy: undefined })] },
      "artifacts.bundles",
      "failed",
    ],
    ["one bundle twice", { bundles: 2 }, { bundles: [bundle(), bundle()] }, "artifacts.bundles", "unknown"],
  ];
  for (const [what, gates, more, gate, reason] of files) {
    it(`files: ${what}: ${reason}`, () => {
      assert.equal(judged({ artifacts: gates } as GatesInput, artifacts(more), gate).reason, reason);
    });
  }
});
