/** Requests that AWS refuses, and who of its stand-ins refuses them as well. */
import { CreateRepositoryCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { CreateServiceCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import {
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Backend } from "../aws-steps.ts";
import { call } from "../replay/clients.ts";

/** What every case may build on. */
export interface Ground {
  readonly listener: string;
  readonly targetGroup: string;
  readonly cluster: string;
}

export interface Case {
  readonly name: string;
  /** @param unique - another number for every case: what one case leaves behind must not be why the next is refused */
  readonly ask: (backend: Backend, ground: Ground, unique: number) => Promise<unknown>;
  /** moto is looser than AWS. @default false */
  readonly motoTakesIt?: true;
}

const group =
  (changes: object) =>
  ({ elb, network }: Backend, _: Ground, unique: number) =>
    call(elb, CreateTargetGroupCommand, {
      Name: `fine-${unique}`,
      Port: 80,
      Protocol: "HTTP",
      TargetType: "ip",
      VpcId: network.vpc,
      ...changes,
    });

const rule =
  (changes: object, weights: readonly number[] = [1], stickiness?: number) =>
  ({ elb }: Backend, { listener, targetGroup }: Ground, unique: number) =>
    call(elb, CreateRuleCommand, {
      ListenerArn: listener,
      Priority: 100 + unique,
      Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/a"] } }],
      Actions: [
        {
          Type: "forward",
          ForwardConfig: {
            TargetGroups: weights.map((Weight) => ({ TargetGroupArn: targetGroup, Weight })),
            TargetGroupStickinessConfig:
              stickiness === undefined ? undefined : { Enabled: true, DurationSeconds: stickiness },
          },
        },
      ],
      ...changes,
    });

const paths = (count: number) => ({
  Conditions: [
    {
      Field: "path-pattern",
      PathPatternConfig: { Values: Array.from({ length: count }, (_, index) => `/${index}`) },
    },
  ],
});

const task =
  (changes: object) =>
  ({ ecs }: Backend) =>
    call(ecs, RegisterTaskDefinitionCommand, {
      family: "fine",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "app", image: "app", essential: true }],
      ...changes,
    });

const service =
  (changes: object) =>
  ({ ecs, network }: Backend, { cluster }: Ground, unique: number) =>
    call(ecs, CreateServiceCommand, {
      serviceName: `fine-${unique}`,
      cluster,
      taskDefinition: "ground",
      launchType: "FARGATE",
      desiredCount: 0,
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...network.subnets], securityGroups: [network.securityGroup] },
      },
      ...changes,
    });

const repository =
  (changes: object) =>
  ({ ecr }: Backend, _: Ground, unique: number) =>
    call(ecr, CreateRepositoryCommand, { repositoryName: `fine-${unique}`, ...changes });

const delay =
  (Value: string) =>
  (backend: Backend, { targetGroup }: Ground) =>
    call(backend.elb, ModifyTargetGroupAttributesCommand, {
      TargetGroupArn: targetGroup,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value }],
    });

const long = (length: number) => "a".repeat(length);

const balancer =
  (changes: (network: Backend["network"]) => object) =>
  ({ elb, network }: Backend, _: Ground, unique: number) =>
    call(elb, CreateLoadBalancerCommand, {
      Name: `fine-${unique}`,
      Type: "application",
      Subnets: [...network.subnets],
      ...changes(network),
    });

/** What everybody takes: a case is then refused for what it changes. */
export const controls: readonly Case[] = [
  { name: "a target group", ask: group({}) },
  { name: "a rule", ask: rule({}) },
  { name: "a rule with stickiness", ask: rule({}, [1], 1) },
  { name: "a rule with five values", ask: rule(paths(5)) },
  // moto refuses 3600, which AWS documents as the longest.
  { name: "a deregistration delay", ask: delay("3599") },
  { name: "a load balancer", ask: balancer(() => ({})) },
  { name: "a repository", ask: repository({}) },
  { name: "a task definition", ask: task({}) },
  { name: "a service", ask: service({}) },
];

export const cases: readonly Case[] = [
  { name: "a target group's name of 33 characters", ask: group({ Name: long(33) }) },
  { name: "a target group's name that ends in a hyphen", ask: group({ Name: "fine-" }) },
  { name: "health checks every 4 seconds", ask: group({ HealthCheckIntervalSeconds: 4 }) },
  { name: "health checks every 301 seconds", motoTakesIt: true, ask: group({ HealthCheckIntervalSeconds: 301 }) },
  { name: "a health check's timeout of 121 seconds", ask: group({ HealthCheckTimeoutSeconds: 121 }) },
  { name: "a threshold of 1", motoTakesIt: true, ask: group({ HealthyThresholdCount: 1 }) },
  { name: "a threshold of 11", motoTakesIt: true, ask: group({ UnhealthyThresholdCount: 11 }) },
  { name: "a target group's port of 65536", motoTakesIt: true, ask: group({ Port: 65_536 }) },
  { name: "a rule of priority 0", motoTakesIt: true, ask: rule({ Priority: 0 }) },
  { name: "a rule of priority 50001", motoTakesIt: true, ask: rule({ Priority: 50_001 }) },
  { name: "a weight of 1000", motoTakesIt: true, ask: rule({}, [1000]) },
  { name: "a weight of -1", motoTakesIt: true, ask: rule({}, [-1]) },
  { name: "six target groups in a rule", motoTakesIt: true, ask: rule({}, [1, 1, 1, 1, 1, 1]) },
  { name: "stickiness of 0 seconds", motoTakesIt: true, ask: rule({}, [1], 0) },
  { name: "stickiness of 604801 seconds", motoTakesIt: true, ask: rule({}, [1], 604_801) },
  { name: "six values in the conditions of a rule", motoTakesIt: true, ask: rule(paths(6)) },
  { name: "a rule without actions", motoTakesIt: true, ask: rule({ Actions: [] }) },
  {
    name: "a path of 129 characters",
    ask: rule({ Conditions: [{ Field: "path-pattern", Values: [`/${long(128)}`] }] }),
  },
  { name: "a deregistration delay of 3601 seconds", ask: delay("3601") },
  {
    name: "a load balancer in one subnet",
    motoTakesIt: true,
    ask: balancer(({ subnets }) => ({ Subnets: subnets.slice(0, 1) })),
  },
  {
    name: "a load balancer's name that begins with internal-",
    motoTakesIt: true,
    ask: balancer(() => ({ Name: "internal-a" })),
  },
  { name: "a repository's name of 257 characters", motoTakesIt: true, ask: repository({ repositoryName: long(257) }) },
  { name: "a repository's name of 1 character", motoTakesIt: true, ask: repository({ repositoryName: "a" }) },
  {
    name: "a tag filter with three wildcards",
    motoTakesIt: true,
    ask: repository({
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "a*b*c*" }],
    }),
  },
  {
    name: "exclusion filters without the mutability that takes them",
    ask: repository({
      imageTagMutability: "IMMUTABLE",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "a*" }],
    }),
  },
  {
    name: "a lifecycle policy that is no JSON",
    ask: ({ ecr }) =>
      call(ecr, PutLifecyclePolicyCommand, { repositoryName: "ground", lifecyclePolicyText: "{".repeat(100) }),
  },
  { name: "300 CPU units on Fargate", motoTakesIt: true, ask: task({ cpu: "300" }) },
  { name: "4096 MiB with 256 CPU units on Fargate", motoTakesIt: true, ask: task({ memory: "4096" }) },
  { name: "Fargate without awsvpc", motoTakesIt: true, ask: task({ networkMode: "bridge" }) },
  { name: "a family of 256 characters", motoTakesIt: true, ask: task({ family: long(256) }) },
  { name: "a task without containers", motoTakesIt: true, ask: task({ containerDefinitions: [] }) },
  {
    name: "a task of 11 containers",
    motoTakesIt: true,
    ask: task({
      containerDefinitions: Array.from({ length: 11 }, (_, index) => ({ name: `c${index}`, image: "app" })),
    }),
  },
  {
    name: "a stop timeout of 121 seconds on Fargate",
    motoTakesIt: true,
    ask: task({ containerDefinitions: [{ name: "app", image: "app", stopTimeout: 121 }] }),
  },
  { name: "ephemeral storage of 201 GiB", motoTakesIt: true, ask: task({ ephemeralStorage: { sizeInGiB: 201 } }) },
  { name: "ephemeral storage of 20 GiB", motoTakesIt: true, ask: task({ ephemeralStorage: { sizeInGiB: 20 } }) },
  { name: "a service of -1 tasks", motoTakesIt: true, ask: service({ desiredCount: -1 }) },
  { name: "a service's name of 256 characters", motoTakesIt: true, ask: service({ serviceName: long(256) }) },
  { name: "a service on a cluster that is not there", ask: service({ cluster: "none" }) },
  { name: "a launch type that is not there", ask: service({ launchType: "LAMBDA" }) },
  {
    name: "launch type and capacity providers together",
    motoTakesIt: true,
    ask: service({ capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT" }] }),
  },
  { name: "a Fargate service without a network", motoTakesIt: true, ask: service({ networkConfiguration: undefined }) },
];
