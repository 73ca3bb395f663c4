/** Resources that nobody should make, in the form that states have, and what checkov must say of them. */
import type { Checked } from "./plan.ts";

interface Bad {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  /** Identifiers of checks that must fail. */
  readonly findings: readonly string[];
}

const anyAction = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
const anyPrincipal = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action }] });

const bad: readonly Bad[] = [
  {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    inputs: { bucket: "bad-bucket", blockPublicAcls: false, blockPublicPolicy: false, restrictPublicBuckets: false },
    findings: ["CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_56"],
  },
  {
    type: "aws:s3/bucket:Bucket",
    inputs: { bucket: "bad-bucket", acl: "public-read" },
    findings: ["CKV_AWS_20", "CKV2_AWS_6"],
  },
  {
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    inputs: { securityGroupId: "sg-1", cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 22, toPort: 22 },
    findings: ["CKV_AWS_24"],
  },
  { type: "aws:ec2/securityGroup:SecurityGroup", inputs: { name: "bad" }, findings: ["CKV2_AWS_5", "CKV_AWS_23"] },
  { type: "aws:ec2/vpc:Vpc", inputs: { cidrBlock: "10.0.0.0/16" }, findings: ["CKV2_AWS_11", "CKV2_AWS_12"] },
  {
    type: "aws:ec2/subnet:Subnet",
    inputs: { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24", mapPublicIpOnLaunch: true },
    findings: ["CKV_AWS_130"],
  },
  { type: "aws:cloudwatch/logGroup:LogGroup", inputs: { name: "bad" }, findings: ["CKV_AWS_158", "CKV_AWS_338"] },
  {
    type: "aws:ecr/repository:Repository",
    inputs: { name: "bad", imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: false } },
    findings: ["CKV_AWS_51", "CKV_AWS_136", "CKV_AWS_163"],
  },
  {
    type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
    inputs: { repository: "bad", policy: anyPrincipal("ecr:*") },
    findings: ["CKV_AWS_32"],
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    inputs: { name: "bad", role: "bad", policy: anyAction },
    findings: ["CKV_AWS_62", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355"],
  },
  {
    type: "aws:iam/role:Role",
    inputs: { name: "bad", assumeRolePolicy: anyPrincipal("sts:AssumeRole") },
    findings: ["CKV_AWS_60"],
  },
  {
    type: "aws:lb/loadBalancer:LoadBalancer",
    inputs: { name: "bad", loadBalancerType: "application", dropInvalidHeaderFields: false },
    findings: ["CKV_AWS_91", "CKV_AWS_131", "CKV_AWS_150"],
  },
  {
    type: "aws:lb/listener:Listener",
    inputs: { loadBalancerArn: "arn:1", port: 80, protocol: "HTTP", defaultActions: [{ type: "forward" }] },
    findings: ["CKV_AWS_2", "CKV_AWS_103"],
  },
  {
    type: "aws:lb/targetGroup:TargetGroup",
    inputs: { name: "bad", protocol: "HTTP", port: 80, targetType: "ip" },
    findings: ["CKV_AWS_378", "CKV_AWS_261"],
  },
  {
    type: "aws:ecs/cluster:Cluster",
    inputs: { name: "bad", settings: [{ name: "containerInsights", value: "disabled" }] },
    findings: ["CKV_AWS_65"],
  },
  {
    type: "aws:ecs/service:Service",
    inputs: {
      name: "bad",
      launchType: "FARGATE",
      platformVersion: "1.3.0",
      networkConfiguration: { assignPublicIp: true },
    },
    findings: ["CKV_AWS_332", "CKV_AWS_333"],
  },
  {
    type: "aws:ecs/taskDefinition:TaskDefinition",
    inputs: {
      family: "bad",
      // checkov 3.3.30 looks for `privilege`, which no container has: a privileged one passes. The policy pack refuses it.
      containerDefinitions: JSON.stringify([{ name: "bad", image: "bad", readonlyRootFilesystem: false }]),
    },
    findings: ["CKV_AWS_336"],
  },
  { type: "aws:sns/topic:Topic", inputs: { name: "bad" }, findings: ["CKV_AWS_26"] },
];

/** A resource of every kind that has checks. */
export const badResources: readonly Checked[] = bad.map(({ type, inputs }, index) => {
  const name = `bad-${index}`;
  return { type, name, id: name, inputs, outputs: {} };
});

/** What must be found: the resource's name in the program and the check. */
export const badFindings: readonly string[] = bad.flatMap(({ findings }, index) =>
  findings.map((check) => `bad-${index} ${check}`),
);
