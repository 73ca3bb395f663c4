import { setTimeout } from "node:timers/promises";
import type { Cloud } from "../cloud/index.ts";
import { inRegion } from "../cloud/region.ts";
import { checkInputs } from "./check.ts";
import type { Invoke, Properties, ProviderContext } from "./resource-type.ts";
import { restrained } from "./retry.ts";
import type { TagMap } from "./tagging.ts";

/** What one connection of an engine has configured. */
export interface ProviderConfig {
  region: string;
  defaultTags: TagMap;
  /** What else the provider's own arguments say. */
  settings: Properties;
}

/** A call of the engine about one resource. */
export interface Call {
  urn: string;
  config: ProviderConfig;
  signal: AbortSignal;
}

/** Runs a function of the provider. */
export async function runInvoke(cloud: Cloud, token: string, invoke: Invoke, args: Properties, call: Call) {
  const { inputs, problems } = checkInputs(invoke.args, args);
  if (problems.length > 0) return { problems };
  const region = typeof inputs.region === "string" ? inputs.region : call.config.region;
  const ctx = contextFor(cloud, { ...call, config: { ...call.config, region } });
  const fault = { service: "provider", operation: "invoke", type: token, input: inputs };
  const result = await inRegion(region, () => cloud.faults.around(fault, () => invoke.run(inputs, ctx), call.signal));
  return { problems, result };
}

/** What a handler is given for one call. */
export function contextFor(cloud: Cloud, call: Call): ProviderContext {
  return {
    cloud: restrained(cloud, call.signal),
    signal: call.signal,
    region: call.config.region,
    settings: call.config.settings,
    account: cloud.account,
    registryHost: cloud.registryHost,
    name: nameOf(call.urn),
    urn: call.urn,
    sleep: async (ms) => void (await setTimeout(ms, undefined, { signal: call.signal })),
    log: (line) => cloud.log(`${call.urn}: ${line}`),
  };
}

/** The resource's name in the program: the last part of its URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
