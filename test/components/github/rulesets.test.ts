import assert from "node:assert/strict";
import { Rulesets } from "../../../components/github/rulesets.ts";
import { configOf, declare } from "../harness.ts";

const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };

async function ruleset(settings: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { rulesets } = configOf({ github, rulesets: { main: settings }, ...more });
  const resources = await declare(() => new Rulesets("rulesets", { repository: "shop", rulesets }));
  return resources.one("index/repositoryRuleset", "rulesets-main");
}

const rulesOf = async (settings: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  (await ruleset(settings, more)).rules;

describe("Rulesets", () => {
  it("protect a branch by default: no deletion, no force push, one approval that goes stale, nobody passes by", async () => {
    assert.deepEqual(await ruleset({ branches: ["main"] }), {
      name: "main",
      repository: "shop",
      target: "branch",
      enforcement: "active",
      conditions: { refName: { includes: ["refs/heads/main"], excludes: [] } },
      bypassActors: [],
      rules: {
        deletion: true,
        nonFastForward: true,
        requiredLinearHistory: false,
        pullRequest: {
          requiredApprovingReviewCount: 1,
          dismissStaleReviewsOnPush: true,
          requiredReviewThreadResolution: true,
          requireLastPushApproval: true,
        },
      },
    });
  });

  it("pin each check to the app that must report it", async () => {
    const checks = [{ context: "ci" }, { context: "scan", integrationId: 7 }];
    assert.partialDeepStrictEqual(await rulesOf({ branches: ["main"], checks }), {
      requiredStatusChecks: {
        strictRequiredStatusChecksPolicy: true,
        requiredChecks: [
          { context: "ci", integrationId: 15_368 },
          { context: "scan", integrationId: 7 },
        ],
      },
    });
  });

  it("keep release tags where they are, and ask for no pull request", async () => {
    assert.partialDeepStrictEqual(await ruleset({ tags: ["v*", "release/*"], except: ["v0*"] }), {
      target: "tag",
      conditions: { refName: { includes: ["refs/tags/v*", "refs/tags/release/*"], excludes: ["refs/tags/v0*"] } },
    });
    assert.deepEqual(await rulesOf({ tags: ["v*"] }), {
      update: true,
      deletion: true,
      nonFastForward: true,
      requiredLinearHistory: false,
    });
  });

  it("leave GitHub's own names of branches as they are", async () => {
    assert.partialDeepStrictEqual(await ruleset({ branches: ["~DEFAULT_BRANCH", "release/*"], except: ["~ALL"] }), {
      conditions: { refName: { includes: ["~DEFAULT_BRANCH", "refs/heads/release/*"], excludes: ["~ALL"] } },
    });
  });

  it("let only those merge who may pass a restriction by, while everybody needs reviews", async () => {
    const admins = await ruleset({
      branches: ["main"],
      pullRequest: false,
      restrictUpdates: true,
      bypass: [{ actorId: 5, actorType: "RepositoryRole" }, { actorType: "OrganizationAdmin" }],
    });
    assert.deepEqual(admins.rules, {
      update: true,
      deletion: true,
      nonFastForward: true,
      requiredLinearHistory: false,
    });
    assert.deepEqual(admins.bypassActors, [
      { actorId: 5, actorType: "RepositoryRole", bypassMode: "pull_request" },
      { actorType: "OrganizationAdmin", bypassMode: "pull_request" },
    ]);
  });

  it("have every other rule that is asked for", async () => {
    const all = await rulesOf(
      {
        branches: ["main"],
        approvals: 2,
        dismissStale: false,
        codeOwners: true,
        lastPushApproval: false,
        resolveConversations: false,
        mergeMethods: ["squash"],
        checks: [{ context: "ci" }],
        upToDate: false,
        codeScanning: [{ tool: "CodeQL" }],
        deployments: ["staging"],
        linear: true,
        signedCommits: true,
        restrictCreations: true,
        restrictDeletions: false,
        blockForcePushes: false,
      },
      { environments: { staging: {} } },
    );
    assert.deepEqual(all, {
      creation: true,
      requiredLinearHistory: true,
      requiredSignatures: true,
      pullRequest: {
        requiredApprovingReviewCount: 2,
        dismissStaleReviewsOnPush: false,
        requiredReviewThreadResolution: false,
        requireLastPushApproval: false,
        requireCodeOwnerReview: true,
        allowedMergeMethods: ["squash"],
      },
      requiredStatusChecks: {
        strictRequiredStatusChecksPolicy: false,
        requiredChecks: [{ context: "ci", integrationId: 15_368 }],
      },
      requiredCodeScanning: {
        requiredCodeScanningTools: [
          { tool: "CodeQL", alertsThreshold: "errors", securityAlertsThreshold: "high_or_higher" },
        ],
      },
      requiredDeployments: { requiredDeploymentEnvironments: ["staging"] },
    });
  });

  it("say where they are not in force", async () => {
    assert.equal((await ruleset({ branches: ["main"], enforcement: "evaluate" })).enforcement, "evaluate");
  });
});
