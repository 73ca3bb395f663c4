/** Documents of a repository's settings, in the shapes of GitHub's REST API (https://docs.github.com/en/rest). */
import { CloudError } from "./error.ts";

export interface BypassActor {
  actor_id: number | null;
  actor_type: string;
  bypass_mode: string;
}

export interface Rule {
  type: string;
  parameters?: Record<string, unknown>;
}

/** What a ruleset is made of. */
export interface RulesetFields {
  name: string;
  target: string;
  enforcement: string;
  bypass_actors: BypassActor[];
  conditions?: { ref_name: { include: string[]; exclude: string[] } };
  rules: Rule[];
}

/** Who and what a document belongs to. */
export interface Filed {
  id: number;
  node_id: string;
  /** `owner/name`. */
  repository: string;
}

export type Ruleset = Filed & RulesetFields & { created_at: string; updated_at: string };

export interface EnvironmentFields {
  wait_timer: number;
  prevent_self_review: boolean;
  can_admins_bypass: boolean;
  reviewers: { type: string; id: number }[];
  deployment_branch_policy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
}

export type Environment = Filed & EnvironmentFields & { name: string; created_at: string };
export type DeploymentPolicy = Filed & { environment: string; name: string; type: "branch" | "tag" };

/** The last result of a check on a commit: a commit status or a check run, which are one to a ruleset. */
export interface CommitCheck {
  repository: string;
  sha: string;
  context: string;
  success: boolean;
  /** The app that reported it; null for a person. */
  app: number | null;
}

export const invalid = (text: string) => new CloudError("422", `Validation Failed: ${text}`, 422);
export const missing = () => new CloudError("404", "Not Found", 404);

/** About rulesets: "You can have up to 75 rulesets per repository". */
export const MAX_RULESETS = 75;
const MAX_REVIEWERS = 6;
const MAX_WAIT_MINUTES = 43_200;
const MAX_APPROVALS = 10;
const WITHOUT_ID = ["OrganizationAdmin", "DeployKey", "EnterpriseOwner"];
const MERGE_METHODS = ["merge", "squash", "rebase"];

/**
 * The ruleset as GitHub keeps it: with the parameters that it fills in, and without numbers of actors that have none.
 *
 * @throws CloudError 422
 */
export function acceptRuleset(fields: RulesetFields): RulesetFields {
  const { target, bypass_actors, conditions, rules } = fields;
  if (!["branch", "tag", "push"].includes(target)) throw invalid(`target ${target}`);
  if (!["active", "evaluate", "disabled"].includes(fields.enforcement))
    throw invalid(`enforcement ${fields.enforcement}`);
  const names = [...(conditions?.ref_name.include ?? []), ...(conditions?.ref_name.exclude ?? [])];
  const foreign = names.filter((name) => !/^(?:refs\/(?:heads|tags)\/.|~ALL$|~DEFAULT_BRANCH$)/.test(name));
  if (foreign.length > 0) throw invalid(`Invalid target patterns: ${foreign.join(", ")}`);
  const types = rules.map(({ type }) => type);
  if (new Set(types).size < types.length) throw invalid("a rule is given twice");
  return {
    name: fields.name,
    target,
    enforcement: fields.enforcement,
    bypass_actors: bypass_actors.map((actor) => acceptActor(actor, target)),
    ...(conditions === undefined ? {} : { conditions }),
    rules: rules.map((rule) => acceptRule(rule, target)),
  };
}

function acceptActor(actor: BypassActor, target: string): BypassActor {
  const { actor_id, actor_type, bypass_mode } = actor;
  if (!["always", "pull_request", "exempt"].includes(bypass_mode)) throw invalid(`bypass_mode ${bypass_mode}`);
  if (bypass_mode === "pull_request" && (target !== "branch" || actor_type === "DeployKey")) {
    throw invalid(`bypass_mode pull_request does not apply to ${target} rulesets or deploy keys: ${actor_type}`);
  }
  if (WITHOUT_ID.includes(actor_type)) return { actor_id: null, actor_type, bypass_mode };
  if (!Number.isInteger(actor_id) || Number(actor_id) < 1) throw invalid(`actor_id of ${actor_type}: ${actor_id}`);
  return { actor_id, actor_type, bypass_mode };
}

function acceptRule(rule: Rule, target: string): Rule {
  const { type, parameters = {} } = rule;
  if (type === "pull_request") {
    if (target !== "branch") throw invalid(`pull_request does not apply to ${target}`);
    const count = Number(parameters.required_approving_review_count);
    if (!(count >= 0 && count <= MAX_APPROVALS)) throw invalid(`required_approving_review_count ${count}`);
    const defaults = { allowed_merge_methods: MERGE_METHODS, require_code_owner_review: false, required_reviewers: [] };
    return { type, parameters: { ...defaults, ...parameters } };
  }
  if (type === "required_status_checks") {
    const checks = parameters.required_status_checks as unknown[] | undefined;
    if (!checks?.length) throw invalid("required_status_checks must name a check");
    return { type, parameters: { do_not_enforce_on_create: false, ...parameters } };
  }
  return rule.parameters === undefined ? { type } : { type, parameters };
}

/** @throws CloudError 422 */
export function acceptEnvironment(fields: EnvironmentFields): EnvironmentFields {
  const { wait_timer, reviewers, deployment_branch_policy: policy } = fields;
  if (!(Number.isInteger(wait_timer) && wait_timer >= 0 && wait_timer <= MAX_WAIT_MINUTES)) {
    throw invalid(`wait_timer must be between 0 and ${MAX_WAIT_MINUTES} minutes`);
  }
  if (reviewers.length > MAX_REVIEWERS) throw invalid(`at most ${MAX_REVIEWERS} reviewers`);
  if (policy !== null && policy.protected_branches === policy.custom_branch_policies) {
    throw invalid("protected_branches and custom_branch_policies cannot have the same value");
  }
  return fields;
}
