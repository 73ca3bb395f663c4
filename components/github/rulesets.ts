import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";

export interface RulesetsArgs {
  repository: string;
  rulesets: Config["rulesets"];
}

/**
 * Branch rules of the repository. A ruleset, unlike branch protection, can pin a check to the app that must report it;
 * nobody may pass it by unless named.
 *
 * @example
 * new Rulesets("rulesets", { repository: "shop", rulesets: { main: { branches: ["main"], approvals: 2, … } } })
 */
export class Rulesets extends pulumi.ComponentResource {
  constructor(name: string, args: RulesetsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:github:Rulesets", name, args, opts);
    for (const [ruleset, rules] of Object.entries(args.rulesets)) {
      new github.RepositoryRuleset(
        `${name}-${ruleset}`,
        {
          name: ruleset,
          repository: args.repository,
          target: "branch",
          enforcement: "active",
          conditions: { refName: { includes: rules.branches.map(refPattern), excludes: [] } },
          bypassActors: rules.bypass.map(({ actorId, actorType, mode }) => ({ actorId, actorType, bypassMode: mode })),
          rules: {
            deletion: true,
            nonFastForward: true,
            requiredLinearHistory: rules.linear,
            pullRequest: {
              requiredApprovingReviewCount: rules.approvals,
              dismissStaleReviewsOnPush: rules.dismissStale,
              requiredReviewThreadResolution: rules.resolveConversations,
              requireLastPushApproval: rules.approvals > 0,
            },
            ...(rules.checks.length > 0
              ? {
                  requiredStatusChecks: {
                    strictRequiredStatusChecksPolicy: rules.upToDate,
                    requiredChecks: rules.checks,
                  },
                }
              : {}),
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}

/** Rulesets speak of refs; `~DEFAULT_BRANCH` and `~ALL` are GitHub's own words. */
const refPattern = (branch: string): string => (branch.startsWith("~") ? branch : `refs/heads/${branch}`);
