import type { DeploymentConfiguration, NetworkConfiguration, Service } from "@aws-sdk/client-ecs";
import type { Properties } from "../resource-type.ts";

/** Inputs of `aws.ecs.Service` after Check. */
export interface ServiceInputs extends Properties {
  name: string;
  availabilityZoneRebalancing?: "ENABLED" | "DISABLED";
  capacityProviderStrategies?: { capacityProvider: string; weight?: number; base?: number }[];
  cluster?: string;
  taskDefinition?: string;
  desiredCount?: number;
  deploymentCircuitBreaker?: { enable: boolean; rollback: boolean };
  deploymentMaximumPercent: number;
  deploymentMinimumHealthyPercent: number;
  enableEcsManagedTags?: boolean;
  enableExecuteCommand?: boolean;
  forceDelete?: boolean;
  forceNewDeployment?: boolean;
  healthCheckGracePeriodSeconds?: number;
  loadBalancers?: { targetGroupArn?: string; containerName: string; containerPort: number }[];
  networkConfiguration?: { subnets: string[]; securityGroups?: string[]; assignPublicIp: boolean };
  platformVersion?: string;
  propagateTags?: "NONE" | "SERVICE" | "TASK_DEFINITION";
  waitForSteadyState?: boolean;
}

export function networkOf(inputs: ServiceInputs): NetworkConfiguration | undefined {
  const network = inputs.networkConfiguration;
  if (network === undefined) return undefined;
  const { subnets, securityGroups = [], assignPublicIp } = network;
  return { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED" } };
}

export function deploymentOf(inputs: ServiceInputs): DeploymentConfiguration {
  return {
    maximumPercent: inputs.deploymentMaximumPercent,
    minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
    deploymentCircuitBreaker: inputs.deploymentCircuitBreaker ?? { enable: false, rollback: false },
  };
}

/** State of the resource as the service is; `taskDefinition` is the primary deployment's, also after a rollback. */
export function stateOf(one: Service): Properties {
  const breaker = one.deploymentConfiguration?.deploymentCircuitBreaker;
  const network = one.networkConfiguration?.awsvpcConfiguration;
  return {
    arn: one.serviceArn,
    name: one.serviceName,
    cluster: one.clusterArn,
    taskDefinition: one.taskDefinition,
    desiredCount: one.desiredCount,
    launchType: one.launchType ?? "",
    capacityProviderStrategies: one.capacityProviderStrategy,
    platformVersion: one.platformVersion,
    schedulingStrategy: one.schedulingStrategy,
    deploymentController: { type: "ECS" },
    deploymentConfiguration: { strategy: "ROLLING", bakeTimeInMinutes: "0" },
    deploymentMaximumPercent: one.deploymentConfiguration?.maximumPercent,
    deploymentMinimumHealthyPercent: one.deploymentConfiguration?.minimumHealthyPercent,
    deploymentCircuitBreaker: { enable: breaker?.enable ?? false, rollback: breaker?.rollback ?? false },
    enableEcsManagedTags: one.enableECSManagedTags,
    enableExecuteCommand: one.enableExecuteCommand,
    healthCheckGracePeriodSeconds: one.healthCheckGracePeriodSeconds,
    availabilityZoneRebalancing: one.availabilityZoneRebalancing,
    iamRole: one.roleArn,
    propagateTags: one.propagateTags,
    loadBalancers: one.loadBalancers?.map(({ targetGroupArn, containerName, containerPort }) => ({
      targetGroupArn,
      containerName,
      containerPort,
    })),
    networkConfiguration: network && {
      subnets: network.subnets ?? [],
      securityGroups: network.securityGroups ?? [],
      assignPublicIp: network.assignPublicIp === "ENABLED",
    },
  };
}

/** The result of `aws.ecs.getService`, where single blocks are lists and dates text. */
export function shown(one: Service): Properties {
  const state = stateOf(one);
  const at = (date: Date | undefined) => (date ?? new Date(0)).toISOString();
  const configuration = one.deploymentConfiguration;
  return {
    arn: one.serviceArn,
    id: one.serviceArn,
    availabilityZoneRebalancing: one.availabilityZoneRebalancing ?? "DISABLED",
    capacityProviderStrategies: (one.capacityProviderStrategy ?? []).map(({ base = 0, weight = 0, ...each }) => ({
      ...each,
      base,
      weight,
    })),
    clusterArn: one.clusterArn,
    createdAt: at(one.createdAt),
    createdBy: "",
    deploymentConfigurations: [
      {
        alarms: [],
        bakeTimeInMinutes: "0",
        canaryConfigurations: [],
        deploymentCircuitBreakers: [state.deploymentCircuitBreaker],
        lifecycleHooks: [],
        linearConfigurations: [],
        maximumPercent: configuration?.maximumPercent ?? 200,
        minimumHealthyPercent: configuration?.minimumHealthyPercent ?? 100,
        strategy: "ROLLING",
      },
    ],
    deploymentControllers: [{ type: "ECS" }],
    deployments: (one.deployments ?? []).map((each) => ({
      createdAt: at(each.createdAt),
      desiredCount: each.desiredCount,
      id: each.id,
      pendingCount: each.pendingCount,
      runningCount: each.runningCount,
      status: each.status,
      taskDefinition: each.taskDefinition,
      updatedAt: at(each.updatedAt),
    })),
    desiredCount: one.desiredCount,
    enableEcsManagedTags: one.enableECSManagedTags ?? false,
    enableExecuteCommand: one.enableExecuteCommand ?? false,
    events: (one.events ?? []).map(({ id, createdAt, message }) => ({ id, createdAt: at(createdAt), message })),
    healthCheckGracePeriodSeconds: one.healthCheckGracePeriodSeconds ?? 0,
    iamRole: one.roleArn,
    launchType: one.launchType,
    loadBalancers: (one.loadBalancers ?? []).map(({ targetGroupArn, containerName, containerPort }) => ({
      advancedConfigurations: [],
      elbName: "",
      targetGroupArn,
      containerName,
      containerPort,
    })),
    networkConfigurations: state.networkConfiguration === undefined ? [] : [state.networkConfiguration],
    orderedPlacementStrategies: [],
    pendingCount: one.pendingCount,
    placementConstraints: [],
    platformFamily: one.platformFamily,
    platformVersion: one.platformVersion,
    propagateTags: one.propagateTags ?? "NONE",
    runningCount: one.runningCount,
    schedulingStrategy: one.schedulingStrategy,
    serviceName: one.serviceName,
    serviceRegistries: [],
    status: one.status,
    taskDefinition: one.taskDefinition,
    taskSets: [],
  };
}
