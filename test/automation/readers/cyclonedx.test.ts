import assert from "node:assert/strict";
import { cyclonedx } from "../../../automation/readers/cyclonedx.ts";
import { changed, type Parsed, readWith, refuses } from "./reports.ts";

describe("CycloneDX", () => {
  const image = "syft/cyclonedx-image.json";
  const empty = "npm-sbom/cyclonedx-no-dependencies.json";
  const refused: [string, string, (bom: Parsed) => void, RegExp][] = [
    ["another format", image, (bom) => (bom.bomFormat = "Other"), /bomFormat/],
    [
      "a version that is not known",
      image,
      (bom) => (bom.specVersion = "2.0"),
      /specVersion: is not one of 1\.4, 1\.5, 1\.6, 1\.7/,
    ],
    ["no components where they should be", image, (bom) => delete bom.components, /components: has none/],
    ["a component without a name", image, (bom) => delete bom.components[2].name, /components\[2\]: name/],
    [
      "a nested one without a name",
      "cdxgen/bom.json",
      (bom) => delete bom.components[0].components[0].components[0].name,
      /components\[0\]\.components\[0\]\.components\[0\]: name/,
    ],
    ["licences that are none", image, (bom) => (bom.components[0].licenses = ["MIT"]), /components\[0\]: licenses/],
    ["a time that is none", image, (bom) => (bom.metadata.timestamp = "yesterday"), /metadata\.timestamp: is no time/],
    [
      "two images",
      "trivy/cyclonedx-image.json",
      (bom) => (bom.metadata.component.version = `sha256:${"00".repeat(32)}`),
      /metadata\.component: names several images/,
    ],
    [
      "an image without components, whatever it says of dependencies",
      empty,
      (bom) => (bom.metadata.component.type = "container"),
      /components: has none/,
    ],
    ["an empty one that says nothing of dependencies", empty, (bom) => delete bom.dependencies, /components: has none/],
    [
      "an empty one that says nothing of its own",
      empty,
      (bom) => (bom.dependencies[0].ref = "other"),
      /components: has none/,
    ],
    [
      "an empty one with dependencies",
      empty,
      (bom) => (bom.dependencies[0].dependsOn = ["yaml@2.9.1"]),
      /components: has none/,
    ],
    ["an empty one without a subject", empty, (bom) => delete bom.metadata.component, /components: has none/],
  ];
  for (const [what, file, change, reason] of refused) {
    it(`refuses ${what}`, () => refuses(cyclonedx, changed(file, change), reason));
  }

  it("takes an image's digest from where tools write it, and from nowhere else", () => {
    const describes = (change: (component: Parsed) => void) =>
      readWith(
        cyclonedx,
        changed(image, (bom) => change(bom.metadata.component)),
      ).result.describes;
    assert.equal(
      describes((one) => (one.version = "v1.2.0")),
      undefined,
    );
    assert.equal(
      describes((one) => Object.assign(one, { version: "", hashes: [{ alg: "SHA-256", content: "ab".repeat(32) }] })),
      `sha256:${"ab".repeat(32)}`,
    );
    assert.equal(
      describes((one) => (one.type = "library")),
      undefined,
      "a file's hash is no image's",
    );
    assert.equal(
      describes((one) => Object.assign(one, { version: "", purl: `pkg:oci/api@sha256%3A${"AB".repeat(32)}` })),
      `sha256:${"ab".repeat(32)}`,
    );
    assert.equal(
      describes((one) => Object.assign(one, { version: "", purl: "pkg:oci/api@%E0%A4%A" })),
      undefined,
    );
  });

  it("makes texts of others no keys of its own", () => {
    const report = changed(image, (bom) => (bom.components[2].licenses = [{ license: { name: "__proto__" } }]));
    assert.equal(readWith(cyclonedx, report).result.licences['"__proto__"']?.count, 1);
    assert.equal(({} as { count?: number }).count, undefined);
  });
});
