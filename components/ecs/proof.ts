/**
 * The proof that stands between services and weights. ECS can roll a deployment back by itself and the provider still
 * reports success; a flip touches no service, so nothing else would wait. Before a weighted rule changes, each colour
 * about to receive traffic must run the very revision asked for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { judgeReadiness, type LiveColour } from "../../model/readiness.ts";
import { known } from "./known.ts";

/** A colour about to receive traffic. */
export interface Receiver {
  name: string;
  cluster: pulumi.Input<string>;
  service: pulumi.Output<string>;
  targetGroupArn: pulumi.Output<string>;
  taskDefinitionArn: pulumi.Output<string>;
  /** Tasks that must be running and healthy. */
  tasks: number;
  region: string;
}

/** How long a colour may take to reach its capacity, in milliseconds: scaling out on Fargate takes minutes. */
const patience = 10 * 60_000;
const pause = 1_000;
/** Failed tasks are looked for once in so many looks. */
const failuresEvery = 5;
/**
 * Looks in a row that must find a colour ready, and no task failed in between. ECS's circuit breaker does not watch tasks
 * that scaling started, and one that dies again and again is ready now and then.
 */
const looksInRow = 3;

/**
 * Waits until every receiver is ready.
 *
 * @throws Error at once where a colour runs another revision than the one asked for or its tasks keep failing, and after
 *   ten minutes where it is not healthy with the capacity asked for; the weights then stay as they are
 */
export async function proveReady(receivers: readonly Receiver[]): Promise<void> {
  await Promise.all(receivers.map(proveOne));
}

async function proveOne(receiver: Receiver): Promise<void> {
  const [cluster, service, targetGroupArn, taskDefinitionArn] = await Promise.all([
    known(receiver.cluster),
    known(receiver.service),
    known(receiver.targetGroupArn),
    known(receiver.taskDefinitionArn),
  ]);
  const watch = () => readFailures({ cluster, service, taskDefinitionArn, region: receiver.region });
  const [began, earlier] = [Date.now(), await watch()];
  let failures: string[] = [];
  for (let look = 1, inRow = 0; ; look++) {
    const live = await readColour(cluster, service, targetGroupArn, receiver.region);
    const verdict = judgeReadiness({ ...live, failures }, { taskDefinitionArn, tasks: receiver.tasks });
    inRow = verdict.ready ? inRow + 1 : 0;
    if (inRow === looksInRow) return;
    if (!verdict.ready && (verdict.final || Date.now() > began + patience)) {
      throw new Error(`${receiver.name} gets no traffic: ${verdict.reason}; the weights stay as they were`);
    }
    await sleep(pause);
    if (inRow === 0 && look % failuresEvery !== 0) continue;
    const before = failures.length;
    failures = [...(await watch())].filter(([task]) => !earlier.has(task)).map(([, reason]) => reason);
    if (failures.length > before) inRow = 0;
  }
}

async function readColour(
  clusterArn: string,
  serviceName: string,
  targetGroupArn: string,
  region: string,
): Promise<Omit<LiveColour, "failures">> {
  const [service, healthyTargets] = await Promise.all([
    aws.ecs.getService({ clusterArn, serviceName }),
    countHealthyTargets(targetGroupArn, region),
  ]);
  const { taskDefinition, deployments, runningCount } = service;
  return { taskDefinition, deployments: deployments.map((one) => one.taskDefinition), runningCount, healthyTargets };
}

/** The provider has no lookup for target health, so the load balancer's own API is asked. */
async function countHealthyTargets(TargetGroupArn: string, region: string): Promise<number> {
  const { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } = await import(
    "@aws-sdk/client-elastic-load-balancing-v2"
  );
  const client = new ElasticLoadBalancingV2Client({ region });
  try {
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
  } finally {
    client.destroy();
  }
}

/** Why tasks of a revision failed, by task, oldest first. ECS remembers stopped tasks for an hour. */
async function readFailures(args: {
  cluster: string;
  service: string;
  taskDefinitionArn: string;
  region: string;
}): Promise<ReadonlyMap<string, string>> {
  const { DescribeTasksCommand, ECSClient, ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const { cluster, service: serviceName, taskDefinitionArn, region } = args;
  const client = new ECSClient({ region });
  try {
    const stopped = await client.send(new ListTasksCommand({ cluster, serviceName, desiredStatus: "STOPPED" }));
    if (!stopped.taskArns?.length) return new Map();
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns }));
    const failed = tasks
      .filter((task) => task.taskDefinitionArn === taskDefinitionArn)
      .filter(({ stopCode }) => stopCode === "TaskFailedToStart" || stopCode === "EssentialContainerExited")
      .sort((a, b) => Number(a.stoppingAt) - Number(b.stoppingAt));
    return new Map(failed.map(({ taskArn = "", stoppedReason = "no reason given" }) => [taskArn, stoppedReason]));
  } finally {
    client.destroy();
  }
}
