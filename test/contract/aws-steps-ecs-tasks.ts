import {
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import type { Backend, Step } from "./aws-steps.ts";

const cluster = "sluice-local";
const startedBy = "migration-0123456789abcdef";
const overrides = {
  containerOverrides: [{ name: "api", command: ["migrate"], environment: [{ name: "TO", value: "7" }] }],
};

/** moto runs no task whose containers do not say how much memory they have. */
const register = ({ ecs }: Backend) =>
  ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "migration",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "api", image: `127.0.0.1/api@sha256:${"0".repeat(64)}`, memory: 512 }],
    }),
  );

const run = (more: { cluster?: string; taskDefinition?: string }, { ecs, network }: Backend) =>
  ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: "migration:1",
      launchType: "FARGATE",
      startedBy,
      overrides,
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...network.subnets], securityGroups: [network.securityGroup] },
      },
      ...more,
    }),
  );

/** What a task is started with. How it goes is no contract: moto runs none. */
const kept = ({ clusterArn, taskDefinitionArn, startedBy, overrides, launchType }: Task) => ({
  clusterArn,
  taskDefinitionArn,
  startedBy,
  launchType,
  command: overrides?.containerOverrides?.map(({ name, command, environment }) => ({ name, command, environment })),
});

/** Tasks that no service starts, as migrations are. */
export const taskSteps: readonly Step[] = [
  {
    name: "run a task",
    async run(backend, memory) {
      await register(backend);
      const { tasks = [], failures } = await run({}, backend);
      memory.set("task", tasks[0]?.taskArn);
      return { tasks: tasks.map(kept), failures };
    },
  },
  { name: "run a task in a missing cluster", run: (backend) => run({ cluster: "none" }, backend) },
  { name: "run a task of a missing task definition", run: (backend) => run({ taskDefinition: "none:1" }, backend) },
  {
    name: "describe the task, and one that is missing",
    async run({ ecs }, memory) {
      const missing = "0123456789abcdef0123456789abcdef";
      const asked = new DescribeTasksCommand({ cluster, tasks: [memory.get("task") ?? "", missing] });
      const { tasks = [], failures } = await ecs.send(asked);
      return { tasks: tasks.map(kept), failures };
    },
  },
  {
    name: "stop the task",
    async run({ ecs }, memory) {
      const asked = new StopTaskCommand({ cluster, task: memory.get("task"), reason: "enough" });
      return { desiredStatus: (await ecs.send(asked)).task?.desiredStatus };
    },
  },
  {
    name: "list stopped tasks by who started them",
    async run({ ecs }) {
      const { taskArns } = await ecs.send(new ListTasksCommand({ cluster, startedBy, desiredStatus: "STOPPED" }));
      return taskArns?.length;
    },
  },
  {
    name: "list running tasks of somebody else",
    run: ({ ecs }) => ecs.send(new ListTasksCommand({ cluster, startedBy: "nobody" })),
  },
];
