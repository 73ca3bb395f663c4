import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  type DescribeServicesCommandOutput,
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type { Backend, Kept, Step } from "./aws-steps.ts";
import { taskSteps } from "./aws-steps-ecs-tasks.ts";

const cluster = "sluice-local";
const image = `127.0.0.1/api@sha256:${"0".repeat(64)}`;

const register =
  (tag: string) =>
  async ({ ecs }: Backend) =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "api-blue",
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        executionRoleArn: "arn:aws:iam::000000000000:role/execution",
        containerDefinitions: [
          {
            name: "api",
            image,
            essential: true,
            portMappings: [{ containerPort: 8080, protocol: "tcp" }],
            environment: [{ name: "LEVEL", value: "info" }],
            dockerLabels: { "dev.sluice.release": "abc", "dev.sluice.tag": tag, "dev.sluice.attempt": "1" },
          },
        ],
      }),
    );

/** No tasks: moto runs none, and what the sandbox runs is the business of other tests. */
const createService =
  (inCluster: string, taskDefinition: string) =>
  async ({ ecs, network }: Backend, kept: Kept) =>
    ecs.send(
      new CreateServiceCommand({
        cluster: inCluster,
        serviceName: "api-blue",
        taskDefinition,
        desiredCount: 0,
        launchType: "FARGATE",
        loadBalancers: [{ targetGroupArn: kept.get("blue"), containerName: "api", containerPort: 8080 }],
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...network.subnets],
            securityGroups: [network.securityGroup],
            assignPublicIp: "DISABLED",
          },
        },
        deploymentConfiguration: {
          deploymentCircuitBreaker: { enable: true, rollback: true },
          minimumHealthyPercent: 100,
          maximumPercent: 200,
        },
      }),
    );

/** What a call that begins a deployment says of the service; how the deployment goes is asked below, once it is over. */
function begun(service: Service | undefined): unknown {
  const { deployments: _, events: __, ...rest } = service ?? {};
  return rest;
}

/** Asks for the service until nothing is under way in it: the sandbox settles within moments, AWS in minutes. */
async function settled({ ecs }: Backend, state: "ACTIVE" | "INACTIVE"): Promise<DescribeServicesCommandOutput> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: ["api-blue", "none"] }));
    const service = answer.services?.[0];
    const over = service?.deployments?.every(({ rolloutState }) => rolloutState === "COMPLETED") ?? false;
    if (service?.status === state && over) return answer;
    await sleep(100);
  }
  throw new Error(`the service does not become ${state} with nothing under way`);
}

export const ecsSteps: readonly Step[] = [
  { name: "create a cluster", run: ({ ecs }) => ecs.send(new CreateClusterCommand({ clusterName: cluster })) },
  { name: "describe the cluster", run: ({ ecs }) => ecs.send(new DescribeClustersCommand({ clusters: [cluster] })) },
  {
    name: "describe a missing cluster",
    run: ({ ecs }) => ecs.send(new DescribeClustersCommand({ clusters: ["none"] })),
  },
  {
    name: "register a task definition",
    async run(backend, kept) {
      const answer = await register("v1.0.0")(backend);
      kept.set("revision 1", answer.taskDefinition?.taskDefinitionArn);
      return answer;
    },
  },
  {
    name: "describe the task definition by family",
    run: ({ ecs }) => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "api-blue" })),
  },
  {
    name: "describe a missing task definition",
    run: ({ ecs }) => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "none:1" })),
  },
  { name: "create a service in a missing cluster", run: createService("none", "api-blue:1") },
  { name: "create a service of a missing task definition", run: createService(cluster, "none:1") },
  {
    name: "create a service",
    run: async (backend, kept) => begun((await createService(cluster, "api-blue:1")(backend, kept)).service),
  },
  { name: "create the service again, though it is there", run: createService(cluster, "api-blue:1") },
  {
    name: "describe the service, and one that is missing",
    async run(backend) {
      const { services = [], failures } = await settled(backend, "ACTIVE");
      // Events are for people: their wording and number are no contract.
      return { services: services.map(({ events: _, ...service }) => service), failures };
    },
  },
  {
    name: "describe a service in a missing cluster",
    run: ({ ecs }) => ecs.send(new DescribeServicesCommand({ cluster: "none", services: ["api-blue"] })),
  },
  {
    name: "register a second revision",
    async run(backend, kept) {
      const answer = await register("v1.1.0")(backend);
      kept.set("revision 2", answer.taskDefinition?.taskDefinitionArn);
      return answer;
    },
  },
  {
    name: "update the service to the second revision",
    async run({ ecs }, kept) {
      const asked = new UpdateServiceCommand({ cluster, service: "api-blue", taskDefinition: kept.get("revision 2") });
      return begun((await ecs.send(asked)).service);
    },
  },
  {
    name: "describe the deployments after that",
    async run(backend) {
      const { services = [] } = await settled(backend, "ACTIVE");
      return services.flatMap(({ deployments = [] }) =>
        deployments.map(({ status, taskDefinition }) => ({ status, taskDefinition })),
      );
    },
  },
  {
    name: "update a missing service",
    run: ({ ecs }) => ecs.send(new UpdateServiceCommand({ cluster, service: "none", desiredCount: 1 })),
  },
  {
    name: "list the tasks of the service",
    run: ({ ecs }) => ecs.send(new ListTasksCommand({ cluster, serviceName: "api-blue" })),
  },
  {
    name: "list the tasks of a missing cluster",
    run: ({ ecs }) => ecs.send(new ListTasksCommand({ cluster: "none" })),
  },
  ...taskSteps,
  {
    name: "deregister the first revision",
    run: ({ ecs }, kept) => ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: kept.get("revision 1") })),
  },
  {
    name: "describe a deregistered task definition",
    run: ({ ecs }, kept) => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: kept.get("revision 1") })),
  },
  {
    name: "delete a cluster that has a service",
    run: ({ ecs }) => ecs.send(new DeleteClusterCommand({ cluster })),
  },
  {
    name: "delete the service",
    async run({ ecs }) {
      const { service } = await ecs.send(new DeleteServiceCommand({ cluster, service: "api-blue", force: true }));
      return { desired: service?.desiredCount, taskDefinition: service?.taskDefinition };
    },
  },
  {
    name: "describe the service after that",
    run: async (backend) => (await settled(backend, "INACTIVE")).services?.map(({ status }) => status),
  },
  {
    name: "delete a missing service",
    run: ({ ecs }) => ecs.send(new DeleteServiceCommand({ cluster, service: "none", force: true })),
  },
  { name: "delete the cluster", run: ({ ecs }) => ecs.send(new DeleteClusterCommand({ cluster })) },
  { name: "delete a missing cluster", run: ({ ecs }) => ecs.send(new DeleteClusterCommand({ cluster: "none" })) },
];
