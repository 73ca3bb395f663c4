import type { ServiceConfig } from "../../model/config/service.ts";
import { type Deployed, releaseLabels } from "../../model/release.ts";

export interface ContainerArgs {
  name: string;
  config: ServiceConfig;
  deployed: Deployed;
  repositoryUrl: string;
  logGroup: string;
  region: string;
}

/** The user of distroless images, "nonroot". */
const nonRootUser = "65532";

/**
 * The ECS `containerDefinitions` document of a release: read-only root, not root, logs to the service's group, and the
 * release in its labels, from where state and the live service tell what runs.
 *
 * @example
 * containerDefinitions({ name: "api", config, deployed, repositoryUrl, logGroup: "/sluice/prod/api", region: "eu-west-1" })
 */
export function containerDefinitions({
  name,
  config,
  deployed,
  repositoryUrl,
  logGroup,
  region,
}: ContainerArgs): string {
  const sorted = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    {
      name,
      image: `${repositoryUrl}@${deployed.digest}`,
      essential: true,
      user: nonRootUser,
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true },
      portMappings: [{ containerPort: config.port, protocol: "tcp" }],
      environment: sorted(config.environment).map(([key, value]) => ({ name: key, value })),
      secrets: sorted(config.secrets).map(([key, valueFrom]) => ({ name: key, valueFrom })),
      stopTimeout: config.stopTimeout,
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": logGroup, "awslogs-region": region, "awslogs-stream-prefix": name },
      },
      dockerLabels: {
        [releaseLabels.release]: deployed.id,
        [releaseLabels.tag]: deployed.tag,
        [releaseLabels.attempt]: String(deployed.attempt),
      },
    },
  ]);
}
