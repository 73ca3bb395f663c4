/** A stack of the program as it would stand on AWS: what it declares, with ids and ARNs as the services give them. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

export const account = "123456789012";
export const region = "eu-west-1";

/** A resource that stands: its inputs, and what AWS made of them. */
export interface Standing {
  type: string;
  name: string;
  id: string;
  arn: string;
  inputs: Record<string, unknown>;
}

type Inputs = Record<string, unknown>;

/**
 * Declares a stack of the program against the SDK's mocks.
 *
 * @param config of all namespaces; structured values as they are
 */
export async function standUp(stack: string, config: Inputs): Promise<Standing[]> {
  const found: Standing[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        if (type === "pulumi:pulumi:StackReference") return { id: name, state: { ...inputs, outputs: foundation } };
        const { id, arn } = identify(stack, type, name, inputs);
        if (type.startsWith("aws:")) found.push({ type, name, id, arn, inputs });
        return { id, state: { arn, name: inputs.name ?? name, ...computed(type, name), ...inputs } };
      },
      call: answer,
    },
    "sluice",
    stack,
    false,
    "organization",
  );
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)])));
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
  // The mocks claim to support resource hooks and lack the call that registers one.
  monitor.registerResourceHook = (_: unknown, done: (error: null, answer: object) => void) => done(null, {});
  const { default: program } = (await import("../../index.ts")) as { default: () => Promise<unknown> };
  await program();
  await pulumi.runtime.disconnect();
  pulumi.runtime.setAllConfig({});
  return found;
}

const boundaryOf = (stack: string) => `arn:aws:iam::${account}:policy/sluice-foundation-github-boundary-${stack}`;
const image = `${account}.dkr.ecr.${region}.amazonaws.com/api`;
const foundation = {
  registry: {
    api: { name: "api", url: image, arn: `arn:aws:ecr:${region}:${account}:repository/api`, registryId: account },
  },
  boundaries: { prod: boundaryOf("prod"), staging: boundaryOf("staging") },
};

function computed(type: string, name: string): Inputs {
  if (type === "random:index/randomPassword:RandomPassword") return { result: "secret" };
  if (type === "aws:lb/loadBalancer:LoadBalancer") return { dnsName: "balancer.test", zoneId: "Z1", arnSuffix: name };
  if (type !== "aws:acm/certificate:Certificate") return {};
  const proof = { resourceRecordName: "_x.www.example.com", resourceRecordType: "CNAME", resourceRecordValue: "y" };
  return { domainValidationOptions: [{ domainName: "www.example.com", ...proof }] };
}

function answer({ token }: pulumi.runtime.MockCallArgs): Inputs {
  const answers: Record<string, Inputs> = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] },
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: account, arn: `arn:aws:sts::${account}:user/x` },
    "aws:ecr/getImage:getImage": { imageDigest: `sha256:${"a1".repeat(32)}` },
    "pulumi:pulumi:readStackResourceOutputs": { outputs: {} },
  };
  const found = answers[token];
  if (found === undefined) throw new Error(`no answer for ${token}`);
  return found;
}

/** Ids of EC2, by type: its prefix, and the kind that its ARN names. */
const ec2: Record<string, [prefix: string, kind: string]> = {
  Vpc: ["vpc", "vpc"],
  Subnet: ["subnet", "subnet"],
  InternetGateway: ["igw", "internet-gateway"],
  Eip: ["eipalloc", "elastic-ip"],
  NatGateway: ["nat", "natgateway"],
  RouteTable: ["rtb", "route-table"],
  SecurityGroup: ["sg", "security-group"],
  DefaultSecurityGroup: ["sg", "security-group"],
  SecurityGroupIngressRule: ["sgr", "security-group-rule"],
  SecurityGroupEgressRule: ["sgr", "security-group-rule"],
  FlowLog: ["fl", "vpc-flow-log"],
  VpcEndpoint: ["vpce", "vpc-endpoint"],
};

/** As the service authorization reference and the providers' pages give them ("Resource types", "Attributes"). */
function identify(stack: string, type: string, name: string, inputs: Inputs): { id: string; arn: string } {
  const kind = type.split(":").at(-1) ?? "";
  const serial = createHash("sha256").update(`${stack} ${type} ${name}`).digest("hex").slice(0, 16);
  const regional = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  const both = (arn: string) => ({ id: arn, arn });
  const own = ec2[kind];
  if (own !== undefined) return { id: `${own[0]}-0${serial}`, arn: regional("ec2", `${own[1]}/${own[0]}-0${serial}`) };
  const text = (key: string) => String(inputs[key]);
  const below = (key: string, from: string, to: string) => both(`${text(key).replace(from, to)}/${serial}`);
  const arns: Record<string, () => { id: string; arn: string }> = {
    "aws:ecs/cluster:Cluster": () => both(regional("ecs", `cluster/${text("name")}`)),
    "aws:ecs/service:Service": () =>
      both(regional("ecs", `service/${text("cluster").split("/").at(-1)}/${text("name")}`)),
    "aws:ecs/taskDefinition:TaskDefinition": () => both(regional("ecs", `task-definition/${text("family")}:1`)),
    "aws:lb/loadBalancer:LoadBalancer": () =>
      both(regional("elasticloadbalancing", `loadbalancer/app/${text("name")}/${serial}`)),
    "aws:lb/targetGroup:TargetGroup": () =>
      both(regional("elasticloadbalancing", `targetgroup/${text("name")}/${serial}`)),
    "aws:lb/listener:Listener": () => below("loadBalancerArn", ":loadbalancer/", ":listener/"),
    "aws:lb/listenerRule:ListenerRule": () => below("listenerArn", ":listener/", ":listener-rule/"),
    "aws:iam/role:Role": () => ({ id: text("name"), arn: `arn:aws:iam::${account}:role/${text("name")}` }),
    "aws:iam/policy:Policy": () => both(`arn:aws:iam::${account}:policy/${text("name")}`),
    "aws:cloudwatch/logGroup:LogGroup": () => ({
      id: text("name"),
      arn: regional("logs", `log-group:${text("name")}`),
    }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => ({
      id: text("name"),
      arn: regional("cloudwatch", `alarm:${text("name")}`),
    }),
    "aws:cloudwatch/dashboard:Dashboard": () => ({
      id: text("dashboardName"),
      arn: `arn:aws:cloudwatch::${account}:dashboard/${text("dashboardName")}`,
    }),
    "aws:sns/topic:Topic": () => both(regional("sns", text("name"))),
    "aws:sns/topicSubscription:TopicSubscription": () => both(`${text("topic")}:${serial}`),
    "aws:s3/bucket:Bucket": () => ({ id: text("bucket"), arn: `arn:aws:s3:::${text("bucket")}` }),
    "aws:acm/certificate:Certificate": () => both(regional("acm", `certificate/${serial}`)),
    "aws:appautoscaling/target:Target": () => ({
      id: text("resourceId"),
      arn: regional("application-autoscaling", `scalable-target/${serial}`),
    }),
  };
  return arns[type]?.() ?? { id: `${name}-${serial}`, arn: "" };
}
