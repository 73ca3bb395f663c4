/**
 * Where moto 5.2.5 is known to answer otherwise than AWS, so that the sandbox may differ from it. Everything not listed must be equal, and
 * a gap that is no longer there must be struck out: the contract test fails on both.
 */

export interface Gap {
  /** Steps of the scenario in which it shows. */
  readonly steps: readonly string[];
  /** Dotted path in the answer, `*` for positions in lists; empty where one cloud refuses what the other accepts. */
  readonly path: string;
  /** What each cloud has there; undefined for nothing. */
  readonly moto?: unknown;
  readonly sandbox?: unknown;
  /** Why the sandbox is right, and how that is known. */
  readonly reason: string;
}

const ecr: readonly Gap[] = [
  {
    steps: ["get the lifecycle policy"],
    path: "lastEvaluatedAt",
    moto: "<time>",
    reason: "moto says now without having evaluated anything; the sandbox expires nothing, so it has no such time",
  },
  {
    steps: ["put other content under the same tag", "move a release tag beside the exclusion"],
    path: "",
    moto: "ImageAlreadyExistsException",
    sandbox: "ImageTagAlreadyExistsException",
    reason: "PutImage documents the second for an immutable tag; the first is for the same digest and tag",
  },
  {
    steps: ["put an image under a digest that is not its own"],
    path: "",
    moto: "accepted",
    sandbox: "ImageDigestDoesNotMatchException",
    reason: "moto believes the digest that it is given; PutImage documents the error",
  },
  {
    steps: ["describe the image by its tag"],
    path: "imageDetails.*.imageSizeInBytes",
    sandbox: 0,
    reason: "moto leaves out the size of an index; the sandbox adds up layers, and this index has none",
  },
  {
    steps: ["get the image by its digest, and one that is missing"],
    path: "images.*.imageId.imageTag",
    moto: "v1.0.1",
    reason: "asked by digest, moto adds whichever tag was put last",
  },
  {
    steps: ["make the repository immutable but for branch tags"],
    path: "imageTagMutabilityExclusionFilters",
    sandbox: [{ filterType: "WILDCARD", filter: "pr-*" }],
    reason: "moto keeps the filters, but leaves them out of the answer that PutImageTagMutability documents them in",
  },
  {
    steps: ["get a token for the registry"],
    path: "*.hours",
    moto: "long over",
    sandbox: "12 hours",
    reason: "moto's token always expires in 2015; ECR's is good for 12 hours",
  },
];

const elb: readonly Gap[] = [
  {
    steps: ["create a load balancer", "describe the load balancer by name"],
    path: "LoadBalancers.*.CanonicalHostedZoneId",
    moto: "Z2P70J7EXAMPLE",
    sandbox: "Z32O12XQLNTSW2",
    reason: "moto has the documentation's example; the sandbox has the zone of the region",
  },
  {
    steps: ["create a load balancer"],
    path: "LoadBalancers.*.State.Code",
    moto: "provisioning",
    sandbox: "active",
    reason: "the sandbox's balancer listens before the call returns",
  },
  {
    steps: ["create a load balancer", "describe the load balancer by name"],
    path: "LoadBalancers.*.AvailabilityZones.*.LoadBalancerAddresses",
    sandbox: [],
    reason: "AWS has the empty list for application load balancers",
  },
  {
    steps: ["create a load balancer of the same name, but other settings"],
    path: "",
    moto: "accepted",
    sandbox: "DuplicateLoadBalancerNameException",
    reason: "moto replaces the first one; CreateLoadBalancer documents the error",
  },
  {
    steps: ["create a load balancer with a name of 33 characters"],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check the name; CreateLoadBalancer allows 32 characters",
  },
  {
    steps: ["create a target group, blue", "create a target group, green"],
    path: "TargetGroups.*.LoadBalancerArns",
    sandbox: [],
    reason: "AWS has the empty list for a target group that no listener uses",
  },
  {
    steps: ["create a listener", "describe the listeners"],
    path: "Listeners.*.SslPolicy",
    moto: "ELBSecurityPolicy-2016-08",
    reason: "moto has one for HTTP too; AWS for HTTPS and TLS only",
  },
  {
    steps: ["create a listener", "describe the listeners"],
    path: "Listeners.*.AlpnPolicy",
    moto: [],
    reason: "moto has one for HTTP too; AWS for TLS only",
  },
  {
    steps: ["create a listener on the same port"],
    path: "",
    moto: "accepted",
    sandbox: "DuplicateListenerException",
    reason: "moto does not check ports; CreateListener documents the error",
  },
  ...["api.example.com", "/*"].map((value) => ({
    steps: ["create a weighted rule", "move the weights", "describe the rule", "describe all rules of the listener"],
    path: "Rules.*.Conditions.*.Values",
    sandbox: [value],
    reason:
      "AWS repeats the values of host and path conditions in the older member Values; moto does so only where they came there",
  })),
  {
    steps: [
      "create a rule with a weight of 1000",
      "create a rule with a weight below zero",
      "move the weights to 1000",
    ],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check weights; TargetGroupTuple allows 0 to 999",
  },
  {
    steps: ["create a rule with priority 50001"],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check the range; CreateRule allows 1 to 50000",
  },
  {
    steps: ["create a rule that asks for a header", "describe all rules of the listener"],
    path: "Rules.*.Actions.*.ForwardConfig",
    sandbox: {
      TargetGroups: [
        { TargetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/api-green/<id>", Weight: 1 },
      ],
      TargetGroupStickinessConfig: { Enabled: false },
    },
    reason: "AWS repeats a single target group in ForwardConfig, with weight 1; moto does not",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.State",
    moto: "healthy",
    sandbox: "initial",
    reason: "moto calls every target healthy and checks none",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.Reason",
    sandbox: "Elb.RegistrationInProgress",
    reason: "a target that is not healthy has a reason (TargetHealth); moto has none that is not healthy",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.Description",
    sandbox: "Target registration is in progress",
    reason: "a target that is not healthy has a description (TargetHealth); moto has none that is not healthy",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.HealthCheckPort",
    moto: "traffic-port",
    sandbox: "8080",
    reason: "AWS says the port that is checked, moto the setting",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.Target.AvailabilityZone",
    sandbox: "all",
    reason:
      "moto leaves it out; the sandbox's targets are on loopback, outside of every subnet, for which AWS says all",
  },
  {
    steps: ["delete the rule again"],
    path: "",
    moto: "accepted",
    sandbox: "RuleNotFoundException",
    reason: "moto does not look; DeleteRule documents the error",
  },
];

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

const ecs: readonly Gap[] = [
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
];

const other: readonly Gap[] = [
  {
    steps: ["ask who is asking"],
    path: "kind",
    moto: "sts",
    sandbox: "iam",
    reason: "moto names its user in STS; AWS names an IAM user's ARN in IAM",
  },
  {
    steps: ["get data of a metric that has none"],
    path: "MetricDataResults.*.Label",
    moto: "RequestCount Sum",
    sandbox: "RequestCount",
    reason: "where one metric is asked for, AWS's default label is its name; moto adds the statistic",
  },
  {
    steps: ["get data of a metric that has none"],
    path: "Messages",
    sandbox: [],
    reason: "AWS has the empty list, moto leaves it out",
  },
];

export const knownMotoGaps: readonly Gap[] = [...ecr, ...elb, ...ecs, ...other];
