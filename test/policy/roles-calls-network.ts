/** Calls of networks: see roles-calls.ts. */
import type { Request } from "./iam-evaluation.ts";
import { anywhere, made, on, type Place, passing, retagged } from "./roles-call-parts.ts";

function rule(direction: "Ingress" | "Egress") {
  return ({ self, find }: Place): Request[] => {
    const group = find(self.inputs.securityGroupId);
    return [
      ...made(self, `AuthorizeSecurityGroup${direction}`),
      ...on(group, `ec2:AuthorizeSecurityGroup${direction}`, `ec2:RevokeSecurityGroup${direction}`),
      ...on(group, "ec2:ModifySecurityGroupRules"),
      ...on(self, "ec2:ModifySecurityGroupRules"),
      ...anywhere("ec2:DescribeSecurityGroupRules"),
      ...retagged(self, "ec2:CreateTags", "ec2:DeleteTags"),
    ];
  };
}

export const networkCalls: Readonly<Record<string, (place: Place) => Request[]>> = {
  "aws:ec2/vpc:Vpc": ({ self }) => [
    ...made(self, "CreateVpc"),
    ...on(self, "ec2:ModifyVpcAttribute", "ec2:DeleteVpc"),
    ...anywhere("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeRouteTables", "ec2:DescribeNetworkAcls"),
    ...retagged(self, "ec2:CreateTags", "ec2:DeleteTags"),
  ],
  "aws:ec2/subnet:Subnet": ({ self, find }) => [
    ...made(self, "CreateSubnet"),
    ...on(find(self.inputs.vpcId), "ec2:CreateSubnet"),
    ...on(self, "ec2:ModifySubnetAttribute", "ec2:DeleteSubnet"),
    ...anywhere("ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces"),
  ],
  "aws:ec2/internetGateway:InternetGateway": ({ self, find }) => [
    ...made(self, "CreateInternetGateway"),
    ...on(self, "ec2:AttachInternetGateway", "ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"),
    ...on(find(self.inputs.vpcId), "ec2:AttachInternetGateway", "ec2:DetachInternetGateway"),
  ],
  "aws:ec2/eip:Eip": ({ self }) => [
    ...made(self, "AllocateAddress"),
    ...on(self, "ec2:DisassociateAddress", "ec2:ReleaseAddress"),
    ...anywhere("ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"),
  ],
  "aws:ec2/natGateway:NatGateway": ({ self, find }) => [
    ...made(self, "CreateNatGateway"),
    ...on(find(self.inputs.subnetId), "ec2:CreateNatGateway"),
    ...on(find(self.inputs.allocationId), "ec2:CreateNatGateway"),
    ...on(self, "ec2:DeleteNatGateway"),
    ...anywhere("ec2:DescribeNatGateways"),
  ],
  "aws:ec2/routeTable:RouteTable": ({ self, find }) => [
    ...made(self, "CreateRouteTable"),
    ...on(find(self.inputs.vpcId), "ec2:CreateRouteTable"),
    ...on(self, "ec2:DeleteRouteTable"),
  ],
  "aws:ec2/route:Route": ({ self, find }) =>
    on(find(self.inputs.routeTableId), "ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ({ self, find }) =>
    [find(self.inputs.routeTableId), find(self.inputs.subnetId)].flatMap((one) =>
      on(one, "ec2:AssociateRouteTable", "ec2:ReplaceRouteTableAssociation", "ec2:DisassociateRouteTable"),
    ),
  "aws:ec2/securityGroup:SecurityGroup": ({ self, find }) => [
    ...made(self, "CreateSecurityGroup"),
    ...on(find(self.inputs.vpcId), "ec2:CreateSecurityGroup"),
    // The rule to everywhere that AWS gives every new group.
    ...on(self, "ec2:RevokeSecurityGroupEgress", "ec2:DeleteSecurityGroup"),
    ...anywhere("ec2:DescribeSecurityGroups"),
  ],
  // Adopted by hand first: see "what deploy roles cannot do" in roles-deploy.test.ts.
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ({ self }) =>
    on(self, "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("Ingress"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("Egress"),
  "aws:ec2/flowLog:FlowLog": ({ self, find }) => [
    ...made(self, "CreateFlowLogs"),
    ...on(find(self.inputs.vpcId), "ec2:CreateFlowLogs"),
    passing(find(self.inputs.iamRoleArn), "vpc-flow-logs.amazonaws.com"),
    ...on(self, "ec2:DeleteFlowLogs"),
    ...anywhere("ec2:DescribeFlowLogs"),
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ self, find }) => {
    const { vpcId, subnetIds, securityGroupIds, routeTableIds } = self.inputs;
    const beside = [subnetIds, securityGroupIds, routeTableIds].flatMap((ids) => (ids ?? []) as string[]).map(find);
    return [
      ...made(self, "CreateVpcEndpoint"),
      ...on(find(vpcId), "ec2:CreateVpcEndpoint"),
      ...beside.flatMap((one) => on(one, "ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint")),
      ...on(self, "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"),
      ...anywhere("ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"),
    ];
  },
};
