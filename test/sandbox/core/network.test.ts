import assert from "node:assert/strict";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { Properties } from "../../../sandbox/providers/resource-type.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const FLOW_LOG = "aws:ec2/flowLog:FlowLog";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";

describe("endpoints, flow logs and the default group of a VPC", () => {
  const { cloud, dispose } = bareCloud();
  let engine: Engine;
  let stop: () => Promise<void>;

  before(async () => {
    const server = await serve(cloud, awsProvider("0"));
    stop = () => server.close();
    engine = await new Engine(server.port).configure({ region: "eu-west-1" });
  });
  after(async () => {
    engine.close();
    await stop();
    dispose();
  });

  const make = async (type: string, name: string, inputs: Properties) => {
    const checked = await engine.check(urnOf(type, name), inputs);
    assert.deepEqual(checked.failures, []);
    return { inputs: checked.inputs, ...(await engine.create(urnOf(type, name), checked.inputs)) };
  };
  const vpc = async (name: string) =>
    (await make(VPC, name, { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true })).id;

  it("takes every rule from the default group, and leaves the group where it is", async () => {
    const vpcId = await vpc("locked");
    const group = await make(DEFAULT_GROUP, "locked", { vpcId });
    const rules = async () =>
      (await cloud.ec2.describeSecurityGroupRules({ GroupId: group.id })).SecurityGroupRules.length;
    assert.equal(await rules(), 0);
    await cloud.ec2.authorizeSecurityGroupIngress({
      GroupId: group.id,
      IpPermissions: [{ IpProtocol: "-1", CidrIpv4: "10.0.0.0/8" }],
    });
    const drifted = await engine.read(urnOf(DEFAULT_GROUP, "locked"), group.id, group.state, group.inputs);
    const diff = await engine.diff(urnOf(DEFAULT_GROUP, "locked"), drifted.state, group.inputs);
    assert.equal(diff.changes, true);
    assert.deepEqual(diff.replaces, []);
    await engine.update(urnOf(DEFAULT_GROUP, "locked"), group.id, drifted.state, group.inputs);
    assert.equal(await rules(), 0);
    await engine.delete(urnOf(DEFAULT_GROUP, "locked"), group.id, group.state);
    await engine.delete(urnOf(VPC, "locked"), vpcId, {});
    assert.deepEqual((await cloud.ec2.describeSecurityGroupRules({ GroupId: group.id })).SecurityGroupRules, []);
  });

  it("keeps endpoints to their kind, their VPC and one private name each", async () => {
    const vpcId = await vpc("endpoints");
    const subnetIds = [(await make(SUBNET, "a", { vpcId, cidrBlock: "10.0.0.0/20" })).id];
    const routeTableIds = [(await make(TABLE, "t", { vpcId })).id];
    const service = (name: string) => `com.amazonaws.eu-west-1.${name}`;
    const logs = { vpcId, serviceName: service("logs"), vpcEndpointType: "Interface", subnetIds };
    const { id, state } = await make(ENDPOINT, "logs", logs);
    assert.equal(state.privateDnsEnabled, true);
    const refused: [Properties, RegExp][] = [
      [logs, /conflicting DNS domain/],
      [{ vpcId, serviceName: service("s3"), subnetIds }, /does not match/],
      [{ ...logs, serviceName: "com.amazonaws.eu-west-2.logs" }, /does not exist/],
      [{ vpcId, serviceName: service("logs"), routeTableIds }, /does not exist/],
      [{ vpcId: await vpc("other"), serviceName: service("s3"), routeTableIds }, /in the VPC of the endpoint/],
    ];
    for (const [inputs, message] of refused) await assert.rejects(make(ENDPOINT, "refused", inputs), message);
    await make(ENDPOINT, "s3", { vpcId, serviceName: service("s3"), routeTableIds });
    await assert.rejects(engine.delete(urnOf(SUBNET, "a"), subnetIds[0] ?? "", {}), /dependencies/);
    await assert.rejects(engine.delete(urnOf(VPC, "endpoints"), vpcId, {}), /dependencies/);
    const replaced = await engine.diff(urnOf(ENDPOINT, "logs"), state, { ...logs, serviceName: service("ssm") });
    assert.deepEqual(replaced.replaces, ["serviceName"]);
    await engine.delete(urnOf(ENDPOINT, "logs"), id, state);
    await engine.delete(urnOf(SUBNET, "a"), subnetIds[0] ?? "", {});
  });

  it("replaces a flow log for any change, and refuses a second one to the same group", async () => {
    const vpcId = await vpc("logged");
    const inputs = {
      vpcId,
      trafficType: "REJECT",
      iamRoleArn: "arn:aws:iam::000000000000:role/flow",
      logDestination: "arn:aws:logs:eu-west-1:000000000000:log-group:/flow",
    };
    const { id, state } = await make(FLOW_LOG, "flow", inputs);
    assert.match(String(state.logFormat), /^\$\{version\} .*\$\{log-status\}$/);
    const diff = await engine.diff(urnOf(FLOW_LOG, "flow"), state, { ...inputs, trafficType: "ALL" });
    assert.deepEqual(diff.replaces, ["trafficType"]);
    await assert.rejects(make(FLOW_LOG, "second", inputs), /existing Flow Log/);
    await engine.delete(urnOf(FLOW_LOG, "flow"), id, state);
    assert.equal((await engine.read(urnOf(FLOW_LOG, "flow"), id, state)).id, "");
  });

  it("tells of VPCs and subnets that others made", async () => {
    const vpcId = await vpc("found");
    const { id } = await make(SUBNET, "found", { vpcId, cidrBlock: "10.0.16.0/20", availabilityZone: "eu-west-1b" });
    assert.equal((await engine.invoke("aws:ec2/getVpc:getVpc", { id: vpcId })).cidrBlock, "10.0.0.0/16");
    const subnet = await engine.invoke("aws:ec2/getSubnet:getSubnet", { id });
    assert.deepEqual([subnet.vpcId, subnet.availabilityZone], [vpcId, "eu-west-1b"]);
    await assert.rejects(engine.invoke("aws:ec2/getSubnet:getSubnet", { id: "subnet-0" }), /does not exist/);
  });
});
