import { randomUUID } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-ecs";
import { logFile, tail } from "../runtime/task-logs.ts";
import { invalidParameter } from "./ecs-checks.ts";
import { KIND, lastPart, newTaskId, type TaskDefinitionDoc, type TaskDoc, taskArnOf } from "./ecs-model.ts";
import { EcsTaskDefinitions } from "./ecs-task-definitions.ts";
import { CloudError } from "./error.ts";

/** A request to run tasks that may be repeated. */
interface TokenDoc {
  request: string;
  taskArns: string[];
}

/** Operations on tasks. The runtime starts and ends what the documents say (`ecs-task-begin`, `ecs-task-stop`). */
export class EcsTasks extends EcsTaskDefinitions {
  runTask(input: Sdk.RunTaskRequest): Sdk.RunTaskResponse {
    const { clusterArn } = this.cluster(input.cluster);
    const definition = this.activeTaskDefinition(input.taskDefinition);
    const count = input.count ?? 1;
    checkRunTask(input, definition);
    const before = this.#repeated(input);
    if (before !== undefined) return { tasks: before.map((task) => this.#shape(task)), failures: [] };
    const tasks = Array.from({ length: count }, () => {
      const task = newTask(clusterArn, definition, {
        group: input.group ?? `family:${definition.family}`,
        overrides: input.overrides ?? {},
        ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
      });
      this.cloud.store.put(KIND.task, task.taskArn, task);
      const inherited = input.propagateTags === "TASK_DEFINITION" ? this.tagsOf(definition.taskDefinitionArn) : [];
      this.saveTags(task.taskArn, [...inherited, ...(input.tags ?? [])]);
      this.cloud.events.emit("ecs-task-begin", { taskArn: task.taskArn });
      return task;
    });
    if (input.clientToken !== undefined) {
      const doc: TokenDoc = { request: JSON.stringify(input), taskArns: tasks.map((task) => task.taskArn) };
      this.cloud.store.put(KIND.clientToken, input.clientToken, doc);
    }
    return { tasks: tasks.map((task) => this.#shape(task)), failures: [] };
  }

  /** What an earlier request with the same token started. AWS forgets tokens after a day, the sandbox with the tasks. */
  #repeated(input: Sdk.RunTaskRequest): TaskDoc[] | undefined {
    const token = this.cloud.store.get<TokenDoc>(KIND.clientToken, input.clientToken ?? "");
    const tasks = (token?.taskArns ?? []).flatMap((arn) => this.cloud.store.get<TaskDoc>(KIND.task, arn) ?? []);
    if (token === undefined || tasks.length === 0) return undefined;
    if (token.request === JSON.stringify(input)) return tasks;
    throw new CloudError("ConflictException", "The client token was used before, with other parameters.");
  }

  listTasks(input: Sdk.ListTasksRequest): Sdk.ListTasksResponse {
    const { clusterArn } = this.cluster(input.cluster);
    const service = input.serviceName === undefined ? undefined : this.service(input.cluster, input.serviceName);
    const found = this.tasks().filter(
      (task) =>
        task.clusterArn === clusterArn &&
        task.desiredStatus === (input.desiredStatus ?? "RUNNING") &&
        (service === undefined || task.serviceArn === service.serviceArn) &&
        (input.startedBy === undefined || task.startedBy === input.startedBy) &&
        (input.family === undefined || lastPart(task.taskDefinitionArn).split(":")[0] === input.family),
    );
    return { taskArns: found.map((task) => task.taskArn) };
  }

  describeTasks(input: Sdk.DescribeTasksRequest): Sdk.DescribeTasksResponse {
    const { clusterArn } = this.cluster(input.cluster);
    const tasks: Sdk.Task[] = [];
    const failures: Sdk.Failure[] = [];
    for (const name of input.tasks ?? []) {
      const arn = taskArnOf(clusterArn, lastPart(name));
      const task = this.cloud.store.get<TaskDoc>(KIND.task, arn);
      if (task === undefined) failures.push({ arn, reason: "MISSING" });
      else tasks.push({ ...this.#shape(task), tags: input.include?.includes("TAGS") ? this.tagsOf(arn) : [] });
    }
    return { tasks, failures };
  }

  stopTask(input: Sdk.StopTaskRequest): Sdk.StopTaskResponse {
    const { clusterArn } = this.cluster(input.cluster);
    const arn = taskArnOf(clusterArn, lastPart(input.task ?? ""));
    const task = this.cloud.store.get<TaskDoc>(KIND.task, arn);
    if (task === undefined) throw invalidParameter("The referenced task was not found.");
    const reason = input.reason ?? "Task stopped by user";
    this.cloud.events.emit("ecs-task-stop", { taskArn: arn, reason, code: "UserInitiated" });
    return { task: this.#shape(this.cloud.store.get<TaskDoc>(KIND.task, arn) ?? task) };
  }

  /** The last lines that each container of a task has printed, oldest first. */
  taskLog(taskArn: string, lines: number): { container: string; lines: string[] }[] {
    const task = this.cloud.store.get<TaskDoc>(KIND.task, taskArn);
    return (task?.containers ?? []).map(({ name }) => ({
      container: name,
      lines: tail(logFile(this.cloud.home, lastPart(taskArn), name), lines),
    }));
  }

  #shape(task: TaskDoc): Sdk.Task {
    const definition = this.cloud.store.get<TaskDefinitionDoc>(KIND.taskDefinition, task.taskDefinitionArn);
    const at = (time: number | undefined) => (time === undefined ? undefined : new Date(time));
    return {
      attachments: task.ip === undefined ? [] : [attachmentOf(task, task.ip)],
      attributes: [{ name: "ecs.cpu-architecture", value: "x86_64" }],
      availabilityZone: `${this.cloud.region}a`,
      clusterArn: task.clusterArn,
      connectivity: "CONNECTED",
      containers: task.containers.map((container) => containerShape(task, container)),
      cpu: definition?.cpu,
      memory: definition?.memory,
      createdAt: at(task.createdAt),
      desiredStatus: task.desiredStatus,
      enableExecuteCommand: false,
      group: task.group,
      healthStatus: healthOf(task),
      lastStatus: task.lastStatus,
      launchType: "FARGATE",
      overrides: task.overrides,
      platformVersion: "1.4.0",
      platformFamily: "Linux",
      pullStartedAt: at(task.pullStartedAt),
      pullStoppedAt: at(task.pullStoppedAt),
      startedAt: at(task.startedAt),
      startedBy: task.startedBy,
      stopCode: task.stopCode,
      stoppedAt: at(task.stoppedAt),
      stoppingAt: at(task.stoppingAt),
      stoppedReason: task.stoppedReason,
      tags: [],
      taskArn: task.taskArn,
      taskDefinitionArn: task.taskDefinitionArn,
      version: 1,
    };
  }
}

/** What RunTask refuses. @throws CloudError */
function checkRunTask(input: Sdk.RunTaskRequest, definition: TaskDefinitionDoc): void {
  const { count = 1, clientToken = "", startedBy = "", overrides = {} } = input;
  if (count < 1 || count > 10) throw invalidParameter("count must be between 1 and 10.");
  if (definition.networkMode === "awsvpc" && input.networkConfiguration === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (clientToken.length > 64) throw invalidParameter("clientToken can have at most 64 characters.");
  if (!/^[A-Za-z0-9/_-]{0,128}$/.test(startedBy)) {
    throw invalidParameter("startedBy can have at most 128 letters, numbers, hyphens, slashes and underscores.");
  }
  if (JSON.stringify(overrides).length > 8192) throw invalidParameter("Overrides can have at most 8192 characters.");
  const names = definition.containerDefinitions?.map(({ name }) => name) ?? [];
  for (const { name } of overrides.containerOverrides ?? []) {
    if (names.includes(name)) continue;
    throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
  }
}

/** A task's document before anything has been done for it. */
export function newTask(
  clusterArn: string,
  definition: TaskDefinitionDoc,
  rest: Pick<TaskDoc, "group"> & Partial<TaskDoc>,
): TaskDoc {
  const id = newTaskId();
  return {
    taskArn: taskArnOf(clusterArn, id),
    id,
    clusterArn,
    taskDefinitionArn: definition.taskDefinitionArn,
    lastStatus: "PROVISIONING",
    desiredStatus: "RUNNING",
    overrides: {},
    loadBalancers: [],
    registered: false,
    containers: (definition.containerDefinitions ?? []).map((container) => ({
      name: container.name ?? "",
      image: container.image ?? "",
      essential: container.essential ?? true,
      lastStatus: "PENDING",
      health: "UNKNOWN",
      runtimeId: randomUUID(),
    })),
    createdAt: Date.now(),
    failure: false,
    counted: false,
    ...rest,
  };
}

/** Health by the containers' own checks: the worst of the essential ones. */
export function healthOf(task: TaskDoc): "UNKNOWN" | "HEALTHY" | "UNHEALTHY" {
  const own = task.containers.filter((container) => container.essential && container.health !== "UNKNOWN");
  if (own.some((container) => container.health === "UNHEALTHY")) return "UNHEALTHY";
  return own.length > 0 ? "HEALTHY" : "UNKNOWN";
}

function attachmentOf(task: TaskDoc, ip: string): Sdk.Attachment {
  return {
    id: task.id,
    type: "ElasticNetworkInterface",
    status: task.lastStatus === "STOPPED" ? "DELETED" : "ATTACHED",
    details: [{ name: "privateIPv4Address", value: ip }],
  };
}

function containerShape(task: TaskDoc, container: TaskDoc["containers"][number]): Sdk.Container {
  const { exitCode, reason, imageDigest } = container;
  return {
    containerArn: `${task.taskArn.replace(":task/", ":container/")}/${container.runtimeId}`,
    taskArn: task.taskArn,
    name: container.name,
    image: container.image,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    healthStatus: container.health,
    networkBindings: [],
    networkInterfaces: task.ip === undefined ? [] : [{ privateIpv4Address: task.ip }],
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(imageDigest === undefined ? {} : { imageDigest }),
  };
}
