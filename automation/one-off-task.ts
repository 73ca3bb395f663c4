/** One command, run with what a service runs: its image, variables, secrets, roles and network. */
import { randomUUID } from "node:crypto";
import type { ECSClient, Task } from "@aws-sdk/client-ecs";
import { judgeTask, migrationOverrides } from "../model/migration.ts";
import type { StackState } from "./backend.ts";
import { nameOf } from "./engine-events.ts";
import { configurationError, ExitCode, SluiceError } from "./errors.ts";
import { type Interruption, pause } from "./interruption.ts";
import { readServiceState } from "./service-state.ts";

/** Where a task runs, and as what. */
export interface TaskPlace {
  service: string;
  /** Tag of the active release. */
  tag: string;
  cluster: string;
  /** ARN of the revision that the active colour runs. */
  taskDefinition: string;
  network: { subnets: string[]; securityGroups: string[]; assignPublicIp: boolean };
  region: string;
}

export interface TaskResult {
  /** ARN. */
  task: string;
  tag: string;
  exitCode: number | undefined;
  /** What the service's container printed. */
  lines: string[];
}

/** Milliseconds between two looks. */
const interval = 1_000;

/**
 * The active colour of a service, as the state has it.
 *
 * @throws SluiceError (2) where no release is active
 * @example
 * const place = taskPlace(state, "api");
 */
export function taskPlace(state: StackState, service: string): TaskPlace {
  const { active, releases } = readServiceState(state, service);
  const found = state.resources?.find(
    ({ type, urn }) => type === "aws:ecs/service:Service" && nameOf(urn) === `${service}-${active}-service`,
  );
  const { cluster, taskDefinition, networkConfiguration: network } = (found?.outputs ?? {}) as Record<string, unknown>;
  const tag = active && releases[active]?.tag;
  if (tag === undefined || typeof cluster !== "string" || typeof taskDefinition !== "string") {
    throw configurationError(`${service} has no active release to run a command with`, {
      remedy: "deploy one first: sluice up --image-tag TAG",
    });
  }
  const region = taskDefinition.split(":")[3] ?? "";
  return { service, tag, cluster, taskDefinition, network: network as TaskPlace["network"], region };
}

/**
 * Runs the command and waits for its end. A run that is cancelled stops the task.
 *
 * @throws SluiceError (4) where it could not run or did not end with exit code 0; (8 or 9) where the run is being ended
 */
export async function runTask(place: TaskPlace, command: string[], interruption: Interruption): Promise<TaskResult> {
  const { ECSClient } = await import("@aws-sdk/client-ecs");
  const client = new ECSClient({ region: place.region });
  try {
    const task = await start(client, place, command);
    const stopped = await ended(client, place.cluster, task, interruption);
    const lines = await output(client, place, task);
    const why = judgeTask(stopped, place.service);
    if (why !== undefined) {
      const details = [`task ${task}`, why, ...lines.map((line) => `  ${line}`)];
      throw new SluiceError(`${place.service} ${place.tag}: the command failed`, {
        exitCode: ExitCode.resource,
        details,
      });
    }
    const container = stopped.containers?.find(({ name }) => name === place.service);
    return { task, tag: place.tag, exitCode: container?.exitCode, lines };
  } finally {
    client.destroy();
  }
}

async function start(client: ECSClient, place: TaskPlace, command: string[]): Promise<string> {
  const { RunTaskCommand } = await import("@aws-sdk/client-ecs");
  const { subnets, securityGroups, assignPublicIp } = place.network;
  const { tasks = [], failures = [] } = await client.send(
    new RunTaskCommand({
      cluster: place.cluster,
      taskDefinition: place.taskDefinition,
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED" },
      },
      overrides: migrationOverrides(place.service, { command, environment: {}, timeout: 0 }),
      propagateTags: "TASK_DEFINITION",
      startedBy: "sluice-task",
      clientToken: randomUUID(),
    }),
  );
  const arn = tasks[0]?.taskArn;
  if (arn !== undefined) return arn;
  const details = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": "));
  throw new SluiceError("ECS started no task", { exitCode: ExitCode.resource, details });
}

async function ended(client: ECSClient, cluster: string, task: string, interruption: Interruption): Promise<Task> {
  const { DescribeTasksCommand, StopTaskCommand } = await import("@aws-sdk/client-ecs");
  for (;;) {
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
    if (tasks[0]?.lastStatus === "STOPPED") return tasks[0];
    await pause(interval, interruption.signal);
    const why = interruption.why();
    if (why === undefined) continue;
    await client.send(new StopTaskCommand({ cluster, task, reason: `Sluice: ${why}` }));
    const exitCode = why === "timeout" ? ExitCode.timeout : ExitCode.cancelled;
    const cause = why === "timeout" ? "it took longer than --timeout allows" : "cancelled";
    throw new SluiceError(`the command was not done: ${cause}; its task is being stopped`, {
      exitCode,
      details: [task],
      remedy: "a command that does not end may have met the image's ENTRYPOINT, which stays in front of it",
    });
  }
}

/** What the container printed; a task that never started has no log. */
async function output(client: ECSClient, { service, taskDefinition, region }: TaskPlace, task: string) {
  const { DescribeTaskDefinitionCommand } = await import("@aws-sdk/client-ecs");
  const { CloudWatchLogsClient, paginateGetLogEvents } = await import("@aws-sdk/client-cloudwatch-logs");
  const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const container = described.taskDefinition?.containerDefinitions?.find(({ name }) => name === service);
  const options = container?.logConfiguration?.options;
  const logs = new CloudWatchLogsClient({ region });
  const logStreamName = `${options?.["awslogs-stream-prefix"]}/${service}/${task.split("/").at(-1)}`;
  const lines: string[] = [];
  try {
    const asked = { logGroupName: options?.["awslogs-group"], logStreamName, startFromHead: true };
    // A stream has ended where it answers with the token that it was asked with.
    for await (const { events = [] } of paginateGetLogEvents({ client: logs, stopOnSameToken: true }, asked)) {
      for (const { message = "" } of events) lines.push(message.trimEnd());
    }
    return lines;
  } catch (error) {
    return [...lines, `(its log cannot be read to the end: ${(error as Error).message})`];
  } finally {
    logs.destroy();
  }
}
