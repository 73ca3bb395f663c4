/** The ECS `containerDefinitions` document of a release, and the volumes that it mounts. */
import type { ContainerHealth, SidecarConfig } from "./config/container.ts";
import type { ServiceConfig } from "./config/service.ts";
import { type Deployed, releaseLabels } from "./release.ts";
import { secretValues } from "./release-options.ts";

export interface ContainerArgs {
  name: string;
  config: ServiceConfig;
  deployed: Deployed;
  repositoryUrl: string;
  /** Repository to URL, for the sidecars' images. */
  sidecarUrls?: Readonly<Record<string, string>>;
  logGroup: string;
  region: string;
}

/** What both kinds of container are made from. */
type Options = Pick<
  SidecarConfig,
  | "environment"
  | "secrets"
  | "user"
  | "entryPoint"
  | "command"
  | "writablePaths"
  | "stopTimeout"
  | "dependsOn"
  | "essential"
  | "port"
  | "health"
  | "cpu"
  | "memory"
>;

/**
 * Read-only root, not root, logs to the service's group, and the release in the main container's labels, from where state
 * and the live service tell what runs. Fields that are not asked for are left out.
 *
 * @example
 * containerDefinitions({ name: "api", config, deployed, repositoryUrl, logGroup: "/sluice/prod/api", region: "eu-west-1" })
 */
export function containerDefinitions(args: ContainerArgs): string {
  const { name, config, deployed, repositoryUrl, sidecarUrls = {} } = args;
  const main = container(args, name, `${repositoryUrl}@${deployed.digest}`, {
    ...config,
    essential: true,
    health: config.containerHealth,
    cpu: undefined,
    memory: undefined,
  });
  const dockerLabels = {
    [releaseLabels.release]: deployed.id,
    [releaseLabels.tag]: deployed.tag,
    [releaseLabels.attempt]: String(deployed.attempt),
  };
  const sidecars = sorted(config.sidecars).map(([sidecarName, one]) => {
    const [repository = "", digest] = one.image.split("@");
    return container(args, sidecarName, `${sidecarUrls[repository] ?? repository}@${digest}`, one);
  });
  return JSON.stringify([{ ...main, dockerLabels }, ...sidecars]);
}

/**
 * The volumes that a service's containers write to, on the task's disk.
 *
 * @example
 * volumesOf("api", config) // [{ name: "api-writable-0" }]
 */
export function volumesOf(name: string, config: ServiceConfig): { name: string }[] {
  const containers: [string, Pick<Options, "writablePaths">][] = [[name, config], ...sorted(config.sidecars)];
  return containers.flatMap(([container, options]) =>
    disks(options).map((_, index) => ({ name: volumeName(container, index) })),
  );
}

function container({ name, config, logGroup, region }: ContainerArgs, own: string, image: string, options: Options) {
  const { mode, bufferMiB } = config.logs;
  const { entryPoint, command, port, cpu, memory, health, stopTimeout } = options;
  const dependsOn = sorted(options.dependsOn).map(([containerName, condition]) => ({ containerName, condition }));
  return {
    name: own,
    image,
    essential: options.essential,
    user: options.user,
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true, ...some("tmpfs", tmpfs(options)) },
    ...some("mountPoints", mountPoints(own, options)),
    ...(entryPoint === undefined ? {} : { entryPoint }),
    ...(command === undefined ? {} : { command }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(port === undefined ? {} : { portMappings: [{ containerPort: port, protocol: "tcp" }] }),
    environment: sorted(options.environment).map(([key, value]) => ({ name: key, value })),
    secrets: sorted(secretValues(options.secrets)).map(([key, valueFrom]) => ({ name: key, valueFrom })),
    ...(health === undefined ? {} : { healthCheck: healthCheck(health) }),
    ...some("dependsOn", dependsOn),
    stopTimeout,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logGroup,
        "awslogs-region": region,
        "awslogs-stream-prefix": name,
        mode,
        ...(mode === "blocking" ? {} : { "max-buffer-size": `${bufferMiB}m` }),
      },
    },
  };
}

function healthCheck({ command, ...times }: ContainerHealth) {
  return { command: typeof command === "string" ? ["CMD-SHELL", command] : ["CMD", ...command], ...times };
}

const disks = ({ writablePaths }: Pick<Options, "writablePaths">) =>
  writablePaths.filter((path) => typeof path === "string");

const volumeName = (container: string, index: number) => `${container}-writable-${index}`;

function mountPoints(container: string, options: Options) {
  return disks(options).map((containerPath, index) => ({
    sourceVolume: volumeName(container, index),
    containerPath,
    readOnly: false,
  }));
}

function tmpfs({ writablePaths }: Options) {
  return writablePaths.flatMap((one) =>
    typeof one === "string" ? [] : [{ containerPath: one.path, size: one.memoryMiB }],
  );
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** ECS and the provider tell an empty list from none. */
const some = <T>(key: string, list: readonly T[]) => (list.length === 0 ? {} : { [key]: list });
