import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import type * as aws from "@pulumi/aws";
import type { Unwrap } from "@pulumi/pulumi";
import { type Clients, call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { tagSpecification } from "./mapping-ec2-network.ts";
import { required, tagMap } from "./tags.ts";

const routeTable = mapping<aws.ec2.RouteTableArgs>({
  async create(inputs, { ec2 }) {
    const { RouteTable } = await call(ec2, CreateRouteTableCommand, {
      VpcId: inputs.vpcId,
      TagSpecifications: tagSpecification("route-table", inputs.tags),
    });
    return { id: required(RouteTable?.RouteTableId) };
  },
  async read({ made }, { ec2 }) {
    const { RouteTables } = await call(ec2, DescribeRouteTablesCommand, { RouteTableIds: [made.id] });
    return { vpcId: RouteTables?.[0]?.VpcId, tags: tagMap(RouteTables?.[0]?.Tags) };
  },
});

const route = mapping<aws.ec2.RouteArgs>({
  async create(inputs, { ec2 }) {
    await call(ec2, CreateRouteCommand, {
      RouteTableId: inputs.routeTableId,
      DestinationCidrBlock: inputs.destinationCidrBlock,
      GatewayId: inputs.gatewayId,
      NatGatewayId: inputs.natGatewayId,
    });
    // A route has no identifier of its own; the provider makes one up.
    return { id: `${inputs.routeTableId} ${inputs.destinationCidrBlock}` };
  },
  async read({ inputs }, { ec2 }) {
    const { RouteTables } = await call(ec2, DescribeRouteTablesCommand, { RouteTableIds: [inputs.routeTableId] });
    const found = RouteTables?.[0]?.Routes?.find((one) => one.DestinationCidrBlock === inputs.destinationCidrBlock);
    return {
      routeTableId: RouteTables?.[0]?.RouteTableId,
      destinationCidrBlock: found?.DestinationCidrBlock,
      gatewayId: found?.GatewayId,
      natGatewayId: found?.NatGatewayId,
    };
  },
});

const association = mapping<aws.ec2.RouteTableAssociationArgs>({
  async create(inputs, { ec2 }) {
    const { AssociationId } = await call(ec2, AssociateRouteTableCommand, {
      RouteTableId: inputs.routeTableId,
      SubnetId: inputs.subnetId,
    });
    return { id: required(AssociationId) };
  },
  async read({ made, inputs }, { ec2 }) {
    const { RouteTables } = await call(ec2, DescribeRouteTablesCommand, { RouteTableIds: [inputs.routeTableId] });
    const found = RouteTables?.[0]?.Associations?.find((one) => one.RouteTableAssociationId === made.id);
    return { routeTableId: found?.RouteTableId, subnetId: found?.SubnetId };
  },
});

const securityGroup = mapping<aws.ec2.SecurityGroupArgs>({
  async create(inputs, { ec2 }) {
    const { GroupId } = await call(ec2, CreateSecurityGroupCommand, {
      GroupName: required(inputs.name),
      Description: required(inputs.description),
      VpcId: inputs.vpcId,
      TagSpecifications: tagSpecification("security-group", inputs.tags),
    });
    // As the provider does: what EC2 lets out by default is taken back.
    await call(ec2, RevokeSecurityGroupEgressCommand, {
      GroupId: required(GroupId),
      IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    });
    return { id: required(GroupId) };
  },
  async read({ made }, { ec2 }) {
    const { SecurityGroups } = await call(ec2, DescribeSecurityGroupsCommand, { GroupIds: [made.id] });
    const found = SecurityGroups?.[0];
    return {
      name: found?.GroupName,
      description: found?.Description,
      vpcId: found?.VpcId,
      tags: tagMap(found?.Tags),
    };
  },
  unsent: { revokeRulesOnDelete: "what the provider does before it deletes the group" },
});

type RuleArgs = aws.vpc.SecurityGroupIngressRuleArgs;

/** One rule as the API takes it: a protocol, ports, and one source or destination with its description. */
function permission(inputs: Unwrap<RuleArgs>) {
  const { description: Description, cidrIpv4: CidrIp, cidrIpv6: CidrIpv6, prefixListId: PrefixListId } = inputs;
  const GroupId = inputs.referencedSecurityGroupId;
  return {
    IpProtocol: inputs.ipProtocol,
    FromPort: inputs.fromPort,
    ToPort: inputs.toPort,
    IpRanges: CidrIp === undefined ? undefined : [{ CidrIp, Description }],
    Ipv6Ranges: CidrIpv6 === undefined ? undefined : [{ CidrIpv6, Description }],
    PrefixListIds: PrefixListId === undefined ? undefined : [{ PrefixListId, Description }],
    UserIdGroupPairs: GroupId === undefined ? undefined : [{ GroupId, Description }],
  };
}

function rule(way: "ingress" | "egress") {
  const Command = way === "ingress" ? AuthorizeSecurityGroupIngressCommand : AuthorizeSecurityGroupEgressCommand;
  return mapping<RuleArgs>({
    async create(inputs, { ec2 }) {
      const { SecurityGroupRules } = await call(ec2, Command as typeof AuthorizeSecurityGroupIngressCommand, {
        GroupId: inputs.securityGroupId,
        IpPermissions: [permission(inputs)],
        TagSpecifications: tagSpecification("security-group-rule", inputs.tags),
      });
      return { id: required(SecurityGroupRules?.[0]?.SecurityGroupRuleId) };
    },
    read: ({ made, inputs }, clients) => readRule(made.id, inputs.securityGroupId, clients),
  });
}

async function readRule(id: string, group: string, { ec2 }: Clients) {
  const { SecurityGroupRules } = await call(ec2, DescribeSecurityGroupRulesCommand, {
    Filters: [{ Name: "group-id", Values: [group] }],
  });
  const found = SecurityGroupRules?.find((one) => one.SecurityGroupRuleId === id);
  return {
    securityGroupId: found?.GroupId,
    description: found?.Description,
    cidrIpv4: found?.CidrIpv4,
    cidrIpv6: found?.CidrIpv6,
    prefixListId: found?.PrefixListId,
    referencedSecurityGroupId: found?.ReferencedGroupInfo?.GroupId,
    ipProtocol: found?.IpProtocol,
    fromPort: found?.FromPort,
    toPort: found?.ToPort,
    tags: tagMap(found?.Tags),
  };
}

export const ec2RoutingMappings: Mappings = {
  "aws:ec2/route:Route": route,
  "aws:ec2/routeTable:RouteTable": routeTable,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": association,
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("egress"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("ingress"),
};
