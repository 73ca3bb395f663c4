import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import type { Result } from "../../../../model/gates/results.ts";
import { commit, digest, gateIn, otherDigest, type Piece, piece, verdictOn } from "../fixture.ts";

const judged = (gates: GatesInput, pieces: readonly Piece[], gate: string) =>
  gateIn(verdictOn({ gates, pieces }), gate);
const bill = (more: Partial<Result<"sbom">> = {}) =>
  piece("sbom", {
    format: "SPDX",
    specVersion: "2.3",
    components: 1,
    licences: { MIT: { count: 1, first: ["a"] } },
    ...more,
  });

describe("gates over what an image is made of", () => {
  const bills: [what: string, more: Partial<Result<"sbom">>, reason: string][] = [
    ["of this image", { describes: digest }, "met"],
    ["of an image that it does not name", {}, "met"],
    ["of another image", { describes: otherDigest }, "void"],
    ["of nothing", { components: 0 }, "failed"],
  ];
  for (const [what, more, reason] of bills) {
    it(`a bill ${what} is ${reason}`, () => assert.equal(judged({ sbom: {} }, [bill(more)], "sbom").reason, reason));
  }

  const licences: [
    what: string,
    licences: Record<string, number>,
    components: number,
    reason: string,
    found: RegExp,
  ][] = [
    ["allowed ones", { MIT: 2, "(MIT OR GPL-3.0-only)": 1 }, 3, "met", /^3 components, 2 licences$/],
    ["one that is not", { MIT: 2, "GPL-3.0-only": 1 }, 3, "failed", /^GPL-3\.0-only: x$/],
    ["one of two that both hold", { "MIT AND GPL-3.0-only": 1 }, 1, "failed", /^MIT AND GPL-3\.0-only: x$/],
    ["none", { MIT: 2, "": 1 }, 3, "unknown", /^no licence: x$/],
    ["one that cannot be read", { "See LICENSE": 1 }, 1, "unknown", /^See LICENSE: x$/],
    [
      "one that cannot be read, and one that is not allowed",
      { "?": 1, "GPL-3.0-only": 1 },
      2,
      "failed",
      /x; GPL-3\.0-only: x$/,
    ],
    ["components that are not listed", { MIT: 2 }, 3, "unknown", /^licences of 2 of 3 components$/],
    ["no component", {}, 0, "unknown", /^licences of 0 of 0 components$/],
    ["an unused heading", { MIT: 1, "GPL-3.0-only": 0 }, 1, "met", /^1 component, 1 licence/],
    ["a prototype's name", { constructor: 1 }, 1, "unknown", /^constructor: x$/],
  ];
  for (const [what, named, components, reason, found] of licences) {
    it(`licences: ${what}: ${reason}`, () => {
      const listed = Object.fromEntries(Object.entries(named).map(([name, count]) => [name, { count, first: ["x"] }]));
      const gates: GatesInput = { licences: { allow: ["MIT", "ISC"] } };
      const verdict = judged(gates, [bill({ licences: listed, components })], "licences");
      assert.equal(verdict.reason, reason, verdict.found);
      assert.match(verdict.found, found);
    });
  }

  const image = (more: Partial<Result<"image">> = {}) =>
    piece("image", {
      platforms: ["linux/amd64", "linux/arm64"],
      distroless: true,
      users: ["65532", "nonroot:nonroot"],
      ...more,
    });
  const images: [gates: GatesInput["image"], more: Partial<Result<"image">>, gate: string, reason: string][] = [
    [{}, { revision: commit }, "image.revision", "met"],
    [{}, {}, "image.revision", "met"],
    [{}, { revision: commit.slice(0, 12) }, "image.revision", "void"],
    [{}, { revision: "" }, "image.revision", "void"],
    [{ platforms: ["linux/arm64"] }, {}, "image.platforms", "met"],
    [{ platforms: ["linux/arm64"] }, { platforms: ["linux/arm64/v8"] }, "image.platforms", "failed"],
    [{ distroless: true }, { distroless: false }, "image.distroless", "failed"],
    [{ nonRoot: true }, {}, "image.nonRoot", "met"],
    ...["", "root", "0", "00", "0:0", "root:app", " ", ":1000"].map((user): [object, object, string, string] => [
      { nonRoot: true },
      { users: ["65532", user] },
      "image.nonRoot",
      "failed",
    ]),
    [{ nonRoot: true }, { users: [] }, "image.nonRoot", "unknown"],
    [{ nonRoot: true }, { users: ["65532"] }, "image.nonRoot", "unknown"],
  ];
  for (const [gates, more, gate, reason] of images) {
    it(`${JSON.stringify(gates)}: ${JSON.stringify(more)} is ${reason}`, () => {
      assert.equal(judged({ image: gates } as GatesInput, [image(more)], gate).reason, reason);
    });
  }

  describe("provenance", () => {
    const gates: GatesInput = {
      provenance: {
        builders: ["https://github.com/example/builders/.github/workflows/*.yml@refs/heads/main"],
        sources: ["git+https://github.com/example/*"],
      },
    };
    const good = {
      builder: "https://github.com/example/builders/.github/workflows/build.yml@refs/heads/main",
      source: "git+https://github.com/example/shop",
      commit,
      buildType: "x",
    };
    const rows: [what: string, more: object, passed: boolean][] = [
      ["a trusted builder and source", {}, true],
      [
        "another builder",
        { builder: "https://github.com/evil/builders/.github/workflows/build.yml@refs/heads/main" },
        false,
      ],
      ["a builder's name inside another's", { builder: `${good.builder}/../evil` }, false],
      ["another branch", { builder: good.builder.replace("main", "dev") }, false],
      ["another source", { source: "git+https://github.com/example/shop/evil" }, false],
      ["another owner's source", { source: "git+https://github.com/examples/shop" }, false],
      ["another commit", { commit: "d".repeat(40) }, false],
    ];
    for (const [what, more, passed] of rows) {
      it(`${what}: ${passed ? "met" : "refused"}`, () => {
        const statement = piece("provenance", { ...good, ...more });
        assert.equal(judged(gates, [statement], "provenance").passed, passed);
      });
    }

    it("is one good statement, whatever others say", () => {
      const other = piece("provenance", { ...good, builder: "x" }, { name: "mirror" });
      assert.equal(judged(gates, [other], "provenance").reason, "failed");
      assert.equal(judged(gates, [other, piece("provenance", good)], "provenance").reason, "met");
    });
  });
});
