/** Rules that join several settings of a ruleset. */
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";
import type { RulesetConfig } from "./ruleset.ts";

/** https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets */
const maximumRulesets = 75;

type Problem = Omit<ConfigProblem, "field" | "value"> & { key?: keyof RulesetConfig; value?: unknown };

/** Settings that speak of pull requests. */
const pullRequestSettings = [
  "approvals",
  "dismissStale",
  "codeOwners",
  "lastPushApproval",
  "resolveConversations",
  "mergeMethods",
] as const;

/** A rule over each ruleset by itself. */
function each(judge: (settings: RulesetConfig, config: Config) => Problem[]): CrossFieldRule {
  return (config) =>
    Object.entries(config.rulesets).flatMap(([name, settings]) =>
      judge(settings, config).map(({ key, value, rule, remedy }) => ({
        field: key === undefined ? `rulesets.${name}` : `rulesets.${name}.${key}`,
        rule,
        value: JSON.stringify(value ?? (key === undefined ? undefined : settings[key])) ?? "nothing",
        remedy,
      })),
    );
}

const given = (settings: RulesetConfig, keys: readonly (keyof RulesetConfig)[]) =>
  keys.filter((key) => settings[key] !== undefined);

const rulesetsNameBranchesOrTags = each(({ branches, tags }) => {
  if ((branches === undefined) !== (tags === undefined)) return [];
  const remedy = "name the branches or the tags that it is for; two rulesets for both";
  return [{ rule: "one of branches and tags", value: branches === undefined ? undefined : { branches, tags }, remedy }];
});

const tagsHaveNoPullRequests = each((settings) => {
  if (settings.tags === undefined) return [];
  const keys = given(settings, [...pullRequestSettings, "pullRequest"]).filter((key) => settings[key] !== false);
  const remedy = "leave it out: a tag is pushed, not merged";
  return [
    ...keys.map((key) => ({ key, rule: "a setting for branches", remedy })),
    ...(settings.codeScanning.length > 0
      ? [{ key: "codeScanning" as const, rule: "a setting for branches", remedy }]
      : []),
    ...(settings.tags.includes("~DEFAULT_BRANCH")
      ? [{ key: "tags" as const, rule: "names of tags", remedy: "~DEFAULT_BRANCH belongs under branches" }]
      : []),
  ];
});

const pullRequestSettingsNeedPullRequests = each((settings) => {
  if (settings.pullRequest !== false || settings.branches === undefined) return [];
  const remedy = "leave it out, or leave pullRequest out";
  return given(settings, pullRequestSettings).map((key) => ({
    key,
    rule: "has no effect with pullRequest false",
    remedy,
  }));
});

/** GitHub: "This setting will not take effect unless at least one status check is enabled." */
const upToDateNeedsChecks = each(({ upToDate, checks }) =>
  upToDate === true && checks.length === 0
    ? [{ key: "upToDate", rule: "has no effect without checks (GitHub)", remedy: "name the checks that must pass" }]
    : [],
);

const checksAreNamedOnce = each(({ checks }) => {
  const contexts = checks.map(({ context }) => context);
  return contexts
    .filter((context, index) => contexts.indexOf(context) < index)
    .map((context) => ({ key: "checks", rule: "each check once", value: context, remedy: "remove one of the two" }));
});

const linearHistoryCanBeMerged = each(({ linear, mergeMethods }) =>
  linear && mergeMethods?.every((method) => method === "merge")
    ? [{ key: "mergeMethods", rule: "linear history takes no merge commits", remedy: "allow squash or rebase" }]
    : [],
);

const deploymentsNameEnvironments = each(({ deployments }, { environments }) =>
  deployments
    .filter((name) => !Object.hasOwn(environments, name))
    .map((name) => ({
      key: "deployments",
      rule: "an environment of this stack",
      value: name,
      remedy: `declare it under environments, or name one of: ${Object.keys(environments).join(", ") || "(none)"}`,
    })),
);

const withoutId: ReadonlySet<string> = new Set(["OrganizationAdmin", "DeployKey"]);

const bypassActorsAreWhole = each(({ bypass, tags }) =>
  bypass.flatMap((actor): Problem[] => {
    const { actorId, actorType, mode } = actor;
    const told = { key: "bypass" as const, value: actor };
    return [
      ...(actorId === undefined && !withoutId.has(actorType)
        ? [{ ...told, rule: `${actorType} needs its actorId`, remedy: "look it up with gh api, see the schema" }]
        : []),
      ...(actorId !== undefined && actorType === "DeployKey"
        ? [{ ...told, rule: "deploy keys have no actorId (GitHub)", remedy: "leave actorId out: it means all of them" }]
        : []),
      ...(mode === "pull_request" && (tags !== undefined || actorType === "DeployKey")
        ? [{ ...told, rule: "tags and deploy keys know the mode always alone (GitHub)", remedy: "set mode: always" }]
        : []),
    ];
  }),
);

const bypassActorsAreNamedOnce = each(({ bypass }) => {
  const names = bypass.map(({ actorType, actorId }) =>
    withoutId.has(actorType) ? actorType : `${actorType}:${actorId}`,
  );
  return names
    .filter((name, index) => names.indexOf(name) < index)
    .map((name) => ({ key: "bypass", rule: "each actor once", value: name, remedy: "remove one of the two" }));
});

function rulesetsAreNotTooMany({ rulesets }: Config): ConfigProblem[] {
  const count = Object.keys(rulesets).length;
  if (count <= maximumRulesets) return [];
  const rule = `at most ${maximumRulesets} rulesets in a repository (GitHub)`;
  return [{ field: "rulesets", rule, value: String(count), remedy: "give several branches to one ruleset" }];
}

export const rulesetRules: readonly CrossFieldRule[] = [
  rulesetsNameBranchesOrTags,
  tagsHaveNoPullRequests,
  pullRequestSettingsNeedPullRequests,
  upToDateNeedsChecks,
  checksAreNamedOnce,
  linearHistoryCanBeMerged,
  deploymentsNameEnvironments,
  bypassActorsAreWhole,
  bypassActorsAreNamedOnce,
  rulesetsAreNotTooMany,
];
