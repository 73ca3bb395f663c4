/** Reads the stack's configuration and checks it whole, before any resource is declared. */
import * as pulumi from "@pulumi/pulumi";
import { type Config, checkConfig, formatProblems } from "../model/config.ts";

/**
 * @throws pulumi.RunError with every problem at once
 */
export function readConfig(): Config {
  const { config, problems } = checkConfig(rawConfig(pulumi.runtime.allConfig(), "sluice"));
  if (config === undefined) throw new pulumi.RunError(formatProblems(problems));
  return config;
}

/** The keys of one namespace; the engine hands structured values over as JSON. */
export function rawConfig(all: Readonly<Record<string, string>>, namespace: string): Record<string, unknown> {
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
