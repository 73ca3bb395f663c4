import { randomUUID } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-ecs";
import { invalidParameter } from "./ecs-checks.ts";
import { type DeploymentDoc, KIND, newDeploymentId, type ServiceDoc, serviceArnOf, type TaskDoc } from "./ecs-model.ts";
import { checkCapacity, checkLoadBalancers, checkService, deploymentConfiguration } from "./ecs-service-checks.ts";
import { EcsTasks } from "./ecs-tasks.ts";
import { CloudError } from "./error.ts";

/** ECS keeps this many events of a service. */
const MAX_EVENTS = 100;

/**
 * Elastic Container Service on Fargate, with rolling deployments. The documents say what should be; `EcsController` and the
 * runtime make it so.
 *
 * @example
 * cloud.ecs.createService({ cluster: "main", serviceName: "api", taskDefinition: "api:1", desiredCount: 2, ... });
 */
export class Ecs extends EcsTasks {
  createService(input: Sdk.CreateServiceRequest): Sdk.CreateServiceResponse {
    const { clusterArn, capacityProviders } = this.cluster(input.cluster);
    const definition = this.activeTaskDefinition(input.taskDefinition);
    checkService(input, definition, this.cloud.elb);
    checkCapacity(input, capacityProviders);
    const serviceName = input.serviceName ?? "";
    const serviceArn = serviceArnOf(clusterArn, serviceName);
    const before = this.cloud.store.get<ServiceDoc>(KIND.service, serviceArn);
    if (before?.status === "ACTIVE") throw invalidParameter("Creation of service was not idempotent.");
    if (before?.status === "DRAINING") throw invalidParameter("Unable to Start a service that is still Draining.");
    const doc: ServiceDoc = {
      serviceArn,
      serviceName,
      clusterArn,
      status: "ACTIVE",
      desiredCount: input.desiredCount ?? 0,
      loadBalancers: input.loadBalancers ?? [],
      ...(input.capacityProviderStrategy?.length
        ? { capacityProviderStrategy: input.capacityProviderStrategy }
        : { launchType: input.launchType ?? "FARGATE" }),
      platformVersion: input.platformVersion ?? "LATEST",
      deploymentConfiguration: deploymentConfiguration(input.deploymentConfiguration),
      networkConfiguration: input.networkConfiguration,
      healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
      schedulingStrategy: "REPLICA",
      propagateTags: input.propagateTags ?? "NONE",
      enableECSManagedTags: input.enableECSManagedTags ?? false,
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? "DISABLED",
      createdAt: Date.now(),
      deployments: [newDeployment(definition.taskDefinitionArn)],
      events: [],
      steady: false,
    };
    this.cloud.store.put(KIND.service, serviceArn, doc);
    this.saveTags(serviceArn, input.tags);
    this.#news(serviceArn);
    return { service: this.#shape(doc, ["TAGS"]) };
  }

  describeServices(input: Sdk.DescribeServicesRequest): Sdk.DescribeServicesResponse {
    const { clusterArn } = this.cluster(input.cluster);
    const names = input.services ?? [];
    if (names.length === 0 || names.length > 10) throw invalidParameter("Services must have 1 to 10 members.");
    const services: Sdk.Service[] = [];
    const failures: Sdk.Failure[] = [];
    for (const name of names) {
      const doc = this.findService(clusterArn, name);
      if (doc === undefined) failures.push({ arn: serviceArnOf(clusterArn, name), reason: "MISSING" });
      else services.push(this.#shape(doc, input.include ?? []));
    }
    return { services, failures };
  }

  listServices(input: Sdk.ListServicesRequest): Sdk.ListServicesResponse {
    const found = this.services(this.cluster(input.cluster).clusterArn);
    return { serviceArns: found.filter((doc) => doc.status !== "INACTIVE").map((doc) => doc.serviceArn) };
  }

  updateService(input: Sdk.UpdateServiceRequest): Sdk.UpdateServiceResponse {
    const doc = this.service(input.cluster, input.service);
    if (doc.status !== "ACTIVE") throw new CloudError("ServiceNotActiveException", "Service was not ACTIVE.");
    const [primary] = doc.deployments;
    const definition =
      input.taskDefinition === undefined
        ? primary?.taskDefinition
        : this.activeTaskDefinition(input.taskDefinition).taskDefinitionArn;
    if (input.desiredCount !== undefined && input.desiredCount < 0) {
      throw invalidParameter("The desired count must be a number of 0 or more.");
    }
    if (differs(input.capacityProviderStrategy, doc.capacityProviderStrategy) && input.forceNewDeployment !== true) {
      throw invalidParameter(
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.",
      );
    }
    if (input.loadBalancers !== undefined) {
      checkLoadBalancers(input.loadBalancers, this.taskDefinition(definition), this.cloud.elb);
    }
    const redeploys =
      input.forceNewDeployment === true ||
      definition !== primary?.taskDefinition ||
      differs(input.networkConfiguration, doc.networkConfiguration) ||
      differs(input.loadBalancers, doc.loadBalancers);
    const configured = input.deploymentConfiguration;
    Object.assign(doc, pickDefined(input));
    if (configured !== undefined) {
      doc.deploymentConfiguration = deploymentConfiguration({ ...doc.deploymentConfiguration, ...configured });
    }
    if (redeploys) {
      const old = doc.deployments.map((each): DeploymentDoc => ({ ...each, status: "ACTIVE" }));
      doc.deployments = [newDeployment(definition ?? ""), ...old];
    }
    doc.steady = false;
    this.cloud.store.put(KIND.service, doc.serviceArn, doc);
    this.#news(doc.serviceArn);
    return { service: this.#shape(doc, []) };
  }

  deleteService(input: Sdk.DeleteServiceRequest): Sdk.DeleteServiceResponse {
    const doc = this.service(input.cluster, input.service);
    if (doc.status !== "ACTIVE") throw new CloudError("ServiceNotFoundException", "Service not found.");
    if (doc.desiredCount > 0 && input.force !== true) {
      throw invalidParameter("The service cannot be stopped while it is scaled above 0.");
    }
    const draining: ServiceDoc = { ...doc, status: "DRAINING", desiredCount: 0, steady: false };
    this.cloud.store.put(KIND.service, doc.serviceArn, draining);
    this.cloud.tags.drop(doc.serviceArn);
    this.#news(doc.serviceArn);
    return { service: this.#shape(draining, []) };
  }

  /** Newest tasks of a service that failed, the newest first. */
  failedTasks(serviceArn: string): TaskDoc[] {
    const failed = this.tasks(serviceArn).filter((task) => task.failure);
    return failed.sort((a, b) => b.createdAt - a.createdAt);
  }

  #news(serviceArn: string): void {
    this.cloud.events.emit("ecs-service", { serviceArn });
  }

  #shape(doc: ServiceDoc, include: readonly string[]): Sdk.Service {
    const tasks = this.tasks(doc.serviceArn).filter((task) => task.lastStatus !== "STOPPED");
    const [primary] = doc.deployments;
    const { steady: _steady, lastCompleted: _last, createdAt, deployments, events, ...rest } = doc;
    return {
      ...rest,
      ...countsOf(tasks),
      createdAt: new Date(createdAt),
      taskDefinition: primary?.taskDefinition,
      deployments: doc.status === "INACTIVE" ? [] : deployments.map((each) => deploymentShape(doc, each, tasks)),
      events: events.map((event) => ({ ...event, createdAt: new Date(event.createdAt) })),
      roleArn: `arn:aws:iam::${this.cloud.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
      platformFamily: "Linux",
      deploymentController: { type: "ECS" },
      serviceRegistries: [],
      placementConstraints: [],
      placementStrategy: [],
      ...(include.includes("TAGS") ? { tags: this.tagsOf(doc.serviceArn) } : {}),
    };
  }
}

export function newDeployment(taskDefinition: string): DeploymentDoc {
  const id = newDeploymentId();
  const now = Date.now();
  return {
    id,
    status: "PRIMARY",
    taskDefinition,
    createdAt: now,
    updatedAt: now,
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    inRow: 0,
    nextStartAt: 0,
  };
}

/** Adds an event in place. */
export function addEvent(doc: ServiceDoc, message: string): void {
  doc.events.unshift({ id: randomUUID(), createdAt: Date.now(), message: `(service ${doc.serviceName}) ${message}` });
  doc.events.length = Math.min(doc.events.length, MAX_EVENTS);
}

function countsOf(tasks: readonly TaskDoc[]): { runningCount: number; pendingCount: number } {
  const pending = tasks.filter((task) => task.lastStatus === "PROVISIONING" || task.lastStatus === "PENDING");
  const running = tasks.filter((task) => ["RUNNING", "DEACTIVATING", "STOPPING"].includes(task.lastStatus));
  return { runningCount: running.length, pendingCount: pending.length };
}

function deploymentShape(doc: ServiceDoc, deployment: DeploymentDoc, tasks: readonly TaskDoc[]): Sdk.Deployment {
  const own = tasks.filter((task) => task.deploymentId === deployment.id);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinition,
    desiredCount:
      deployment.status === "PRIMARY"
        ? doc.desiredCount
        : own.filter((task) => task.desiredStatus === "RUNNING").length,
    ...countsOf(own),
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    launchType: doc.launchType,
    platformVersion: "1.4.0",
    platformFamily: "Linux",
    networkConfiguration: doc.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

const CHANGEABLE = [
  "desiredCount",
  "networkConfiguration",
  "platformVersion",
  "healthCheckGracePeriodSeconds",
  "enableExecuteCommand",
  "enableECSManagedTags",
  "propagateTags",
  "loadBalancers",
  "availabilityZoneRebalancing",
] as const;

function pickDefined(input: Sdk.UpdateServiceRequest): object {
  return Object.fromEntries(CHANGEABLE.map((key) => [key, input[key]]).filter(([, value]) => value !== undefined));
}

function differs(wanted: unknown, present: unknown): boolean {
  return wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(present);
}
