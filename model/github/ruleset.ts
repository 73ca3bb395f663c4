/** A ruleset as the provider takes it, from the settings of a stack. */
import type { RulesetConfig } from "../config/ruleset.ts";

/** What GitHub is told, beside name and repository. Rules that are off are left out. */
export interface RulesetPlan {
  target: "branch" | "tag";
  enforcement: RulesetConfig["enforcement"];
  conditions: { refName: { includes: string[]; excludes: string[] } };
  bypassActors: { actorType: string; bypassMode: string; actorId?: number }[];
  rules: {
    creation?: true;
    update?: true;
    deletion?: true;
    nonFastForward?: true;
    requiredLinearHistory: boolean;
    requiredSignatures?: true;
    pullRequest?: {
      requiredApprovingReviewCount: number;
      dismissStaleReviewsOnPush: boolean;
      requiredReviewThreadResolution: boolean;
      requireLastPushApproval: boolean;
      requireCodeOwnerReview?: true;
      allowedMergeMethods?: string[];
    };
    requiredStatusChecks?: {
      strictRequiredStatusChecksPolicy: boolean;
      requiredChecks: { context: string; integrationId: number }[];
    };
    requiredCodeScanning?: {
      requiredCodeScanningTools: { tool: string; alertsThreshold: string; securityAlertsThreshold: string }[];
    };
    requiredDeployments?: { requiredDeploymentEnvironments: string[] };
  };
}

/**
 * The one place where a setting's default depends on whether the ruleset is for branches or for tags.
 *
 * @example
 * planRuleset(config.rulesets.main).rules.pullRequest?.requiredApprovingReviewCount // 1
 */
export function planRuleset(settings: RulesetConfig): RulesetPlan {
  const target = settings.tags === undefined ? "branch" : "tag";
  const names = settings.tags ?? settings.branches ?? [];
  return {
    target,
    enforcement: settings.enforcement,
    conditions: {
      refName: {
        includes: names.map((name) => refPattern(target, name)),
        excludes: settings.except.map((name) => refPattern(target, name)),
      },
    },
    bypassActors: settings.bypass.map(({ actorId, actorType, mode }) => ({
      actorType,
      bypassMode: mode,
      ...(actorId === undefined ? {} : { actorId }),
    })),
    rules: planRules(settings, target),
  };
}

function planRules(settings: RulesetConfig, target: RulesetPlan["target"]): RulesetPlan["rules"] {
  const { checks, codeScanning, deployments } = settings;
  return {
    ...(settings.restrictCreations ? { creation: true } : {}),
    ...((settings.restrictUpdates ?? target === "tag") ? { update: true } : {}),
    ...(settings.restrictDeletions ? { deletion: true } : {}),
    ...(settings.blockForcePushes ? { nonFastForward: true } : {}),
    requiredLinearHistory: settings.linear,
    ...(settings.signedCommits ? { requiredSignatures: true } : {}),
    ...((settings.pullRequest ?? target === "branch") && target === "branch"
      ? { pullRequest: planReviews(settings) }
      : {}),
    ...(checks.length > 0
      ? {
          requiredStatusChecks: {
            strictRequiredStatusChecksPolicy: settings.upToDate ?? true,
            requiredChecks: checks,
          },
        }
      : {}),
    ...(codeScanning.length > 0
      ? {
          requiredCodeScanning: {
            requiredCodeScanningTools: codeScanning.map(({ tool, alerts, securityAlerts }) => ({
              tool,
              alertsThreshold: alerts,
              securityAlertsThreshold: securityAlerts,
            })),
          },
        }
      : {}),
    ...(deployments.length > 0 ? { requiredDeployments: { requiredDeploymentEnvironments: deployments } } : {}),
  };
}

function planReviews(settings: RulesetConfig): NonNullable<RulesetPlan["rules"]["pullRequest"]> {
  const { approvals = 1, dismissStale = true, resolveConversations = true, mergeMethods } = settings;
  return {
    requiredApprovingReviewCount: approvals,
    dismissStaleReviewsOnPush: dismissStale,
    requiredReviewThreadResolution: resolveConversations,
    requireLastPushApproval: settings.lastPushApproval ?? approvals > 0,
    ...(settings.codeOwners ? { requireCodeOwnerReview: true } : {}),
    ...(mergeMethods === undefined ? {} : { allowedMergeMethods: mergeMethods }),
  };
}

/** Rulesets speak of refs; `~DEFAULT_BRANCH` and `~ALL` are GitHub's own words. */
function refPattern(target: RulesetPlan["target"], name: string): string {
  if (name.startsWith("~")) return name;
  return `refs/${target === "tag" ? "tags" : "heads"}/${name}`;
}
