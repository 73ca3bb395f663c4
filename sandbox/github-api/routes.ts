/** The operations of GitHub's REST API that Sluice calls, and those that change what it looks at. */
import { z } from "zod";
import { CloudError } from "../cloud/error.ts";
import type { RulesetFields } from "../cloud/github-documents.ts";
import type { Cloud } from "../cloud/index.ts";
import { environmentView, policyView, rulesetSummary, rulesetView } from "./views.ts";

/** One request, as a route sees it. */
export interface Asked {
  github: Cloud["github"];
  /** Where links lead. */
  base: string;
  /** `owner/name`. */
  repository: string;
  /** What the route's path has in place of its placeholders, after owner and name. */
  path: readonly string[];
  body: unknown;
  /** Whether the caller administers the repository. */
  admin: boolean;
  /** Number of the app that the caller is; null for a person. */
  app: number | null;
}

/** An answer; `items` is a list to be cut into pages, under `key` where the API wraps it. */
export type Answer = { status: number; body?: unknown } | { items: unknown[]; key?: string };

const actor = z.strictObject({
  actor_id: z.int().nullable().default(null),
  actor_type: z.string(),
  bypass_mode: z.string().default("always"),
});
const names = z.array(z.string());
const ruleset = z.strictObject({
  name: z.string().min(1).max(100),
  target: z.string(),
  enforcement: z.string(),
  bypass_actors: z.array(actor),
  conditions: z.strictObject({ ref_name: z.strictObject({ include: names, exclude: names }) }),
  rules: z.array(z.strictObject({ type: z.string(), parameters: z.record(z.string(), z.unknown()).optional() })),
});
/** POST fills these in. */
const RULESET_DEFAULTS = { target: "branch", bypass_actors: [], rules: [] };

const environment = z.strictObject({
  wait_timer: z.int().default(0),
  prevent_self_review: z.boolean().default(false),
  can_admins_bypass: z.boolean().default(true),
  reviewers: z.array(z.strictObject({ type: z.enum(["User", "Team"]), id: z.int() })).nullish(),
  deployment_branch_policy: z
    .strictObject({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() })
    .nullable()
    .default(null),
});
const policy = z.strictObject({ name: z.string().min(1), type: z.enum(["branch", "tag"]).default("branch") });

/** Plain JSON knows no difference between absent and undefined; the domain does not either. */
const given = <T>(value: unknown) => value as T;

interface Route {
  method: string;
  /** What comes after `/repos/OWNER/NAME`; `*` stands for one part. */
  path: string;
  run(asked: Asked): Promise<Answer>;
}

const place = ({ repository, path: [environment = ""] }: Asked) => ({ repository, environment });
const rulesetAt = ({ repository, path: [id] }: Asked) => ({ repository, id: Number(id) });
const policyAt = (asked: Asked) => ({ ...place(asked), id: Number(asked.path[1]) });

const rulesets: Route[] = [
  {
    method: "GET",
    path: "rulesets",
    async run({ github, base, repository }) {
      const found = await github.listRulesets({ repository });
      return { items: found.map((one) => rulesetSummary(base, one)) };
    },
  },
  {
    method: "POST",
    path: "rulesets",
    async run({ github, base, repository, body }) {
      const fields = ruleset.parse({ ...RULESET_DEFAULTS, ...(body as object) });
      return {
        status: 201,
        body: rulesetView(base, await github.createRuleset({ repository, ...given<RulesetFields>(fields) }), true),
      };
    },
  },
  {
    method: "GET",
    path: "rulesets/*",
    async run(asked) {
      return {
        status: 200,
        body: rulesetView(asked.base, await asked.github.getRuleset(rulesetAt(asked)), asked.admin),
      };
    },
  },
  {
    method: "PUT",
    path: "rulesets/*",
    async run(asked) {
      const fields = given<Partial<RulesetFields>>(ruleset.partial().parse(asked.body));
      const changed = await asked.github.updateRuleset({ ...rulesetAt(asked), ...fields });
      return { status: 200, body: rulesetView(asked.base, changed, true) };
    },
  },
  {
    method: "DELETE",
    path: "rulesets/*",
    async run(asked) {
      await asked.github.deleteRuleset(rulesetAt(asked));
      return { status: 204 };
    },
  },
];

const environments: Route[] = [
  {
    method: "GET",
    path: "environments",
    async run({ github, base, repository }) {
      const found = await github.listEnvironments({ repository });
      return { items: found.map((one) => environmentView(base, one)), key: "environments" };
    },
  },
  {
    method: "GET",
    path: "environments/*",
    async run(asked) {
      return { status: 200, body: environmentView(asked.base, await asked.github.getEnvironment(place(asked))) };
    },
  },
  {
    method: "PUT",
    path: "environments/*",
    async run(asked) {
      const { reviewers, ...fields } = environment.parse(asked.body ?? {});
      const changed = await asked.github.putEnvironment({ ...place(asked), ...fields, reviewers: reviewers ?? [] });
      return { status: 200, body: environmentView(asked.base, changed) };
    },
  },
  {
    method: "DELETE",
    path: "environments/*",
    async run(asked) {
      await asked.github.deleteEnvironment(place(asked));
      return { status: 204 };
    },
  },
];

const policies: Route[] = [
  {
    method: "GET",
    path: "environments/*/deployment-branch-policies",
    async run(asked) {
      await asked.github.getEnvironment(place(asked));
      const found = await asked.github.listDeploymentPolicies(place(asked));
      return { items: found.map(policyView), key: "branch_policies" };
    },
  },
  {
    method: "POST",
    path: "environments/*/deployment-branch-policies",
    async run(asked) {
      const made = await asked.github.createDeploymentPolicy({ ...place(asked), ...policy.parse(asked.body) });
      return { status: 200, body: policyView(made) };
    },
  },
  {
    method: "DELETE",
    path: "environments/*/deployment-branch-policies/*",
    async run(asked) {
      await asked.github.deleteDeploymentPolicy(policyAt(asked));
      return { status: 204 };
    },
  },
];

const status = z.object({
  context: z.string().default("default"),
  state: z.enum(["error", "failure", "pending", "success"]),
});
const run = z.object({ name: z.string(), head_sha: z.string(), conclusion: z.string().optional() });
/** Conclusions that a required check takes for passed. */
const PASSED = ["success", "neutral", "skipped"];

const checks: Route[] = [
  {
    method: "POST",
    path: "statuses/*",
    async run({ github, repository, path: [sha = ""], body, app }) {
      const { context, state } = status.parse(body);
      await github.createCheck({ repository, sha, context, success: state === "success", app });
      return { status: 201, body: { context, state } };
    },
  },
  {
    method: "POST",
    path: "check-runs",
    async run({ github, repository, body, app }) {
      const { name, head_sha: sha, conclusion = "" } = run.parse(body);
      if (app === null) throw new CloudError("403", "You must authenticate via a GitHub App.", 403);
      await github.createCheck({ repository, sha, context: name, success: PASSED.includes(conclusion), app });
      return { status: 201, body: { name, head_sha: sha, conclusion, app: { id: app } } };
    },
  },
];

const routes = [...rulesets, ...environments, ...policies, ...checks];

/**
 * @returns undefined where there is no such operation
 * @example
 * findRoute("GET", ["rulesets", "1001"])?.path // ["1001"]
 */
export function findRoute(method: string, parts: readonly string[]): { run: Route["run"]; path: string[] } | undefined {
  for (const route of routes) {
    const wanted = route.path.split("/");
    const fits = wanted.length === parts.length && wanted.every((part, index) => part === "*" || part === parts[index]);
    if (route.method !== method || !fits) continue;
    return { run: route.run, path: parts.filter((_, index) => wanted[index] === "*") };
  }
  return undefined;
}
