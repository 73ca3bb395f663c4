import assert from "node:assert/strict";
import type { Rule, Ruleset } from "../../../sandbox/cloud/github-documents.ts";
import { judgePush, type RefUpdate } from "../../../sandbox/git/push-rules.ts";
import { matchesRef } from "../../../sandbox/git/ref-pattern.ts";

const main = "refs/heads/main";

function ruleset(rules: Rule[], more: Partial<Ruleset> = {}): Ruleset {
  return {
    id: 1,
    node_id: "N",
    repository: "acme/shop",
    name: "main",
    target: "branch",
    enforcement: "active",
    bypass_actors: [],
    conditions: { ref_name: { include: [main], exclude: [] } },
    rules,
    created_at: "",
    updated_at: "",
    ...more,
  };
}

const fine: RefUpdate = { ref: main, change: "update", fastForward: true, merges: false, signed: true, checks: [] };
const judge = (set: Ruleset, update: Partial<RefUpdate>, actors: string[] = ["User:11"]) =>
  judgePush({ rulesets: [set], pusher: { actors }, updates: [{ ...fine, ...update }], defaultBranch: main }).map(
    ({ rule }) => rule,
  );
const check = (parameters: Record<string, unknown>): Rule => ({
  type: "required_status_checks",
  parameters: { required_status_checks: [{ context: "ci", integration_id: 15_368 }], ...parameters },
});
const passed = { context: "ci", success: true, app: 15_368 };

describe("rules on a push", () => {
  const table: [rule: Rule, breaks: Partial<RefUpdate>, holds: Partial<RefUpdate>][] = [
    [{ type: "creation" }, { change: "creation" }, {}],
    [{ type: "update" }, {}, { change: "creation" }],
    [{ type: "deletion" }, { change: "deletion" }, {}],
    [{ type: "non_fast_forward" }, { fastForward: false }, {}],
    [{ type: "required_linear_history" }, { merges: true }, {}],
    [{ type: "required_signatures" }, { signed: false }, {}],
    [{ type: "pull_request" }, {}, { change: "creation" }],
    [check({}), {}, { checks: [passed] }],
    [check({}), { checks: [{ ...passed, success: false }] }, { checks: [passed] }],
    [check({}), { checks: [{ ...passed, app: null }] }, { checks: [passed] }],
    [check({}), { checks: [{ ...passed, app: 7 }] }, { checks: [{ ...passed, app: 7 }, passed] }],
    [check({}), { change: "creation" }, { change: "deletion" }],
    [check({ do_not_enforce_on_create: true }), {}, { change: "creation" }],
    [{ type: "workflows" }, {}, { change: "deletion" }],
  ];
  for (const [rule, breaks, holds] of table) {
    it(`${rule.type}: refuses ${JSON.stringify(breaks)}, takes ${JSON.stringify(holds)}`, () => {
      assert.deepEqual(judge(ruleset([rule]), breaks), [rule.type]);
      assert.deepEqual(judge(ruleset([rule]), holds), []);
    });
  }

  it("hold for every actor but those that may always pass", () => {
    const bypass = (bypass_mode: string) =>
      ruleset([{ type: "pull_request" }], {
        bypass_actors: [
          { actor_type: "Integration", actor_id: 4242, bypass_mode },
          { actor_type: "DeployKey", actor_id: null, bypass_mode: "always" },
        ],
      });
    assert.deepEqual(judge(bypass("always"), {}, ["Integration:4242"]), []);
    assert.deepEqual(judge(bypass("always"), {}, ["User:1", "DeployKey"]), []);
    assert.deepEqual(judge(bypass("pull_request"), {}, ["Integration:4242"]), ["pull_request"]);
    for (const actor of ["Integration:424", "Team:4242", "DeployKey:1"]) {
      assert.deepEqual(judge(bypass("always"), {}, [actor]), ["pull_request"], actor);
    }
  });

  it("hold where they are in force, for the refs that they name", () => {
    const deletion = [{ type: "deletion" }];
    const gone = { change: "deletion" } as const;
    for (const enforcement of ["evaluate", "disabled"]) {
      assert.deepEqual(judge(ruleset(deletion, { enforcement }), gone), []);
    }
    assert.deepEqual(judge(ruleset(deletion), { ...gone, ref: "refs/heads/dev" }), []);
    assert.deepEqual(judge(ruleset(deletion, { target: "tag" }), gone), []);
    const all = (exclude: string[]) => ruleset(deletion, { conditions: { ref_name: { include: ["~ALL"], exclude } } });
    assert.deepEqual(judge(all([]), gone), ["deletion"]);
    assert.deepEqual(judge(all(["~DEFAULT_BRANCH"]), gone), []);
    assert.deepEqual(judge(all([]), { ...gone, ref: "refs/tags/v1" }), []);
  });

  it("of all rulesets count together", () => {
    const rulesets = [ruleset([{ type: "update" }]), ruleset([{ type: "pull_request" }], { name: "more" })];
    const refusals = judgePush({ rulesets, pusher: { actors: [] }, updates: [fine], defaultBranch: main });
    assert.deepEqual(
      refusals.map(({ ruleset: name, rule }) => [name, rule]),
      [
        ["main", "update"],
        ["more", "pull_request"],
      ],
    );
  });
});

describe("patterns of refs", () => {
  const table: [pattern: string, ref: string, matches: boolean][] = [
    ["refs/heads/main", "refs/heads/main", true],
    ["refs/heads/main", "refs/heads/main2", false],
    ["refs/heads/*", "refs/heads/feat/x", false],
    ["refs/heads/feat/*", "refs/heads/feat/x", true],
    ["refs/heads/**/*", "refs/heads/feat/x/y", true],
    ["refs/heads/**/*", "refs/heads/main", true],
    ["refs/heads/**", "refs/heads/a/b", false],
    ["refs/tags/v?.?", "refs/tags/v1.2", true],
    ["refs/tags/v?.?", "refs/tags/v1x2", false],
    ["refs/tags/v[0-9]*", "refs/tags/v1.0", true],
    ["refs/tags/v[!0-9]*", "refs/tags/v1.0", false],
    ["refs/heads/a+b", "refs/heads/a+b", true],
    ["refs/heads/a[", "refs/heads/a[", true],
  ];
  for (const [pattern, ref, matches] of table) {
    it(`${pattern} ${matches ? "matches" : "does not match"} ${ref}`, () => {
      assert.equal(matchesRef(pattern, ref, main), matches);
    });
  }
});
