import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

/** EC2 takes tags together with the type of what they are for. */
export function tagSpecification(ResourceType: string, tags: Readonly<Record<string, string>> | undefined) {
  return tags && [{ ResourceType, Tags: tagList(tags) }];
}

const vpc = mapping<aws.ec2.VpcArgs>({
  async create(inputs, { ec2 }) {
    const { Vpc } = await call(ec2, CreateVpcCommand, {
      CidrBlock: inputs.cidrBlock,
      InstanceTenancy: inputs.instanceTenancy,
      TagSpecifications: tagSpecification("vpc", inputs.tags),
    });
    const VpcId = required(Vpc?.VpcId);
    // The API takes one attribute a call.
    for (const [attribute, value] of [
      ["EnableDnsSupport", inputs.enableDnsSupport],
      ["EnableDnsHostnames", inputs.enableDnsHostnames],
    ] as const) {
      if (value !== undefined) await call(ec2, ModifyVpcAttributeCommand, { VpcId, [attribute]: { Value: value } });
    }
    return { id: VpcId };
  },
  async read({ made }, { ec2 }) {
    const { Vpcs } = await call(ec2, DescribeVpcsCommand, { VpcIds: [made.id] });
    const attribute = (Attribute: string) => call(ec2, DescribeVpcAttributeCommand, { VpcId: made.id, Attribute });
    const [support, hostnames] = [await attribute("enableDnsSupport"), await attribute("enableDnsHostnames")];
    return {
      cidrBlock: Vpcs?.[0]?.CidrBlock,
      instanceTenancy: Vpcs?.[0]?.InstanceTenancy,
      enableDnsSupport: support.EnableDnsSupport?.Value,
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value,
      tags: tagMap(Vpcs?.[0]?.Tags),
    };
  },
});

const subnet = mapping<aws.ec2.SubnetArgs>({
  async create(inputs, { ec2 }) {
    const { Subnet } = await call(ec2, CreateSubnetCommand, {
      VpcId: inputs.vpcId,
      CidrBlock: inputs.cidrBlock,
      AvailabilityZone: inputs.availabilityZone,
      TagSpecifications: tagSpecification("subnet", inputs.tags),
    });
    const SubnetId = required(Subnet?.SubnetId);
    if (inputs.mapPublicIpOnLaunch !== undefined) {
      await call(ec2, ModifySubnetAttributeCommand, {
        SubnetId,
        MapPublicIpOnLaunch: { Value: inputs.mapPublicIpOnLaunch },
      });
    }
    return { id: SubnetId };
  },
  async read({ made }, { ec2 }) {
    const { Subnets } = await call(ec2, DescribeSubnetsCommand, { SubnetIds: [made.id] });
    const found = Subnets?.[0];
    return {
      vpcId: found?.VpcId,
      cidrBlock: found?.CidrBlock,
      availabilityZone: found?.AvailabilityZone,
      mapPublicIpOnLaunch: found?.MapPublicIpOnLaunch,
      tags: tagMap(found?.Tags),
    };
  },
});

const internetGateway = mapping<aws.ec2.InternetGatewayArgs>({
  async create(inputs, { ec2 }) {
    const { InternetGateway } = await call(ec2, CreateInternetGatewayCommand, {
      TagSpecifications: tagSpecification("internet-gateway", inputs.tags),
    });
    const InternetGatewayId = required(InternetGateway?.InternetGatewayId);
    await call(ec2, AttachInternetGatewayCommand, { InternetGatewayId, VpcId: required(inputs.vpcId) });
    return { id: InternetGatewayId };
  },
  async read({ made }, { ec2 }) {
    const answer = await call(ec2, DescribeInternetGatewaysCommand, { InternetGatewayIds: [made.id] });
    const found = answer.InternetGateways?.[0];
    return { vpcId: found?.Attachments?.[0]?.VpcId, tags: tagMap(found?.Tags) };
  },
});

const eip = mapping<aws.ec2.EipArgs>({
  async create(inputs, { ec2 }) {
    const answer = await call(ec2, AllocateAddressCommand, {
      Domain: inputs.domain,
      TagSpecifications: tagSpecification("elastic-ip", inputs.tags),
    });
    const id = required(answer.AllocationId);
    return { id, allocationId: id, publicIp: answer.PublicIp };
  },
  async read({ made }, { ec2 }) {
    const { Addresses } = await call(ec2, DescribeAddressesCommand, { AllocationIds: [made.id] });
    return { domain: Addresses?.[0]?.Domain, tags: tagMap(Addresses?.[0]?.Tags) };
  },
});

const natGateway = mapping<aws.ec2.NatGatewayArgs>({
  async create(inputs, { ec2 }) {
    const { NatGateway } = await call(ec2, CreateNatGatewayCommand, {
      AllocationId: inputs.allocationId,
      ConnectivityType: inputs.connectivityType,
      SubnetId: required(inputs.subnetId),
      TagSpecifications: tagSpecification("natgateway", inputs.tags),
    });
    return { id: required(NatGateway?.NatGatewayId) };
  },
  async read({ made }, { ec2 }) {
    const { NatGateways } = await call(ec2, DescribeNatGatewaysCommand, { NatGatewayIds: [made.id] });
    const found = NatGateways?.[0];
    return {
      allocationId: found?.NatGatewayAddresses?.[0]?.AllocationId,
      connectivityType: found?.ConnectivityType,
      subnetId: found?.SubnetId,
      tags: tagMap(found?.Tags),
    };
  },
});

export const ec2NetworkMappings: Mappings = {
  "aws:ec2/eip:Eip": eip,
  "aws:ec2/internetGateway:InternetGateway": internetGateway,
  "aws:ec2/natGateway:NatGateway": natGateway,
  "aws:ec2/subnet:Subnet": subnet,
  "aws:ec2/vpc:Vpc": vpc,
};
