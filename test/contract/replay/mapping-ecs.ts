import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type KeyValuePair,
  PutClusterCapacityProvidersCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type * as aws from "@pulumi/aws";
import type { Unwrap } from "@pulumi/pulumi";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { lowerTagList, required, tagMap } from "./tags.ts";

const cluster = mapping<aws.ecs.ClusterArgs>({
  async create(inputs, { ecs }) {
    const made = await call(ecs, CreateClusterCommand, {
      clusterName: inputs.name,
      settings: inputs.settings,
      configuration: inputs.configuration,
      tags: lowerTagList(inputs.tags),
    });
    return { id: required(made.cluster?.clusterArn), arn: made.cluster?.clusterArn };
  },
  async read({ made }, { ecs }) {
    const include = ["SETTINGS", "TAGS", "CONFIGURATIONS"];
    const { clusters } = await call(ecs, DescribeClustersCommand, { clusters: [made.id], include });
    const found = clusters?.[0];
    return {
      name: found?.clusterName,
      settings: found?.settings,
      configuration: found?.configuration,
      tags: tagMap(found?.tags),
    };
  },
});

const capacityProviders = mapping<aws.ecs.ClusterCapacityProvidersArgs>({
  async create(inputs, { ecs }) {
    await call(ecs, PutClusterCapacityProvidersCommand, {
      cluster: inputs.clusterName,
      capacityProviders: inputs.capacityProviders ?? [],
      defaultCapacityProviderStrategy: inputs.defaultCapacityProviderStrategies ?? [],
    });
    return { id: inputs.clusterName };
  },
  async read({ inputs }, { ecs }) {
    const { clusters } = await call(ecs, DescribeClustersCommand, { clusters: [inputs.clusterName] });
    const found = clusters?.[0];
    return {
      clusterName: found?.clusterName,
      capacityProviders: found?.capacityProviders,
      defaultCapacityProviderStrategies: found?.defaultCapacityProviderStrategy,
    };
  },
});

const taskDefinition = mapping<aws.ecs.TaskDefinitionArgs>({
  async create(inputs, { ecs }) {
    const answer = await call(ecs, RegisterTaskDefinitionCommand, {
      family: inputs.family,
      requiresCompatibilities: inputs.requiresCompatibilities,
      networkMode: inputs.networkMode,
      cpu: inputs.cpu,
      memory: inputs.memory,
      runtimePlatform: inputs.runtimePlatform,
      ephemeralStorage: inputs.ephemeralStorage && { sizeInGiB: inputs.ephemeralStorage.sizeInGib },
      executionRoleArn: inputs.executionRoleArn,
      taskRoleArn: inputs.taskRoleArn,
      containerDefinitions: JSON.parse(inputs.containerDefinitions),
      volumes: inputs.volumes?.map(toVolume),
      tags: lowerTagList(inputs.tags),
    });
    const arn = required(answer.taskDefinition?.taskDefinitionArn);
    return { id: required(answer.taskDefinition?.family), arn, arnWithoutRevision: arn.replace(/:\d+$/, "") };
  },
  async read({ made }, { ecs }) {
    const taskDefinition = required(made.arn);
    const answer = await call(ecs, DescribeTaskDefinitionCommand, { taskDefinition, include: ["TAGS"] });
    const found = answer.taskDefinition;
    return {
      family: found?.family,
      requiresCompatibilities: found?.requiresCompatibilities,
      networkMode: found?.networkMode,
      cpu: found?.cpu,
      memory: found?.memory,
      runtimePlatform: found?.runtimePlatform,
      ephemeralStorage: found?.ephemeralStorage && { sizeInGib: found.ephemeralStorage.sizeInGiB },
      executionRoleArn: found?.executionRoleArn,
      taskRoleArn: found?.taskRoleArn,
      containerDefinitions: found?.containerDefinitions,
      volumes: found?.volumes?.map(({ name }) => ({ name })),
      tags: tagMap(answer.tags),
    };
  },
  unsent: {
    skipDestroy: "the provider keeps old revisions when it deletes the resource",
    trackLatest: "which revision the provider compares with",
  },
});

/** Only names: volumes here are scratch space of a task. */
function toVolume({ name }: { name: string }) {
  return { name };
}

type ServiceArgs = Unwrap<aws.ecs.ServiceArgs>;

/** What can be given at creation and changed later. */
function changeable(inputs: ServiceArgs) {
  const network = inputs.networkConfiguration;
  const publicIp = network?.assignPublicIp;
  return {
    taskDefinition: inputs.taskDefinition,
    desiredCount: inputs.desiredCount,
    deploymentConfiguration: {
      deploymentCircuitBreaker: inputs.deploymentCircuitBreaker,
      minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
      maximumPercent: inputs.deploymentMaximumPercent,
    },
    capacityProviderStrategy: inputs.capacityProviderStrategies,
    availabilityZoneRebalancing: inputs.availabilityZoneRebalancing,
    platformVersion: inputs.platformVersion,
    enableECSManagedTags: inputs.enableEcsManagedTags,
    enableExecuteCommand: inputs.enableExecuteCommand,
    healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds,
    loadBalancers: inputs.loadBalancers,
    networkConfiguration: network && {
      awsvpcConfiguration: {
        subnets: network.subnets,
        securityGroups: network.securityGroups,
        assignPublicIp: publicIp === undefined ? undefined : publicIp ? "ENABLED" : "DISABLED",
      },
    },
    propagateTags: inputs.propagateTags,
  };
}

const service = mapping<aws.ecs.ServiceArgs>({
  async create(inputs, { ecs }) {
    const answer = await call(ecs, CreateServiceCommand, {
      serviceName: required(inputs.name),
      cluster: inputs.cluster,
      launchType: inputs.launchType,
      schedulingStrategy: inputs.schedulingStrategy,
      ...changeable(inputs),
      tags: lowerTagList(inputs.tags),
    });
    return { id: required(answer.service?.serviceArn), arn: answer.service?.serviceArn };
  },
  async update({ made, inputs }, { ecs }) {
    await call(ecs, UpdateServiceCommand, { cluster: inputs.cluster, service: made.id, ...changeable(inputs) });
  },
  async read({ made, inputs }, { ecs }) {
    const asked = { cluster: inputs.cluster, services: [made.id], include: ["TAGS"] };
    const found = (await call(ecs, DescribeServicesCommand, asked)).services?.[0];
    const network = found?.networkConfiguration?.awsvpcConfiguration;
    const { deploymentConfiguration: deployment } = found ?? {};
    return {
      name: found?.serviceName,
      cluster: found?.clusterArn,
      launchType: found?.launchType,
      schedulingStrategy: found?.schedulingStrategy,
      taskDefinition: found?.taskDefinition,
      desiredCount: found?.desiredCount,
      deploymentCircuitBreaker: deployment?.deploymentCircuitBreaker,
      deploymentMinimumHealthyPercent: deployment?.minimumHealthyPercent,
      deploymentMaximumPercent: deployment?.maximumPercent,
      capacityProviderStrategies: found?.capacityProviderStrategy,
      availabilityZoneRebalancing: found?.availabilityZoneRebalancing,
      platformVersion: found?.platformVersion,
      enableEcsManagedTags: found?.enableECSManagedTags,
      enableExecuteCommand: found?.enableExecuteCommand,
      healthCheckGracePeriodSeconds: found?.healthCheckGracePeriodSeconds,
      loadBalancers: found?.loadBalancers,
      networkConfiguration: network && {
        subnets: network.subnets,
        securityGroups: network.securityGroups,
        assignPublicIp: network.assignPublicIp === "ENABLED",
      },
      propagateTags: found?.propagateTags,
      tags: tagMap(found?.tags as KeyValuePair[] | undefined),
    };
  },
  unsent: {
    forceDelete: "what the provider does before it deletes the service",
    forceNewDeployment: "whether the provider asks for a deployment that nothing else asks for",
    waitForSteadyState: "whether the provider waits",
  },
});

export const ecsMappings: Mappings = {
  "aws:ecs/cluster:Cluster": cluster,
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": capacityProviders,
  "aws:ecs/service:Service": service,
  "aws:ecs/taskDefinition:TaskDefinition": taskDefinition,
};
