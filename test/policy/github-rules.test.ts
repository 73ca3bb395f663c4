import assert from "node:assert/strict";
import { branchRulesActive, branchRulesPresent, githubEnvironmentsGuarded } from "../../policy/github-rules.ts";
import { assertRefused, changed, judge, judgeStack, type Resource, refusesEach } from "./harness.ts";

const ruleset: Resource = {
  type: "github:index/repositoryRuleset:RepositoryRuleset",
  name: "main",
  props: {
    target: "branch",
    enforcement: "active",
    conditions: { refName: { includes: ["refs/heads/main"], excludes: [] } },
    bypassActors: [{ actorId: 5, actorType: "Team", bypassMode: "pull_request" }],
    rules: {
      deletion: true,
      nonFastForward: true,
      pullRequest: { requiredApprovingReviewCount: 1 },
      requiredStatusChecks: { requiredChecks: [{ context: "ci", integrationId: 15_368 }] },
    },
  },
};
const protection: Resource = {
  type: "github:index/branchProtection:BranchProtection",
  name: "main",
  props: {
    pattern: "main",
    requiredPullRequestReviews: [{ requiredApprovingReviewCount: 2 }],
    requiredStatusChecks: [{ contexts: ["ci"] }],
  },
};
const props = (path: string[], to: unknown) => changed(ruleset.props, path, to);

describe("policy branch-rules-active", () => {
  const always = [{ actorId: 5, actorType: "Team", bypassMode: "always" }];
  refusesEach(branchRulesActive, ruleset, [
    {
      title: "a ruleset that only evaluates",
      change: { enforcement: "evaluate" },
      says: /main: enforcement is "evaluate", so nothing is enforced/,
    },
    { title: "a disabled ruleset", change: { enforcement: "disabled" }, says: /is "disabled"/ },
    { title: "deletion", change: props(["rules", "deletion"], false), says: /rules\.deletion is off/ },
    {
      title: "force pushes",
      change: props(["rules", "nonFastForward"], undefined),
      says: /rules\.nonFastForward is off/,
    },
    {
      title: "a check that anybody may report",
      change: props(["rules", "requiredStatusChecks", "requiredChecks"], [{ context: "ci" }]),
      says: /requiredChecks\[0\] takes "ci" from anybody who may report it/,
    },
    {
      title: "a check of app 0, which is none",
      change: props(["rules", "requiredStatusChecks", "requiredChecks"], [{ context: "ci", integrationId: 0 }]),
      says: /takes "ci" from anybody/,
    },
    {
      title: "an actor that leaves no trace",
      change: { bypassActors: [{ actorId: 5, actorType: "Team", bypassMode: "exempt" }] },
      says: /bypassActors\[0\] lets "Team:5" pass the rules by/,
    },
    { title: "a ruleset without rules", change: { rules: undefined }, says: /rules\.deletion is off/ },
    {
      title: "a team that always bypasses",
      change: { bypassActors: always },
      says: /bypassActors\[0\] lets "Team:5" pass the rules by/,
    },
    {
      title: "another one than listed",
      change: { bypassActors: always },
      config: { bypass: ["Team:6", "Integration:5"] },
      says: /"Team:5"/,
    },
  ]);
  it("passes an actor that the config lists, and judges branch protections too", () => {
    const bot = { ...ruleset, props: { ...ruleset.props, bypassActors: always } };
    assert.deepEqual(judge(branchRulesActive, bot, { bypass: ["Team:5"] }), []);
    assert.deepEqual(judge(branchRulesActive, protection), []);
    for (const key of ["allowsDeletions", "allowsForcePushes"]) {
      assertRefused(
        judge(branchRulesActive, { ...protection, props: { ...protection.props, [key]: true } }),
        new RegExp(key),
      );
    }
  });
});

describe("policy github-environments-guarded", () => {
  const environment: Resource = {
    type: "github:index/repositoryEnvironment:RepositoryEnvironment",
    props: {
      environment: "prod",
      canAdminsBypass: false,
      preventSelfReview: true,
      deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
    },
  };
  it("guards environments that are called after a stack of production, and leaves others alone", () => {
    const open = (name: string): Resource => ({ ...environment, props: { environment: name, canAdminsBypass: true } });
    assertRefused(judge(githubEnvironmentsGuarded, open("shop-prod")), /any branch.*administrators/s);
    assert.deepEqual(judge(githubEnvironmentsGuarded, open("shop-preview")), []);
  });
  refusesEach(githubEnvironmentsGuarded, environment, [
    {
      title: "any branch",
      change: { deploymentBranchPolicy: undefined },
      says: /deploymentBranchPolicy lets any branch deploy/,
    },
    {
      title: "a branch policy that says nothing",
      change: { deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: false } },
      says: /any branch/,
    },
    {
      title: "administrators who skip approval, GitHub's default",
      change: { canAdminsBypass: undefined },
      says: /canAdminsBypass lets/,
    },
    {
      title: "approval of one's own work, GitHub's default",
      change: { preventSelfReview: undefined },
      says: /preventSelfReview lets/,
    },
  ]);
  it("leaves other environments alone", () => {
    assert.deepEqual(judge(githubEnvironmentsGuarded, { ...environment, props: { environment: "docs" } }), []);
  });
});

describe("policy branch-rules-present", () => {
  const provider: Resource = {
    type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    name: "github",
    props: { url: "https://token.actions.githubusercontent.com" },
  };
  it("asks nothing of a stack without GitHub", () => {
    assert.deepEqual(judgeStack(branchRulesPresent, [{ type: "aws:ec2/vpc:Vpc", props: {} }]), []);
  });
  it("passes rules for the default branch, in either kind", () => {
    assert.deepEqual(judgeStack(branchRulesPresent, [provider, ruleset]), []);
    assert.deepEqual(judgeStack(branchRulesPresent, [provider, protection]), []);
  });
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["no rules", { enforcement: "disabled" }, /stack: sluice:rulesets no rules protect ~DEFAULT_BRANCH/],
    ["rules for tags", { target: "tag" }, /no rules protect/],
    ["rules for another branch", props(["conditions", "refName", "includes"], ["refs/heads/dev"]), /no rules protect/],
    [
      "rules that leave the branch out",
      props(["conditions", "refName", "excludes"], ["refs/heads/main"]),
      /no rules protect/,
    ],
    [
      "no approvals",
      props(["rules", "pullRequest", "requiredApprovingReviewCount"], 0),
      /main: approvals that pull requests need: 0; set approvals to 1 or more/,
    ],
    ["pull requests without a number", props(["rules", "pullRequest"], undefined), /pull requests need: 0/],
    [
      "no checks",
      props(["rules", "requiredStatusChecks"], undefined),
      /main: checks that must pass: 0; under checks, name 1 or more/,
    ],
  ];
  for (const [title, change, says] of refused) {
    it(`refuses ${title}`, () => {
      const weak = { ...ruleset, props: { ...ruleset.props, ...change } };
      assertRefused(judgeStack(branchRulesPresent, [provider, weak]), says);
    });
  }
  it("refuses a stack that lets GitHub in and has no rules at all", () => {
    assertRefused(judgeStack(branchRulesPresent, [provider]), /no rules protect/);
  });
});
