/** What a stack declares, and what GitHub answers where everything is so; and ways to change the answer by hand. */
import { type Config, checkConfig } from "../../../model/config/config.ts";
import { type Drift, githubDrift, type LiveSettings } from "../../../model/github/drift.ts";
import { planRuleset } from "../../../model/github/ruleset.ts";
import { acceptRuleset, type RulesetFields } from "../../../sandbox/cloud/github-documents.ts";
import { environmentView, rulesetView } from "../../../sandbox/github-api/views.ts";
import { toDocument } from "../../../sandbox/providers/github/ruleset-document.ts";

const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
const bot = { actorType: "Integration", actorId: 4242, mode: "always" };
export const declared = checkConfig({
  github,
  rulesets: {
    main: {
      branches: ["main", "hotfix/*"],
      except: ["hotfix/old"],
      approvals: 2,
      codeOwners: true,
      mergeMethods: ["squash"],
      linear: true,
      signedCommits: true,
      checks: [{ context: "test" }, { context: "security", integrationId: 7 }],
      codeScanning: [{ tool: "CodeQL" }],
      deployments: ["staging"],
      bypass: [bot],
    },
    tags: { tags: ["v*"], restrictCreations: true, bypass: [{ actorType: "OrganizationAdmin", mode: "always" }] },
  },
  environments: {
    staging: {},
    prod: { reviewers: { users: [11], teams: [7] }, waitMinutes: 5, branches: ["main"], tags: ["v*"] },
  },
}).config as Config;

type Document = RulesetFields & Record<string, unknown>;

const filed = { id: 1, node_id: "N", repository: "acme/shop" };
const made = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };

/** What GitHub answers where everything is as declared: made by the sandbox, which has its own translation. */
export function ruleset(name: "main" | "tags"): Document {
  const plan = planRuleset(declared.rulesets[name] as Config["rulesets"][string]);
  const kept = acceptRuleset(toDocument({ name, ...plan }));
  return structuredClone(rulesetView("http://x", { ...filed, ...kept, ...made }, true)) as unknown as Document;
}

export function environment(name: "staging" | "prod"): {
  environment: Record<string, unknown>;
  policies: { name: string; type: string }[];
} {
  const bare = { wait_timer: 0, prevent_self_review: true, can_admins_bypass: false, reviewers: [] as never[] };
  const custom = { deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } };
  const people = {
    wait_timer: 5,
    reviewers: [
      { type: "User", id: 11 },
      { type: "Team", id: 7 },
    ],
  };
  const whole = { ...filed, name, ...bare, ...custom, ...(name === "prod" ? people : {}), created_at: made.created_at };
  const tags = name === "prod" ? [{ name: "v*", type: "tag" }] : [];
  return {
    environment: structuredClone(environmentView("http://x", whole)) as unknown as Record<string, unknown>,
    policies: [{ name: "main", type: "branch" }, ...tags],
  };
}

export interface Live {
  main: Document;
  tags: Document;
  prod: ReturnType<typeof environment>;
}

export function drift(
  change: (live: Live) => void = () => {},
  more: (settings: LiveSettings) => LiveSettings = (same) => same,
): Drift {
  const live = { main: ruleset("main"), tags: ruleset("tags"), prod: environment("prod") };
  change(live);
  return githubDrift(
    declared,
    more({
      rulesets: new Map([
        ["main", { document: live.main }],
        ["tags", { document: live.tags }],
      ]),
      environments: new Map([
        ["staging", { document: environment("staging") }],
        ["prod", { document: live.prod }],
      ]),
    }),
  );
}

export const parameters = (document: Document, type: string) =>
  document.rules.find((rule) => rule.type === type)?.parameters as Record<string, unknown>;
export const without = (document: Document, type: string) => {
  document.rules = document.rules.filter((rule) => rule.type !== type);
};
export const checks = (document: Document) =>
  parameters(document, "required_status_checks").required_status_checks as {
    context: string;
    integration_id?: number;
  }[];
export const reviewers = (live: Live) => (protection(live)[1]?.reviewers ?? []) as unknown[];
export const protection = (live: Live) => live.prod.environment.protection_rules as Record<string, unknown>[];
