import assert from "node:assert/strict";
import { releasesKept, repositoriesImmutable } from "../../policy/repositories.ts";
import { assertRefused, judge, type Resource, refusesEach } from "./harness.ts";

const repository: Resource = {
  type: "aws:ecr/repository:Repository",
  name: "registry-api",
  props: { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } },
};

describe("policy repositories-immutable", () => {
  refusesEach(repositoriesImmutable, repository, [
    {
      title: "mutable tags",
      change: { imageTagMutability: "MUTABLE" },
      says: /registry-api: imageTagMutability is "MUTABLE".*set it to "IMMUTABLE"/,
    },
    { title: "the provider's default", change: { imageTagMutability: undefined }, says: /is "MUTABLE"/ },
    { title: "another word", change: { imageTagMutability: "immutable" }, says: /is "immutable"/ },
    { title: "no scan", change: { imageScanningConfiguration: { scanOnPush: false } }, says: /scanOnPush is off/ },
    {
      title: "no scanning configuration",
      change: { imageScanningConfiguration: undefined },
      says: /scanOnPush is off/,
    },
    { title: "deletion with images", change: { forceDelete: true }, says: /forceDelete would delete/ },
    {
      title: "an exclusion that releases fall under",
      change: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "v*", filterType: "WILDCARD" }],
      },
      says: /lets "v\*" be overwritten/,
    },
    {
      title: "an exclusion of everything beside a harmless one",
      change: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "dev-*" }, { filter: "*" }],
      },
      says: /ExclusionFilters\[1\] lets "\*"/,
    },
    {
      title: "an exclusion whose wildcard comes too early",
      change: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "dev*" }],
      },
      says: /lets "dev\*"/,
    },
  ]);

  it("passes exclusions of passing tags", () => {
    const props = {
      ...repository.props,
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filter: "dev-*" }, { filter: "pr-*" }],
    };
    assert.deepEqual(judge(repositoriesImmutable, { ...repository, props }), []);
  });

  it("lets the sandbox's stack delete its own images, by config", () => {
    const config = { environments: { local: { forceDelete: true } } };
    const props = { ...repository.props, forceDelete: true };
    assert.deepEqual(judge(repositoriesImmutable, { ...repository, stack: "local", props }, config), []);
    assertRefused(judge(repositoriesImmutable, { ...repository, stack: "prod", props }, config), /forceDelete/);
  });
});

const rules = (...selections: object[]) =>
  JSON.stringify({
    rules: selections.map((selection, index) => ({ rulePriority: index + 1, selection, action: { type: "expire" } })),
  });
const untagged = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 };
const tagged = (patterns: object) => ({ ...untagged, tagStatus: "tagged", ...patterns });

const lifecycle: Resource = {
  type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  name: "registry-api-lifecycle",
  props: {
    policy: rules(untagged, tagged({ tagPatternList: ["dev-*"] }), tagged({ tagPrefixList: ["pr-"] })),
  },
};

describe("policy releases-kept", () => {
  refusesEach(releasesKept, lifecycle, [
    {
      title: "any image",
      change: { policy: rules(untagged, { ...untagged, tagStatus: "any" }) },
      says: /policy\.rules\[1\] expires images of tagStatus "any"/,
    },
    { title: "released tags", change: { policy: rules(tagged({ tagPrefixList: ["v"] })) }, says: /images tagged "v"/ },
    { title: "all tags", change: { policy: rules(tagged({ tagPatternList: ["*"] })) }, says: /images tagged "\*"/ },
    {
      title: "a wildcard before the beginning",
      change: { policy: rules(tagged({ tagPatternList: ["*dev-*"] })) },
      says: /images tagged/,
    },
    {
      title: "released tags beside others",
      change: { policy: rules(tagged({ tagPatternList: ["dev-*", "v*"] })) },
      says: /images tagged "v\*"/,
    },
    { title: "tagged images without a list", change: { policy: rules(tagged({})) }, says: /images of any tag/ },
    { title: "an empty list", change: { policy: rules(tagged({ tagPrefixList: [] })) }, says: /images tagged/ },
    { title: "no status", change: { policy: rules({}) }, says: /tagStatus/ },
    { title: "a rule that is null", change: { policy: '{"rules":[null]}' }, says: /tagStatus/ },
    { title: "no rules", change: { policy: "{}" }, says: /has no list of rules/ },
    { title: "a document that is no JSON", change: { policy: "rules" }, says: /is not valid JSON/ },
    {
      title: "a status given twice",
      change: { policy: '{"rules":[{"selection":{"tagStatus":"any","tagStatus":"untagged"}}]}' },
      says: /key twice/,
    },
  ]);
});
