import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkExistingVpc } from "../../../components/network/adoption.ts";
import { Network } from "../../../components/network/network.ts";
import { requiredEndpoints } from "../../../model/network-plan.ts";
import { configOf, type Declarations, declare, environment } from "../harness.ts";

const networkOf = (settings: Record<string, unknown>) =>
  configOf({ network: settings }).network as NonNullable<ReturnType<typeof configOf>["network"]>;
const network = (settings: Record<string, unknown>): Promise<Declarations> =>
  declare(() => new Network("network", { environment, ...networkOf(settings) }));
const document = (inputs: Record<string, unknown>, key: string) => JSON.parse(inputs[key] as string).Statement;

const vpc = {
  id: "vpc-0123456789abcdef0",
  cidr: "10.9.0.0/16",
  publicSubnets: ["subnet-00000001", "subnet-00000002"],
  privateSubnets: ["subnet-00000003", "subnet-00000004"],
};

describe("Network", () => {
  it("locks the default security group", async () => {
    const resources = await network({});
    const { ingress, egress, vpcId } = resources.one("ec2/defaultSecurityGroup", "network-default-security-group");
    assert.deepEqual([ingress, egress, vpcId], [undefined, undefined, "network-vpc-id"]);
  });

  it("records refused connections, through a role that this account's flow logs alone may take", async () => {
    const resources = await network({});
    assert.partialDeepStrictEqual(resources.one("ec2/flowLog", "network-flow-logs"), {
      vpcId: "network-vpc-id",
      trafficType: "REJECT",
      logDestination: "arn:mock:aws:cloudwatch/logGroup:LogGroup:network-flow-logs-group",
      iamRoleArn: "arn:mock:aws:iam/role:Role:network-flow-logs-role",
    });
    const group = resources.one("cloudwatch/logGroup", "network-flow-logs-group");
    assert.equal(group.name, "/sluice/test/network/flow");
    assert.equal(group.retentionInDays, 90);
    const [trust] = document(resources.one("iam/role", "network-flow-logs-role"), "assumeRolePolicy");
    assert.deepEqual(trust.Condition, {
      StringEquals: { "aws:SourceAccount": "123456789012" },
      ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*" },
    });
    const [allowed] = document(resources.one("iam/rolePolicy", "network-flow-logs-policy"), "policy");
    assert.deepEqual(allowed.Resource, ["arn:aws:logs:eu-west-1:123456789012:log-group:/sluice/test/network/flow:*"]);
    assert.ok(allowed.Action.every((action: string) => /^logs:(Create|Describe|Put)\w+$/.test(action)));
  });

  it("records nothing where that is switched off", async () => {
    const resources = await network({ flowLogs: { enabled: false } });
    for (const kind of ["ec2/flowLog", "iam/role", "cloudwatch/logGroup"]) assert.deepEqual(resources.names(kind), []);
  });

  it("has no way out but AWS's services where egress is endpoints", async () => {
    const resources = await network({ egress: "endpoints", endpoints: ["kms"] });
    assert.deepEqual(resources.names("ec2/natGateway"), []);
    assert.deepEqual(resources.names("ec2/eip"), []);
    assert.deepEqual(resources.names("ec2/route"), ["network-public-default"]);
    const names = [...requiredEndpoints, "kms", "s3"].map(
      (service) => `network-endpoints-${service.replaceAll(".", "-")}`,
    );
    assert.deepEqual(resources.names("ec2/vpcEndpoint").sort(), names.sort());
    assert.partialDeepStrictEqual(resources.one("ec2/vpcEndpoint", "network-endpoints-ecr-api"), {
      serviceName: "com.amazonaws.eu-west-1.ecr.api",
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: ["network-private-0-id", "network-private-1-id"],
      securityGroupIds: ["network-endpoints-security-group-id"],
    });
    assert.partialDeepStrictEqual(resources.one("ec2/vpcEndpoint", "network-endpoints-s3"), {
      serviceName: "com.amazonaws.eu-west-1.s3",
      vpcEndpointType: "Gateway",
      routeTableIds: ["network-private-0-routes-id", "network-private-1-routes-id"],
    });
  });

  it("spares the NAT gateway what goes to S3, where asked, and pays for nothing more", async () => {
    const resources = await network({ endpoints: ["s3"] });
    assert.deepEqual(resources.names("ec2/vpcEndpoint"), ["network-endpoints-s3"]);
    assert.deepEqual(resources.names("ec2/securityGroup"), []);
    assert.deepEqual(resources.names("ec2/natGateway"), ["network-nat-0"]);
  });

  it("lets the VPC alone reach the endpoints, by HTTPS, and lets them reach nothing", async () => {
    const resources = await network({ egress: "endpoints", cidr: "10.7.0.0/16" });
    assert.partialDeepStrictEqual(resources.one("vpc/securityGroupIngressRule", "network-endpoints-ingress"), {
      cidrIpv4: "10.7.0.0/16",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
    assert.deepEqual(resources.names("vpc/securityGroupEgressRule"), []);
  });

  it("tags all that can be tagged", async () => {
    const resources = await network({ egress: "endpoints" });
    const untaggable = /routeTableAssociation|ec2\/route:|rolePolicy|^sluice:/;
    for (const { type, name, inputs } of resources.all) {
      if (!untaggable.test(type)) assert.ok(inputs.tags, `${name} has no tags`);
    }
  });

  it("makes nothing in a VPC that exists", async () => {
    let made: Network | undefined;
    const resources = await declare(() => {
      made = new Network("network", { environment, ...networkOf({ vpc }) });
    });
    assert.deepEqual(
      resources.all.map(({ name }) => name),
      ["network"],
    );
    assert.deepEqual([made?.cidr, made?.assignPublicIp], ["10.9.0.0/16", false]);
    const value = <T>(output: pulumi.Output<T> | undefined) => new Promise((resolve) => output?.apply(resolve));
    assert.deepEqual(await value(pulumi.all(made?.taskSubnetIds ?? [])), vpc.privateSubnets);
    assert.deepEqual(await value(pulumi.all(made?.publicSubnetIds ?? [])), vpc.publicSubnets);
  });
});

describe("an existing VPC", () => {
  const zones: Record<string, string> = { 1: "a", 2: "b", 3: "a", 4: "b" };
  const answers = (changes: Record<string, Record<string, string>> = {}) => ({
    "aws:ec2/getVpc:getVpc": () => ({ id: vpc.id, cidrBlock: "10.9.0.0/16" }),
    "aws:ec2/getSubnet:getSubnet": ({ id }: Record<string, unknown>) => ({
      id,
      vpcId: vpc.id,
      availabilityZone: `eu-west-1${zones[String(id).slice(-1)]}`,
      ...changes[String(id)],
    }),
  });
  const check = (changes = {}, config = vpc) => declare(() => checkExistingVpc(config), answers(changes));

  it("is taken when it is what the configuration says", async () => {
    await check();
  });

  it("is refused with everything that is not so", async () => {
    const changes = {
      "subnet-00000002": { vpcId: "vpc-0000000f" },
      "subnet-00000004": { availabilityZone: "eu-west-1a" },
    };
    await assert.rejects(check(changes, { ...vpc, cidr: "10.8.0.0/16" }), (error: Error) => {
      assert.match(error.message, /network\.vpc\.cidr: .*set it to 10\.9\.0\.0\/16/);
      assert.match(error.message, /network\.vpc\.publicSubnets: in vpc-0123456789abcdef0; got "subnet-00000002"/);
      assert.match(error.message, /network\.vpc\.privateSubnets: of two zones at least/);
      return true;
    });
  });
});
