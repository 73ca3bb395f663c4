/** What GitHub's REST API shows of its documents (https://docs.github.com/en/rest). */
import type { DeploymentPolicy, Environment, Ruleset } from "../cloud/github-documents.ts";

/** Where the answer's links lead. */
type Base = string;

const rulesetLink = (base: Base, { repository, id }: Ruleset) => `${base}/repos/${repository}/rulesets/${id}`;

/** A ruleset in a list: neither its rules nor who passes them by. */
export function rulesetSummary(base: Base, ruleset: Ruleset) {
  const { id, node_id, repository, name, target, enforcement, created_at, updated_at } = ruleset;
  return {
    id,
    name,
    target,
    source_type: "Repository",
    source: repository,
    enforcement,
    node_id,
    _links: { self: { href: rulesetLink(base, ruleset) } },
    created_at,
    updated_at,
  };
}

/** "The bypass_actors property is only returned if the user making the API request has write access to the ruleset." */
export function rulesetView(base: Base, ruleset: Ruleset, mayWrite: boolean) {
  return {
    ...rulesetSummary(base, ruleset),
    ...(mayWrite ? { bypass_actors: ruleset.bypass_actors } : {}),
    current_user_can_bypass: "never",
    conditions: ruleset.conditions ?? {},
    rules: ruleset.rules,
  };
}

export function environmentView(base: Base, environment: Environment) {
  const { id, node_id, name, repository, wait_timer, reviewers, deployment_branch_policy, created_at } = environment;
  const rule = (offset: number) => ({ id: id * 10 + offset, node_id: `GA_${id}_${offset}` });
  return {
    id,
    node_id,
    name,
    url: `${base}/repos/${repository}/environments/${encodeURIComponent(name)}`,
    created_at,
    updated_at: created_at,
    can_admins_bypass: environment.can_admins_bypass,
    protection_rules: [
      ...(wait_timer > 0 ? [{ ...rule(1), type: "wait_timer", wait_timer }] : []),
      ...(reviewers.length > 0
        ? [
            {
              ...rule(2),
              type: "required_reviewers",
              prevent_self_review: environment.prevent_self_review,
              reviewers: reviewers.map((one) => ({ type: one.type, reviewer: { id: one.id } })),
            },
          ]
        : []),
      ...(deployment_branch_policy === null ? [] : [{ ...rule(3), type: "branch_policy" }]),
    ],
    deployment_branch_policy,
  };
}

export function policyView({ id, node_id, name, type }: DeploymentPolicy) {
  return { id, node_id, name, type };
}
