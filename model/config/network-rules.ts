/** Rules that join several settings of network and cluster. */
import { subnetRanges } from "../subnets.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function clusterNeedsNetwork(config: Config): ConfigProblem[] {
  if (config.cluster === undefined || config.network !== undefined || Object.keys(config.services).length > 0)
    return [];
  return [{ field: "network", rule: "a cluster needs this section", value: "nothing", remedy: "add sluice:network" }];
}

function rangeCanBeCut(config: Config): ConfigProblem[] {
  if (config.network === undefined) return [];
  const { cidr, zones } = config.network;
  try {
    subnetRanges(cidr, zones);
    return [];
  } catch {
    return [
      {
        field: "network.cidr",
        rule: "the first address of a range from /16 to /20",
        value: JSON.stringify(cidr),
        remedy: "choose one such as 10.20.0.0/16",
      },
    ];
  }
}

export const networkRules: readonly CrossFieldRule[] = [clusterNeedsNetwork, rangeCanBeCut];
