/** Rulesets as lists of named fields, in the words of GitHub's REST API, so that two can be compared field by field. */
import type { RulesetPlan } from "./ruleset.ts";

/** Values by field; lists whose order means nothing are sorted. */
export type Fields = ReadonlyMap<string, unknown>;

/** Fields that an answer does not show, by what they begin with, and why. They are not compared, and never equal. */
export interface Hidden {
  fields: readonly string[];
  reason: string;
}

/** What GitHub does not tell from absence: off, none, zero, and structures of nothing else. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** Actors whose number GitHub ignores. */
const withoutId: ReadonlySet<unknown> = new Set(["OrganizationAdmin", "DeployKey", "EnterpriseOwner"]);

const actorField = (type: unknown, id: unknown) => `bypass_actors.${withoutId.has(type) ? type : `${type}:${id}`}`;

/** What a stack declares. */
export function flattenPlan(plan: RulesetPlan): Fields {
  const { refName } = plan.conditions;
  return new Map<string, unknown>([
    ["target", plan.target],
    ["enforcement", plan.enforcement],
    ["conditions.ref_name.include", sorted(refName.includes)],
    ["conditions.ref_name.exclude", sorted(refName.excludes)],
    ...plan.bypassActors.map(
      ({ actorType, actorId, bypassMode }) => [actorField(actorType, actorId), bypassMode] as const,
    ),
    ...planFields(plan.rules),
  ]);
}

function planFields(rules: RulesetPlan["rules"]): [string, unknown][] {
  const { pullRequest, requiredStatusChecks, requiredCodeScanning, requiredDeployments } = rules;
  const plain: [string, boolean | undefined][] = [
    ["creation", rules.creation],
    ["update", rules.update],
    ["deletion", rules.deletion],
    ["non_fast_forward", rules.nonFastForward],
    ["required_linear_history", rules.requiredLinearHistory],
    ["required_signatures", rules.requiredSignatures],
  ];
  return [
    ...plain.flatMap(([type, on]) => (on ? ruleFields({ type }) : [])),
    ...(pullRequest === undefined
      ? []
      : ruleFields({
          type: "pull_request",
          parameters: {
            required_approving_review_count: pullRequest.requiredApprovingReviewCount,
            dismiss_stale_reviews_on_push: pullRequest.dismissStaleReviewsOnPush,
            required_review_thread_resolution: pullRequest.requiredReviewThreadResolution,
            require_last_push_approval: pullRequest.requireLastPushApproval,
            require_code_owner_review: pullRequest.requireCodeOwnerReview,
            allowed_merge_methods: pullRequest.allowedMergeMethods,
          },
        })),
    ...(requiredStatusChecks === undefined
      ? []
      : ruleFields({
          type: "required_status_checks",
          parameters: {
            strict_required_status_checks_policy: requiredStatusChecks.strictRequiredStatusChecksPolicy,
            required_status_checks: requiredStatusChecks.requiredChecks.map(({ context, integrationId }) => ({
              context,
              integration_id: integrationId,
            })),
          },
        })),
    ...(requiredCodeScanning === undefined
      ? []
      : ruleFields({
          type: "code_scanning",
          parameters: {
            code_scanning_tools: requiredCodeScanning.requiredCodeScanningTools.map((one) => ({
              tool: one.tool,
              alerts_threshold: one.alertsThreshold,
              security_alerts_threshold: one.securityAlertsThreshold,
            })),
          },
        })),
    ...(requiredDeployments === undefined
      ? []
      : ruleFields({
          type: "required_deployments",
          parameters: { required_deployment_environments: requiredDeployments.requiredDeploymentEnvironments },
        })),
  ];
}

/**
 * What GitHub answers for one ruleset (`GET /repos/OWNER/NAME/rulesets/ID`).
 *
 * @returns the fields, and what the answer does not show
 */
export function flattenRuleset(document: Record<string, unknown>): { fields: Fields; hidden: Hidden[] } {
  const { target, enforcement, bypass_actors, conditions, rules } = document;
  const hidden: Hidden[] = [];
  const hide = (field: string, reason: string) => hidden.push({ fields: [field], reason });
  const fields: [string, unknown][] = [
    ["target", target],
    ["enforcement", enforcement],
  ];
  const names = records([(conditions as Record<string, unknown> | null | undefined)?.ref_name])[0];
  if (names === undefined) hide("conditions.", "the branches that it is for are not shown");
  else {
    fields.push(["conditions.ref_name.include", sorted(names.include)]);
    fields.push(["conditions.ref_name.exclude", sorted(names.exclude)]);
  }
  if (Array.isArray(bypass_actors)) {
    for (const { actor_type, actor_id, bypass_mode } of records(bypass_actors)) {
      fields.push([actorField(actor_type, actor_id), bypass_mode ?? "always"]);
    }
  } else {
    hide("bypass_actors.", "who may pass it by is not shown to this token: it needs to administer the repository");
  }
  if (Array.isArray(rules)) fields.push(...records(rules).flatMap(ruleFields));
  else hide("rules.", "its rules are not shown");
  return { fields: new Map(fields), hidden };
}

/** A rule that is there is on, whatever its parameters; each parameter is a field of its own. */
function ruleFields({ type, parameters }: Record<string, unknown>): [string, unknown][] {
  const given = (parameters ?? {}) as Record<string, unknown>;
  const named = Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
    const field = `rules.${type}.${key}`;
    if (key === "required_status_checks") {
      return records(value).map(({ context, integration_id }) => [`${field}.${context}`, integration_id ?? "any app"]);
    }
    if (key === "code_scanning_tools") {
      return records(value).flatMap(({ tool, ...thresholds }) =>
        Object.entries(thresholds).map(([name, one]): [string, unknown] => [`${field}.${tool}.${name}`, one]),
      );
    }
    return [[field, Array.isArray(value) ? sorted(value) : value]];
  });
  return [[`rules.${type}`, true], ...named];
}

function records(value: unknown): Record<string, unknown>[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter((one) => typeof one === "object" && one !== null) as Record<string, unknown>[];
}

/** Order means nothing in the lists that rules have. */
function sorted(value: unknown): unknown[] {
  const list: unknown[] = Array.isArray(value) ? [...value] : [];
  return list.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
