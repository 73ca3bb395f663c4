/**
 * A stack's configuration, as `Pulumi.<stack>.yaml` holds it under the namespace `sluice`. A section declares one
 * component; no section, no component.
 */
import { z } from "zod";
import { gatesSection } from "../gates/section.ts";
import { alarms } from "./alarms.ts";
import { cluster } from "./cluster.ts";
import { identifier, tag } from "./fields.ts";
import { github } from "./github.ts";
import { githubEnvironment } from "./github-environment.ts";
import { kubernetes } from "./kubernetes.ts";
import { network } from "./network.ts";
import { type ConfigProblem, hiddenNames, shapeProblems } from "./problems.ts";
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
  kubernetes: kubernetes.optional(),
  services: z.record(identifier, service).default({}),
  alarms: alarms.optional(),
  gates: gatesSection
    .optional()
    .describe("What must be proven of an image before it runs here. It adds to what the policy pack demands."),
  retire: z
    .array(identifier)
    .default([])
    .describe("Services to delete with the next update though they carry traffic; without it they stay."),
});

export type Config = z.output<typeof configSchema>;
export { type ConfigProblem, formatProblems } from "./problems.ts";

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
  const hidden = hiddenNames(raw);
  if (hidden.length > 0) return { problems: hidden };
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) return { problems: shapeProblems(configSchema, raw, parsed.error.issues) };
  const problems = crossFieldRules.flatMap((rule) => rule(parsed.data));
  return problems.length > 0 ? { problems } : { config: parsed.data, problems };
}
