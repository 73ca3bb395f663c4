/** The two clouds that the contract is about, behind the same clients. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { STSClient } from "@aws-sdk/client-sts";
import type { Cloud } from "../../sandbox/cloud/index.ts";
import type { Backend } from "./aws-steps.ts";

/** Clients that differ from those of the product by their endpoint only; failures are to be seen, so none is retried. */
export function clientsFor(endpoint: string): Omit<Backend, "network"> {
  const config = {
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "contract", secretAccessKey: "contract" },
    maxAttempts: 1,
  };
  return {
    ecr: new ECRClient(config),
    ecs: new ECSClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    cloudwatch: new CloudWatchClient(config),
    sts: new STSClient(config),
  };
}

/** moto, with the network that it gives every account. */
export async function motoBackend(endpoint: string): Promise<Backend> {
  const subnets = await motoEc2(endpoint, "DescribeSubnets");
  const groups = await motoEc2(endpoint, "DescribeSecurityGroups");
  return {
    ...clientsFor(endpoint),
    network: {
      vpc: firstMatch(subnets, /<vpcId>(.*?)<\/vpcId>/),
      subnets: [...subnets.matchAll(/<subnetId>(.*?)<\/subnetId>/g)].map((match) => match[1] ?? "").slice(0, 2),
      securityGroup: firstMatch(groups, /<groupId>(.*?)<\/groupId>/),
    },
  };
}

/** The EC2 API is no part of what is compared, so its client is no dependency. */
async function motoEc2(endpoint: string, action: string): Promise<string> {
  const scope = "Credential=contract/20260101/eu-west-1/ec2/aws4_request";
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Action: action, Version: "2016-11-15" }),
  });
  return response.text();
}

function firstMatch(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`${pattern} is not in ${text.slice(0, 500)}`);
  return found;
}

/** The sandbox's cloud behind its own wire protocols. No task or listener runs: that is the business of other tests. */
export async function sandboxBackend(endpoint: string, cloud: Pick<Cloud, "ec2">): Promise<Backend> {
  const { Vpc } = await cloud.ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const vpc = required(Vpc?.VpcId);
  const subnets = await Promise.all(
    ["a", "b"].map(async (zone, index) => {
      const asked = { VpcId: vpc, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `eu-west-1${zone}` };
      return required((await cloud.ec2.createSubnet(asked)).Subnet?.SubnetId);
    }),
  );
  const group = await cloud.ec2.createSecurityGroup({ VpcId: vpc, GroupName: "contract", Description: "contract" });
  return { ...clientsFor(endpoint), network: { vpc, subnets, securityGroup: required(group.GroupId) } };
}

function required(value: string | undefined): string {
  if (value === undefined) throw new Error("the network has no id");
  return value;
}
