import type { ServiceDoc, TaskDoc } from "./ecs-model.ts";
import type { ServiceView, TaskView } from "./ecs-plan.ts";
import { healthOf } from "./ecs-tasks.ts";
import type { TargetDoc } from "./elb-model.ts";
import type { Inner } from "./index.ts";

/** Longer declared grace periods are shortened to this, so that tests of failing releases need not wait; in milliseconds. */
const MAX_GRACE_MS = 5000;

/** A service as the scheduler sees it. */
export function viewService(service: ServiceDoc): ServiceView {
  const configuration = service.deploymentConfiguration;
  return {
    desired: service.status === "ACTIVE" ? service.desiredCount : 0,
    minimumHealthyPercent: configuration?.minimumHealthyPercent ?? 100,
    maximumPercent: configuration?.maximumPercent ?? 200,
    graceMs: Math.min(MAX_GRACE_MS, (service.healthCheckGracePeriodSeconds ?? 0) * 1000),
    breaker: configuration?.deploymentCircuitBreaker?.enable === true,
    deployments: service.deployments as ServiceView["deployments"],
  };
}

/** A task as the scheduler sees it. */
export function viewTask(cloud: Inner, task: TaskDoc): TaskView {
  const begun = task.lastStatus === "PROVISIONING" || task.lastStatus === "PENDING";
  return {
    arn: task.taskArn,
    deploymentId: task.deploymentId ?? "",
    phase: task.desiredStatus === "STOPPED" ? "stopping" : begun ? "starting" : "running",
    health: begun ? "pending" : healthBySight(cloud, task),
    createdAt: task.createdAt,
    startedAt: task.startedAt,
  };
}

/** The task as a target, in each of its target groups where it is one. */
export function targetsOf(cloud: Inner, task: TaskDoc): TargetDoc[] {
  return task.loadBalancers.flatMap(({ targetGroupArn }) =>
    cloud.elb.targets(targetGroupArn).filter((target) => target.ip === task.ip),
  );
}

/** Healthy is who passes its own checks, if it has some, and those of all of its target groups. */
function healthBySight(cloud: Inner, task: TaskDoc): TaskView["health"] {
  const own = healthOf(task);
  const checked = cloud.ecs
    .taskDefinition(task.taskDefinitionArn)
    .containerDefinitions?.some((each) => each.healthCheck !== undefined && (each.essential ?? true));
  const states = targetsOf(cloud, task).map((target) => target.health.State);
  if (own === "UNHEALTHY" || states.includes("unhealthy")) return "unhealthy";
  const targeted = states.length === task.loadBalancers.length && states.every((state) => state === "healthy");
  return targeted && (!checked || own === "HEALTHY") ? "healthy" : "pending";
}
