import { unlessGone } from "../gone.ts";
import type { InputSpec, Invoke, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NO_ENDPOINT = "InvalidVpcEndpointId.NotFound";
const ids: InputSpec = { type: { set: { type: "string" } }, computed: true };
const text: InputSpec = { type: "string" };

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html */
export const vpcEndpoint: ResourceType = {
  inputs: {
    policy: { type: "json", computed: true },
    privateDnsEnabled: { type: "boolean", computed: true },
    routeTableIds: ids,
    securityGroupIds: ids,
    serviceName: { type: "string", required: true, replace: true },
    subnetIds: ids,
    vpcEndpointType: { type: "string", default: "Gateway", replace: true, oneOf: ["Gateway", "Interface"] },
    vpcId: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "networkInterfaceIds", "ownerId", "requesterManaged", "state"],
  tagged: true,
  async create(inputs, ctx) {
    const { vpcId, serviceName } = inputs as Record<string, string>;
    const { VpcEndpoint } = await ctx.cloud.ec2.createVpcEndpoint({
      VpcId: vpcId as string,
      ServiceName: serviceName as string,
      VpcEndpointType: inputs.vpcEndpointType as string,
      ...endpointOf(inputs),
    });
    const id = VpcEndpoint.VpcEndpointId;
    return { id, state: (await readEndpoint(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readEndpoint(id, ctx),
  async update(id, _olds, news, ctx) {
    await ctx.cloud.ec2.modifyVpcEndpoint({ VpcEndpointId: id, ...endpointOf(news) });
    return (await readEndpoint(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteVpcEndpoints({ VpcEndpointIds: [id] }), NO_ENDPOINT);
  },
};

function endpointOf(inputs: Properties) {
  const { policy, privateDnsEnabled, routeTableIds, securityGroupIds, subnetIds } = inputs;
  return {
    ...(policy !== undefined && { PolicyDocument: policy as string }),
    ...(privateDnsEnabled !== undefined && { PrivateDnsEnabled: privateDnsEnabled as boolean }),
    ...(routeTableIds !== undefined && { RouteTableIds: routeTableIds as string[] }),
    ...(securityGroupIds !== undefined && { SecurityGroupIds: securityGroupIds as string[] }),
    ...(subnetIds !== undefined && { SubnetIds: subnetIds as string[] }),
  };
}

async function readEndpoint(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeVpcEndpoints({ VpcEndpointIds: [id] }), NO_ENDPOINT);
  const one = found?.VpcEndpoints[0];
  return (
    one && {
      arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:vpc-endpoint/${id}`,
      networkInterfaceIds: one.NetworkInterfaceIds,
      ownerId: one.OwnerId,
      policy: one.PolicyDocument,
      privateDnsEnabled: one.PrivateDnsEnabled,
      requesterManaged: false,
      routeTableIds: one.RouteTableIds,
      securityGroupIds: one.SecurityGroupIds,
      serviceName: one.ServiceName,
      state: one.State,
      subnetIds: one.SubnetIds,
      vpcEndpointType: one.VpcEndpointType,
      vpcId: one.VpcId,
    }
  );
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html: nothing of it can be changed. */
export const flowLog: ResourceType = {
  inputs: {
    iamRoleArn: { type: "string", required: true, replace: true, pattern: /^arn:/, patternHint: "must be an ARN" },
    logDestination: { type: "string", required: true, replace: true },
    logDestinationType: {
      type: "string",
      default: "cloud-watch-logs",
      replace: true,
      oneOf: ["cloud-watch-logs"],
    },
    maxAggregationInterval: { type: "integer", default: 600, replace: true, oneOf: [60, 600] },
    trafficType: { type: "string", required: true, replace: true, oneOf: ["ACCEPT", "REJECT", "ALL"] },
    vpcId: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "logFormat"],
  tagged: true,
  async create(inputs, ctx) {
    const wanted = inputs as Record<string, string>;
    const { FlowLogIds } = await ctx.cloud.ec2.createFlowLogs({
      ResourceIds: [String(wanted.vpcId)],
      ResourceType: "VPC",
      TrafficType: String(wanted.trafficType),
      LogDestinationType: String(wanted.logDestinationType),
      LogDestination: String(wanted.logDestination),
      DeliverLogsPermissionArn: String(wanted.iamRoleArn),
      MaxAggregationInterval: Number(wanted.maxAggregationInterval),
    });
    const id = FlowLogIds[0] ?? "";
    return { id, state: (await readFlowLog(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readFlowLog(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteFlowLogs({ FlowLogIds: [id] }), "InvalidFlowLogId.NotFound");
  },
};

async function readFlowLog(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const { FlowLogs } = await ctx.cloud.ec2.describeFlowLogs({ FlowLogIds: [id] });
  const [one] = FlowLogs;
  return (
    one && {
      arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:vpc-flow-log/${id}`,
      iamRoleArn: one.DeliverLogsPermissionArn,
      logDestination: one.LogDestination,
      logDestinationType: one.LogDestinationType,
      logFormat: one.LogFormat,
      maxAggregationInterval: one.MaxAggregationInterval,
      trafficType: one.TrafficType,
      vpcId: one.ResourceId,
    }
  );
}

/** The default group of a VPC: taken over, never made or deleted. Only the form without rules is supported. */
export const defaultSecurityGroup: ResourceType = {
  inputs: {
    egress: { type: { set: { type: "any" } }, maxLength: 0 },
    ingress: { type: { set: { type: "any" } }, maxLength: 0 },
    vpcId: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "description", "name", "ownerId"],
  tagged: true,
  async create(inputs, ctx) {
    const { Vpcs } = await ctx.cloud.ec2.describeVpcs({ VpcIds: [inputs.vpcId as string] });
    const id = Vpcs[0]?.DefaultSecurityGroupId ?? "";
    await emptyGroup(id, ctx);
    return { id, state: (await readDefaultGroup(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readDefaultGroup(id, ctx),
  async update(id, _olds, _news, ctx) {
    await emptyGroup(id, ctx);
    return (await readDefaultGroup(id, ctx)) ?? {};
  },
  delete: async () => {},
};

async function emptyGroup(GroupId: string, ctx: ProviderContext): Promise<void> {
  const { ec2 } = ctx.cloud;
  const { SecurityGroupRules: rules } = await ec2.describeSecurityGroupRules({ GroupId });
  const going = (egress: boolean) => ({
    GroupId,
    SecurityGroupRuleIds: rules.filter((rule) => rule.IsEgress === egress).map((rule) => rule.SecurityGroupRuleId),
  });
  await ec2.revokeSecurityGroupIngress(going(false));
  await ec2.revokeSecurityGroupEgress(going(true));
}

async function readDefaultGroup(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const { ec2 } = ctx.cloud;
  const found = await unlessGone(ec2.describeSecurityGroups({ GroupIds: [id] }), "InvalidGroup.NotFound");
  const one = found?.SecurityGroups[0];
  if (one === undefined) return undefined;
  const { SecurityGroupRules: rules } = await ec2.describeSecurityGroupRules({ GroupId: id });
  const shown = (egress: boolean) => rules.filter((rule) => rule.IsEgress === egress);
  return {
    arn: one.SecurityGroupArn,
    name: one.GroupName,
    description: one.Description,
    ownerId: one.OwnerId,
    vpcId: one.VpcId,
    ...(shown(false).length > 0 && { ingress: shown(false) }),
    ...(shown(true).length > 0 && { egress: shown(true) }),
  };
}

/** @throws when there is no such VPC */
export const getVpc: Invoke = {
  args: { id: { type: "string", required: true }, region: text },
  async run({ id }, ctx) {
    const { Vpcs } = await ctx.cloud.ec2.describeVpcs({ VpcIds: [id as string] });
    const [one] = Vpcs;
    return {
      id: one?.VpcId,
      arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:vpc/${id}`,
      cidrBlock: one?.CidrBlock,
      enableDnsHostnames: one?.EnableDnsHostnames,
      enableDnsSupport: one?.EnableDnsSupport,
      mainRouteTableId: one?.MainRouteTableId,
      ownerId: one?.OwnerId,
      region: ctx.region,
      state: one?.State,
      tags: ctx.cloud.tags.read(`arn:aws:ec2:${ctx.region}:${ctx.account}:vpc/${id}`),
    };
  },
};

/** @throws when there is no such subnet */
export const getSubnet: Invoke = {
  args: { id: { type: "string", required: true }, region: text },
  async run({ id }, ctx) {
    const { Subnets } = await ctx.cloud.ec2.describeSubnets({ SubnetIds: [id as string] });
    const [one] = Subnets;
    return {
      id: one?.SubnetId,
      arn: one?.SubnetArn,
      availabilityZone: one?.AvailabilityZone,
      availabilityZoneId: one?.AvailabilityZoneId,
      cidrBlock: one?.CidrBlock,
      mapPublicIpOnLaunch: one?.MapPublicIpOnLaunch,
      ownerId: one?.OwnerId,
      region: ctx.region,
      state: one?.State,
      tags: ctx.cloud.tags.read(one?.SubnetArn ?? ""),
      vpcId: one?.VpcId,
    };
  },
};
