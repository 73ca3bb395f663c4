import { randomBytes, randomInt } from "node:crypto";
import type {
  Deployment,
  LoadBalancer,
  Service,
  ServiceEvent,
  TaskDefinition,
  TaskOverride,
  TaskStopCode,
} from "@aws-sdk/client-ecs";
import type { ProcessRef } from "../runtime/processes.ts";

/** Kinds of the documents that `Ecs` keeps in the store; all ids are ARNs, but a family's revision counter. */
export const KIND = {
  cluster: "ecs.cluster",
  family: "ecs.family",
  taskDefinition: "ecs.task-definition",
  service: "ecs.service",
  task: "ecs.task",
  clientToken: "ecs.client-token",
} as const;

export interface ClusterDoc {
  clusterArn: string;
  clusterName: string;
  status: "ACTIVE" | "INACTIVE";
  settings: { name: string; value: string }[];
  capacityProviders: string[];
  /** @default none: state from before it was kept */
  defaultStrategy?: { capacityProvider: string; weight: number; base: number }[];
}

export type TaskDefinitionDoc = Omit<TaskDefinition, "registeredAt" | "deregisteredAt"> & {
  taskDefinitionArn: string;
  family: string;
  revision: number;
  registeredAt: string;
  deregisteredAt?: string;
};

/** One attempt to bring a service to a task definition. Times are milliseconds since the epoch. */
export interface DeploymentDoc {
  id: string;
  status: "PRIMARY" | "ACTIVE";
  taskDefinition: string;
  createdAt: number;
  updatedAt: number;
  rolloutState: NonNullable<Deployment["rolloutState"]>;
  rolloutStateReason: string;
  failedTasks: number;
  /** Failures in a row, for the time until the next try. */
  inRow: number;
  /** No task is started before. */
  nextStartAt: number;
}

export interface EventDoc extends Omit<ServiceEvent, "createdAt"> {
  createdAt: number;
}

type Kept =
  | "launchType"
  | "platformVersion"
  | "deploymentConfiguration"
  | "networkConfiguration"
  | "healthCheckGracePeriodSeconds"
  | "schedulingStrategy"
  | "propagateTags"
  | "capacityProviderStrategy"
  | "enableECSManagedTags"
  | "enableExecuteCommand"
  | "availabilityZoneRebalancing";

export interface ServiceDoc extends Pick<Service, Kept> {
  serviceArn: string;
  serviceName: string;
  clusterArn: string;
  status: "ACTIVE" | "DRAINING" | "INACTIVE";
  desiredCount: number;
  loadBalancers: LoadBalancer[];
  createdAt: number;
  /** The primary one is first. */
  deployments: DeploymentDoc[];
  /** Newest first. */
  events: EventDoc[];
  /** "has reached a steady state" has been said since the last change. */
  steady: boolean;
  /** Task definition of the last deployment that completed: where a rollback goes. */
  lastCompleted?: string;
}

export interface ContainerDoc {
  name: string;
  image: string;
  imageDigest?: string;
  essential: boolean;
  lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  exitCode?: number;
  reason?: string;
  health: "UNKNOWN" | "HEALTHY" | "UNHEALTHY";
  runtimeId: string;
  /** The process, once started. */
  ref?: ProcessRef;
}

export type TaskStatus = "PROVISIONING" | "PENDING" | "RUNNING" | "DEACTIVATING" | "STOPPING" | "STOPPED";

/** Times are milliseconds since the epoch. */
export interface TaskDoc {
  taskArn: string;
  id: string;
  clusterArn: string;
  taskDefinitionArn: string;
  group: string;
  serviceArn?: string;
  deploymentId?: string;
  startedBy?: string;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  ip?: string;
  overrides: TaskOverride;
  loadBalancers: { targetGroupArn: string; containerPort: number }[];
  /** It is, or may be, a target of its target groups. */
  registered: boolean;
  containers: ContainerDoc[];
  createdAt: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: TaskStopCode;
  stoppedReason?: string;
  /** It ended by itself or for its health, not because the scheduler had too many. */
  failure: boolean;
  /** The failure has been put to its deployment's account. */
  counted: boolean;
}

export function newTaskId(): string {
  return randomBytes(16).toString("hex");
}

export function newDeploymentId(): string {
  return `ecs-svc/${randomInt(10 ** 9, 10 ** 10)}${randomInt(10 ** 8, 10 ** 9)}`;
}

/** A service's ARN (in the long form, with its cluster). */
export function serviceArnOf(clusterArn: string, name: string): string {
  return `${clusterArn.replace(":cluster/", ":service/")}/${name}`;
}

export function taskArnOf(clusterArn: string, id: string): string {
  return `${clusterArn.replace(":cluster/", ":task/")}/${id}`;
}

/** The last part of an ARN, or the name itself. */
export function lastPart(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf("/") + 1);
}
