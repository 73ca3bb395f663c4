/** Rules that join several settings of network and cluster. */
import { networkPlan, requiredEndpoints } from "../network-plan.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function clusterNeedsNetwork(config: Config): ConfigProblem[] {
  if (config.cluster === undefined || config.network !== undefined || Object.keys(config.services).length > 0)
    return [];
  return [{ field: "network", rule: "a cluster needs this section", value: "nothing", remedy: "add sluice:network" }];
}

function rangeCanBeCut(config: Config): ConfigProblem[] {
  if (config.network === undefined) return [];
  try {
    networkPlan(config.network);
    return [];
  } catch {
    return [
      {
        field: "network.cidr",
        rule: "the first address of a range from /16 to /20",
        value: JSON.stringify(config.network.cidr),
        remedy: "choose one such as 10.20.0.0/16",
      },
    ];
  }
}

function existingVpcStandsAlone(config: Config): ConfigProblem[] {
  const { network } = config;
  if (network?.vpc === undefined) return [];
  return (["cidr", "zones", "egress"] as const)
    .filter((setting) => network[setting] !== undefined)
    .map((setting) => ({
      field: `network.${setting}`,
      rule: "an existing VPC is taken as it is",
      value: JSON.stringify(network[setting]),
      remedy: setting === "cidr" ? "say it under network.vpc.cidr" : "remove it, or network.vpc",
    }));
}

function existingSubnetsDiffer(config: Config): ConfigProblem[] {
  const vpc = config.network?.vpc;
  if (vpc === undefined) return [];
  return (["publicSubnets", "privateSubnets"] as const).flatMap((side) => {
    const others = side === "privateSubnets" ? vpc.publicSubnets : [];
    const twice = vpc[side].filter((id, index) => vpc[side].indexOf(id) < index || others.includes(id));
    return twice.map((id) => ({
      field: `network.vpc.${side}`,
      rule: "every subnet stands once, on one side",
      value: JSON.stringify(id),
      remedy: "remove it from one place",
    }));
  });
}

function endpointsAreAsked(config: Config): ConfigProblem[] {
  const { endpoints = [], egress, vpc } = config.network ?? {};
  const problem = (rule: string, value: unknown, remedy: string) => ({
    field: "network.endpoints",
    rule,
    value: JSON.stringify(value),
    remedy,
  });
  if (endpoints.length > 0 && (egress === "public" || vpc !== undefined)) {
    return [problem("only where there are private subnets of the stack's own", endpoints, "remove them")];
  }
  const given: readonly string[] = egress === "endpoints" ? ["s3", ...requiredEndpoints] : [];
  return endpoints
    .filter((name, index) => given.includes(name) || endpoints.indexOf(name) < index)
    .map((name) => problem("no endpoint twice", name, "remove it: it is there already"));
}

export const networkRules: readonly CrossFieldRule[] = [
  clusterNeedsNetwork,
  rangeCanBeCut,
  existingVpcStandsAlone,
  existingSubnetsDiffer,
  endpointsAreAsked,
];
