/** What a deployment may change of networks. */
import { allow, becomesOwn, isOwn, type PolicyStatement, type RoleScope, regionalArn, tagged } from "./document.ts";

const networkCreations = [
  "AllocateAddress",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
  "CreateFlowLogs",
  "CreateInternetGateway",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
  "CreateVpcEndpoint",
];
const networkKinds = [
  "elastic-ip",
  "internet-gateway",
  "natgateway",
  "route-table",
  "security-group",
  "security-group-rule",
  "subnet",
  "vpc",
  "vpc-endpoint",
  "vpc-flow-log",
];
const networkChanges = [
  "AssociateRouteTable",
  "AttachInternetGateway",
  "CreateRoute",
  "CreateTags",
  "DeleteFlowLogs",
  "DeleteInternetGateway",
  "DeleteNatGateway",
  "DeleteRoute",
  "DeleteRouteTable",
  "DeleteSecurityGroup",
  "DeleteSubnet",
  "DeleteTags",
  "DeleteVpc",
  "DeleteVpcEndpoints",
  "DetachInternetGateway",
  "DisassociateAddress",
  "DisassociateRouteTable",
  "ModifySecurityGroupRules",
  "ModifySubnetAttribute",
  "ModifyVpcAttribute",
  "ModifyVpcEndpoint",
  "ReleaseAddress",
  "ReplaceRoute",
  "ReplaceRouteTableAssociation",
  "RevokeSecurityGroupEgress",
  "RevokeSecurityGroupIngress",
];

/** @param vpc id of an existing VPC that the stack was told to use */
export function networkPolicy(scope: RoleScope, vpc: string | undefined): PolicyStatement[] {
  const action = (name: string) => `ec2:${name}`;
  const kinds = networkKinds.map((kind) => regionalArn(scope, "ec2", `${kind}/*`));
  return [
    // What is made is judged by the tags it gets, and what it is made in by those it has.
    allow(networkCreations.map(action), kinds, becomesOwn(scope)),
    allow([...networkCreations, ...networkChanges].map(action), kinds, isOwn(scope)),
    // Tagging is for what is being made: whoever may tag anything could make another stack's resources its own.
    allow(["ec2:CreateTags"], kinds, {
      StringEquals: { ...tagged("RequestTag", scope), "ec2:CreateAction": networkCreations },
    }),
    ...(vpc === undefined ? [] : [allow(["ec2:CreateSecurityGroup"], [regionalArn(scope, "ec2", `vpc/${vpc}`)])]),
  ];
}
