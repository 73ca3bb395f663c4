/** Trivy and Grype. */
import assert from "node:assert/strict";
import { grype } from "../../../automation/readers/grype.ts";
import { trivy } from "../../../automation/readers/trivy.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));
const scanned = `sha256:${"1f".repeat(32)}`;
const other = `sha256:${"3d".repeat(32)}`;

describe("Trivy's JSON", () => {
  const image = fixture("trivy/image.json");
  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) => changed("trivy/image.json", change);

  it("counts an image's vulnerabilities and secrets, by severity", () => {
    const { tool, digest, madeAt, result } = read(trivy, "container", image);
    assert.deepEqual(tool, { name: "trivy", version: "0.67.2" });
    assert.equal(digest, scanned);
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 9, 15, 30, 123));
    assert.deepEqual(figures(result.counts), [2, 1, 1, 1, 1]);
    assert.equal(result.suppressed, 1);
    assert.deepEqual(result.first.slice(0, 2), [
      {
        id: "CVE-2026-10001",
        severity: "critical",
        title: "openssl: a buffer is too short",
        place: "libssl3 3.0.17-1",
        fixedIn: "3.0.18-1",
      },
      { id: "example-token", severity: "critical", title: "Example", place: "app/config.env:3" },
    ]);
    assert.ok(!("databaseAt" in result));
  });

  it("keeps no line that a secret was found in", () => {
    const text = broken(({ Results }) => {
      Results[2].Secrets[0].Match = "TOKEN=hunter2";
      Results[2].Secrets[0].Code.Lines[0].Content = "TOKEN=hunter2";
    });
    assert.doesNotMatch(JSON.stringify(read(trivy, "container", text)), /hunter2/);
  });

  it("is good where packages were listed, and none is vulnerable", () => {
    const { digest, result } = read(trivy, "container", fixture("trivy/image-clean.json"));
    assert.deepEqual([...figures(result.counts), result.suppressed], [0, 0, 0, 0, 0, 0]);
    assert.equal(digest, scanned);
  });

  it("counts a folder's vulnerabilities and failed checks", () => {
    const { digest, result } = read(trivy, "dependencies", fixture("trivy/fs.json"));
    assert.deepEqual(figures(result.counts), [0, 2, 0, 0, 0]);
    assert.deepEqual(
      result.first.map(({ id }) => id),
      ["CVE-2026-10007", "DS002"],
    );
    assert.equal(digest, undefined);
  });

  it("counts exceptions as suppressed", () => {
    const text = changed("trivy/fs.json", ({ Results }) => (Results[1].Misconfigurations[0].Status = "EXCEPTION"));
    const { result } = read(trivy, "dependencies", text);
    assert.deepEqual([...figures(result.counts), result.suppressed], [0, 1, 0, 0, 0, 1]);
  });

  it("does not know the vulnerabilities of a distribution at its end, nor another severity", () => {
    const { result } = read(trivy, "container", fixture("trivy/end-of-life.json"));
    assert.deepEqual(figures(result.counts), [0, 0, 0, 0, 1]);
    assert.equal(result.first[0]?.place, "debian 9.13");
    const text = broken(({ Results }) => {
      Results[0].Vulnerabilities[0].Severity = "GRAVE";
      delete Results[0].Vulnerabilities[1].Severity;
    });
    assert.deepEqual(figures(read(trivy, "container", text).result.counts), [1, 0, 1, 1, 3]);
  });

  it("names the image that was asked for, and else the registry's", () => {
    const named = (name: string, digests: string[] | undefined) =>
      read(
        trivy,
        "container",
        broken(({ Metadata }) => (Metadata.RepoDigests = digests)).replace(
          /"ArtifactName":"[^"]*"/,
          `"ArtifactName":"${name}"`,
        ),
      ).digest;
    assert.equal(named(`r/app@${other}`, [`r/app@${scanned}`]), other);
    assert.equal(named("r/app:1", [`r/app@${scanned}`]), scanned);
    // A tag alone, and the configuration's id, tell nothing.
    assert.equal(named("r/app:1", undefined), undefined);
    refused(() => named("r/app:1", [`r/app@${scanned}`, `q/app@${other}`]), /known under 2 digests/);
  });

  it("finds a vulnerability new that another image had not, whatever the tags", () => {
    const before = broken((document) => {
      document.Results[0].Target = "registry.example/app:0 (debian 12.12)";
      document.Results[0].Vulnerabilities.shift();
    });
    assert.deepEqual(freshOf(read(trivy, "container", image, before)), [1, 0, 0, 0, 0]);
  });

  const cases: [string, string, RegExp][] = [
    ["nothing that was scanned", fixture("trivy/nothing.json"), /Results: no packages were scanned/],
    ["no results", broken((document) => (document.Results = null)), /no packages were scanned/],
    ["checks alone", changed("trivy/fs.json", ({ Results }) => Results.shift()), /no packages were scanned/],
    ["secrets alone", broken((document) => document.Results.splice(0, 2)), /no packages were scanned/],
    ["another schema", broken((document) => (document.SchemaVersion = 1)), /SchemaVersion/],
    ["no artifact", broken((document) => delete document.ArtifactName), /ArtifactName/],
    [
      "a vulnerability without an id",
      broken(({ Results }) => (Results[0].Vulnerabilities[0].VulnerabilityID = "")),
      /VulnerabilityID/,
    ],
    [
      "a status that is none",
      changed("trivy/fs.json", ({ Results }) => (Results[1].Misconfigurations[0].Status = "OK")),
      /Status/,
    ],
    ["a time that is none", broken((document) => (document.CreatedAt = "now")), /CreatedAt: is no ISO/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(trivy, "container", text), words));
});

describe("Grype's JSON", () => {
  const image = fixture("grype/image.json");
  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) => changed("grype/image.json", change);

  it("counts matches by severity, and ignored ones as suppressed", () => {
    const { tool, digest, madeAt, result } = read(grype, "container", image);
    assert.deepEqual(tool, { name: "grype", version: "0.101.0" });
    assert.equal(digest, scanned);
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 10, 11, 12, 131));
    assert.deepEqual(figures(result.counts), [1, 1, 1, 1, 1]);
    assert.equal(result.suppressed, 1);
    assert.equal(result.databaseAt, "2026-11-19T06:00:00.000Z");
    assert.deepEqual(result.first[0], {
      id: "CVE-2026-20001",
      severity: "critical",
      title: "A buffer is too short",
      place: "libssl3 3.0.17-1",
      fixedIn: "3.0.18-1",
    });
  });

  it("is good without a match", () => {
    assert.deepEqual(
      figures(read(grype, "container", fixture("grype/image-clean.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
  });

  it("reads what version 5 of the database says, and a folder", () => {
    const { digest, result } = read(grype, "dependencies", fixture("grype/folder-v5.json"));
    assert.equal(digest, undefined);
    assert.deepEqual(figures(result.counts), [1, 0, 0, 0, 0]);
    assert.equal(result.databaseAt, "2026-11-18T06:00:00.000Z");
  });

  it("says nothing of a database that the report does not", () => {
    const { result } = read(
      grype,
      "container",
      broken(({ descriptor }) => delete descriptor.db),
    );
    assert.ok(!("databaseAt" in result));
  });

  it("takes no platform's manifest for the image", () => {
    const text = broken(({ source }) => {
      source.target.userInput = "registry.example/app:1";
      source.target.repoDigests = [];
    });
    assert.equal(read(grype, "container", text).digest, undefined);
  });

  it("does not know what packages have that are not matched", () => {
    const text = changed("grype/image-clean.json", (document) => {
      document.alertsByPackage = [1, 2].map(() => ({ package: {}, alerts: [{ type: "distro-eol", message: "m" }] }));
    });
    assert.deepEqual(figures(read(grype, "container", text).result.counts), [0, 0, 0, 0, 1]);
  });

  it("compares with a baseline", () => {
    const before = broken(({ matches }) => matches.shift());
    assert.deepEqual(freshOf(read(grype, "container", image, before)), [1, 0, 0, 0, 0]);
  });

  const cases: [string, string, RegExp][] = [
    [
      "a database that is not valid",
      broken(({ descriptor }) => (descriptor.db.status.valid = false)),
      /database was not valid/,
    ],
    [
      "a database with an error",
      broken(({ descriptor }) => (descriptor.db.status.error = "old")),
      /database was not valid/,
    ],
    [
      "a version 5 database with an error",
      changed("grype/folder-v5.json", ({ descriptor }) => (descriptor.db.error = {})),
      /not valid/,
    ],
    [
      "a database of no time",
      broken(({ descriptor }) => (descriptor.db.status.built = "now")),
      /descriptor\.db: is no ISO/,
    ],
    ["another tool", broken(({ descriptor }) => (descriptor.name = "gripe")), /descriptor\.name/],
    ["no matches", broken((document) => (document.matches = null)), /matches/],
    ["no source", broken((document) => delete document.source), /source/],
    [
      "a match without a vulnerability",
      broken(({ matches }) => delete matches[0].vulnerability),
      /matches\[0\]\.vulnerability/,
    ],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(grype, "container", text), words));
});
