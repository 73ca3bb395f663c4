/**
 * The one-off task of a release, run before any other task of it starts. A hook on the release's ECS service runs it: where it
 * throws, the engine does not touch the service, and so the weights stay.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ECSClient, NetworkConfiguration, Task } from "@aws-sdk/client-ecs";
import * as pulumi from "@pulumi/pulumi";
import type { MigrationConfig } from "../../model/config/migration.ts";
import { judgeTask, migrationMark, migrationOverrides, migrationToken } from "../../model/migration.ts";
import type { Deployed } from "../../model/release.ts";

export interface MigrationArgs {
  /** Name of the service, which is also that of the release's main container. */
  service: string;
  migration: MigrationConfig;
  deployed: Deployed;
  logGroup: string;
  region: string;
}

/** Inputs of an ECS service, as the engine gives them to a hook. */
export interface ServiceInputs {
  cluster: string;
  taskDefinition: string;
  networkConfiguration: { subnets: string[]; securityGroups: string[]; assignPublicIp?: boolean };
}

const pause = 1_000;
/** How long a task that is stopped may take to end, in milliseconds: more than Fargate's longest stop timeout. */
const stopping = 180_000;
/** How long ECS may not know a role that was just made, in milliseconds. */
const patience = 120_000;
const logLines = 20;

/**
 * A hook for the creation and the update of the service that a release goes to.
 *
 * Endpoint and credentials come from the environment, as with any AWS tool: `assumeRole` in the provider's configuration does
 * not reach it.
 *
 * @example
 * new aws.ecs.Service(name, args, { hooks: { beforeCreate: [hook], beforeUpdate: [hook] } })
 */
export function migrationHook(name: string, args: MigrationArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-migration`, (hook) => runMigration(hook.newInputs as ServiceInputs, args));
}

/** @throws Error with the task, why it stopped and its last lines, unless it ended with exit code 0 */
export async function runMigration(inputs: ServiceInputs, args: MigrationArgs): Promise<void> {
  const { ECSClient } = await import("@aws-sdk/client-ecs");
  const { service, migration, deployed, region } = args;
  const what = `${service} ${deployed.tag}`;
  const client = new ECSClient({ region });
  try {
    const mark = migrationMark(service, deployed.id);
    const running = await findRunning(client, inputs.cluster, mark);
    const task = running ?? (await start(client, inputs, args, mark));
    const id = task.split("/").at(-1) ?? "";
    const verb = running === undefined ? "runs" : "is running already";
    pulumi.log.info(`${what}: its migration ${verb}: task ${id}, at most ${migration.timeout} s`);
    const why = await outcome(client, inputs.cluster, task, args);
    if (why === undefined) return;
    const lines = await lastLines(args, id);
    throw new Error(
      [`${what}: its migration failed, so none of its tasks was started: task ${task}: ${why}`, ...lines].join("\n"),
    );
  } finally {
    client.destroy();
  }
}

/** An engine that was killed leaves its task running: nobody starts a second one beside it. */
async function findRunning(client: ECSClient, cluster: string, startedBy: string): Promise<string | undefined> {
  const { ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster, startedBy, desiredStatus: "RUNNING" }));
  return taskArns[0];
}

async function start(client: ECSClient, inputs: ServiceInputs, args: MigrationArgs, mark: string): Promise<string> {
  const { RunTaskCommand } = await import("@aws-sdk/client-ecs");
  const { subnets, securityGroups, assignPublicIp } = inputs.networkConfiguration;
  const networkConfiguration: NetworkConfiguration = {
    awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED" },
  };
  const deadline = Date.now() + patience;
  for (let run = 0; ; ) {
    const command = new RunTaskCommand({
      cluster: inputs.cluster,
      taskDefinition: inputs.taskDefinition,
      launchType: "FARGATE",
      networkConfiguration,
      overrides: migrationOverrides(args.service, args.migration),
      propagateTags: "TASK_DEFINITION",
      startedBy: mark,
      clientToken: migrationToken(inputs.taskDefinition, run),
    });
    const answer = await client.send(command).catch((error: Error) => {
      if (/assume the role/i.test(error.message) && Date.now() < deadline) return undefined;
      throw error;
    });
    if (answer === undefined) {
      await sleep(pause);
      continue;
    }
    const [task] = answer.tasks ?? [];
    if (task?.taskArn === undefined) {
      const reasons = (answer.failures ?? []).map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": "));
      throw new Error(
        `${args.service}: its migration could not be started: ${reasons.join(", ") || "ECS gives no reason"}`,
      );
    }
    // The token of an earlier run of this very revision: what has ended is run again.
    if (task.lastStatus !== "STOPPED") return task.taskArn;
    run++;
  }
}

/** Why it failed; undefined where it did not. */
async function outcome(client: ECSClient, cluster: string, task: string, { service, migration }: MigrationArgs) {
  const { StopTaskCommand } = await import("@aws-sdk/client-ecs");
  const stopped = await waitUntilStopped(client, cluster, task, migration.timeout * 1000);
  if (stopped !== undefined) return judgeTask(stopped, service);
  const reason = `not done within ${migration.timeout} s`;
  await client.send(new StopTaskCommand({ cluster, task, reason: `Sluice: ${reason}` }));
  const ended = await waitUntilStopped(client, cluster, task, stopping);
  return `${reason}; it was stopped${ended === undefined ? ", and still runs" : ""}`;
}

async function waitUntilStopped(
  client: ECSClient,
  cluster: string,
  task: string,
  limit: number,
): Promise<Task | undefined> {
  const { DescribeTasksCommand } = await import("@aws-sdk/client-ecs");
  for (const deadline = Date.now() + limit; ; ) {
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
    // A task that was just started may not be known yet.
    if (tasks[0]?.lastStatus === "STOPPED") return tasks[0];
    if (Date.now() > deadline) return undefined;
    await sleep(pause);
  }
}

/** What explains a failure must not hide it. */
async function lastLines({ service, logGroup: logGroupName, region }: MigrationArgs, id: string): Promise<string[]> {
  const { CloudWatchLogsClient, GetLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient({ region });
  const logStreamName = `${service}/${service}/${id}`;
  try {
    const { events = [] } = await client.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, limit: logLines, startFromHead: false }),
    );
    if (events.length === 0) return ["  it printed nothing"];
    return ["  its last lines:", ...events.map(({ message = "" }) => `    ${message.trimEnd()}`)];
  } catch (error) {
    return [`  its log cannot be read: ${(error as Error).message}`];
  } finally {
    client.destroy();
  }
}
