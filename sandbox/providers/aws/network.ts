import { parseCidr } from "../../cloud/cidr.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const cidr: InputSpec = {
  type: "string",
  pattern: /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/,
  patternHint: "must be an IPv4 block such as 10.0.0.0/16",
};
const vpcId: InputSpec = { type: "string", required: true, replace: true };

/** A problem when the block has bits behind its prefix, as the provider finds (`10.0.0.1/16`). */
export function checkBlock(property: string, value: unknown): CheckProblem[] {
  if (value === undefined || isUnknown(value) || parseCidr(String(value))) return [];
  return [{ property, reason: `"${value}" is not a valid CIDR block; its address must be the first of the block` }];
}

function arnOf(ctx: ProviderContext, type: string, id: string): string {
  return `arn:aws:ec2:${ctx.region}:${ctx.account}:${type}/${id}`;
}

interface VpcInputs extends Properties {
  cidrBlock: string;
  instanceTenancy: string;
  enableDnsSupport: boolean;
  enableDnsHostnames: boolean;
  enableNetworkAddressUsageMetrics?: boolean;
}

export const vpc: ResourceType = {
  inputs: {
    cidrBlock: { ...cidr, required: true, replace: true },
    enableDnsHostnames: { type: "boolean", default: false },
    enableDnsSupport: { type: "boolean", default: true },
    enableNetworkAddressUsageMetrics: { type: "boolean", computed: true },
    instanceTenancy: { type: "string", default: "default", replace: true, oneOf: ["default", "dedicated"] },
  },
  outputs: [
    "arn",
    "defaultNetworkAclId",
    "defaultRouteTableId",
    "defaultSecurityGroupId",
    "dhcpOptionsId",
    "mainRouteTableId",
    "ownerId",
  ],
  tagged: true,
  check: (inputs) => checkBlock("cidrBlock", inputs.cidrBlock),
  async create(inputs, ctx) {
    const { cidrBlock, instanceTenancy } = inputs as VpcInputs;
    const { Vpc } = await ctx.cloud.ec2.createVpc({ CidrBlock: cidrBlock, InstanceTenancy: instanceTenancy });
    await setVpc(Vpc.VpcId, inputs as VpcInputs, ctx);
    return { id: Vpc.VpcId, state: (await readVpc(Vpc.VpcId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readVpc(id, ctx),
  async update(id, _olds, news, ctx) {
    await setVpc(id, news as VpcInputs, ctx);
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteVpc({ VpcId: id }), "InvalidVpcID.NotFound");
  },
};

async function setVpc(id: string, inputs: VpcInputs, ctx: ProviderContext): Promise<void> {
  await ctx.cloud.ec2.modifyVpcAttribute({
    VpcId: id,
    EnableDnsSupport: { Value: inputs.enableDnsSupport },
    EnableDnsHostnames: { Value: inputs.enableDnsHostnames },
    EnableNetworkAddressUsageMetrics: { Value: inputs.enableNetworkAddressUsageMetrics ?? false },
  });
}

async function readVpc(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeVpcs({ VpcIds: [id] }), "InvalidVpcID.NotFound");
  const one = found?.Vpcs[0];
  return (
    one && {
      arn: arnOf(ctx, "vpc", id),
      cidrBlock: one.CidrBlock,
      instanceTenancy: one.InstanceTenancy,
      enableDnsSupport: one.EnableDnsSupport,
      enableDnsHostnames: one.EnableDnsHostnames,
      enableNetworkAddressUsageMetrics: one.EnableNetworkAddressUsageMetrics,
      mainRouteTableId: one.MainRouteTableId,
      defaultRouteTableId: one.MainRouteTableId,
      defaultSecurityGroupId: one.DefaultSecurityGroupId,
      defaultNetworkAclId: one.DefaultNetworkAclId,
      dhcpOptionsId: one.DhcpOptionsId,
      ownerId: one.OwnerId,
    }
  );
}

interface SubnetInputs extends Properties {
  vpcId: string;
  cidrBlock: string;
  availabilityZone?: string;
  availabilityZoneId?: string;
  mapPublicIpOnLaunch: boolean;
}

export const subnet: ResourceType = {
  inputs: {
    availabilityZone: { type: "string", computed: true, replace: true, conflictsWith: ["availabilityZoneId"] },
    availabilityZoneId: { type: "string", computed: true, replace: true },
    cidrBlock: { ...cidr, required: true, replace: true },
    mapPublicIpOnLaunch: { type: "boolean", default: false },
    vpcId,
  },
  outputs: ["arn", "availabilityZone", "availabilityZoneId", "ownerId"],
  tagged: true,
  check: (inputs) => checkBlock("cidrBlock", inputs.cidrBlock),
  async create(inputs, ctx) {
    const {
      vpcId: VpcId,
      cidrBlock,
      availabilityZone,
      availabilityZoneId,
      mapPublicIpOnLaunch,
    } = inputs as SubnetInputs;
    const { Subnet } = await ctx.cloud.ec2.createSubnet({
      VpcId,
      CidrBlock: cidrBlock,
      ...(availabilityZone && { AvailabilityZone: availabilityZone }),
      ...(availabilityZoneId && { AvailabilityZoneId: availabilityZoneId }),
    });
    const { SubnetId } = Subnet;
    if (mapPublicIpOnLaunch)
      await ctx.cloud.ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } });
    return { id: SubnetId, state: (await readSubnet(SubnetId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readSubnet(id, ctx),
  async update(id, _olds, news, ctx) {
    const { mapPublicIpOnLaunch } = news as SubnetInputs;
    await ctx.cloud.ec2.modifySubnetAttribute({ SubnetId: id, MapPublicIpOnLaunch: { Value: mapPublicIpOnLaunch } });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteSubnet({ SubnetId: id }), "InvalidSubnetID.NotFound");
  },
};

async function readSubnet(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeSubnets({ SubnetIds: [id] }), "InvalidSubnetID.NotFound");
  const one = found?.Subnets[0];
  return (
    one && {
      arn: one.SubnetArn,
      vpcId: one.VpcId,
      cidrBlock: one.CidrBlock,
      availabilityZone: one.AvailabilityZone,
      availabilityZoneId: one.AvailabilityZoneId,
      mapPublicIpOnLaunch: one.MapPublicIpOnLaunch,
      ownerId: one.OwnerId,
    }
  );
}

export const internetGateway: ResourceType = {
  inputs: { vpcId: { type: "string", computed: true } },
  outputs: ["arn", "ownerId"],
  tagged: true,
  async create(inputs, ctx) {
    const { InternetGateway } = await ctx.cloud.ec2.createInternetGateway();
    const { InternetGatewayId: id, OwnerId } = InternetGateway;
    const VpcId = inputs.vpcId as string | undefined;
    if (VpcId) await ctx.cloud.ec2.attachInternetGateway({ InternetGatewayId: id, VpcId });
    return { id, state: { arn: arnOf(ctx, "internet-gateway", id), ownerId: OwnerId } };
  },
  async read(id, _old, ctx) {
    const gone = "InvalidInternetGatewayID.NotFound";
    const found = await unlessGone(ctx.cloud.ec2.describeInternetGateways({ InternetGatewayIds: [id] }), gone);
    const one = found?.InternetGateways[0];
    return one && { arn: arnOf(ctx, "internet-gateway", id), ownerId: one.OwnerId, vpcId: one.VpcId };
  },
  async update(id, olds, news, ctx) {
    if (olds.vpcId === news.vpcId) return {};
    if (olds.vpcId) await ctx.cloud.ec2.detachInternetGateway({ InternetGatewayId: id, VpcId: olds.vpcId as string });
    if (news.vpcId) await ctx.cloud.ec2.attachInternetGateway({ InternetGatewayId: id, VpcId: news.vpcId as string });
    return {};
  },
  async delete(id, state, ctx) {
    const { ec2 } = ctx.cloud;
    const gone = "InvalidInternetGatewayID.NotFound";
    if (state.vpcId) {
      const detached = ec2.detachInternetGateway({ InternetGatewayId: id, VpcId: state.vpcId as string });
      await unlessGone(detached, gone, "Gateway.NotAttached");
    }
    await unlessGone(ec2.deleteInternetGateway({ InternetGatewayId: id }), gone);
  },
};

export const eip: ResourceType = {
  inputs: { domain: { type: "string", computed: true, replace: true, oneOf: ["vpc"] } },
  outputs: ["allocationId", "arn", "domain", "publicDns", "publicIp"],
  tagged: true,
  async create(_inputs, ctx) {
    const { AllocationId } = await ctx.cloud.ec2.allocateAddress({ Domain: "vpc" });
    return { id: AllocationId, state: (await readAddress(AllocationId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readAddress(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.releaseAddress({ AllocationId: id }), "InvalidAllocationID.NotFound");
  },
};

async function readAddress(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(
    ctx.cloud.ec2.describeAddresses({ AllocationIds: [id] }),
    "InvalidAllocationID.NotFound",
  );
  const one = found?.Addresses[0];
  if (one === undefined) return undefined;
  const publicDns = `ec2-${one.PublicIp.replaceAll(".", "-")}.${ctx.region}.compute.amazonaws.com`;
  return { allocationId: id, arn: arnOf(ctx, "elastic-ip", id), domain: one.Domain, publicIp: one.PublicIp, publicDns };
}

export const natGateway: ResourceType = {
  inputs: {
    allocationId: { type: "string", replace: true },
    connectivityType: { type: "string", default: "public", replace: true, oneOf: ["public", "private"] },
    subnetId: { type: "string", required: true, replace: true },
  },
  outputs: ["networkInterfaceId", "privateIp", "publicIp"],
  tagged: true,
  check: (inputs) =>
    inputs.connectivityType === "public" && inputs.allocationId === undefined
      ? [{ property: "allocationId", reason: "must be set when connectivityType is public" }]
      : [],
  async create(inputs, ctx) {
    const { allocationId, connectivityType, subnetId } = inputs as Record<string, string | undefined>;
    const { NatGateway } = await ctx.cloud.ec2.createNatGateway({
      ...(allocationId && { AllocationId: allocationId }),
      ...(connectivityType && { ConnectivityType: connectivityType }),
      ...(subnetId && { SubnetId: subnetId }),
    });
    return { id: NatGateway.NatGatewayId, state: (await readNat(NatGateway.NatGatewayId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readNat(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteNatGateway({ NatGatewayId: id }), "NatGatewayNotFound");
  },
};

async function readNat(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeNatGateways({ NatGatewayIds: [id] }), "NatGatewayNotFound");
  const one = found?.NatGateways[0];
  return (
    one && {
      allocationId: one.AllocationId,
      connectivityType: one.ConnectivityType,
      subnetId: one.SubnetId,
      networkInterfaceId: one.NetworkInterfaceId,
      privateIp: one.PrivateIp,
      publicIp: one.PublicIp,
    }
  );
}
