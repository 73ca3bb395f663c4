/** CycloneDX 1.4 to 1.7 as JSON: https://cyclonedx.org/specification/overview/ (npm sbom, syft, trivy, cdxgen). */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import { everyLicence, LicenceTally } from "./licences.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { madeAtOf, subjectOf } from "./sbom-subject.ts";

const versions = ["1.4", "1.5", "1.6", "1.7"];
/** What the components stand on or in, for which nobody gives a licence: that of the components is what counts. */
const places = ["operating-system", "file"];

const name = z.string().check(z.minLength(1));
const licence = z.union([
  z.looseObject({ license: z.looseObject({ id: z.optional(name), name: z.optional(name) }) }),
  z.looseObject({ expression: name }),
]);
const component = z.looseObject({
  type: name,
  group: z.optional(z.string()),
  name,
  version: z.optional(z.string()),
  purl: z.optional(z.string()),
  "bom-ref": z.optional(z.string()),
  licenses: z.optional(z.array(licence)),
  hashes: z.optional(z.array(z.looseObject({ alg: z.string(), content: z.string() }))),
  properties: z.optional(z.array(z.looseObject({ name: z.string(), value: z.optional(z.string()) }))),
  // Checked one by one, so that a deep tree takes no deep schema.
  components: z.optional(z.array(z.unknown())),
});
type Component = z.output<typeof component>;

const tool = z.looseObject({
  vendor: z.optional(z.string()),
  name,
  version: z.optional(z.string()),
});
const document = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string(),
  metadata: z.optional(
    z.looseObject({
      timestamp: z.optional(z.string()),
      tools: z.optional(z.union([z.array(tool), z.looseObject({ components: z.optional(z.array(tool)) })])),
      component: z.optional(component),
    }),
  ),
  components: z.optional(z.array(z.unknown())),
  dependencies: z.optional(z.array(z.looseObject({ ref: name, dependsOn: z.optional(z.array(z.string())) }))),
});
type Document = z.output<typeof document>;

/**
 * Reads a bill of materials. Every component counts, nested ones too. It may have none only where its subject is no image
 * and `dependencies` says in so many words that it depends on nothing, as `npm sbom` does: a scanner that did not
 * understand what it looked at lists nothing as well.
 *
 * @example
 * cyclonedx.read({ report, root }, "sbom").result.components // 12
 */
export const cyclonedx: Reader<"sbom"> = {
  format: "cyclonedx",
  kinds: ["sbom"],
  recognises: ({ text }) => text.trimStart().startsWith("{") && /"bomFormat"\s*:/.test(text),
  read({ report }): Reading<"sbom"> {
    const bom = checkShape(report, document, parseJson(report));
    if (!versions.includes(bom.specVersion))
      throw new ReportError(
        report,
        "specVersion",
        `is not one of ${versions.join(", ")}`,
        "let the tool write CycloneDX 1.6",
      );
    const listed = flatten(report, bom.components ?? []);
    const components = listed.length > 0 ? listed : [onlyItself(report, bom)];
    const tally = new LicenceTally();
    for (const one of components) {
      const licences = (one.licenses ?? []).map(licenceOf);
      if (licences.length === 0 && isPlace(one)) continue;
      tally.add(everyLicence(licences), labelOf(one));
    }
    const describes = describedImage(report, bom.metadata?.component);
    return {
      tool: toolOf(bom),
      madeAt: madeAtOf(report, "metadata.timestamp", bom.metadata?.timestamp),
      digest: describes,
      result: {
        format: "CycloneDX",
        specVersion: bom.specVersion,
        components: components.length,
        ...(describes === undefined ? {} : { describes }),
        licences: tally.licences,
      },
    };
  },
};

/** Breadth first: a component's components follow behind all others of its level. */
function flatten(report: Report, roots: readonly unknown[]): Component[] {
  const found: Component[] = [];
  let level = roots.map((value, index) => ({ place: `components[${index}]`, value }));
  while (level.length > 0) {
    const checked = level.map(({ place, value }) => ({ place, one: checkShape(report, component, value, place) }));
    for (const { one } of checked) found.push(one);
    level = checked.flatMap(({ place, one }) =>
      (one.components ?? []).map((value, index) => ({ place: `${place}.components[${index}]`, value })),
    );
  }
  return found;
}

function labelOf({ group, name: own, version }: Component): string {
  return `${group ? `${group}/` : ""}${own}${version ? `@${version}` : ""}`;
}

/** Trivy lists the lock files that it found packages in as applications. */
function isPlace({ type, version, purl }: Component): boolean {
  return places.includes(type) || (type === "application" && version === undefined && purl === undefined);
}

/** A package that says that it depends on nothing is all there is. */
function onlyItself(report: Report, { metadata, dependencies }: Document): Component {
  const root = metadata?.component;
  const reference = root?.["bom-ref"];
  const own = dependencies?.find(({ ref }) => ref === reference);
  if (root !== undefined && root.type !== "container" && own?.dependsOn?.length === 0) return root;
  throw new ReportError(
    report,
    "components",
    "has none, and does not say that there is nothing to list",
    "look at the tool's log",
  );
}

function licenceOf(entry: z.output<typeof licence>): string {
  if ("expression" in entry && typeof entry.expression === "string") return entry.expression;
  const { id, name: own } = (entry as { license: { id?: string; name?: string } }).license;
  return id ?? own ?? "";
}

function describedImage(report: Report, root: Component | undefined): string | undefined {
  if (root === undefined) return undefined;
  const isImage = root.type === "container";
  const hashes = (root.hashes ?? []).filter(({ alg }) => alg === "SHA-256").map(({ content }) => `sha256:${content}`);
  // Trivy names every repository that it knows the image from, as NAME@DIGEST.
  const repositories = (root.properties ?? [])
    .filter((property) => property.name === "aquasecurity:trivy:RepoDigest")
    .map(({ value = "" }) => value.slice(value.indexOf("@") + 1));
  return subjectOf(report, "metadata.component", {
    purls: root.purl === undefined ? [] : [root.purl],
    digests: isImage ? [root.version ?? "", ...hashes, ...repositories] : [],
  });
}

/** Up to 1.4 a list, from 1.5 on an object of components, and both are seen. */
function toolOf({ metadata }: Document): Reading["tool"] {
  const { tools } = metadata ?? {};
  const [first] = Array.isArray(tools) ? tools : (tools?.components ?? []);
  if (first === undefined) return { name: "cyclonedx" };
  return { name: first.vendor ? `${first.vendor}/${first.name}` : first.name, version: first.version };
}
