import { containsUnknown, UNKNOWN } from "./protocol.ts";
import type { CheckProblem, InputSpec, Properties, ResourceType } from "./resource-type.ts";

export type TagMap = Record<string, string>;

/** Tags and their limits (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices). */
const TAGS: InputSpec = { type: { map: { type: "string", maxLength: 256 } } };
const MAX_TAGS = 50;
const MAX_KEY = 128;

/** The inputs of a type, with `tags` where it takes them. */
export function specsOf(type: ResourceType): Record<string, InputSpec> {
  return type.tagged ? { ...type.inputs, tags: TAGS } : type.inputs;
}

export function checkTags(tags: unknown): CheckProblem[] {
  if (tags === null || typeof tags !== "object") return [];
  const keys = Object.keys(tags);
  const long = keys.filter((key) => key.length > MAX_KEY || key.length === 0);
  const reserved = keys.filter((key) => key.toLowerCase().startsWith("aws:"));
  return [
    ...(keys.length > MAX_TAGS ? [`expected at most ${MAX_TAGS} tags, got ${keys.length}`] : []),
    ...long.map((key) => `the key ${JSON.stringify(key)} must have 1 to ${MAX_KEY} characters`),
    ...reserved.map((key) => `the key ${JSON.stringify(key)} begins with aws:, which AWS keeps for itself`),
  ].map((reason) => ({ property: "tags", reason }));
}

/** All tags of a resource: the provider's default tags, and its own over them. */
export function tagsAll(defaults: TagMap, inputs: Properties): unknown {
  const tags = inputs.tags ?? {};
  return containsUnknown(tags) ? UNKNOWN : { ...defaults, ...(tags as TagMap) };
}

/** The resource's own tags among all that the cloud shows: what the defaults explain is left out, unless it was given. */
export function ownTags(defaults: TagMap, all: TagMap, given: TagMap): TagMap {
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => defaults[key] !== value || given[key] === value),
  );
}
