/** Reads the stack's configuration and checks it whole, before any resource is declared. */
import * as pulumi from "@pulumi/pulumi";
import { type Config, checkConfig, formatProblems } from "../model/config/config.ts";

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
 * parseConfig({ "aws:region": "eu-west-1", "sluice:network": "{}" }).config.network?.zones // 2
 */
export function parseConfig(all: Readonly<Record<string, string>>): StackConfig {
  const { config, problems } = checkConfig(rawConfig(all, "sluice"));
  const region = all["aws:region"];
  if (config !== undefined && region !== undefined) return { config, region };
  const missing = { field: "aws:region", rule: "every stack names its region", value: "nothing", remedy: "set it" };
  throw new pulumi.RunError(formatProblems(region === undefined ? [missing, ...problems] : problems));
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
