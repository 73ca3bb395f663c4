import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { checkContainersTogether } from "./ecs-container-checks.ts";
import { CloudError } from "./error.ts";

export function clientError(message: string): CloudError {
  return new CloudError("ClientException", message);
}

export function invalidParameter(message: string): CloudError {
  return new CloudError("InvalidParameterException", message);
}

const GB = 1024;

/** From, to and step of memory in MiB by CPU units (ECS developer guide, "Fargate task sizes"). */
const FARGATE_MEMORY: Readonly<Record<number, readonly number[]>> = {
  256: [512, GB, 2 * GB],
  512: steps(1, 4, 1),
  1024: steps(2, 8, 1),
  2048: steps(4, 16, 1),
  4096: steps(8, 30, 1),
  8192: steps(16, 60, 4),
  16384: steps(32, 120, 8),
};

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * GB);
}

/** `"1 vCPU"` and `"2 GB"` as units and MiB. */
function unitsOf(text: string | undefined, unit: "vcpu" | "gb"): number {
  const match = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(text ?? "");
  if (match === null) return Number.NaN;
  return match[2]?.toLowerCase() === unit ? Number(match[1]) * 1024 : match[2] === "" ? Number(match[1]) : Number.NaN;
}

/**
 * What RegisterTaskDefinition refuses.
 *
 * @throws CloudError `ClientException` or `InvalidParameterException`
 */
export function checkTaskDefinition(input: RegisterTaskDefinitionRequest): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family ?? "")) {
    throw clientError(
      "Family contains invalid characters or is too long. Valid: letters, numbers, underscores, and hyphens, at most 255",
    );
  }
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) throw clientError("Container list cannot be empty.");
  for (const container of containers) checkContainer(container, containers);
  if (new Set(containers.map((each) => each.name)).size < containers.length) {
    throw clientError("Container names must be unique within a task definition.");
  }
  if (!containers.some((each) => each.essential ?? true)) {
    throw clientError("A task definition must have at least one essential container.");
  }
  checkContainersTogether(input);
  if (input.requiresCompatibilities?.includes("FARGATE")) checkFargate(input, containers);
}

function checkContainer(container: ContainerDefinition, all: readonly ContainerDefinition[]): void {
  const { name = "" } = container;
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw clientError(`Invalid container name '${name}'.`);
  if (!container.image) throw clientError(`Container.image should not be null or empty. (container '${name}')`);
  if (/\s/.test(container.image))
    throw clientError(`Container.image contains invalid characters. (container '${name}')`);
  for (const { containerPort } of container.portMappings ?? []) {
    if (containerPort === undefined || containerPort < 1 || containerPort > 65_535) {
      throw clientError(`Invalid container port '${containerPort}'. (container '${name}')`);
    }
  }
  for (const { containerName } of container.dependsOn ?? []) {
    if (!all.some((each) => each.name === containerName) || containerName === name) {
      throw clientError(
        `Container '${name}' depends on '${containerName}', which is not another container of the task.`,
      );
    }
  }
  const kind = container.healthCheck?.command?.[0];
  if (container.healthCheck !== undefined && kind !== "CMD" && kind !== "CMD-SHELL") {
    throw clientError(`The health check command of container '${name}' must begin with CMD or CMD-SHELL.`);
  }
  if ((container.stopTimeout ?? 0) > 120)
    throw clientError(`The stop timeout of container '${name}' is at most 120 seconds.`);
}

function checkFargate(input: RegisterTaskDefinitionRequest, containers: readonly ContainerDefinition[]): void {
  if (input.networkMode !== "awsvpc") throw clientError("Fargate only supports network mode 'awsvpc'.");
  const cpu = unitsOf(input.cpu, "vcpu");
  const memory = unitsOf(input.memory, "gb");
  if (Number.isNaN(cpu)) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (Number.isNaN(memory)) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  if (!FARGATE_MEMORY[cpu]?.includes(memory)) {
    throw clientError(
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  const sum = (field: "cpu" | "memory") => containers.reduce((total, each) => total + (each[field] ?? 0), 0);
  if (sum("cpu") > cpu) throw clientError("The total cpu of all containers is greater than the task's.");
  for (const each of containers) {
    if ((each.memory ?? 0) > memory)
      throw clientError(
        `Invalid setting for container '${each.name}'. The container's memory is greater than the task's.`,
      );
    const hostPort = each.portMappings?.find(
      (mapping) => mapping.hostPort && mapping.hostPort !== mapping.containerPort,
    );
    if (hostPort) {
      throw clientError("When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
    }
  }
  const gib = input.ephemeralStorage?.sizeInGiB;
  if (gib !== undefined && (gib < 21 || gib > 200)) {
    throw clientError("The ephemeral storage size must be between 21 and 200 GiB.");
  }
  if (input.volumes?.some(({ host }) => host?.sourcePath !== undefined)) {
    throw clientError("host.sourcePath is not supported for tasks on Fargate.");
  }
  const logs = containers.find((each) => each.logConfiguration !== undefined && input.executionRoleArn === undefined);
  if (logs?.logConfiguration?.logDriver === "awslogs") {
    throw clientError("Fargate requires task definition to have execution role ARN to support log driver awslogs.");
  }
}

/** A container definition with what ECS fills in. */
export function normalContainer(container: ContainerDefinition): ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      hostPort: mapping.hostPort ?? mapping.containerPort,
      protocol: mapping.protocol ?? "tcp",
    })),
  };
}
