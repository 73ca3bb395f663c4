/** Image repositories: what was released stays what it was, and stays. */
import { resourcePolicy } from "./support/definition.ts";
import { readDocument, texts } from "./support/document.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { isRecord, type Known, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

const passingTags = {
  default: ["dev-", "pr-"],
  description: "Beginnings of tags that name no release: they may be overwritten and expire.",
} as const;

export interface RepositorySettings {
  readonly passingTags: readonly string[];
  readonly forceDelete: boolean;
}

export const repositoriesImmutable = resourcePolicy({
  name: "repositories-immutable",
  description: "Image repositories have immutable tags, scan on push, and are not deleted with images in them.",
  severity: "high",
  remedy:
    "Set imageTagMutability to IMMUTABLE, imageScanningConfiguration.scanOnPush to true, and leave forceDelete off.",
  tags: ["supply-chain", "ecr"],
  settings: {
    passingTags,
    forceDelete: { default: false, description: "Let a repository be deleted together with its images." },
  },
  types: [types.repository],
  judge: ({ properties }, settings) => judgeRepository(properties, settings),
});

/**
 * Judges an ECR repository.
 *
 * @example
 * judgeRepository({ imageTagMutability: "MUTABLE" }, settings).length // 2: also not scanned
 */
export function judgeRepository(properties: Known, settings: RepositorySettings): Finding[] {
  const scanning = records(properties.imageScanningConfiguration);
  const scanOnPush = scanning === unknown ? unknown : scanning[0]?.scanOnPush;
  return [
    ...judgeMutability(properties, settings),
    ...demand(
      scanOnPush,
      (value) => value === true,
      "imageScanningConfiguration.scanOnPush",
      "is off",
      "set it to true, so that known flaws are found",
    ),
    ...demand(
      properties.forceDelete,
      (value) => value === undefined || value === false || settings.forceDelete,
      "forceDelete",
      "would delete the images that a rollback needs",
      "leave it off",
    ),
  ];
}

function judgeMutability(properties: Known, { passingTags }: RepositorySettings): Finding[] {
  const where = "imageTagMutability";
  const mutability = properties[where];
  if (mutability !== "IMMUTABLE_WITH_EXCLUSION") {
    const what = `is ${quote(mutability ?? "MUTABLE")}, so a released tag can come to mean another image`;
    return demand(mutability, (value) => value === "IMMUTABLE", where, what, 'set it to "IMMUTABLE"');
  }
  const filters = records(properties.imageTagMutabilityExclusionFilters);
  if (filters === unknown) return [undecided("imageTagMutabilityExclusionFilters")];
  return filters.flatMap(({ filter }, index) =>
    demand(
      filter,
      (value) => isPassing(value, passingTags),
      `imageTagMutabilityExclusionFilters[${index}]`,
      `lets ${quote(filter)} be overwritten`,
      `exclude only tags that begin with ${passingTags.join(" or ")}`,
    ),
  );
}

/** Whether all tags that a prefix or pattern matches are passing ones; a wildcard only counts after the whole beginning. */
function isPassing(pattern: unknown, beginnings: readonly string[]): boolean {
  return typeof pattern === "string" && beginnings.some((beginning) => pattern.startsWith(beginning));
}

export const releasesKept = resourcePolicy({
  name: "releases-kept",
  description: "Lifecycle rules expire nothing that a rollback may need.",
  severity: "critical",
  remedy:
    "Expire only untagged images and tags that begin with dev- or pr-; `sluice` expires releases, knowing what runs.",
  tags: ["rollback", "ecr"],
  settings: { passingTags },
  types: [types.lifecyclePolicy],
  judge: ({ properties }, settings) => judgeLifecycle(properties, settings.passingTags),
});

/**
 * Judges an ECR lifecycle policy. A rule over several prefixes takes images that have a tag for each of them, so all of
 * them must be passing ones, and an image must have at least one.
 *
 * @example
 * judgeLifecycle({ policy: '{"rules":[{"selection":{"tagStatus":"any"}}]}' }, ["dev-"]).length // 1
 */
export function judgeLifecycle(properties: Known, passingTags: readonly string[]): Finding[] {
  const read = readDocument(properties.policy, "policy");
  if ("finding" in read) return [read.finding];
  const rules = isRecord(read.value) ? read.value.rules : undefined;
  if (!Array.isArray(rules)) return [{ where: "policy", what: "has no list of rules", remedy: "give it `rules`" }];
  return rules.flatMap((rule: unknown, index) => judgeRule(rule, `policy.rules[${index}]`, passingTags));
}

function judgeRule(rule: unknown, where: string, passingTags: readonly string[]): Finding[] {
  const selection = isRecord(rule) && isRecord(rule.selection) ? rule.selection : {};
  const status = selection.tagStatus;
  if (status === "untagged") return [];
  const remedy = `select untagged images, or tags that begin with ${passingTags.join(" or ")}`;
  if (status !== "tagged") return [{ where, what: `expires images of tagStatus ${quote(status)}`, remedy }];
  const lists = ["tagPrefixList", "tagPatternList"].filter((key) => selection[key] !== undefined);
  const patterns = lists.flatMap((key) => texts(selection[key]) ?? [undefined]);
  if (patterns.length === 0) return [{ where, what: "expires images of any tag", remedy }];
  return patterns
    .filter((pattern) => !isPassing(pattern, passingTags))
    .map((pattern) => ({ where, what: `expires images tagged ${quote(pattern)}`, remedy }));
}
