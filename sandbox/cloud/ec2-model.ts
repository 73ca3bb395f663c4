/** Shapes of EC2's answers, as far as Sluice looks at them. */

export interface Vpc {
  VpcId: string;
  CidrBlock: string;
  InstanceTenancy: string;
  EnableDnsSupport: boolean;
  EnableDnsHostnames: boolean;
  EnableNetworkAddressUsageMetrics: boolean;
  MainRouteTableId: string;
  DefaultSecurityGroupId: string;
  DefaultNetworkAclId: string;
  DhcpOptionsId: string;
  OwnerId: string;
  State: string;
}

export interface Subnet {
  SubnetId: string;
  VpcId: string;
  CidrBlock: string;
  AvailabilityZone: string;
  AvailabilityZoneId: string;
  MapPublicIpOnLaunch: boolean;
  OwnerId: string;
  SubnetArn: string;
  State: string;
}

export interface InternetGateway {
  InternetGatewayId: string;
  OwnerId: string;
  /** At most one. */
  VpcId?: string;
}

export interface Address {
  AllocationId: string;
  PublicIp: string;
  Domain: string;
  /** The NAT gateway that uses it. */
  UsedBy?: string;
}

export interface NatGateway {
  NatGatewayId: string;
  SubnetId: string;
  VpcId: string;
  ConnectivityType: string;
  AllocationId?: string;
  PublicIp?: string;
  PrivateIp: string;
  NetworkInterfaceId: string;
  State: string;
}

export interface Route {
  DestinationCidrBlock: string;
  GatewayId?: string;
  NatGatewayId?: string;
  State: string;
  Origin: string;
}

export interface RouteTable {
  RouteTableId: string;
  VpcId: string;
  OwnerId: string;
  Routes: Route[];
  Associations: { RouteTableAssociationId: string; SubnetId?: string; GatewayId?: string; Main: boolean }[];
}

export interface SecurityGroupRule {
  SecurityGroupRuleId: string;
  GroupId: string;
  IsEgress: boolean;
  IpProtocol: string;
  FromPort?: number;
  ToPort?: number;
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupId?: string;
  Description?: string;
}

export interface SecurityGroup {
  GroupId: string;
  GroupName: string;
  Description: string;
  VpcId: string;
  OwnerId: string;
  SecurityGroupArn: string;
}

export interface FlowLog {
  FlowLogId: string;
  /** The VPC that it watches. */
  ResourceId: string;
  TrafficType: string;
  LogDestinationType: string;
  LogDestination: string;
  DeliverLogsPermissionArn: string;
  LogFormat: string;
  MaxAggregationInterval: number;
}

export interface VpcEndpoint {
  VpcEndpointId: string;
  VpcEndpointType: string;
  VpcId: string;
  ServiceName: string;
  State: string;
  PolicyDocument: string;
  RouteTableIds: string[];
  SubnetIds: string[];
  SecurityGroupIds: string[];
  PrivateDnsEnabled: boolean;
  NetworkInterfaceIds: string[];
  OwnerId: string;
}
