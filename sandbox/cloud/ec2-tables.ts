import type {
  Address,
  FlowLog,
  InternetGateway,
  NatGateway,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
  VpcEndpoint,
} from "./ec2-model.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** EC2's things, each with its own error for an id that is not there. */
export function ec2Tables(cloud: Inner) {
  const table = <T>(kind: string, code: string, what: string) =>
    new Table<T>(cloud.store, `ec2-${kind}`, (id) => new CloudError(code, `The ${what} ID '${id}' does not exist`));
  return {
    vpcs: table<Vpc>("vpc", "InvalidVpcID.NotFound", "vpc"),
    subnets: table<Subnet>("subnet", "InvalidSubnetID.NotFound", "subnet"),
    gateways: table<InternetGateway>("igw", "InvalidInternetGatewayID.NotFound", "internetGateway"),
    addresses: table<Address>("eip", "InvalidAllocationID.NotFound", "allocation"),
    nats: table<NatGateway>("nat", "NatGatewayNotFound", "natGateway"),
    routeTables: table<RouteTable>("rtb", "InvalidRouteTableID.NotFound", "routeTable"),
    groups: table<SecurityGroup>("sg", "InvalidGroup.NotFound", "security group"),
    flowLogs: table<FlowLog>("fl", "InvalidFlowLogId.NotFound", "flow log"),
    endpoints: table<VpcEndpoint>("vpce", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint"),
    rules: table<SecurityGroupRule>("sgr", "InvalidSecurityGroupRuleId.NotFound", "security group rule"),
  };
}

export type Ec2Tables = ReturnType<typeof ec2Tables>;

export function dependency(text: string): CloudError {
  return new CloudError("DependencyViolation", text, 400);
}
