import type { FlowLog, VpcEndpoint } from "./ec2-model.ts";
import { invalid } from "./ec2-network.ts";
import { Ec2Routing } from "./ec2-routing.ts";
import { dependency } from "./ec2-tables.ts";
import { CloudError } from "./error.ts";
import { newId } from "./table.ts";

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-endpoints */
const MAX_INTERFACE_ENDPOINTS = 50;
const MAX_GATEWAY_ENDPOINTS = 20;
const GATEWAY_SERVICES = ["s3", "dynamodb"];
/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const DEFAULT_FORMAT = [
  "version account-id interface-id srcaddr dstaddr srcport dstport",
  "protocol packets bytes start end action log-status",
]
  .join(" ")
  .split(" ")
  .map((field) => `\${${field}}`)
  .join(" ");
const FULL_ACCESS = JSON.stringify({
  Statement: [{ Action: "*", Effect: "Allow", Principal: "*", Resource: "*" }],
  Version: "2008-10-17",
});

interface EndpointInput {
  VpcId?: string;
  ServiceName?: string;
  VpcEndpointType?: string;
  SubnetIds?: string[];
  RouteTableIds?: string[];
  SecurityGroupIds?: string[];
  PolicyDocument?: string;
  PrivateDnsEnabled?: boolean;
}

interface FlowLogInput {
  ResourceIds?: string[];
  ResourceType?: string;
  TrafficType?: string;
  LogDestinationType?: string;
  LogDestination?: string;
  DeliverLogsPermissionArn?: string;
  MaxAggregationInterval?: number;
}

/** Endpoints and flow logs. No packet goes through an endpoint here, and no record is written. */
export class Ec2Endpoints extends Ec2Routing {
  createFlowLogs(input: FlowLogInput) {
    checkFlowLogs(input);
    const { LogDestination = "", DeliverLogsPermissionArn = "" } = input;
    const FlowLogIds = (input.ResourceIds ?? []).map((id) => {
      const { VpcId } = this.tables.vpcs.need(id);
      const twin = this.tables.flowLogs
        .list()
        .some((one) => one.ResourceId === VpcId && one.LogDestination === LogDestination);
      if (twin) {
        throw invalid(
          "FlowLogAlreadyExists",
          "Error. There is an existing Flow Log with the same configuration and log destination.",
        );
      }
      const log: FlowLog = {
        FlowLogId: newId("fl"),
        ResourceId: VpcId,
        TrafficType: input.TrafficType ?? "ALL",
        LogDestinationType: "cloud-watch-logs",
        LogDestination,
        DeliverLogsPermissionArn,
        LogFormat: DEFAULT_FORMAT,
        MaxAggregationInterval: input.MaxAggregationInterval ?? 600,
      };
      return this.tables.flowLogs.put(log.FlowLogId, log).FlowLogId;
    });
    return { FlowLogIds };
  }

  /** AWS leaves out ids that are not there; so does this. */
  describeFlowLogs(input: { FlowLogIds?: string[] } = {}) {
    const wanted = input.FlowLogIds;
    return { FlowLogs: this.tables.flowLogs.list().filter((one) => wanted?.includes(one.FlowLogId) ?? true) };
  }

  deleteFlowLogs(input: { FlowLogIds?: string[] }) {
    for (const id of input.FlowLogIds ?? []) this.tables.flowLogs.remove(id);
    return { Unsuccessful: [] };
  }

  createVpcEndpoint(input: EndpointInput) {
    const vpc = this.tables.vpcs.need(input.VpcId);
    const type = input.VpcEndpointType ?? "Gateway";
    const service = this.#service(input.ServiceName ?? "", type);
    const siblings = this.tables.endpoints.list().filter((one) => one.VpcId === vpc.VpcId);
    const kin = siblings.filter((one) => one.VpcEndpointType === type);
    if (kin.length >= (type === "Gateway" ? MAX_GATEWAY_ENDPOINTS : MAX_INTERFACE_ENDPOINTS)) {
      throw invalid("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.");
    }
    const endpoint: VpcEndpoint = {
      VpcEndpointId: newId("vpce"),
      VpcEndpointType: type,
      VpcId: vpc.VpcId,
      ServiceName: service,
      State: "available",
      PolicyDocument: input.PolicyDocument ?? FULL_ACCESS,
      RouteTableIds: input.RouteTableIds ?? [],
      SubnetIds: input.SubnetIds ?? [],
      SecurityGroupIds: input.SecurityGroupIds ?? (type === "Interface" ? [vpc.DefaultSecurityGroupId] : []),
      PrivateDnsEnabled: type === "Interface" && (input.PrivateDnsEnabled ?? true),
      NetworkInterfaceIds: (input.SubnetIds ?? []).map(() => newId("eni")),
      OwnerId: this.cloud.account,
    };
    this.#checkEndpoint(endpoint);
    return { VpcEndpoint: this.tables.endpoints.put(endpoint.VpcEndpointId, endpoint) };
  }

  describeVpcEndpoints(input: { VpcEndpointIds?: string[] } = {}) {
    return { VpcEndpoints: this.tables.endpoints.pick(input.VpcEndpointIds) };
  }

  /** Takes whole sets where AWS takes what to add and what to remove. */
  modifyVpcEndpoint(input: { VpcEndpointId?: string } & Omit<EndpointInput, "VpcId" | "ServiceName">) {
    const { VpcEndpointId, ...changes } = input;
    const old = this.tables.endpoints.need(VpcEndpointId);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const endpoint: VpcEndpoint = { ...old, ...given };
    endpoint.NetworkInterfaceIds = endpoint.SubnetIds.map((_, index) => old.NetworkInterfaceIds[index] ?? newId("eni"));
    this.#checkEndpoint(endpoint);
    this.tables.endpoints.put(old.VpcEndpointId, endpoint);
    return { Return: true };
  }

  deleteVpcEndpoints(input: { VpcEndpointIds?: string[] }) {
    for (const id of input.VpcEndpointIds ?? []) this.tables.endpoints.remove(id);
    return { Unsuccessful: [] };
  }

  override deleteRouteTable(input: { RouteTableId?: string }) {
    const { RouteTableId } = this.tables.routeTables.need(input.RouteTableId);
    if (this.tables.endpoints.list().some((one) => one.RouteTableIds.includes(RouteTableId))) {
      throw dependency(`The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`);
    }
    return super.deleteRouteTable(input);
  }

  #service(name: string, type: string): string {
    const prefix = `com.amazonaws.${this.cloud.region}.`;
    const service = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    const fits = type === "Gateway" ? GATEWAY_SERVICES.includes(service) : /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(service);
    if (fits) return name;
    throw invalid("InvalidServiceName", `The Vpc Endpoint Service '${name}' does not exist`);
  }

  #checkEndpoint(endpoint: VpcEndpoint): void {
    const { VpcId, ServiceName, VpcEndpointType: type, PrivateDnsEnabled } = endpoint;
    const others = this.tables.endpoints
      .list()
      .filter((one) => one.VpcId === VpcId && one.VpcEndpointId !== endpoint.VpcEndpointId);
    const tables = endpoint.RouteTableIds.map((id) => this.tables.routeTables.need(id));
    const subnets = endpoint.SubnetIds.map((id) => this.tables.subnets.need(id));
    for (const id of endpoint.SecurityGroupIds) this.tables.groups.need(id);
    if ([...tables, ...subnets].some((one) => one.VpcId !== VpcId)) {
      throw invalid("InvalidParameter", "Route tables and subnets must be in the VPC of the endpoint");
    }
    if (type === "Gateway" ? subnets.length > 0 : tables.length > 0) {
      throw invalid("InvalidParameter", `Endpoint type (${type}) does not match the parameters given`);
    }
    if (new Set(subnets.map((one) => one.AvailabilityZone)).size < subnets.length) {
      throw invalid("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone");
    }
    const vpc = this.tables.vpcs.need(VpcId);
    if (PrivateDnsEnabled && !(vpc.EnableDnsSupport && vpc.EnableDnsHostnames)) {
      throw invalid("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames");
    }
    const rival = others.some((one) => one.ServiceName === ServiceName && one.PrivateDnsEnabled && PrivateDnsEnabled);
    if (rival) {
      throw invalid(
        "InvalidParameter",
        `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${ServiceName} in the VPC ${VpcId}`,
      );
    }
    const routed = others.some(
      (one) => one.ServiceName === ServiceName && one.RouteTableIds.some((id) => endpoint.RouteTableIds.includes(id)),
    );
    if (routed) throw invalid("RouteAlreadyExists", `route table already has a route to ${ServiceName}`);
  }
}

/** @throws CloudError for what EC2 refuses, and for what the sandbox does not have */
function checkFlowLogs(input: FlowLogInput): void {
  const interval = input.MaxAggregationInterval ?? 600;
  const { LogDestination = "", DeliverLogsPermissionArn = "" } = input;
  if (input.ResourceType !== "VPC" || input.LogDestinationType !== "cloud-watch-logs") {
    throw new CloudError("UnsupportedOperation", "sandbox: flow logs are those of VPCs to CloudWatch Logs");
  }
  if (!["ACCEPT", "REJECT", "ALL"].includes(input.TrafficType ?? "")) {
    throw invalid("InvalidParameterValue", `Invalid traffic type '${input.TrafficType}'`);
  }
  if (interval !== 60 && interval !== 600) {
    throw invalid("InvalidParameterValue", "The maximum aggregation interval is 60 or 600 seconds");
  }
  if (!LogDestination.includes(":log-group:") || !DeliverLogsPermissionArn.startsWith("arn:")) {
    throw invalid("InvalidParameter", "LogDestination and DeliverLogsPermissionArn must be ARNs of a group and a role");
  }
}
