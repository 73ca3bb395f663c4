/** Rules that join several settings of a service's containers: what ECS or IAM would refuse otherwise. */
import { containerDefinitions } from "../container-definitions.ts";
import { secretValues } from "../release-options.ts";
import { pin, type SecretReference } from "../secret-reference.ts";
import { executionPolicy, rolePolicyLimit, taskPolicy } from "../service-policies.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";
import type { ServiceConfig } from "./service.ts";

type ServiceRule = (name: string, service: ServiceConfig) => ConfigProblem[];

const problem = (field: string, rule: string, value: unknown, remedy: string): ConfigProblem => ({
  field: `services.${field}`,
  rule,
  value: typeof value === "string" ? value : JSON.stringify(value),
  remedy,
});

interface Named {
  /** Field of the configuration that declares it. */
  field: string;
  name: string;
  options: Pick<ServiceConfig, "environment" | "secrets" | "writablePaths" | "dependsOn">;
  essential: boolean;
  checked: boolean;
  port: number | undefined;
  memory: number;
}

/** The containers of a service's task, its own first. */
function containersOf(name: string, service: ServiceConfig): Named[] {
  const { containerHealth, port, memory } = service;
  const own = { field: name, name, options: service, essential: true, checked: containerHealth !== undefined };
  return [
    { ...own, port, memory },
    ...Object.entries(service.sidecars).map(([sidecar, options]) => ({
      field: `${name}.sidecars.${sidecar}`,
      name: sidecar,
      options,
      essential: options.essential,
      checked: options.health !== undefined,
      port: options.port,
      memory: options.memory ?? memory,
    })),
  ];
}

const sidecarNamesDiffer: ServiceRule = (name, { sidecars }) =>
  Object.hasOwn(sidecars, name)
    ? [problem(`${name}.sidecars.${name}`, "no sidecar has its service's name", name, "rename it")]
    : [];

/** ECS API, ContainerDependency. */
const dependenciesCanBeMet: ServiceRule = (name, service) => {
  const containers = containersOf(name, service);
  const known = new Map(containers.map((one) => [one.name, one]));
  return containers.flatMap(({ field, name: own, options }) =>
    Object.entries(options.dependsOn).flatMap(([other, condition]) => {
      const target = known.get(other);
      const at = `${field}.dependsOn.${other}`;
      if (target === undefined || other === own) {
        const others = [...known.keys()].filter((one) => one !== own).join(", ") || "there is none";
        return [problem(at, "another container of the service", other, `name one of: ${others}`)];
      }
      if (condition === "HEALTHY" && !target.checked) {
        const check = target.field === name ? "containerHealth" : "health";
        return [problem(at, "HEALTHY needs a check in that container", "none", `give ${target.field} a ${check}`)];
      }
      if ((condition === "COMPLETE" || condition === "SUCCESS") && target.essential) {
        const remedy = target.field === name ? "wait for START or HEALTHY" : `set essential of ${other} to false`;
        return [problem(at, "an essential container never ends", condition, remedy)];
      }
      return [];
    }),
  );
};

const dependenciesEnd: ServiceRule = (name, service) => {
  const waits = new Map(containersOf(name, service).map((one) => [one.name, Object.keys(one.options.dependsOn)]));
  const circle = [...waits.keys()].find((start) => reaches(waits, start, start));
  if (circle === undefined) return [];
  return [problem(`${name}.dependsOn`, "no container waits for itself by way of others", circle, "take one wait out")];
};

function reaches(waits: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...(waits.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (!seen.has(next)) open.push(...(waits.get(next) ?? []));
    seen.add(next);
  }
  return false;
}

/** ECS API, ContainerDefinition: the containers' sizes fit into the task's. Something must be left for the service itself. */
const sidecarsFitTheTask: ServiceRule = (name, { cpu, memory, sidecars }) => {
  const sum = (field: "cpu" | "memory") => Object.values(sidecars).reduce((total, one) => total + (one[field] ?? 0), 0);
  const check = (field: "cpu" | "memory", size: number) =>
    sum(field) < size
      ? []
      : [
          problem(
            `${name}.sidecars`,
            `all ${field} of the sidecars is less than the task's ${size}`,
            String(sum(field)),
            `lower it, or raise services.${name}.${field}`,
          ),
        ];
  return [...check("cpu", cpu), ...check("memory", memory)];
};

const portsDiffer: ServiceRule = (name, service) => {
  const owners = new Map<number, string>();
  return containersOf(name, service).flatMap(({ field, name: own, port }) => {
    if (port === undefined) return [];
    const owner = owners.get(port);
    owners.set(port, owner ?? own);
    if (owner === undefined) return [];
    return [problem(`${field}.port`, "containers of a task share one address", String(port), `${owner} has it`)];
  });
};

const writablePathsDiffer: ServiceRule = (name, service) =>
  containersOf(name, service).flatMap(({ field, options, memory }) => {
    const paths = options.writablePaths.map((one) => (typeof one === "string" ? one : one.path));
    const inner = paths.find((path, index) =>
      paths.some((other, place) => place !== index && `${path}/`.startsWith(`${other}/`)),
    );
    const inMemory = options.writablePaths.reduce((sum, one) => sum + (typeof one === "string" ? 0 : one.memoryMiB), 0);
    const at = `${field}.writablePaths`;
    return [
      ...(inner === undefined ? [] : [problem(at, "none is, or lies in, another", inner, "keep the outer one")]),
      ...(inMemory < memory ? [] : [problem(at, `memoryMiB is less than ${memory}`, String(inMemory), "lower it")]),
    ];
  });

const sidecarSecretsAreNotAlsoPlain: ServiceRule = (name, { sidecars }) =>
  Object.entries(sidecars).flatMap(([sidecar, { environment, secrets }]) =>
    Object.keys(secrets)
      .filter((variable) => Object.hasOwn(environment, variable))
      .map((variable) =>
        problem(
          `${name}.sidecars.${sidecar}.environment.${variable}`,
          "a variable is either plain or secret",
          "both",
          "remove the plain one",
        ),
      ),
  );

/**
 * A task of Fargate Spot gets SIGTERM with the warning, when its target only begins to drain. Elsewhere ECS lets the
 * target drain first.
 */
const spotTasksDrain: ServiceRule = (name, { capacity, stopTimeout, deregistrationDelay }) =>
  capacity.spot === 0 || deregistrationDelay <= stopTimeout
    ? []
    : [
        problem(
          `${name}.deregistrationDelay`,
          `with Fargate Spot at most stopTimeout, ${stopTimeout}`,
          String(deregistrationDelay),
          "lower it, or raise stopTimeout (at most 120): an interrupted task is killed while it still has requests",
        ),
      ];

/** Amazon ECS service quotas, "Task definition size": 64 KiB. The rest is for roles and names. */
const definitionLimit = 60 * 1024;

const definitionsFit: ServiceRule = (name, service) => {
  const looked = lookedUp(service);
  const repositories = Object.values(service.sidecars).map(({ image }) => image.split("@")[0] ?? "");
  const longUrl = (repository: string) => `${"h".repeat(60)}/${repository}`;
  const document = containerDefinitions({
    name,
    config: looked,
    deployed: { id: "0".repeat(16), tag: "t".repeat(128), digest: `sha256:${"0".repeat(64)}`, attempt: 1e6 },
    repositoryUrl: longUrl("r".repeat(256)),
    sidecarUrls: Object.fromEntries(repositories.map((repository) => [repository, longUrl(repository)])),
    logGroup: "l".repeat(230),
    region: "r".repeat(20),
  });
  const size = Buffer.byteLength(document);
  if (size <= definitionLimit) return [];
  return [
    problem(
      name,
      `at most ${definitionLimit} bytes of variables, commands and sidecars together (ECS: 64 KiB a task definition)`,
      String(size),
      "move large values to a secret, a parameter or a file in the image",
    ),
  ];
};

const policiesFit: ServiceRule = (name, service) => {
  const task = taskPolicy(service.permissions)?.length ?? 0;
  const execution = executionPolicy({
    repositoryArns: ["r".repeat(320), ...new Set(Object.values(service.sidecars).map(() => "r".repeat(320)))],
    logGroupArn: "l".repeat(290),
    secrets: secretsOf(lookedUp(service)),
    keys: service.secretKeys,
  }).length;
  const limit = (field: string, size: number, remedy: string) =>
    size <= rolePolicyLimit
      ? []
      : [problem(`${name}.${field}`, `IAM takes ${rolePolicyLimit} characters a role`, String(size), remedy)];
  return [
    ...limit("permissions", task, "join statements, or use wildcards in the resources' names"),
    ...limit("secrets", execution, "keep several values in one secret, and name its keys"),
  ];
};

/** Ids of versions are not known yet; all are as long. */
function lookedUp(service: ServiceConfig): ServiceConfig {
  const withId = (secrets: ServiceConfig["secrets"]) =>
    Object.fromEntries(Object.entries(secrets).map(([variable, one]) => [variable, id(one)]));
  const sidecars = Object.entries(service.sidecars).map(([name, one]) => [
    name,
    { ...one, secrets: withId(one.secrets) },
  ]);
  return { ...service, secrets: withId(service.secrets), sidecars: Object.fromEntries(sidecars) };
}

const id = (one: SecretReference): SecretReference =>
  typeof one !== "string" && one.version === pin ? { ...one, version: "0".repeat(64) } : one;

function secretsOf(service: ServiceConfig): string[] {
  return [service, ...Object.values(service.sidecars)].flatMap(({ secrets }) => Object.values(secretValues(secrets)));
}

const rules: readonly ServiceRule[] = [
  sidecarNamesDiffer,
  dependenciesCanBeMet,
  dependenciesEnd,
  sidecarsFitTheTask,
  portsDiffer,
  writablePathsDiffer,
  sidecarSecretsAreNotAlsoPlain,
  spotTasksDrain,
  definitionsFit,
  policiesFit,
];

export const containerRules: readonly CrossFieldRule[] = rules.map(
  (rule) => (config: Config) => Object.entries(config.services).flatMap(([name, service]) => rule(name, service)),
);
