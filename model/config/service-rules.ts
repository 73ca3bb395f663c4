/** Rules that join several settings of services. */
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function servicesNeedTheirSurroundings(config: Config): ConfigProblem[] {
  if (Object.keys(config.services).length === 0) return [];
  return (["network", "cluster"] as const)
    .filter((section) => config[section] === undefined)
    .map((section) => ({
      field: section,
      rule: "services need this section",
      value: "nothing",
      remedy: `add sluice:${section} (an empty one, {}, takes the defaults)`,
    }));
}

/**
 * MiB of memory that Fargate offers for each number of CPU units: lowest, highest, step.
 * Source: Amazon ECS developer guide, "Fargate task definition parameters", task size.
 */
const fargateSizes: Record<number, [lowest: number, highest: number, step: number]> = {
  256: [512, 2048, 1024],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
};

/** @returns the rule that a size of a task breaks; undefined where Fargate offers it */
export function fargateSizeProblem({ cpu, memory }: { cpu: number; memory: number }): string | undefined {
  const [lowest, highest, step] = fargateSizes[cpu] as [number, number, number];
  const fits = memory >= lowest && memory <= highest && (memory === lowest || memory % step === 0);
  return fits ? undefined : `Fargate offers ${lowest} to ${highest} MiB in steps of ${step} with ${cpu} CPU units`;
}

function sizesAreFargates(config: Config): ConfigProblem[] {
  return Object.entries(config.services).flatMap(([name, size]) => {
    const rule = fargateSizeProblem(size);
    if (rule === undefined) return [];
    const remedy = "choose one of these, or other CPU units";
    return [{ field: `services.${name}.memory`, rule, value: String(size.memory), remedy }];
  });
}

function countsAreOrdered(config: Config): ConfigProblem[] {
  return Object.entries(config.services).flatMap(([name, { count }]) =>
    count.min <= count.max
      ? []
      : [
          {
            field: `services.${name}.count`,
            rule: "min is at most max",
            value: JSON.stringify(count),
            remedy: "raise max or lower min",
          },
        ],
  );
}

function healthTimesAreOrdered(config: Config): ConfigProblem[] {
  return Object.entries(config.services).flatMap(([name, { health }]) =>
    health.timeout < health.interval
      ? []
      : [
          {
            field: `services.${name}.health.timeout`,
            rule: "less than health.interval",
            value: String(health.timeout),
            remedy: `set it below ${health.interval}, or raise the interval`,
          },
        ],
  );
}

/** Every pair of host and path that a route takes. Neither hosts nor paths take all; host names know no case. */
function routePairs({ hosts, paths }: { hosts: readonly string[]; paths: readonly string[] }): string[] {
  const names = hosts.length > 0 ? hosts.map((host) => host.toLowerCase()) : ["*"];
  return names.flatMap((host) =>
    (paths.length > 0 ? paths : ["/*"]).map((path) => `${host}${path === "*" ? "/*" : path}`),
  );
}

function routesDiffer(config: Config): ConfigProblem[] {
  const owners = new Map<string, string>();
  return Object.entries(config.services).flatMap(([name, { route, balancer }]) => {
    const pairs = [...new Set(routePairs(route).map((pair) => `${balancer} ${pair}`))];
    const taken = pairs.find((pair) => owners.has(pair));
    for (const pair of pairs) if (!owners.has(pair)) owners.set(pair, name);
    if (taken === undefined) return [];
    return [
      {
        field: `services.${name}.route`,
        rule: "no two services on one balancer have the same hosts and paths",
        value: JSON.stringify(route),
        remedy: `give it other hosts or paths than ${owners.get(taken)}, which has ${taken.replace(/^\d+ /, "")} already`,
      },
    ];
  });
}

/** Source: Elastic Load Balancing quotas, "Condition values per rule" 5; the test rule's header takes one. */
function routesFitARule(config: Config): ConfigProblem[] {
  return Object.entries(config.services).flatMap(([name, { route }]) =>
    route.hosts.length + route.paths.length <= 4
      ? []
      : [
          {
            field: `services.${name}.route`,
            rule: "at most 4 hosts and paths together",
            value: String(route.hosts.length + route.paths.length),
            remedy: "join some with * or ?",
          },
        ],
  );
}

function secretsAreNotAlsoPlain(config: Config): ConfigProblem[] {
  return Object.entries(config.services).flatMap(([name, { environment, secrets }]) =>
    Object.keys(secrets)
      .filter((variable) => Object.hasOwn(environment, variable))
      .map((variable) => ({
        field: `services.${name}.environment.${variable}`,
        rule: "a variable is either plain or secret",
        value: "both",
        remedy: "remove the plain one",
      })),
  );
}

function retiredAreNotDeclared(config: Config): ConfigProblem[] {
  return config.retire
    .filter((name) => Object.hasOwn(config.services, name))
    .map((name) => ({
      field: "retire",
      rule: "a retired service is declared no more",
      value: JSON.stringify(name),
      remedy: `remove sluice:services.${name}, or take it from sluice:retire`,
    }));
}

export const serviceRules: readonly CrossFieldRule[] = [
  servicesNeedTheirSurroundings,
  sizesAreFargates,
  countsAreOrdered,
  healthTimesAreOrdered,
  routesDiffer,
  routesFitARule,
  secretsAreNotAlsoPlain,
  retiredAreNotDeclared,
];
