/** The inputs of a Release, checked whole: the judged program wrote them. */
import { z } from "zod";
import { type ConfigProblem, shapeProblems } from "../../model/config/problems.ts";
import { type GatesSection, gatesSection } from "../../model/gates/section.ts";
import { sectionProblems } from "../../model/gates/section-problems.ts";
import type { Finding } from "./finding.ts";
import { type ImageReference, parseImage } from "./image-reference.ts";
import { holdsUnknown, type Known } from "./known.ts";

const text = z.string().min(1).max(1024);
const image = z.strictObject({
  service: text,
  colour: text,
  repository: text,
  image: z.string().refine((value) => parseImage(value) !== undefined, "REGISTRY/REPOSITORY@sha256:DIGEST"),
  tag: text.optional(),
});
const inputs = z.strictObject({
  environment: text,
  images: z.array(image.refine(isOf, "an image of the repository that it names")),
  gates: gatesSection.optional(),
});

/** Gates may be another repository's: evidence about an image is judged by those of where it really comes from. */
function isOf({ repository, image }: { repository: string; image: string }): boolean {
  return parseImage(image)?.repository === repository;
}

/** An image, with all that runs it. */
export interface NamedImage {
  /** For people, e.g. `api v1.2.0`. */
  name: string;
  reference: ImageReference;
}

export interface ReleaseInputs {
  environment: string;
  images: readonly NamedImage[];
  gates: GatesSection | undefined;
}

/**
 * Reads what a release says of itself.
 *
 * @returns findings where any of it is not as it must be: nothing of it counts then
 * @example
 * const read = readRelease(subject.properties);
 * if ("findings" in read) return read.findings;
 */
export function readRelease(properties: Known): { release: ReleaseInputs } | { findings: Finding[] } {
  const late = Object.keys(properties).filter((key) => holdsUnknown(properties[key]));
  if (late.length > 0) return { findings: late.map(unknownInput) };
  const parsed = inputs.safeParse(properties);
  if (!parsed.success) return { findings: shapeProblems(inputs, properties, parsed.error.issues).map(wrong) };
  const { environment, images, gates } = parsed.data;
  const problems = gates === undefined ? [] : sectionProblems(gates);
  if (problems.length > 0) return { findings: problems.map(wrong) };
  return { release: { environment, images: together(images), gates } };
}

/** An image that several colours or services run is judged, and told of, once. */
function together(images: readonly z.output<typeof image>[]): NamedImage[] {
  return [...Map.groupBy(images, ({ image }) => image)].map(([image, group]) => {
    const names = group.map(({ service, tag, repository }) => `${service} ${tag ?? repository}`);
    return { name: [...new Set(names)].join(", "), reference: parseImage(image) as ImageReference };
  });
}

function unknownInput(where: string): Finding {
  const remedy = "resolve it first: what decides whether an update may begin is known when it begins";
  return { where, what: "is not known yet", remedy };
}

function wrong({ field, rule, value, remedy }: ConfigProblem): Finding {
  return { where: field, what: `is wrong: ${rule}; got ${value}`, remedy };
}
