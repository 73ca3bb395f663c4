import { contains, overlaps, parseCidr } from "./cidr.ts";
import type { RouteTable, SecurityGroup, Subnet, Vpc } from "./ec2-model.ts";
import { dependency, type Ec2Tables, ec2Tables } from "./ec2-tables.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { newId } from "./table.ts";

type Ids<K extends string> = { [P in K]?: string[] };

/** VPCs, subnets and availability zones. */
export class Ec2Network {
  protected readonly cloud: Inner;
  protected readonly tables: Ec2Tables;

  constructor(cloud: Inner) {
    this.cloud = cloud;
    this.tables = ec2Tables(cloud);
  }

  describeAvailabilityZones(_input: object = {}) {
    const region = this.cloud.region;
    const short = region.replace(/^([a-z]+)-([a-z])[a-z]*-(\d)$/, "$1$2$3");
    return {
      AvailabilityZones: ["a", "b", "c"].map((letter, index) => ({
        ZoneName: `${region}${letter}`,
        ZoneId: `${short}-az${index + 1}`,
        RegionName: region,
        GroupName: region,
        State: "available",
        OptInStatus: "opt-in-not-required",
        ZoneType: "availability-zone",
      })),
    };
  }

  /** With its main route table, default security group and network ACL, as AWS makes them. */
  createVpc(input: { CidrBlock?: string; InstanceTenancy?: string }) {
    const block = parseCidr(input.CidrBlock ?? "");
    if (block === undefined)
      throw invalid(
        "InvalidParameterValue",
        `Value (${input.CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
      );
    if (block.prefix < 16 || block.prefix > 28)
      throw invalid("InvalidVpc.Range", `The CIDR '${input.CidrBlock}' is invalid.`);
    const OwnerId = this.cloud.account;
    const vpc: Vpc = {
      VpcId: newId("vpc"),
      CidrBlock: input.CidrBlock ?? "",
      InstanceTenancy: input.InstanceTenancy ?? "default",
      EnableDnsSupport: true,
      EnableDnsHostnames: false,
      EnableNetworkAddressUsageMetrics: false,
      MainRouteTableId: newId("rtb"),
      DefaultSecurityGroupId: newId("sg"),
      DefaultNetworkAclId: newId("acl"),
      DhcpOptionsId: newId("dopt"),
      OwnerId,
      State: "available",
    };
    const table: RouteTable = {
      RouteTableId: vpc.MainRouteTableId,
      VpcId: vpc.VpcId,
      OwnerId,
      Routes: [
        { DestinationCidrBlock: vpc.CidrBlock, GatewayId: "local", State: "active", Origin: "CreateRouteTable" },
      ],
      Associations: [{ RouteTableAssociationId: newId("rtbassoc"), Main: true }],
    };
    const group: SecurityGroup = {
      GroupId: vpc.DefaultSecurityGroupId,
      GroupName: "default",
      Description: "default VPC security group",
      VpcId: vpc.VpcId,
      OwnerId,
      SecurityGroupArn: this.arn("security-group", vpc.DefaultSecurityGroupId),
    };
    this.cloud.store.transaction(() => {
      this.tables.vpcs.put(vpc.VpcId, vpc);
      this.tables.routeTables.put(table.RouteTableId, table);
      this.tables.groups.put(group.GroupId, group);
    });
    return { Vpc: vpc };
  }

  describeVpcs(input: Ids<"VpcIds"> = {}) {
    return { Vpcs: this.tables.vpcs.pick(input.VpcIds) };
  }

  /** One attribute a call, as AWS has it; several are taken here as well. */
  modifyVpcAttribute(input: {
    VpcId?: string;
    EnableDnsSupport?: { Value: boolean };
    EnableDnsHostnames?: { Value: boolean };
    EnableNetworkAddressUsageMetrics?: { Value: boolean };
  }) {
    const { VpcId, ...attributes } = input;
    const vpc = this.tables.vpcs.need(VpcId);
    const changes = Object.entries(attributes).flatMap(([key, one]) => (one === undefined ? [] : [[key, one.Value]]));
    this.tables.vpcs.put(vpc.VpcId, { ...vpc, ...Object.fromEntries(changes) });
    return {};
  }

  deleteVpc(input: { VpcId?: string }) {
    const vpc = this.tables.vpcs.need(input.VpcId);
    const inside = (one: { VpcId?: string }) => one.VpcId === vpc.VpcId;
    const others =
      this.tables.subnets.list().some(inside) ||
      this.tables.gateways.list().some(inside) ||
      this.tables.endpoints.list().some(inside) ||
      this.tables.routeTables.list().some((one) => inside(one) && one.RouteTableId !== vpc.MainRouteTableId) ||
      this.tables.groups.list().some((one) => inside(one) && one.GroupId !== vpc.DefaultSecurityGroupId);
    if (others) throw dependency(`The vpc '${vpc.VpcId}' has dependencies and cannot be deleted.`);
    this.cloud.store.transaction(() => {
      this.tables.routeTables.remove(vpc.MainRouteTableId);
      this.tables.groups.remove(vpc.DefaultSecurityGroupId);
      for (const rule of this.tables.rules.list()) {
        if (rule.GroupId === vpc.DefaultSecurityGroupId) this.tables.rules.remove(rule.SecurityGroupRuleId);
      }
      this.tables.vpcs.remove(vpc.VpcId);
    });
    return {};
  }

  createSubnet(input: { VpcId?: string; CidrBlock?: string; AvailabilityZone?: string; AvailabilityZoneId?: string }) {
    const vpc = this.tables.vpcs.need(input.VpcId);
    const [block, outer] = [parseCidr(input.CidrBlock ?? ""), parseCidr(vpc.CidrBlock)];
    if (!block || !outer || block.prefix < 16 || block.prefix > 28 || !contains(outer, block)) {
      throw invalid("InvalidSubnet.Range", `The CIDR '${input.CidrBlock}' is invalid.`);
    }
    const rival = this.tables.subnets.list().find((one) => {
      const other = parseCidr(one.CidrBlock);
      return one.VpcId === vpc.VpcId && other !== undefined && overlaps(block, other);
    });
    if (rival) throw invalid("InvalidSubnet.Conflict", `The CIDR '${input.CidrBlock}' conflicts with another subnet`);
    const SubnetId = newId("subnet");
    const subnet: Subnet = {
      SubnetId,
      VpcId: vpc.VpcId,
      CidrBlock: input.CidrBlock ?? "",
      ...this.#zone(input),
      MapPublicIpOnLaunch: false,
      OwnerId: this.cloud.account,
      SubnetArn: this.arn("subnet", SubnetId),
      State: "available",
    };
    this.tables.subnets.put(SubnetId, subnet);
    return { Subnet: subnet };
  }

  #zone(input: { AvailabilityZone?: string; AvailabilityZoneId?: string }) {
    const zones = this.describeAvailabilityZones().AvailabilityZones;
    const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
    const zone = zones.find((one) => (name ? one.ZoneName === name : !id || one.ZoneId === id));
    if (zone) return { AvailabilityZone: zone.ZoneName, AvailabilityZoneId: zone.ZoneId };
    const known = zones.map((one) => one.ZoneName).join(", ");
    throw invalid(
      "InvalidParameterValue",
      `Value (${name ?? id}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${known}.`,
    );
  }

  describeSubnets(input: Ids<"SubnetIds"> = {}) {
    return { Subnets: this.tables.subnets.pick(input.SubnetIds) };
  }

  modifySubnetAttribute(input: { SubnetId?: string; MapPublicIpOnLaunch?: { Value: boolean } }) {
    const subnet = this.tables.subnets.need(input.SubnetId);
    const MapPublicIpOnLaunch = input.MapPublicIpOnLaunch?.Value ?? subnet.MapPublicIpOnLaunch;
    this.tables.subnets.put(subnet.SubnetId, { ...subnet, MapPublicIpOnLaunch });
    return {};
  }

  deleteSubnet(input: { SubnetId?: string }) {
    const { SubnetId } = this.tables.subnets.need(input.SubnetId);
    const used =
      this.tables.nats.list().some((nat) => nat.SubnetId === SubnetId) ||
      this.tables.endpoints.list().some((one) => one.SubnetIds.includes(SubnetId));
    if (used) {
      throw dependency(`The subnet '${SubnetId}' has dependencies and cannot be deleted.`);
    }
    this.tables.subnets.remove(SubnetId);
    return {};
  }

  protected arn(type: string, id: string): string {
    return `arn:aws:ec2:${this.cloud.region}:${this.cloud.account}:${type}/${id}`;
  }
}

export function invalid(code: string, text: string): CloudError {
  return new CloudError(code, text, 400);
}
