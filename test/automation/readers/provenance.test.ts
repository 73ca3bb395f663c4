import assert from "node:assert/strict";
import { slsaProvenance } from "../../../automation/readers/provenance.ts";
import { changed, fixture, type Parsed, readWith, refuses, refusesCuts } from "./reports.ts";

const commit = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const digest = `sha256:${"5a".repeat(32)}`;
const bundle = "slsa/github-bundle.json";
const builders: Record<string, string> = {
  [bundle]: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main",
  "slsa/github-download.jsonl": "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main",
  "slsa/generator.intoto.jsonl":
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0",
  "slsa/buildkit-statement.json": "https://github.com/acme/api/actions/runs/9876543210/attempts/1",
};

/** The statement in a bundle, changed. */
function restated(change: (statement: Parsed) => void) {
  return changed(bundle, ({ dsseEnvelope }) => {
    const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString());
    change(statement);
    dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString("base64");
  });
}

describe("attestations of provenance", () => {
  for (const [file, builder] of Object.entries(builders)) {
    it(`reads ${file}`, () => {
      const reading = readWith(slsaProvenance, fixture(file));
      assert.equal(reading.result.builder, builder);
      assert.equal(reading.result.source, "git+https://github.com/acme/api");
      assert.deepEqual([reading.commit, reading.result.commit, reading.digest], [commit, commit, digest]);
    });
    it(`refuses ${file} cut off anywhere`, () => refusesCuts(slsaProvenance, fixture(file)));
  }

  it("takes the time from where there is one", () => {
    assert.equal(readWith(slsaProvenance, fixture(bundle)).madeAt, undefined);
    const { madeAt } = readWith(slsaProvenance, fixture("slsa/generator.intoto.jsonl"));
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 9, 10));
  });

  it("refuses several attestations of provenance, and none", () => {
    const line = fixture("slsa/generator.intoto.jsonl").text;
    refuses(slsaProvenance, { file: "two.jsonl", text: line + line }, /holds 2 attestations of provenance, not one/);
    const [sbom = ""] = fixture("slsa/github-download.jsonl").text.split("\n");
    refuses(slsaProvenance, { file: "sbom.jsonl", text: sbom }, /holds no SLSA provenance/);
  });

  const refused: [string, ReturnType<typeof changed>, RegExp][] = [
    [
      "another payload",
      changed(bundle, (one) => (one.dsseEnvelope.payloadType = "text/plain")),
      /dsseEnvelope: holds "text\/plain"/,
    ],
    [
      "a payload that is no base64",
      changed(bundle, (one) => (one.dsseEnvelope.payload += "!")),
      /payload: is not base64/,
    ],
    [
      "a payload that is no JSON",
      changed(bundle, (one) => (one.dsseEnvelope.payload = "AAAA")),
      /payload: is not JSON/,
    ],
    ["an envelope without payload", changed(bundle, (one) => delete one.dsseEnvelope.payload), /dsseEnvelope: payload/],
    ["no subject", restated((one) => (one.subject = [])), /subject/],
    [
      "two images",
      restated((one) => one.subject.push({ digest: { sha256: "00".repeat(32) } })),
      /subject: names 2 digests/,
    ],
    [
      "another repository's commit",
      restated(
        (one) => (one.predicate.buildDefinition.resolvedDependencies[0].uri = "git+https://github.com/evil/api"),
      ),
      /no commit of/,
    ],
  ];
  for (const [what, report, reason] of refused) it(`refuses ${what}`, () => refuses(slsaProvenance, report, reason));

  it("refuses what is larger than any", () => {
    refuses(slsaProvenance, { file: "a.jsonl", text: '{"payloadType":"x"}\n'.repeat(450_000) }, /more than the 8 Mi/);
  });

  it("says no control characters of others", () => {
    const hostile = restated((one) => (one.predicateType = "https://slsa.dev/provenance/v9\u001b[2J\nforged"));
    refuses(slsaProvenance, hostile, /^[ -~]*v9 forged[ -~]*$/);
  });
});
