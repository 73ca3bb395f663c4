import type { CreateServiceRequest, DeploymentConfiguration, LoadBalancer } from "@aws-sdk/client-ecs";
import { invalidParameter } from "./ecs-checks.ts";
import type { TaskDefinitionDoc } from "./ecs-model.ts";
import type { Elb } from "./elb.ts";
import { CloudError } from "./error.ts";

/** What CreateService refuses, but for names that are taken. @throws CloudError */
export function checkService(input: CreateServiceRequest, definition: TaskDefinitionDoc, elb: Elb): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.serviceName ?? "")) {
    throw invalidParameter("Service names must be 1 to 255 letters, numbers, underscores, and hyphens.");
  }
  for (const [field, value] of Object.entries({
    "deployment controller": input.deploymentController?.type === "ECS" ? undefined : input.deploymentController?.type,
    "scheduling strategy": input.schedulingStrategy === "REPLICA" ? undefined : input.schedulingStrategy,
    "launch type": input.launchType === "FARGATE" ? undefined : (input.launchType ?? undefined),
    "capacity provider": input.capacityProviderStrategy?.find(
      ({ capacityProvider }) => !["FARGATE", "FARGATE_SPOT"].includes(capacityProvider ?? ""),
    )?.capacityProvider,
  })) {
    if (value !== undefined)
      throw new CloudError("UnsupportedFeatureException", `sandbox: the ${field} '${value}' is not supported`);
  }
  if (input.desiredCount === undefined || input.desiredCount < 0) {
    throw invalidParameter("The desired count must be a number of 0 or more.");
  }
  if (definition.networkMode === "awsvpc" && input.networkConfiguration === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if ((input.healthCheckGracePeriodSeconds ?? 0) > 0 && !input.loadBalancers?.length) {
    throw invalidParameter("Health check grace period is only valid for services configured to use load balancers");
  }
  checkLoadBalancers(input.loadBalancers ?? [], definition, elb);
}

/** @throws CloudError for a container, port or target group that does not fit */
export function checkLoadBalancers(balancers: readonly LoadBalancer[], definition: TaskDefinitionDoc, elb: Elb): void {
  if (balancers.length > 5) throw invalidParameter("load balancers can have at most 5 items.");
  for (const { targetGroupArn, containerName, containerPort } of balancers) {
    const container = definition.containerDefinitions?.find((each) => each.name === containerName);
    if (container === undefined) {
      throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
    }
    if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort)) {
      throw invalidParameter(`The container ${containerName} did not have a container port ${containerPort} defined.`);
    }
    if (!elb.targetGroups().some((group) => group.shape.TargetGroupArn === targetGroupArn)) {
      throw invalidParameter(`The specified target group does not exist. (${targetGroupArn})`);
    }
    if (elb.balancersOf(targetGroupArn ?? "").length === 0) {
      throw invalidParameter(
        `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
      );
    }
  }
}

/** The deployment configuration with ECS's defaults. @throws CloudError */
export function deploymentConfiguration(given: DeploymentConfiguration | undefined): DeploymentConfiguration {
  if ((given?.strategy ?? "ROLLING") !== "ROLLING") {
    throw new CloudError(
      "UnsupportedFeatureException",
      `sandbox: the deployment strategy '${given?.strategy}' is not supported`,
    );
  }
  const minimumHealthyPercent = given?.minimumHealthyPercent ?? 100;
  const maximumPercent = given?.maximumPercent ?? 200;
  if (minimumHealthyPercent < 0 || maximumPercent < 100 || minimumHealthyPercent > maximumPercent) {
    throw invalidParameter(
      "deploymentConfiguration: maximumPercent must be at least 100 and not below minimumHealthyPercent.",
    );
  }
  if (maximumPercent === 100 && minimumHealthyPercent === 100) {
    throw invalidParameter(
      "deploymentConfiguration must leave room to start or to stop tasks: minimum and maximum are both 100.",
    );
  }
  const breaker = given?.deploymentCircuitBreaker;
  return {
    ...given,
    minimumHealthyPercent,
    maximumPercent,
    strategy: "ROLLING",
    bakeTimeInMinutes: given?.bakeTimeInMinutes ?? 0,
    deploymentCircuitBreaker: { enable: breaker?.enable ?? false, rollback: breaker?.rollback ?? false },
  };
}

/**
 * API reference, CreateService, capacityProviderStrategy, and CapacityProviderStrategyItem.
 *
 * @param attached providers of the cluster
 * @throws CloudError
 */
export function checkCapacity(
  {
    launchType,
    capacityProviderStrategy: strategy = [],
  }: Pick<CreateServiceRequest, "launchType" | "capacityProviderStrategy">,
  attached: readonly string[],
): void {
  if (strategy.length === 0) return;
  if (launchType !== undefined) {
    throw invalidParameter("Specifying both a launch type and capacity provider strategy is not supported.");
  }
  const missing = strategy.find(({ capacityProvider }) => !attached.includes(capacityProvider ?? ""))?.capacityProvider;
  if (missing !== undefined) {
    throw invalidParameter(
      `The capacity provider ${missing} is not associated with the cluster. Associate it and try again.`,
    );
  }
  if (strategy.filter(({ base = 0 }) => base > 0).length > 1) {
    throw invalidParameter("Only one capacity provider in a capacity provider strategy can have a base.");
  }
  if (!strategy.some(({ weight = 0 }) => weight > 0)) {
    throw invalidParameter("The capacity provider strategy must have at least one provider with a weight above 0.");
  }
  if (strategy.some(({ weight = 0, base = 0 }) => weight < 0 || weight > 1000 || base < 0 || base > 100_000)) {
    throw invalidParameter("Weights are 0 to 1000 and bases 0 to 100000.");
  }
}
