import type { Invoke, ResourceType } from "../resource-type.ts";
import { clusterCapacityProviders } from "./ecs-capacity.ts";
import { cluster, getCluster } from "./ecs-cluster.ts";
import { getService, service } from "./ecs-service.ts";
import { getTaskDefinition, taskDefinition } from "./ecs-task-definition.ts";
import { regional } from "./regional.ts";

export const types: Record<string, ResourceType> = {
  "aws:ecs/cluster:Cluster": regional(cluster),
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": regional(clusterCapacityProviders),
  "aws:ecs/taskDefinition:TaskDefinition": regional(taskDefinition),
  "aws:ecs/service:Service": regional(service),
};

export const invokes: Record<string, Invoke> = {
  "aws:ecs/getCluster:getCluster": getCluster,
  "aws:ecs/getService:getService": getService,
  "aws:ecs/getTaskDefinition:getTaskDefinition": getTaskDefinition,
};
