import type { Gap } from "./known-moto-gap.ts";

/** Members that AWS has in an answer and moto leaves out. */
function leftOut(steps: readonly string[], prefix: string, members: Record<string, unknown>, reason: string): Gap[] {
  return Object.entries(members).map(([member, sandbox]) => ({ steps, path: `${prefix}${member}`, sandbox, reason }));
}

const emptyInClusters = { statistics: [], tags: [], capacityProviders: [], defaultCapacityProviderStrategy: [] };
const withClusters = "AWS has the empty lists; moto leaves them out";
const ofServices = {
  platformVersion: "LATEST",
  platformFamily: "Linux",
  deploymentConfiguration: {
    deploymentCircuitBreaker: { enable: true, rollback: true },
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    strategy: "ROLLING",
    bakeTimeInMinutes: 0,
  },
  roleArn: "arn:aws:iam::000000000000:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
  createdAt: "<time>",
  placementConstraints: [],
  placementStrategy: [],
  healthCheckGracePeriodSeconds: 0,
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  availabilityZoneRebalancing: "DISABLED",
};
const withServices = "moto keeps only some of what describes a service (and drops deploymentConfiguration)";
const ofTaskDefinitions = {
  "containerDefinitions.*.portMappings.*.hostPort": 8080,
  "containerDefinitions.*.systemControls": [],
  requiresAttributes: [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
  registeredAt: "<time>",
  registeredBy: "arn:aws:iam::000000000000:root",
};
const withTaskDefinitions =
  "moto does not add what ECS derives: the host port of awsvpc, required attributes, who and when";
const registrations = ["register a task definition", "register a second revision"];
const described = ["describe the task definition by family", "describe a deregistered task definition"];
const settledService = "describe the service, and one that is missing";
const begun = ["create a service", "update the service to the second revision"];

export const ecsGaps: readonly Gap[] = [
  ...leftOut(["create a cluster", "delete the cluster"], "cluster.", emptyInClusters, withClusters),
  ...leftOut(["describe the cluster"], "clusters.*.", emptyInClusters, withClusters),
  ...leftOut([...registrations, ...described], "taskDefinition.", ofTaskDefinitions, withTaskDefinitions),
  ...leftOut(["deregister the first revision"], "taskDefinition.", ofTaskDefinitions, withTaskDefinitions),
  ...leftOut([...registrations, ...described], "", { tags: [] }, "AWS has the empty list; moto leaves it out"),
  ...leftOut(
    ["deregister the first revision", "describe a deregistered task definition"],
    "taskDefinition.",
    { deregisteredAt: "<time>" },
    "moto does not note the time",
  ),
  ...leftOut(begun, "", ofServices, withServices),
  ...leftOut([settledService], "services.*.", ofServices, withServices),
  ...leftOut([settledService], "services.*.deployments.*.", { platformVersion: "1.4.0" }, withServices),
  {
    steps: ["describe the cluster"],
    path: "clusters.*.settings",
    moto: [{ name: "containerInsights", value: "disabled" }],
    sandbox: [],
    reason: "DescribeClusters has settings only where SETTINGS are included",
  },
  {
    steps: ["delete the cluster"],
    path: "cluster.settings",
    moto: [{ name: "containerInsights", value: "disabled" }],
    sandbox: [],
    reason: "settings are answered where they are asked for, and DeleteCluster cannot ask",
  },
  ...[...begun.map((step) => [step, "taskSets"] as const), [settledService, "services.*.taskSets"] as const].map(
    ([step, path]) => ({
      steps: [step],
      path,
      moto: [],
      reason: "task sets belong to the deployment controllers CODE_DEPLOY and EXTERNAL (Service); this one is ECS",
    }),
  ),
  {
    steps: [settledService],
    path: "services.*.deployments.*.platformFamily",
    moto: "FARGATE",
    sandbox: "Linux",
    reason: "Deployment.platformFamily is the operating system; moto repeats the launch type",
  },
  {
    steps: [settledService],
    path: "failures.*.arn",
    moto: "arn:aws:ecs:eu-west-1:000000000000:service/none",
    sandbox: "arn:aws:ecs:eu-west-1:000000000000:service/sluice-local/none",
    reason:
      "the long format of service ARNs, the only one since 2021, has the cluster in it; moto has it only in services it knows",
  },
  {
    steps: ["create the service again, though it is there"],
    path: "",
    moto: "accepted",
    sandbox: "InvalidParameterException",
    reason: 'moto replaces the service; ECS says "Creation of service was not idempotent"',
  },
  {
    steps: ["update the service to the second revision"],
    path: "tags",
    moto: [],
    reason: "tags are answered where they are asked for, and UpdateService cannot ask",
  },
  {
    steps: ["describe the deployments after that"],
    path: "*.taskDefinition",
    moto: "arn:aws:ecs:eu-west-1:000000000000:task-definition/api-blue:1",
    sandbox: "arn:aws:ecs:eu-west-1:000000000000:task-definition/api-blue:2",
    reason: "moto never deploys: the deployment keeps the revision that the service was created with",
  },
  {
    steps: ["delete a cluster that has a service"],
    path: "",
    moto: "accepted",
    sandbox: "ClusterContainsServicesException",
    reason: "moto does not look; DeleteCluster documents the error",
  },
  {
    steps: ["describe the task, and one that is missing"],
    path: "failures",
    moto: [],
    sandbox: [
      {
        arn: "arn:aws:ecs:eu-west-1:000000000000:task/sluice-local/0123456789abcdef0123456789abcdef",
        reason: "MISSING",
      },
    ],
    reason: "DescribeTasks names what it does not know (API failures messages); moto is silent",
  },
];
