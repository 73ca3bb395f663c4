import {
  CreateFlowLogsCommand,
  CreateTagsCommand,
  CreateVpcEndpointCommand,
  DescribeFlowLogsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { tagSpecification } from "./mapping-ec2-network.ts";
import { required, tagList, tagMap } from "./tags.ts";

/** The group that a VPC has anyway: the provider takes it over and leaves no rule in it but those that are declared. */
const defaultSecurityGroup = mapping<aws.ec2.DefaultSecurityGroupArgs>({
  async create(inputs, { ec2 }) {
    const asked = {
      Filters: [
        { Name: "vpc-id", Values: [required(inputs.vpcId)] },
        { Name: "group-name", Values: ["default"] },
      ],
    };
    const { SecurityGroups } = await call(ec2, DescribeSecurityGroupsCommand, asked);
    const found = SecurityGroups?.[0];
    const GroupId = required(found?.GroupId);
    for (const [Command, IpPermissions] of [
      [RevokeSecurityGroupIngressCommand, found?.IpPermissions],
      [RevokeSecurityGroupEgressCommand, found?.IpPermissionsEgress],
    ] as const) {
      if (IpPermissions?.length) {
        await call(ec2, Command as typeof RevokeSecurityGroupEgressCommand, { GroupId, IpPermissions });
      }
    }
    const Tags = tagList(inputs.tags);
    if (Tags !== undefined) await call(ec2, CreateTagsCommand, { Resources: [GroupId], Tags });
    return { id: GroupId };
  },
  async read({ made }, { ec2 }) {
    const { SecurityGroups } = await call(ec2, DescribeSecurityGroupsCommand, { GroupIds: [made.id] });
    const found = SecurityGroups?.[0];
    return {
      vpcId: found?.VpcId,
      ingress: found?.IpPermissions,
      egress: found?.IpPermissionsEgress,
      tags: tagMap(found?.Tags),
    };
  },
  unsent: { revokeRulesOnDelete: "what the provider does before it lets the group go" },
});

const flowLog = mapping<aws.ec2.FlowLogArgs>({
  async create(inputs, { ec2 }) {
    const answer = await call(ec2, CreateFlowLogsCommand, {
      ResourceType: "VPC",
      ResourceIds: [required(inputs.vpcId)],
      TrafficType: inputs.trafficType,
      LogDestinationType: inputs.logDestinationType,
      LogDestination: inputs.logDestination,
      DeliverLogsPermissionArn: inputs.iamRoleArn,
      MaxAggregationInterval: inputs.maxAggregationInterval,
      TagSpecifications: tagSpecification("vpc-flow-log", inputs.tags),
    });
    // The call succeeds also where it makes nothing.
    const failure = answer.Unsuccessful?.[0]?.Error;
    if (failure !== undefined) throw new Error(`${failure.Code}: ${failure.Message}`);
    return { id: required(answer.FlowLogIds?.[0]) };
  },
  async read({ made }, { ec2 }) {
    const { FlowLogs } = await call(ec2, DescribeFlowLogsCommand, { FlowLogIds: [made.id] });
    const found = FlowLogs?.[0];
    return {
      vpcId: found?.ResourceId,
      trafficType: found?.TrafficType,
      logDestinationType: found?.LogDestinationType,
      logDestination: found?.LogDestination,
      iamRoleArn: found?.DeliverLogsPermissionArn,
      maxAggregationInterval: found?.MaxAggregationInterval,
      tags: tagMap(found?.Tags),
    };
  },
});

const vpcEndpoint = mapping<aws.ec2.VpcEndpointArgs>({
  async create(inputs, { ec2 }) {
    const { VpcEndpoint } = await call(ec2, CreateVpcEndpointCommand, {
      VpcId: inputs.vpcId,
      ServiceName: inputs.serviceName,
      VpcEndpointType: inputs.vpcEndpointType,
      SubnetIds: inputs.subnetIds,
      SecurityGroupIds: inputs.securityGroupIds,
      RouteTableIds: inputs.routeTableIds,
      PrivateDnsEnabled: inputs.privateDnsEnabled,
      PolicyDocument: inputs.policy,
      TagSpecifications: tagSpecification("vpc-endpoint", inputs.tags),
    });
    return { id: required(VpcEndpoint?.VpcEndpointId) };
  },
  async read({ made }, { ec2 }) {
    const { VpcEndpoints } = await call(ec2, DescribeVpcEndpointsCommand, { VpcEndpointIds: [made.id] });
    const found = VpcEndpoints?.[0];
    return {
      vpcId: found?.VpcId,
      serviceName: found?.ServiceName,
      vpcEndpointType: found?.VpcEndpointType,
      subnetIds: found?.SubnetIds,
      securityGroupIds: found?.Groups?.map(({ GroupId }) => GroupId),
      routeTableIds: found?.RouteTableIds,
      privateDnsEnabled: found?.PrivateDnsEnabled,
      policy: found?.PolicyDocument,
      tags: tagMap(found?.Tags),
    };
  },
});

export const ec2AccessMappings: Mappings = {
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
  "aws:ec2/flowLog:FlowLog": flowLog,
  "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
};
