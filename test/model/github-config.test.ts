import assert from "node:assert/strict";
import fc from "fast-check";
import { checkConfig } from "../../model/config/config.ts";
import { deploymentPolicies } from "../../model/github/environment.ts";
import { planRuleset } from "../../model/github/ruleset.ts";
import { acceptRuleset } from "../../sandbox/cloud/github-documents.ts";
import { checkInputs } from "../../sandbox/providers/check.ts";
import { diffInputs } from "../../sandbox/providers/diff.ts";
import {
  repositoryEnvironment,
  repositoryEnvironmentDeploymentPolicy,
} from "../../sandbox/providers/github/environment.ts";
import { repositoryRuleset } from "../../sandbox/providers/github/ruleset.ts";
import { fromDocument, toDocument } from "../../sandbox/providers/github/ruleset-document.ts";
import type { Properties, ResourceType } from "../../sandbox/providers/resource-type.ts";

const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
const main = { branches: ["main"] };

function problems(raw: Record<string, unknown>): string[] {
  return checkConfig({ github, ...raw }).problems.map(({ field, rule }) => `${field}: ${rule}`);
}

describe("configuration of rulesets and environments", () => {
  const role = { actorId: 5, actorType: "RepositoryRole" };
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["neither branches nor tags", { rulesets: { a: {} } }, /^rulesets\.a: one of branches and tags$/],
    ["both", { rulesets: { a: { ...main, tags: ["v*"] } } }, /^rulesets\.a: one of branches and tags$/],
    ["a full ref", { rulesets: { a: { branches: ["refs/heads/main"] } } }, /branches\.0: a name or fnmatch pattern/],
    ["a name that git refuses", { rulesets: { a: { branches: ["a..b"] } } }, /branches\.0/],
    ["a blank in a name", { rulesets: { a: { branches: ["a b"] } } }, /branches\.0/],
    ["too many approvals", { rulesets: { a: { ...main, approvals: 11 } } }, /^rulesets\.a\.approvals/],
    ["approvals of tags", { rulesets: { a: { tags: ["v*"], approvals: 2 } } }, /approvals: a setting for branches/],
    ["a pull request for tags", { rulesets: { a: { tags: ["v*"], pullRequest: true } } }, /pullRequest: a setting/],
    ["the default branch as a tag", { rulesets: { a: { tags: ["~DEFAULT_BRANCH"] } } }, /tags: names of tags/],
    [
      "code scanning of tags",
      { rulesets: { a: { tags: ["v*"], codeScanning: [{ tool: "CodeQL" }] } } },
      /codeScanning: a setting for branches/,
    ],
    [
      "reviews without pull requests",
      { rulesets: { a: { ...main, pullRequest: false, codeOwners: true } } },
      /codeOwners: has no effect/,
    ],
    ["up to date without checks", { rulesets: { a: { ...main, upToDate: true } } }, /upToDate: has no effect/],
    [
      "a check twice",
      { rulesets: { a: { ...main, checks: [{ context: "ci" }, { context: "ci", integrationId: 7 }] } } },
      /checks: each check once/,
    ],
    [
      "linear history by merge commits",
      { rulesets: { a: { ...main, linear: true, mergeMethods: ["merge"] } } },
      /mergeMethods: linear history/,
    ],
    [
      "a deployment to nowhere",
      { rulesets: { a: { ...main, deployments: ["staging"] } } },
      /deployments: an environment of this stack/,
    ],
    [
      "an actor without a number",
      { rulesets: { a: { ...main, bypass: [{ actorType: "Team" }] } } },
      /bypass: Team needs its actorId/,
    ],
    [
      "a deploy key with a number",
      { rulesets: { a: { ...main, bypass: [{ actorType: "DeployKey", actorId: 1, mode: "always" }] } } },
      /bypass: deploy keys have no actorId/,
    ],
    [
      "a deploy key that merges pull requests",
      { rulesets: { a: { ...main, bypass: [{ actorType: "DeployKey" }] } } },
      /bypass: tags and deploy keys know the mode always alone/,
    ],
    [
      "a bypass by pull request for tags",
      { rulesets: { a: { tags: ["v*"], bypass: [role] } } },
      /the mode always alone/,
    ],
    [
      "an actor twice",
      { rulesets: { a: { ...main, bypass: [role, { ...role, mode: "always" }] } } },
      /bypass: each actor once/,
    ],
    ["a bypass that leaves no trace", { rulesets: { a: { ...main, bypass: [{ ...role, mode: "exempt" }] } } }, /mode/],
    [
      "more rulesets than GitHub has",
      { rulesets: Object.fromEntries(Array.from({ length: 76 }, (_, index) => [`r${index}`, main])) },
      /^rulesets: at most 75/,
    ],
    ["rules for no repository", { github: undefined, rulesets: { a: main } }, /^rulesets: needs the section github/],
    [
      "environments of no repository",
      { github: undefined, environments: { a: {} } },
      /^environments: needs the section/,
    ],
    ["seven reviewers", { environments: { a: { reviewers: { users: [1, 2, 3, 4], teams: [1, 2, 3] } } } }, /at most 6/],
    ["a reviewer twice", { environments: { a: { reviewers: { users: [1, 1] } } } }, /each reviewer once/],
    ["a wait of a month and a minute", { environments: { a: { waitMinutes: 43_201 } } }, /waitMinutes/],
    ["an environment that nothing reaches", { environments: { a: { branches: [] } } }, /at least one branch or tag/],
    ["a branch twice", { environments: { a: { branches: ["main", "main"] } } }, /no other pair reads like/],
    [
      "two environments whose policies read alike",
      { environments: { prod: { branches: ["eu-main"] }, "prod-eu": { branches: ["main"] } } },
      /environments\.prod-eu\.branches: .*\(prod-eu-main\)/,
    ],
  ];
  for (const [title, raw, says] of refused) {
    it(`refuses ${title}, with that problem alone`, () => {
      const found = problems(raw);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] as string, says);
    });
  }

  const accepted: [string, Record<string, unknown>][] = [
    ["a ruleset for all branches but some", { rulesets: { a: { branches: ["~ALL"], except: ["feat/*"] } } }],
    [
      "an organization's administrators, with and without a number",
      {
        rulesets: {
          a: { ...main, bypass: [{ actorType: "OrganizationAdmin" }] },
          b: { ...main, bypass: [{ actorType: "OrganizationAdmin", actorId: 1 }] },
        },
      },
    ],
    ["deploy keys that push", { rulesets: { a: { ...main, bypass: [{ actorType: "DeployKey", mode: "always" }] } } }],
    ["linear history by squashing", { rulesets: { a: { ...main, linear: true, mergeMethods: ["merge", "squash"] } } }],
    ["an environment for tags alone", { environments: { a: { branches: [], tags: ["v*"] } } }],
  ];
  for (const [title, raw] of accepted) it(`takes ${title}`, () => assert.deepEqual(problems(raw), []));
});

/** What the provider itself says of inputs. */
function refusals(type: ResourceType, raw: Properties): string[] {
  const { inputs, problems } = checkInputs(type.inputs, raw);
  const all = [...problems, ...(type.check?.(inputs, { region: "" }) ?? [])];
  return all.map(({ property, reason }) => `${property}: ${reason}`);
}

const names = fc.uniqueArray(
  fc.constantFrom("main", "staging", "release/*", "feat/**/*", "v*", "hotfix/[a-z]*", "~ALL"),
  {
    minLength: 1,
  },
);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const actor = fc.record({
  actorId: optional(fc.integer({ min: 1, max: 9 })),
  actorType: fc.constantFrom("RepositoryRole", "Team", "Integration", "OrganizationAdmin", "DeployKey", "User"),
  mode: fc.constantFrom("always", "pull_request"),
});
const settings = fc.record({
  branches: optional(names),
  tags: optional(names),
  except: names,
  enforcement: fc.constantFrom("active", "evaluate", "disabled"),
  pullRequest: optional(fc.boolean()),
  approvals: optional(fc.integer({ min: 0, max: 10 })),
  codeOwners: optional(fc.boolean()),
  lastPushApproval: optional(fc.boolean()),
  mergeMethods: optional(fc.uniqueArray(fc.constantFrom("merge", "squash", "rebase"), { minLength: 1 })),
  checks: fc.uniqueArray(fc.record({ context: fc.constantFrom("ci", "scan", "build") }), {
    selector: ({ context }) => context,
  }),
  codeScanning: fc.array(fc.record({ tool: fc.constant("CodeQL") }), { maxLength: 2 }),
  linear: fc.boolean(),
  signedCommits: fc.boolean(),
  restrictCreations: fc.boolean(),
  restrictUpdates: optional(fc.boolean()),
  restrictDeletions: fc.boolean(),
  blockForcePushes: fc.boolean(),
  bypass: fc.uniqueArray(actor, { maxLength: 3, selector: ({ actorType }) => actorType }),
});
const given = (raw: object) => Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));

describe("an accepted configuration", () => {
  it("makes no ruleset that the provider or GitHub refuses", () => {
    let accepted = 0;
    fc.assert(
      fc.property(settings, (raw) => {
        const whole = { ...given(raw), bypass: raw.bypass.map(given) };
        const { config } = checkConfig({ github, rulesets: { main: whole } });
        if (config?.rulesets.main === undefined) return;
        accepted += 1;
        const inputs = { name: "main", repository: "shop", ...planRuleset(config.rulesets.main) };
        assert.deepEqual(refusals(repositoryRuleset, inputs), []);
        const kept = fromDocument(acceptRuleset(toDocument(inputs)));
        const changes = diffInputs(repositoryRuleset.inputs, { ...kept, repository: "shop" }, inputs);
        assert.deepEqual(changes, [], "GitHub keeps it as it was declared");
      }),
      { numRuns: 3_000 },
    );
    assert.ok(accepted > 20, `${accepted} of them were accepted`);
  });

  it("makes no environment and no policy that the provider refuses", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 7 });
    const environment = fc.record({
      reviewers: fc.record({ users: ids, teams: ids }),
      waitMinutes: fc.integer({ min: -1, max: 43_201 }),
      branches: names,
      tags: names,
    });
    fc.assert(
      fc.property(environment, (raw) => {
        const { config } = checkConfig({ github, environments: { prod: raw } });
        const prod = config?.environments.prod;
        if (prod === undefined) return;
        const inputs = {
          repository: "shop",
          environment: "prod",
          waitTimer: prod.waitMinutes,
          reviewers: [prod.reviewers],
        };
        assert.deepEqual(refusals(repositoryEnvironment, inputs), []);
        for (const { kind, pattern } of deploymentPolicies("prod", prod)) {
          const key = kind === "tags" ? "tagPattern" : "branchPattern";
          const policy = { repository: "shop", environment: "prod", [key]: pattern };
          assert.deepEqual(refusals(repositoryEnvironmentDeploymentPolicy, policy), []);
        }
      }),
    );
  });
});
