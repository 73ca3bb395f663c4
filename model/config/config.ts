/**
 * A stack's configuration, as `Pulumi.<stack>.yaml` holds it under the namespace `sluice`. A section declares one
 * component; no section, no component.
 */
import { z } from "zod";
import { maximumServices } from "../names.ts";
import { cluster } from "./cluster.ts";
import { identifier, tag } from "./fields.ts";
import { github } from "./github.ts";
import { githubEnvironment } from "./github-environment.ts";
import { network } from "./network.ts";
import { registry } from "./registry.ts";
import { request } from "./request.ts";
import { crossFieldRules } from "./rules.ts";
import { ruleset } from "./ruleset.ts";
import { service } from "./service.ts";

/** The shape of a stack's configuration. */
export const configSchema = z.strictObject({
  environment: identifier.optional().describe("Name of the environment. Default: the stack's name."),
  foundation: z
    .string()
    .min(1)
    .default("foundation")
    .describe("Stack that holds registry and roles: NAME, or ORG/PROJECT/NAME."),
  imageTag: tag.optional().describe("The release asked for, for all services; given per run, never committed."),
  releases: z
    .record(identifier, request)
    .default({})
    .describe("Releases asked for, by service; given per run, never committed."),
  registry: registry.optional(),
  github: github.optional(),
  rulesets: z.record(identifier, ruleset).default({}),
  environments: z.record(identifier, githubEnvironment).default({}),
  network: network.optional(),
  cluster: cluster.optional(),
  services: z
    .record(identifier, service)
    .refine(
      (services) => Object.keys(services).length <= maximumServices,
      `at most ${maximumServices} services on one balancer`,
    )
    .default({}),
  retire: z
    .array(identifier)
    .default([])
    .describe("Services to delete with the next update though they carry traffic; without it they stay."),
});

export type Config = z.output<typeof configSchema>;
/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** Dotted path below the namespace, e.g. `services.api.cpu`. */
  field: string;
  rule: string;
  /** The value received, as JSON; never that of a secret. */
  value: string;
  remedy: string;
}

/** A rule that joins several settings: every breach of it. */
export type CrossFieldRule = (config: Config) => ConfigProblem[];

/**
 * Checks a stack's configuration, whole: all problems are found at once.
 *
 * @param raw the namespace's keys, structured values already parsed
 * @example
 * checkConfig({ services: { api: { cpu: 3 } } }).problems[0]?.field // "services.api.cpu"
 */
export function checkConfig(raw: Record<string, unknown>): { config?: Config; problems: ConfigProblem[] } {
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => describeIssue(issue, raw)) };
  const problems = crossFieldRules.flatMap((rule) => rule(parsed.data));
  return problems.length > 0 ? { problems } : { config: parsed.data, problems };
}

/**
 * The text that the program fails with and the command line shows, one problem a line.
 *
 * @example
 * throw new Error(formatProblems(problems))
 */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ field, rule, value, remedy }) => `  ${field}: ${rule}; got ${value}; ${remedy}`);
  return ["configuration error:", ...lines].join("\n");
}

type Issue = z.core.$ZodIssue;

/** What is looked for under a service and stands under `releases`. */
const perRun: ReadonlySet<string> = new Set(["imageTag", "candidate", "release"]);

function describeIssue(issue: Issue, raw: unknown): ConfigProblem[] {
  const field = issue.path.join(".");
  const value = show(valueAt(raw, issue.path));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: field === "" ? key : `${field}.${key}`,
      rule: "no such setting",
      value: show(valueAt(raw, [...issue.path, key])),
      remedy: perRun.has(key)
        ? "releases are asked for per run: sluice:imageTag, sluice:releases.NAME.imageTag, or sluice up --image-tag"
        : "remove it, or look for its right name in docs/config.schema.json",
    }));
  }
  if (issue.code === "invalid_key") {
    const rule = issue.issues.map((inner) => inner.message).join(", ");
    return [{ field, rule: `name: ${rule}`, value: show(issue.path.at(-1)), remedy: "rename it" }];
  }
  return [{ field, rule: issue.message, value, remedy: `set sluice:${field} to a value that the rule allows` }];
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], raw);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value)).slice(0, 120);
}
