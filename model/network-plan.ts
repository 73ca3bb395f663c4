/** What a VPC of the stack's own consists of. */
import { type NetworkConfig, networkDefaults } from "./config/network.ts";
import { subnetRanges } from "./subnets.ts";

/**
 * AWS services that a task on Fargate needs to start and to be seen: its image, its logs, its secrets.
 * Source: Amazon ECS developer guide, "Amazon ECS interface VPC endpoints"; Fargate needs none of ECS's own.
 */
export const requiredEndpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"] as const;

/** Services that have a gateway endpoint, which is a route and costs nothing. */
const gatewayServices: readonly string[] = ["s3", "dynamodb"];

/** A VPC of the stack's own, with nothing left open. */
export interface NetworkPlan {
  cidr: string;
  egress: "single-nat" | "nat-per-zone" | "endpoints" | "public";
  ranges: { public: string[]; private: string[] };
  /** NAT gateways; the first stands in the first zone. */
  gateways: number;
  /** Short names of the services that have an endpoint. */
  endpoints: { interface: string[]; gateway: string[] };
}

/**
 * @throws RangeError where the range cannot be cut into subnets
 * @example
 * networkPlan({ zones: 3, egress: "nat-per-zone", ...rest }).gateways // 3
 */
export function networkPlan(config: NetworkConfig): NetworkPlan {
  const { cidr = networkDefaults.cidr, zones = networkDefaults.zones, egress = networkDefaults.egress } = config;
  const endpoints = [...(egress === "endpoints" ? ["s3", ...requiredEndpoints] : []), ...config.endpoints];
  return {
    cidr,
    egress,
    ranges: subnetRanges(cidr, zones),
    gateways: { "single-nat": 1, "nat-per-zone": zones, endpoints: 0, public: 0 }[egress],
    endpoints: {
      interface: endpoints.filter((service) => !gatewayServices.includes(service)),
      gateway: endpoints.filter((service) => gatewayServices.includes(service)),
    },
  };
}
