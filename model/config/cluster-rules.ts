/** Rules that join several settings of the cluster and of the services on it. */
import { servicesPerBalancer } from "../names.ts";
import { servicePriorities } from "../traffic-bands.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function oneCertificate({ cluster }: Config): ConfigProblem[] {
  if (cluster?.certificate === undefined || cluster.certificateArn === undefined) return [];
  return [
    {
      field: "cluster.certificate",
      rule: "a certificate is either given or requested",
      value: "both",
      remedy: "remove it, or cluster.certificateArn",
    },
  ];
}

/** ACM API, RequestCertificate: "the maximum length of the domain name (technically, the Common Name) is 64 octets". */
const longestCommonName = 64;

function certificateHasNames({ cluster }: Config): ConfigProblem[] {
  if (cluster?.certificate === undefined) return [];
  const { domain = "", certificate } = cluster;
  if (domain === "" || domain.length > longestCommonName) {
    return [
      {
        field: "cluster.domain",
        rule: `a certificate needs one of at most ${longestCommonName} characters`,
        value: domain === "" ? "nothing" : JSON.stringify(domain),
        remedy: "name the host that users reach the balancer by",
      },
    ];
  }
  const zone = domain.split(".").slice(-2).join(".");
  const names = certificate.alternativeNames;
  return names
    .filter((name, index) => name === domain || names.indexOf(name) < index || !`.${name}`.endsWith(`.${zone}`))
    .map((name) => ({
      field: "cluster.certificate.alternativeNames",
      rule: "each name once, in the zone of the domain",
      value: JSON.stringify(name),
      remedy: `remove it, or name one under ${zone}`,
    }));
}

function balancersExist({ cluster, services }: Config): ConfigProblem[] {
  const last = cluster?.balancers ?? 1;
  return Object.entries(services)
    .filter(([, { balancer }]) => balancer > last)
    .map(([name, { balancer }]) => ({
      field: `services.${name}.balancer`,
      rule: `one of the cluster's ${last}`,
      value: String(balancer),
      remedy: "choose another, or raise cluster.balancers",
    }));
}

/** Services by the balancer that they are on. */
function shards({ services }: Config): Map<number, [name: string, service: Config["services"][string]][]> {
  return Map.groupBy(Object.entries(services), ([, { balancer }]) => balancer);
}

function servicesFitBalancers(config: Config): ConfigProblem[] {
  const quota = config.cluster?.rulesPerBalancer ?? 100;
  const limit = servicesPerBalancer(quota);
  return [...shards(config)]
    .filter(([, services]) => services.length > limit)
    .map(([balancer, services]) => ({
      field: "services",
      rule: `at most ${limit} services on one balancer`,
      value: `${services.length} on balancer ${balancer}`,
      remedy:
        limit === servicesPerBalancer(1000)
          ? "put some on another: cluster.balancers and services.<name>.balancer"
          : `put some on another (services.<name>.balancer), or say under cluster.rulesPerBalancer that AWS raised the quota of ${quota}`,
    }));
}

function routesHavePriorities(config: Config): ConfigProblem[] {
  return [...shards(config)].flatMap(([balancer, services]) => {
    try {
      servicePriorities(Object.fromEntries(services), new Map());
      return [];
    } catch (error) {
      return [
        {
          field: "services",
          rule: "routes of one length leave room for shorter ones that may cover them",
          value: `balancer ${balancer}: ${(error as Error).message}`,
          remedy: "give some of them longer paths or hosts, or put them on another balancer",
        },
      ];
    }
  });
}

export const clusterRules: readonly CrossFieldRule[] = [
  oneCertificate,
  certificateHasNames,
  balancersExist,
  servicesFitBalancers,
  routesHavePriorities,
];
