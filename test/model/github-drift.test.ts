import assert from "node:assert/strict";
import type { LiveSettings } from "../../model/github-drift.ts";
import {
  checks,
  drift,
  environment,
  type Live,
  parameters,
  protection,
  reviewers,
  ruleset,
  without,
} from "./github-drift-fixture.ts";

describe("drift of GitHub's settings", () => {
  it("is none where GitHub has what is declared, in any order, with the defaults that it fills in", () => {
    assert.deepEqual(drift(), { findings: [], unknown: [] });
    const shuffled = drift(({ main }) => {
      main.rules.reverse();
      checks(main).reverse();
      main.conditions?.ref_name.include.reverse();
      Object.assign(parameters(main, "pull_request"), {
        dismissal_restriction: { enabled: false, allowed_actors: [] },
      });
    });
    assert.deepEqual(shuffled, { findings: [], unknown: [] });
  });

  const review =
    (key: string, to: unknown) =>
    ({ main }: Live) => {
      parameters(main, "pull_request")[key] = to;
    };
  const changes: [string, (live: Live) => void, where: string, field: string, from: unknown, to: unknown][] = [
    [
      "enforcement",
      ({ main }) => void Object.assign(main, { enforcement: "evaluate" }),
      "ruleset main",
      "enforcement",
      "active",
      "evaluate",
    ],
    [
      "the branches",
      ({ main }) => void main.conditions?.ref_name.include.pop(),
      "ruleset main",
      "conditions.ref_name.include",
      ["refs/heads/hotfix/*", "refs/heads/main"],
      ["refs/heads/main"],
    ],
    [
      "an exception",
      ({ main }) => void main.conditions?.ref_name.exclude.push("refs/heads/main"),
      "ruleset main",
      "conditions.ref_name.exclude",
      ["refs/heads/hotfix/old"],
      ["refs/heads/hotfix/old", "refs/heads/main"],
    ],
    [
      "approvals",
      review("required_approving_review_count", 1),
      "ruleset main",
      "rules.pull_request.required_approving_review_count",
      2,
      1,
    ],
    [
      "stale reviews",
      review("dismiss_stale_reviews_on_push", false),
      "ruleset main",
      "rules.pull_request.dismiss_stale_reviews_on_push",
      true,
      false,
    ],
    [
      "conversations",
      review("required_review_thread_resolution", false),
      "ruleset main",
      "rules.pull_request.required_review_thread_resolution",
      true,
      false,
    ],
    [
      "approval of the last push",
      review("require_last_push_approval", false),
      "ruleset main",
      "rules.pull_request.require_last_push_approval",
      true,
      false,
    ],
    [
      "code owners",
      review("require_code_owner_review", false),
      "ruleset main",
      "rules.pull_request.require_code_owner_review",
      true,
      false,
    ],
    [
      "merge methods",
      review("allowed_merge_methods", ["merge", "squash"]),
      "ruleset main",
      "rules.pull_request.allowed_merge_methods",
      ["squash"],
      ["merge", "squash"],
    ],
    [
      "reviewers by file",
      review("required_reviewers", [{ minimum_approvals: 1 }]),
      "ruleset main",
      "rules.pull_request.required_reviewers",
      undefined,
      [{ minimum_approvals: 1 }],
    ],
    [
      "being up to date",
      ({ main }) =>
        void Object.assign(parameters(main, "required_status_checks"), { strict_required_status_checks_policy: false }),
      "ruleset main",
      "rules.required_status_checks.strict_required_status_checks_policy",
      true,
      false,
    ],
    [
      "checks of new branches",
      ({ main }) => void Object.assign(parameters(main, "required_status_checks"), { do_not_enforce_on_create: true }),
      "ruleset main",
      "rules.required_status_checks.do_not_enforce_on_create",
      undefined,
      true,
    ],
    [
      "a check that is gone",
      ({ main }) => void checks(main).shift(),
      "ruleset main",
      "rules.required_status_checks.required_status_checks.test",
      15_368,
      undefined,
    ],
    [
      "a check more",
      ({ main }) => void checks(main).push({ context: "lint" }),
      "ruleset main",
      "rules.required_status_checks.required_status_checks.lint",
      undefined,
      "any app",
    ],
    [
      "the app of a check",
      ({ main }) => void Object.assign(checks(main)[1] as object, { integration_id: 8 }),
      "ruleset main",
      "rules.required_status_checks.required_status_checks.security",
      7,
      8,
    ],
    [
      "a check that any app may report",
      ({ main }) => void delete checks(main)[1]?.integration_id,
      "ruleset main",
      "rules.required_status_checks.required_status_checks.security",
      7,
      "any app",
    ],
    [
      "code scanning",
      ({ main }) =>
        void Object.assign((parameters(main, "code_scanning").code_scanning_tools as object[])[0] as object, {
          security_alerts_threshold: "none",
        }),
      "ruleset main",
      "rules.code_scanning.code_scanning_tools.CodeQL.security_alerts_threshold",
      "high_or_higher",
      "none",
    ],
    [
      "deployments",
      ({ main }) =>
        void Object.assign(parameters(main, "required_deployments"), { required_deployment_environments: [] }),
      "ruleset main",
      "rules.required_deployments.required_deployment_environments",
      ["staging"],
      [],
    ],
    [
      "a rule more",
      ({ main }) => void main.rules.push({ type: "creation" }),
      "ruleset main",
      "rules.creation",
      undefined,
      true,
    ],
    [
      "an actor more",
      ({ main }) => void main.bypass_actors.push({ actor_type: "RepositoryRole", actor_id: 5, bypass_mode: "always" }),
      "ruleset main",
      "bypass_actors.RepositoryRole:5",
      undefined,
      "always",
    ],
    [
      "an actor's mode",
      ({ main }) => void Object.assign(main.bypass_actors[0] as object, { bypass_mode: "exempt" }),
      "ruleset main",
      "bypass_actors.Integration:4242",
      "always",
      "exempt",
    ],
    [
      "an actor that is gone",
      ({ main }) => void main.bypass_actors.pop(),
      "ruleset main",
      "bypass_actors.Integration:4242",
      "always",
      undefined,
    ],
    [
      "an actor without a number",
      ({ tags }) => void tags.bypass_actors.pop(),
      "ruleset tags",
      "bypass_actors.OrganizationAdmin",
      "always",
      undefined,
    ],
    [
      "the wait",
      (live) => void Object.assign(protection(live)[0] as object, { wait_timer: 1 }),
      "environment prod",
      "wait_timer",
      5,
      1,
    ],
    [
      "administrators who pass by",
      ({ prod }) => void Object.assign(prod.environment, { can_admins_bypass: true }),
      "environment prod",
      "can_admins_bypass",
      false,
      true,
    ],
    [
      "approval of one's own work",
      (live) => void Object.assign(protection(live)[1] as object, { prevent_self_review: false }),
      "environment prod",
      "prevent_self_review",
      true,
      false,
    ],
    [
      "a reviewer that is gone",
      (live) => void reviewers(live).pop(),
      "environment prod",
      "reviewers.Team:7",
      true,
      undefined,
    ],
    [
      "a reviewer more",
      (live) => void reviewers(live).push({ type: "User", reviewer: { id: 12 } }),
      "environment prod",
      "reviewers.User:12",
      undefined,
      true,
    ],
    [
      "any branch",
      ({ prod }) => void Object.assign(prod.environment, { deployment_branch_policy: null }),
      "environment prod",
      "deployment_branch_policy",
      "custom_branch_policies",
      "any branch",
    ],
    [
      "a branch more",
      ({ prod }) => void prod.policies.push({ name: "*", type: "branch" }),
      "environment prod",
      "deployment_branch_policies.branch *",
      undefined,
      true,
    ],
    [
      "a tag that is gone",
      ({ prod }) => void prod.policies.pop(),
      "environment prod",
      "deployment_branch_policies.tag v*",
      true,
      undefined,
    ],
  ];
  for (const [title, change, where, field, from, to] of changes) {
    it(`names ${title}, changed by hand, and nothing else`, () => {
      const finding = {
        where,
        field,
        ...(from === undefined ? {} : { declared: from }),
        ...(to === undefined ? {} : { live: to }),
      };
      const { findings, unknown } = drift(change);
      assert.deepEqual(unknown, []);
      assert.deepEqual(
        findings.map(({ remedy, ...rest }) => rest),
        [finding],
      );
      const others = field.startsWith("deployment_branch_policies.") && from === undefined;
      assert.equal(findings[0]?.remedy !== undefined, others, "an update changes back what the stack's resources hold");
    });
  }

  const ruleTypes = [
    "deletion",
    "non_fast_forward",
    "required_linear_history",
    "required_signatures",
    "pull_request",
    "required_status_checks",
    "code_scanning",
    "required_deployments",
  ];
  for (const type of ruleTypes) {
    it(`names the rule ${type}, taken away by hand`, () => {
      const { findings, unknown } = drift(({ main }) => without(main, type));
      assert.deepEqual(unknown, []);
      assert.ok(
        findings.some(
          ({ field, declared: was, live }) => field === `rules.${type}` && was === true && live === undefined,
        ),
      );
      assert.ok(findings.every(({ field }) => field === `rules.${type}` || field.startsWith(`rules.${type}.`)));
    });
  }
  for (const type of ["creation", "update"]) {
    it(`names the rule ${type} of tags, taken away by hand`, () => {
      const { findings } = drift(({ tags }) => without(tags, type));
      assert.deepEqual(findings, [{ where: "ruleset tags", field: `rules.${type}`, declared: true }]);
    });
  }

  const gone = (settings: LiveSettings): LiveSettings => ({
    rulesets: new Map([...settings.rulesets].filter(([name]) => name !== "main")),
    environments: new Map([...settings.environments, ["prod", { absent: true }]]),
  });
  it("names what is gone", () => {
    assert.deepEqual(drift(undefined, gone).findings, [
      { where: "ruleset main", field: "", declared: "present" },
      { where: "environment prod", field: "", declared: "present" },
    ]);
  });

  it("names rulesets that nobody declared, whatever they are called", () => {
    for (const name of ["lax", "constructor", "__proto__"]) {
      const { findings } = drift(undefined, ({ rulesets, environments }) => ({
        rulesets: new Map([...rulesets, [name, { document: { id: 9, target: "branch", enforcement: "disabled" } }]]),
        environments,
      }));
      const remedy = "declare it under sluice:rulesets, or delete it on GitHub (ruleset 9)";
      assert.deepEqual(findings, [{ where: `ruleset ${name}`, field: "", live: "branch, disabled", remedy }]);
    }
  });

  const hidden: [string, (live: Live) => void, RegExp][] = [
    [
      "who may pass by",
      ({ main }) => void Reflect.deleteProperty(main, "bypass_actors"),
      /^ruleset main: who may pass it by is not shown/,
    ],
    ["the rules", ({ main }) => void Reflect.deleteProperty(main, "rules"), /^ruleset main: its rules are not shown/],
    ["the branches", ({ main }) => void Reflect.deleteProperty(main, "conditions"), /^ruleset main: the branches/],
    [
      "the reviewers",
      ({ prod }) => void Reflect.deleteProperty(prod.environment, "protection_rules"),
      /^environment prod: its protection rules/,
    ],
    [
      "administrators",
      ({ prod }) => void Reflect.deleteProperty(prod.environment, "can_admins_bypass"),
      /^environment prod: whether administrators/,
    ],
    [
      "the branch policy",
      ({ prod }) => void Reflect.deleteProperty(prod.environment, "deployment_branch_policy"),
      /^environment prod: which branches/,
    ],
  ];
  for (const [title, change, says] of hidden) {
    it(`takes nothing for equal where ${title} cannot be seen`, () => {
      const { findings, unknown } = drift(change);
      assert.deepEqual(findings, [], "what is not seen is no drift either");
      assert.equal(unknown.length, 1);
      assert.match(`${unknown[0]?.where}: ${unknown[0]?.reason}`, says);
    });
  }

  it("takes nothing for equal that could not be read, declared or not", () => {
    const { unknown } = drift(undefined, () => ({
      rulesets: new Map([
        ["main", { unreadable: "502" }],
        ["tags", { document: ruleset("tags") }],
        ["stray", { unreadable: "503" }],
      ]),
      environments: new Map([
        ["staging", { unreadable: "504" }],
        ["prod", { document: environment("prod") }],
      ]),
    }));
    assert.deepEqual(unknown, [
      { where: "ruleset main", reason: "502" },
      { where: "ruleset stray", reason: "503" },
      { where: "environment staging", reason: "504" },
    ]);
  });
});
