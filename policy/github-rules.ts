/** The repository on GitHub: its branches and environments are what the deploy roles rest on. */

import { matchesName } from "../model/environment-of.ts";
import { type Member, resourcePolicy, type Subject, stackPolicy } from "./support/definition.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { isRecord, type Known, knownRecords, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface RulesetSettings {
  readonly bypass: readonly string[];
}

export const branchRulesActive = resourcePolicy({
  name: "branch-rules-active",
  description:
    "Branch rules are in force, forbid deletion and force pushes, take each check from its own app, and nobody passes them by unlisted.",
  severity: "high",
  remedy:
    "Set enforcement to active, deletion and nonFastForward to true; list actors that always bypass in the pack's config.",
  tags: ["source", "github"],
  settings: {
    bypass: {
      default: [],
      description:
        "Actors (TYPE:ID, such as Integration:1234) that may always pass rules by, also without a pull request.",
    },
  },
  types: [types.ruleset, types.branchProtection],
  judge: (subject, settings) => judgeBranchRules(subject, settings),
});

/**
 * Judges a ruleset or a branch protection.
 *
 * @example
 * judgeBranchRules({ type: "github:index/repositoryRuleset:RepositoryRuleset", properties, name, ignored }, { bypass: [] })
 */
export function judgeBranchRules(
  { type, properties }: Pick<Subject, "type" | "properties">,
  { bypass }: RulesetSettings,
): Finding[] {
  const off = (value: unknown) => value === undefined || value === false;
  const on = (value: unknown) => value === true;
  if (type === types.branchProtection) {
    const { allowsDeletions, allowsForcePushes } = properties;
    return [
      ...demand(allowsDeletions, off, "allowsDeletions", "lets branches be deleted", "set it to false"),
      ...demand(allowsForcePushes, off, "allowsForcePushes", "lets history be rewritten", "set it to false"),
    ];
  }
  const { enforcement, target } = properties;
  const rules = isRecord(properties.rules) ? properties.rules : {};
  if (properties.rules === unknown || target === unknown) return [undecided("rules")];
  const findings = demand(
    enforcement,
    (value) => value === "active",
    "enforcement",
    `is ${quote(enforcement)}, so nothing is enforced`,
    'set it to "active"',
  );
  if (target === "branch") {
    findings.push(
      ...demand(rules.deletion, on, "rules.deletion", "is off, so branches can be deleted", "set it to true"),
    );
    const what = "is off, so history can be rewritten";
    findings.push(...demand(rules.nonFastForward, on, "rules.nonFastForward", what, "set it to true"));
  }
  return [...findings, ...judgeChecks(rules.requiredStatusChecks), ...judgeBypass(properties.bypassActors, bypass)];
}

/** Whoever may write commit statuses can report a check that no app is named for. */
function judgeChecks(required: unknown): Finding[] {
  const checks = isRecord(required) ? records(required.requiredChecks) : records(required);
  if (checks === unknown) return [undecided("rules.requiredStatusChecks")];
  return checks.flatMap(({ context, integrationId }, index) =>
    demand(
      integrationId ?? 0,
      (app) => typeof app === "number" && app > 0,
      `rules.requiredStatusChecks.requiredChecks[${index}]`,
      `takes ${quote(context)} from anybody who may report it`,
      "set integrationId: 15368 is GitHub Actions",
    ),
  );
}

function judgeBypass(bypassActors: unknown, listed: readonly string[]): Finding[] {
  const actors = records(bypassActors);
  if (actors === unknown) return [undecided("bypassActors")];
  return actors.flatMap(({ actorType, actorId, bypassMode }, index) => {
    const actor = `${actorType}:${actorId}`;
    const where = `bypassActors[${index}]`;
    const what = `lets ${quote(actor)} pass the rules by`;
    const remedy = "set its mode to pull_request, or list it under bypass in policy/config.json";
    return demand(bypassMode, (mode) => mode === "pull_request" || listed.includes(actor), where, what, remedy);
  });
}

export interface EnvironmentSettings {
  readonly guarded: readonly string[];
}

export const githubEnvironmentsGuarded = resourcePolicy({
  name: "github-environments-guarded",
  description: "GitHub environments that deploy take only listed branches, and nobody approves their own work.",
  severity: "high",
  remedy: "Set canAdminsBypass to false, preventSelfReview to true, and a deploymentBranchPolicy.",
  tags: ["source", "github"],
  settings: {
    guarded: {
      default: ["staging", "prod", "production", "*-staging", "*-prod", "*-production"],
      description: "Environments that this is demanded of; * stands for any characters.",
    },
  },
  types: [types.githubEnvironment],
  judge: ({ properties }, settings) => judgeGithubEnvironment(properties, settings),
});

/** Judges a GitHub environment: a deploy role trusts whoever reaches it. */
export function judgeGithubEnvironment(properties: Known, { guarded }: EnvironmentSettings): Finding[] {
  const { environment, canAdminsBypass, preventSelfReview } = properties;
  if (environment !== unknown && !guarded.some((one) => matchesName(one, environment as string))) return [];
  const policies = records(properties.deploymentBranchPolicy);
  const limited =
    policies === unknown
      ? unknown
      : policies.some(
          ({ protectedBranches, customBranchPolicies }) => protectedBranches === true || customBranchPolicies === true,
        );
  return [
    ...demand(
      limited,
      (value) => value === true,
      "deploymentBranchPolicy",
      "lets any branch deploy",
      "limit the branches",
    ),
    ...demand(
      canAdminsBypass,
      (value) => value === false,
      "canAdminsBypass",
      "lets administrators skip the approval (GitHub's default)",
      "set it to false",
    ),
    ...demand(
      preventSelfReview,
      (value) => value === true,
      "preventSelfReview",
      "lets people approve what they started (GitHub's default)",
      "set it to true",
    ),
  ];
}

export interface PresenceSettings {
  readonly branches: readonly string[];
  readonly approvals: number;
  readonly checks: number;
}

export const branchRulesPresent = stackPolicy({
  name: "branch-rules-present",
  description: "A stack that lets GitHub in also protects the branch that deploys.",
  severity: "high",
  remedy: "Declare sluice:rulesets for the default branch, with at least one approval and one check.",
  tags: ["source", "github"],
  settings: {
    branches: {
      default: ["~DEFAULT_BRANCH", "~ALL", "refs/heads/main", "refs/heads/master", "main", "master"],
      description: "Names of the branch that must have rules; one of them is enough.",
    },
    approvals: { default: 1, description: "Approving reviews that its pull requests need at least." },
    checks: { default: 1, description: "Status checks that must pass at least." },
  },
  judge: (members, settings) => judgePresence(members, settings),
});

/** Judges whether a stack with GitHub's identity provider, or anything of GitHub's, has rules for the deploying branch. */
export function judgePresence(
  members: readonly Member[],
  { branches, approvals, checks }: PresenceSettings,
): (Finding & { urn?: string })[] {
  const trusts = ({ type, properties }: Member) =>
    type.startsWith("github:") || (type === types.openIdConnectProvider && String(properties.url).includes("github"));
  if (!members.some(trusts)) return [];
  const rules = members.filter((member) => coversBranch(member, branches));
  const remedy = "declare sluice:rulesets for the default branch";
  if (rules.length === 0) {
    return [{ where: "sluice:rulesets", what: `no rules protect ${branches.slice(0, 3).join(", ")}`, remedy }];
  }
  const urn = rules[0]?.urn as string;
  const few = (what: string, found: number, floor: number, setting: string) =>
    found >= floor ? [] : [{ urn, where: "", what: `${what} ${found}`, remedy: `${setting} ${floor} or more` }];
  return [
    ...few("approvals that pull requests need:", Math.max(...rules.map(approvalsOf)), approvals, "set approvals to"),
    ...few("checks that must pass:", checksOf(rules), checks, "under checks, name"),
  ];
}

function coversBranch({ type, properties }: Member, branches: readonly string[]): boolean {
  if (type === types.branchProtection) return branches.includes(properties.pattern as string);
  if (type !== types.ruleset || properties.enforcement !== "active" || properties.target !== "branch") return false;
  const names = knownRecords(properties.conditions).flatMap(({ refName }) => knownRecords(refName));
  const list = (key: string) => names.flatMap((name) => name[key] ?? []) as string[];
  return (
    list("includes").some((name) => branches.includes(name)) &&
    !list("excludes").some((name) => branches.includes(name))
  );
}

function approvalsOf({ type, properties }: Member): number {
  const [reviews] =
    type === types.branchProtection
      ? knownRecords(properties.requiredPullRequestReviews)
      : knownRecords(properties.rules).flatMap(({ pullRequest }) => knownRecords(pullRequest));
  return Number(reviews?.requiredApprovingReviewCount ?? 0) || 0;
}

/** Names of different checks, of all rules together: each of them must pass. */
function checksOf(rules: readonly Member[]): number {
  const names = rules.flatMap(({ type, properties }) =>
    type === types.branchProtection
      ? knownRecords(properties.requiredStatusChecks).flatMap(({ contexts }) => (contexts ?? []) as unknown[])
      : knownRecords(properties.rules)
          .flatMap(({ requiredStatusChecks }) => knownRecords(requiredStatusChecks))
          .flatMap(({ requiredChecks }) => knownRecords(requiredChecks).map(({ context }) => context)),
  );
  return new Set(names).size;
}
