import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { CloudError } from "./error.ts";

const clientError = (message: string) => new CloudError("ClientException", message);

/** Amazon ECS service quotas, "Task definition size" and "Containers per task definition". */
const MAX_BYTES = 64 * 1024;
const MAX_CONTAINERS = 10;

/**
 * What RegisterTaskDefinition refuses of containers beside each other, their volumes and secrets.
 *
 * @throws CloudError `ClientException`
 */
export function checkContainersTogether(input: RegisterTaskDefinitionRequest): void {
  const containers = input.containerDefinitions ?? [];
  if (containers.length > MAX_CONTAINERS) {
    throw clientError(`A task definition may have at most ${MAX_CONTAINERS} containers.`);
  }
  const { tags: _, ...definition } = input;
  if (Buffer.byteLength(JSON.stringify(definition)) > MAX_BYTES) {
    throw clientError(`Actual length is more than max allowed length: ${MAX_BYTES} bytes.`);
  }
  const volumes = new Set((input.volumes ?? []).map(({ name }) => name));
  for (const container of containers) {
    checkMounts(container, volumes);
    checkDependencies(container, containers);
    checkHealth(container);
    for (const { valueFrom } of container.secrets ?? []) checkReference(valueFrom);
  }
  checkPorts(containers);
  if (containers.some(({ name = "" }) => waitsFor(name, name, containers, new Set()))) {
    throw clientError("The dependencies of the containers form a cycle.");
  }
}

function checkMounts({ name, mountPoints = [], linuxParameters }: ContainerDefinition, volumes: Set<unknown>): void {
  for (const { sourceVolume } of mountPoints) {
    if (!volumes.has(sourceVolume)) throw clientError(`Unknown volume '${sourceVolume}' in container '${name}'.`);
  }
  const paths = [...mountPoints, ...(linuxParameters?.tmpfs ?? [])].map(({ containerPath }) => containerPath);
  if (paths.some((path) => !path?.startsWith("/")) || new Set(paths).size < paths.length) {
    throw clientError(`The mounts of container '${name}' need absolute paths that differ.`);
  }
}

/** API reference, ContainerDependency. */
function checkDependencies({ name, dependsOn = [] }: ContainerDefinition, all: readonly ContainerDefinition[]): void {
  for (const { containerName, condition } of dependsOn) {
    const other = all.find((one) => one.name === containerName);
    if (condition === "HEALTHY" && other?.healthCheck === undefined) {
      throw clientError(`Container '${name}' waits for '${containerName}' to be HEALTHY, which has no health check.`);
    }
    if ((condition === "COMPLETE" || condition === "SUCCESS") && (other?.essential ?? true)) {
      throw clientError(`Container '${name}' waits for the end of '${containerName}', which is essential.`);
    }
  }
}

/** API reference, HealthCheck. */
function checkHealth({ name, healthCheck }: ContainerDefinition): void {
  const ranges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;
  for (const [field, [least, most]] of Object.entries(ranges)) {
    const value = healthCheck?.[field as keyof typeof ranges];
    if (value !== undefined && (value < least || value > most)) {
      throw clientError(
        `The ${field} of the health check of container '${name}' must be between ${least} and ${most}.`,
      );
    }
  }
}

function checkReference(valueFrom = ""): void {
  const [, , service, ...rest] = valueFrom.split(":");
  if (!valueFrom.startsWith("arn:")) {
    if (/^[A-Za-z0-9_./-]+$/.test(valueFrom)) return;
  } else if (service === "ssm") {
    if (/^parameter\/[A-Za-z0-9_./-]+$/.test(rest.slice(2).join(":"))) return;
  } else if (service === "secretsmanager") {
    // region, account, "secret", name; then JSON key, label and version, all three or none.
    if (rest.length === 4 || rest.length === 7) return;
    throw clientError(
      "The Secrets Manager secret ARN must be followed by :json-key:version-stage:version-id, or by nothing.",
    );
  }
  throw clientError(`The Systems Manager parameter name specified for secret '${valueFrom}' is invalid.`);
}

function checkPorts(containers: readonly ContainerDefinition[]): void {
  const ports = containers.flatMap(({ portMappings = [] }) => portMappings.map(({ containerPort }) => containerPort));
  const twice = ports.find((port, index) => ports.indexOf(port) !== index);
  if (twice !== undefined) throw clientError(`Port ${twice} is mapped by more than one container of the task.`);
}

function waitsFor(from: string, to: string, all: readonly ContainerDefinition[], seen: Set<string>): boolean {
  return (all.find(({ name }) => name === from)?.dependsOn ?? []).some(({ containerName = "" }) => {
    if (containerName === to) return true;
    if (seen.has(containerName)) return false;
    seen.add(containerName);
    return waitsFor(containerName, to, all, seen);
  });
}
