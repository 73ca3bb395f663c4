/** GitHub's environments as lists of named fields, in the words of its REST API. */
import type { GithubEnvironmentConfig } from "../config/github-environment.ts";
import type { Fields, Hidden } from "./documents.ts";
import { deploymentPolicies } from "./environment.ts";

/** What GitHub answers: the environment, and its branch and tag policies where it has custom ones. */
export interface LiveEnvironment {
  /** `GET /repos/OWNER/NAME/environments/ENVIRONMENT` */
  environment: Record<string, unknown>;
  /** `GET …/deployment-branch-policies` */
  policies: readonly { name?: string | undefined; type?: string | undefined }[];
}

const custom = "custom_branch_policies";

/** What a stack declares. Administrators never pass by. */
export function declaredEnvironment(settings: GithubEnvironmentConfig): Fields {
  const { users, teams } = settings.reviewers;
  return new Map<string, unknown>([
    ["wait_timer", settings.waitMinutes],
    ["can_admins_bypass", false],
    ["deployment_branch_policy", custom],
    ...users.map((id) => [`reviewers.User:${id}`, true] as const),
    ...teams.map((id) => [`reviewers.Team:${id}`, true] as const),
    ...(users.length + teams.length > 0 ? [["prevent_self_review", !settings.selfReview] as const] : []),
    ...deploymentPolicies("", settings).map(
      ({ kind, pattern }) =>
        [`deployment_branch_policies.${kind === "tags" ? "tag" : "branch"} ${pattern}`, true] as const,
    ),
  ]);
}

/**
 * @param settings the declared ones: GitHub keeps `prevent_self_review` with the reviewers, and has none without them
 * @returns the fields, and what the answer does not show
 */
export function flattenEnvironment(
  { environment, policies }: LiveEnvironment,
  { reviewers: { users, teams } }: GithubEnvironmentConfig,
): { fields: Fields; hidden: Hidden[] } {
  const { protection_rules, can_admins_bypass, deployment_branch_policy } = environment;
  const hidden: Hidden[] = [];
  const hide = (fields: string[], reason: string) => hidden.push({ fields, reason });
  if (!Array.isArray(protection_rules)) {
    hide(["wait_timer", "reviewers.", "prevent_self_review"], "its protection rules are not shown");
  }
  if (typeof can_admins_bypass !== "boolean")
    hide(["can_admins_bypass"], "whether administrators pass it by is not shown");
  if (deployment_branch_policy === undefined)
    hide(["deployment_branch_polic"], "which branches may deploy is not shown");
  const rules = (Array.isArray(protection_rules) ? protection_rules : []) as Record<string, unknown>[];
  const review = rules.find(({ type }) => type === "required_reviewers");
  const wait = rules.find(({ type }) => type === "wait_timer");
  const fields: [string, unknown][] = [
    ["wait_timer", wait?.wait_timer ?? 0],
    ["can_admins_bypass", can_admins_bypass ?? false],
    ["deployment_branch_policy", branchPolicy(deployment_branch_policy)],
    ...((review?.reviewers ?? []) as { type?: string; reviewer?: { id?: number } }[]).map(
      ({ type, reviewer }): [string, unknown] => [`reviewers.${type}:${reviewer?.id}`, true],
    ),
    ...policies.map(({ name, type }): [string, unknown] => [
      `deployment_branch_policies.${type ?? "branch"} ${name}`,
      true,
    ]),
  ];
  if (users.length + teams.length > 0) fields.push(["prevent_self_review", review?.prevent_self_review ?? false]);
  return { fields: new Map(fields), hidden };
}

function branchPolicy(policy: unknown): string {
  const { protected_branches, custom_branch_policies } = (policy ?? {}) as Record<string, unknown>;
  if (custom_branch_policies === true) return custom;
  return protected_branches === true ? "protected_branches" : "any branch";
}
