import type { Service } from "@aws-sdk/client-ecs";
import type { ProviderContext } from "../resource-type.ts";

/** How often a service is looked at, in milliseconds. */
const PAUSE_MS = 150;
/** The real provider's default timeout for creation and update, in milliseconds. */
const LIMIT_MS = 20 * 60_000;
/** How much of a failed task's log is told. */
const LOG_LINES = 10;

/** Reads a service; undefined when it is gone or inactive. */
export async function findService(arn: string, ctx: ProviderContext): Promise<Service | undefined> {
  const [clusterArn, name] = partsOf(arn);
  const { services = [] } = await ctx.cloud.ecs.describeServices({ cluster: clusterArn, services: [name] });
  return services[0]?.status === "INACTIVE" ? undefined : services[0];
}

/** The cluster's ARN and the service's name in a service's ARN. */
export function partsOf(arn: string): [cluster: string, name: string] {
  const cut = arn.lastIndexOf("/");
  return [arn.slice(0, cut).replace(":service/", ":cluster/"), arn.slice(cut + 1)];
}

/**
 * Waits as `waitForSteadyState` does: one deployment, completed, with all of its tasks running. When ECS has rolled back by
 * itself, the old task definition is steady, and that counts: whoever must know which one runs has to read it.
 *
 * @throws Error with ECS's reason and the last log lines of a failed task when the deployment has failed for good
 */
export async function waitUntilSteady(arn: string, what: "create" | "update", ctx: ProviderContext): Promise<Service> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const service = await findService(arn, ctx);
    if (service === undefined) throw new Error(`waiting for ECS Service (${arn}) ${what}: the service is gone`);
    const [primary, ...others] = service.deployments ?? [];
    const all = service.runningCount === service.desiredCount && service.pendingCount === 0;
    if (others.length === 0 && primary?.rolloutState === "COMPLETED" && all) return service;
    if (primary?.rolloutState === "FAILED") {
      throw new Error(`waiting for ECS Service (${arn}) ${what}: ${primary.rolloutStateReason}${whyFailed(arn, ctx)}`);
    }
    if (Date.now() > end) {
      const last = service.events?.[0]?.message ?? "no events";
      throw new Error(`waiting for ECS Service (${arn}) ${what}: timeout, last event: ${last}${whyFailed(arn, ctx)}`);
    }
    await ctx.sleep(PAUSE_MS);
  }
}

/** The newest failed task in words: why it stopped, and what it printed last. */
function whyFailed(arn: string, ctx: ProviderContext): string {
  const [task] = ctx.cloud.ecs.failedTasks(arn);
  if (task === undefined) return "";
  const exits = task.containers
    .filter((container) => container.exitCode !== undefined)
    .map((container) => `${container.name} exited with ${container.exitCode}`);
  const logs = ctx.cloud.ecs.taskLog(task.taskArn, LOG_LINES).flatMap(({ container, lines }) => {
    const shown = lines.map((line) => `    ${line}`);
    return lines.length === 0 ? [`  ${container} printed nothing`] : [`  last lines of ${container}:`, ...shown];
  });
  const reason = [task.stoppedReason ?? "stopped", ...exits].join("; ");
  return [`\n  task ${task.id}: ${reason}`, ...logs].join("\n");
}
