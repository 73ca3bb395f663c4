/** Reads the stack's configuration and checks it whole, before any resource is declared. */
import * as pulumi from "@pulumi/pulumi";
import { type Config, type ConfigProblem, checkConfig, formatProblems } from "../model/config/config.ts";

/** What a stack is configured to be. */
export interface StackConfig {
  config: Config;
  /** AWS region of the stack. */
  region: string;
}

/**
 * @throws pulumi.RunError with every problem at once
 */
export function readConfig(): StackConfig {
  return parseConfig(pulumi.runtime.allConfig());
}

/**
 * @param all the stack's configuration, of all namespaces
 * @throws pulumi.RunError with every problem at once
 * @example
 * parseConfig({ "aws:region": "eu-west-1", "sluice:network": '{"zones":3}' }).config.network?.zones // 3
 */
export function parseConfig(all: Readonly<Record<string, string>>): StackConfig {
  const { config, problems } = checkConfig(rawConfig(all, "sluice"));
  const region = all["aws:region"];
  const missing = { field: "aws:region", rule: "every stack names its region", value: "nothing", remedy: "set it" };
  const found = [
    ...(region === undefined ? [missing] : []),
    ...problems,
    ...ownerProblems(config, all["github:owner"]),
  ];
  if (config !== undefined && region !== undefined && found.length === 0) return { config, region };
  throw new pulumi.RunError(formatProblems(found));
}

/** Without an owner the provider takes the token's own account, and would protect a repository of the same name there. */
function ownerProblems(config: Config | undefined, owner: string | undefined): ConfigProblem[] {
  const declared = config?.github?.owner;
  const used = config !== undefined && Object.keys({ ...config.rulesets, ...config.environments }).length > 0;
  if (!used || declared === undefined || owner === declared) return [];
  return [
    {
      field: "github:owner",
      rule: "the account that sluice:github.owner names: rulesets and environments are set there",
      value: owner === undefined ? "nothing" : JSON.stringify(owner),
      remedy: `set github:owner: ${declared}`,
    },
  ];
}

/** The keys of one namespace; the engine hands structured values over as JSON. */
function rawConfig(all: Readonly<Record<string, string>>, namespace: string): Record<string, unknown> {
  const own = Object.entries(all).filter(([key]) => key.startsWith(`${namespace}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(namespace.length + 1), parseValue(value)]));
}

function parseValue(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
