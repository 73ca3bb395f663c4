/** Why tasks did not stay: the reason that ECS gives, and the last lines that they printed. */
import type { Container, ECSClient, Task } from "@aws-sdk/client-ecs";
import type { StackState } from "./backend.ts";

export interface FailedTasksArgs {
  state: StackState;
  region: string;
  /** Tasks that stopped before are somebody else's story. Milliseconds since 1970. */
  since: number;
}

/** Lines of a task's log that are told. */
const logLines = 10;
/** Clocks here and there differ. Milliseconds. */
const skew = 30_000;

/** A task that failed, in words. */
export interface FailedTask {
  /** Last part of its ARN. */
  id: string;
  lines: string[];
}

/**
 * The newest failed task of each ECS service in the state, in words; none where none failed.
 *
 * @example
 * (await explainFailedTasks({ state, region, since }))[0]?.lines // ["sluice-prod-api-green: task 0f… stopped: …", …]
 */
export async function explainFailedTasks({ state, region, since }: FailedTasksArgs): Promise<FailedTask[]> {
  const services = (state.resources ?? []).filter(({ type }) => type === "aws:ecs/service:Service");
  if (services.length === 0) return [];
  const { ECSClient: Client } = await import("@aws-sdk/client-ecs");
  const client = new Client({ region, maxAttempts: 3 });
  try {
    const told = await Promise.all(
      services.map(async ({ outputs }) => {
        const [cluster, name] = [outputs?.cluster, outputs?.name];
        if (typeof cluster !== "string" || typeof name !== "string") return [];
        const task = await newestFailure(client, cluster, name, since - skew);
        if (task === undefined) return [];
        const lines = [`${name}: ${describe(task)}`, ...(await lastWords(client, task, region))];
        return [{ id: idOf(task), lines }];
      }),
    );
    return told.flat();
  } finally {
    client.destroy();
  }
}

async function newestFailure(
  client: ECSClient,
  cluster: string,
  serviceName: string,
  since: number,
): Promise<Task | undefined> {
  const { DescribeTasksCommand, ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const listed = await client.send(new ListTasksCommand({ cluster, serviceName, desiredStatus: "STOPPED" }));
  const tasks = listed.taskArns?.slice(0, 100) ?? [];
  if (tasks.length === 0) return undefined;
  const described = await client.send(new DescribeTasksCommand({ cluster, tasks }));
  return (described.tasks ?? [])
    .filter((task) => failed(task) && Number(task.stoppedAt ?? task.stoppingAt ?? 0) >= since)
    .sort((a, b) => Number(b.stoppedAt ?? b.stoppingAt ?? 0) - Number(a.stoppedAt ?? a.stoppingAt ?? 0))[0];
}

const idOf = ({ taskArn = "" }: Pick<Task, "taskArn">): string => taskArn.split("/").at(-1) ?? "";

/** A task that a deployment or autoscaling ended has done nothing wrong, unless ECS says that it was unhealthy. */
function failed({ stopCode, stoppedReason = "" }: Task): boolean {
  if (stopCode === "TaskFailedToStart" || stopCode === "EssentialContainerExited") return true;
  return /fail|unhealthy/i.test(stoppedReason);
}

function describe(task: Task): string {
  const { stoppedReason = "no reason given", containers = [] } = task;
  const exits = containers
    .filter(({ exitCode }) => exitCode !== undefined)
    .map(({ name, exitCode }) => `${name} exited with ${exitCode}`);
  return `task ${idOf(task)} stopped: ${[stoppedReason, ...exits].join("; ")}`;
}

async function lastWords(
  client: ECSClient,
  { taskArn = "", taskDefinitionArn, containers = [] }: Task,
  region: string,
) {
  const { DescribeTaskDefinitionCommand } = await import("@aws-sdk/client-ecs");
  const { CloudWatchLogsClient, GetLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const { taskDefinition } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }),
  );
  const logs = new CloudWatchLogsClient({ region, maxAttempts: 3 });
  const told = containers.map(async ({ name = "" }: Container) => {
    const options = taskDefinition?.containerDefinitions?.find((one) => one.name === name)?.logConfiguration?.options;
    const [logGroupName, prefix] = [options?.["awslogs-group"], options?.["awslogs-stream-prefix"]];
    if (logGroupName === undefined) return [];
    const logStreamName = `${prefix}/${name}/${idOf({ taskArn })}`;
    try {
      const { events = [] } = await logs.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, limit: logLines }),
      );
      const lines = events.map(({ message = "" }) => `    ${message.trimEnd()}`);
      return lines.length === 0 ? [`  ${name} printed nothing`] : [`  last lines of ${name}:`, ...lines];
    } catch (error) {
      // A task that never started has no log stream.
      return [`  the log of ${name} cannot be read: ${(error as Error).message}`];
    }
  });
  try {
    return (await Promise.all(told)).flat();
  } finally {
    logs.destroy();
  }
}
