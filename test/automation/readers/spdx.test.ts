import assert from "node:assert/strict";
import { spdx } from "../../../automation/readers/spdx.ts";
import { changed, type Parsed, readWith, refuses } from "./reports.ts";

describe("SPDX", () => {
  const image = "syft/spdx-image.json";
  const empty = "npm-sbom/spdx-no-dependencies.json";
  const refused: [string, string, (bom: Parsed) => void, RegExp][] = [
    ["SPDX 3, by its name", "syft/spdx-3.json", () => {}, /SPDX 3 is not read/],
    [
      "a version that is not known",
      image,
      (bom) => (bom.spdxVersion = "SPDX-2.1"),
      /spdxVersion: is not one of SPDX-2\.2, SPDX-2\.3/,
    ],
    ["a package without a name", image, (bom) => delete bom.packages[1].name, /packages\[1\]\.name/],
    [
      "two packages of one id",
      image,
      (bom) => (bom.packages[1].SPDXID = bom.packages[0].SPDXID),
      /packages\[1\]\.SPDXID: is another package's/,
    ],
    ["no packages", image, (bom) => delete bom.packages, /packages: has none/],
    ["an image without packages", image, (bom) => bom.packages.splice(0, 4), /packages: has none/],
    ["an empty one that describes nothing", empty, (bom) => bom.packages.pop(), /packages: has none/],
    ["no time", image, (bom) => delete bom.creationInfo.created, /creationInfo\.created/],
    ["two images", image, (bom) => (bom.packages[4].versionInfo = `sha256:${"00".repeat(32)}`), /names several images/],
  ];
  for (const [what, file, change, reason] of refused) {
    it(`refuses ${what}`, () => refuses(spdx, changed(file, change), reason));
  }

  it("takes what it describes from relationships as well, and counts it as no component", () => {
    const { components } = readWith(
      spdx,
      changed("npm-sbom/spdx.json", (bom) => delete bom.documentDescribes),
    ).result;
    assert.equal(components, 17);
    const neither = changed("npm-sbom/spdx.json", (bom) => {
      delete bom.documentDescribes;
      bom.relationships = [];
    });
    assert.equal(readWith(spdx, neither).result.components, 18);
  });

  it("takes a concluded licence before a declared one", () => {
    const report = changed(image, (bom) => (bom.packages[2].licenseConcluded = "NONE"));
    assert.equal(readWith(spdx, report).result.licences["BSD-3-Clause OR GPL-2.0-only"]?.count, 1);
  });

  it("reads a creator to its end that is made to be looked at for ever", () => {
    const report = changed(image, (bom) => (bom.creationInfo.creators = [`Tool: ${"-1a".repeat(200_000)}\n`]));
    assert.equal(readWith(spdx, report).tool.name, "-1a");
  });
});
