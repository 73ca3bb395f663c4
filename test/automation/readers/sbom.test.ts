import assert from "node:assert/strict";
import { cyclonedx } from "../../../automation/readers/cyclonedx.ts";
import type { Reader } from "../../../automation/readers/reader.ts";
import { spdx } from "../../../automation/readers/spdx.ts";
import { fixture, readWith, refusesCuts } from "./reports.ts";

const digest = `sha256:${"5a".repeat(32)}`;
const counts = (licences: Record<string, { count: number }>) =>
  Object.fromEntries(Object.entries(licences).map(([name, { count }]) => [name, count]));
const greeter = { "Apache-2.0": 9, "CC-BY-3.0": 1, "CC0-1.0": 1, ISC: 1, MIT: 5 };

interface Case {
  reader: Reader<"sbom">;
  file: string;
  tool: string;
  version: string;
  components: number;
  licences: Record<string, number>;
  image?: string;
}

const cases: Case[] = [
  {
    reader: cyclonedx,
    file: "npm-sbom/cyclonedx.json",
    tool: "npm/cli 11.19.1",
    version: "1.5",
    components: 17,
    licences: greeter,
  },
  {
    reader: spdx,
    file: "npm-sbom/spdx.json",
    tool: "npm/cli 11.19.1",
    version: "2.3",
    components: 17,
    licences: greeter,
  },
  {
    reader: cyclonedx,
    file: "npm-sbom/cyclonedx-no-dependencies.json",
    tool: "npm/cli 11.19.1",
    version: "1.5",
    components: 1,
    licences: { MIT: 1 },
  },
  {
    reader: spdx,
    file: "npm-sbom/spdx-no-dependencies.json",
    tool: "npm/cli 11.19.1",
    version: "2.3",
    components: 1,
    licences: { MIT: 1 },
  },
  {
    reader: cyclonedx,
    file: "syft/cyclonedx-image.json",
    tool: "syft 1.34.2",
    version: "1.6",
    components: 6,
    licences: { "": 1, "BSD-3-Clause OR GPL-2.0-only": 1, "GPL-2.0-or-later AND verbatim": 1, ISC: 1 },
    image: digest,
  },
  {
    reader: spdx,
    file: "syft/spdx-image.json",
    tool: "syft 1.34.2",
    version: "2.3",
    components: 4,
    licences: { "": 1, "BSD-3-Clause": 1, ISC: 1 },
    image: digest,
  },
  {
    reader: cyclonedx,
    file: "trivy/cyclonedx-image.json",
    tool: "trivy 0.67.2",
    version: "1.6",
    components: 4,
    licences: { "Acme Commercial": 1, ISC: 1 },
    image: digest,
  },
  {
    reader: cyclonedx,
    file: "cdxgen/bom.json",
    tool: "cdxgen 12.0.0",
    version: "1.7",
    components: 4,
    licences: { "": 1, "(Apache-2.0 OR MIT) AND ISC": 1, "BSD-3-Clause AND GPL-2.0-only": 1, ISC: 1 },
  },
];

describe("bills of materials", () => {
  for (const { reader, file, tool, version, components, licences, image } of cases) {
    it(`reads ${file}`, () => {
      const reading = readWith(reader, fixture(file));
      assert.equal(`${reading.tool.name} ${reading.tool.version}`, tool);
      assert.equal(reading.result.specVersion, version);
      assert.equal(reading.result.components, components);
      assert.deepEqual(counts(reading.result.licences), licences);
      assert.equal(reading.result.describes, image);
      assert.equal(reading.digest, image);
      assert.ok(reading.madeAt !== undefined && reading.madeAt > Date.UTC(2026, 10, 1));
    });
    it(`refuses ${file} cut off anywhere`, () => refusesCuts(reader, fixture(file)));
  }

  it("takes time, names of components and their groups from where they stand", () => {
    const { madeAt, result } = readWith(cyclonedx, fixture("trivy/cyclonedx-image.json"));
    assert.equal(new Date(madeAt ?? 0).toISOString(), "2026-11-20T09:20:00.000Z");
    assert.deepEqual(result.licences["Acme Commercial"]?.first, ["@acme/text@2.0.1"]);
    assert.deepEqual(readWith(cyclonedx, fixture("cdxgen/bom.json")).result.licences[""]?.first, ["left-pad@1.3.0"]);
  });
});
