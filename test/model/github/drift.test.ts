import assert from "node:assert/strict";
import type { Config } from "../../../model/config/config.ts";
import type { LiveSettings } from "../../../model/github/drift.ts";
import { planRuleset } from "../../../model/github/ruleset.ts";
import { diffInputs } from "../../../sandbox/providers/diff.ts";
import { repositoryRuleset } from "../../../sandbox/providers/github/ruleset.ts";
import { fromDocument } from "../../../sandbox/providers/github/ruleset-document.ts";
import { changes } from "./drift-changes.ts";
import { checks, declared, drift, environment, type Live, parameters, ruleset, without } from "./drift-fixture.ts";

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

describe("what was changed by hand", () => {
  const kinds = { "ruleset main": "main", "ruleset tags": "tags" } as const;
  for (const [title, change, where] of changes) {
    const name = kinds[where as keyof typeof kinds];
    if (name === undefined) continue;
    it(`is seen by a refresh, and changed back by the update after it: ${title}`, () => {
      const live = { main: ruleset("main"), tags: ruleset("tags"), prod: environment("prod") };
      change(live);
      const inputs = {
        name,
        repository: "shop",
        ...planRuleset(declared.rulesets[name] as Config["rulesets"][string]),
      };
      const state = { ...fromDocument(live[name]), repository: "shop" };
      assert.notDeepEqual(diffInputs(repositoryRuleset.inputs, state, inputs), []);
      assert.deepEqual(
        diffInputs(repositoryRuleset.inputs, { ...fromDocument(ruleset(name)), repository: "shop" }, inputs),
        [],
      );
    });
  }
});
