/** SPDX 2.2 and 2.3 as JSON: https://spdx.github.io/spdx-spec/v2.3/ (npm sbom, syft, trivy, GitHub's dependency graph). */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import { LicenceTally, normaliseLicence } from "./licences.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { madeAtOf, subjectOf } from "./sbom-subject.ts";
import { shorten } from "./text.ts";

const versions = ["SPDX-2.2", "SPDX-2.3"];
/** Of a longer one, the version is not looked for. */
const longestCreator = 300;
const name = z.string().check(z.minLength(1));

const spdxPackage = z.looseObject({
  SPDXID: name,
  name,
  versionInfo: z.optional(z.string()),
  licenseConcluded: z.optional(z.string()),
  licenseDeclared: z.optional(z.string()),
  primaryPackagePurpose: z.optional(z.string()),
  checksums: z.optional(z.array(z.looseObject({ algorithm: z.string(), checksumValue: z.string() }))),
  externalRefs: z.optional(z.array(z.looseObject({ referenceType: z.string(), referenceLocator: z.string() }))),
});
type Package = z.output<typeof spdxPackage>;

const document = z.looseObject({
  spdxVersion: z.string(),
  SPDXID: z.literal("SPDXRef-DOCUMENT"),
  creationInfo: z.looseObject({ created: z.string(), creators: z.array(z.string()) }),
  documentDescribes: z.optional(z.array(z.string())),
  packages: z.optional(z.array(spdxPackage)),
  relationships: z.optional(
    z.array(z.looseObject({ spdxElementId: z.string(), relatedSpdxElement: z.string(), relationshipType: z.string() })),
  ),
});
type Document = z.output<typeof document>;

/**
 * Reads a bill of materials. The packages that the document describes are its subject and no components. There may be no
 * others only where it describes exactly one package, which is no image, and is then the one component: `npm sbom` writes
 * so of a package that depends on nothing. A concluded licence goes before a declared one, as who concluded it has looked.
 *
 * @example
 * spdx.read({ report, root }, "sbom").result.components // 12
 */
export const spdx: Reader<"sbom"> = {
  format: "spdx",
  kinds: ["sbom"],
  recognises: ({ text }) =>
    text.trimStart().startsWith("{") && (/"spdxVersion"\s*:/.test(text) || /"[^"]*spdx\.org\/rdf\/3/.test(text)),
  read({ report }): Reading<"sbom"> {
    const value = parseJson(report);
    refuseThree(report, value);
    const bom = checkShape(report, document, value);
    if (!versions.includes(bom.spdxVersion))
      throw new ReportError(
        report,
        "spdxVersion",
        `is not one of ${versions.join(", ")}`,
        "let the tool write SPDX 2.3",
      );
    const packages = bom.packages ?? [];
    checkIds(report, packages);
    const subjects = subjectsOf(bom);
    const listed = packages.filter(({ SPDXID }) => !subjects.has(SPDXID));
    const described = packages.filter(({ SPDXID }) => subjects.has(SPDXID));
    const components = listed.length > 0 ? listed : [onlyItself(report, described)];
    const describes = describedImage(report, described);
    return {
      tool: toolOf(bom),
      madeAt: madeAtOf(report, "creationInfo.created", bom.creationInfo.created),
      digest: describes,
      result: {
        format: "SPDX",
        specVersion: bom.spdxVersion.replace("SPDX-", ""),
        components: components.length,
        ...(describes === undefined ? {} : { describes }),
        licences: licencesOf(components),
      },
    };
  },
};

function refuseThree(report: Report, value: unknown): void {
  const context = (value as { "@context"?: unknown } | null)?.["@context"];
  if (context === undefined) return;
  throw new ReportError(
    report,
    "@context",
    "SPDX 3 is not read",
    "let the tool write SPDX 2.3, e.g. `syft -o spdx-json@2.3`",
  );
}

/** Two packages of one id would be counted as two, and described as one. */
function checkIds(report: Report, packages: readonly Package[]): void {
  const seen = new Set<string>();
  for (const [index, { SPDXID }] of packages.entries()) {
    if (seen.has(SPDXID)) throw new ReportError(report, `packages[${index}].SPDXID`, "is another package's, too");
    seen.add(SPDXID);
  }
}

/** Named by a field, by a relationship, or by both. */
function subjectsOf({ documentDescribes = [], relationships = [], SPDXID }: Document): Set<string> {
  const related = relationships.flatMap((one) => {
    if (one.relationshipType === "DESCRIBES" && one.spdxElementId === SPDXID) return [one.relatedSpdxElement];
    if (one.relationshipType === "DESCRIBED_BY" && one.relatedSpdxElement === SPDXID) return [one.spdxElementId];
    return [];
  });
  return new Set([...documentDescribes, ...related]);
}

/** A package that depends on nothing is all there is. */
function onlyItself(report: Report, described: readonly Package[]): Package {
  const [root, ...others] = described;
  if (root !== undefined && others.length === 0 && !isImage(root)) return root;
  throw new ReportError(report, "packages", "has none beside what it describes", "look at the tool's log");
}

function licencesOf(components: readonly Package[]): Reading<"sbom">["result"]["licences"] {
  const tally = new LicenceTally();
  for (const one of components) {
    const licence = normaliseLicence(one.licenseConcluded ?? "") || normaliseLicence(one.licenseDeclared ?? "");
    // What the packages run on; its licences are those of the packages.
    if (licence === "" && one.primaryPackagePurpose === "OPERATING-SYSTEM") continue;
    tally.add(licence, one.versionInfo ? `${one.name}@${one.versionInfo}` : one.name);
  }
  return tally.licences;
}

function isImage({ primaryPackagePurpose, externalRefs = [] }: Package): boolean {
  return (
    primaryPackagePurpose === "CONTAINER" || externalRefs.some((one) => one.referenceLocator.startsWith("pkg:oci/"))
  );
}

function describedImage(report: Report, described: readonly Package[]): string | undefined {
  const images = described.filter(isImage);
  return subjectOf(report, "documentDescribes", {
    purls: images.flatMap(({ externalRefs = [] }) => externalRefs.map((one) => one.referenceLocator)),
    digests: images.flatMap(({ versionInfo = "", checksums = [] }) => [
      versionInfo,
      ...checksums.filter(({ algorithm }) => algorithm === "SHA256").map((one) => `sha256:${one.checksumValue}`),
    ]),
  });
}

/** `Tool: NAME-VERSION`, where a version begins with a digit. */
function toolOf({ creationInfo }: Document): Reading["tool"] {
  const creator = creationInfo.creators.find((one) => one.startsWith("Tool: "))?.slice("Tool: ".length);
  if (creator === undefined) return { name: "spdx" };
  const [, tool, version] = /^(.+?)-(v?\d[^-].*|v?\d)$/.exec(creator.slice(0, longestCreator)) ?? [];
  return { name: tool ?? shorten(creator), version };
}
