import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkConfig } from "../model/config/network.ts";
import { subnetRanges } from "../model/subnets.ts";
import type { Environment } from "./environment.ts";

export interface NetworkArgs extends NetworkConfig {
  environment: Environment;
}

/**
 * A VPC over two or three zones, a public and a private subnet in each, and the way out that `egress` names.
 *
 * @example
 * new Network("network", { environment, cidr: "10.20.0.0/16", zones: 2, egress: "single-nat" })
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** Where tasks run: the private subnets, or the public ones where `egress` is `public`. */
  readonly taskSubnetIds: pulumi.Output<string>[];
  /** Whether a task needs a public address of its own to reach anything. */
  readonly assignPublicIp: boolean;

  readonly #name: string;
  readonly #args: NetworkArgs;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:network:Network", name, args, opts);
    this.#name = name;
    this.#args = args;
    const ranges = subnetRanges(args.cidr, args.zones);
    const vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock: args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: this.#tags("vpc") },
      { parent: this },
    );
    const zones = aws.getAvailabilityZonesOutput({ state: "available" }, { parent: this }).names;
    const publicSubnets = this.#subnets("public", vpc, zones, ranges.public);
    this.#publicRoutes(vpc, publicSubnets);
    this.vpcId = vpc.id;
    this.cidr = args.cidr;
    this.publicSubnetIds = publicSubnets.map(({ id }) => id);
    this.assignPublicIp = args.egress === "public";
    this.taskSubnetIds = this.assignPublicIp
      ? this.publicSubnetIds
      : this.#privateSide(vpc, zones, ranges.private, publicSubnets);
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      taskSubnetIds: this.taskSubnetIds,
    });
  }

  #tags(role: string): Record<string, string> {
    const { environment } = this.#args;
    return environment.tags(environment.physicalName(255, this.#name, role));
  }

  #subnets(side: "public" | "private", vpc: aws.ec2.Vpc, zones: pulumi.Output<string[]>, ranges: string[]) {
    return ranges.map(
      (cidrBlock, index) =>
        new aws.ec2.Subnet(
          `${this.#name}-${side}-${index}`,
          {
            vpcId: vpc.id,
            cidrBlock,
            availabilityZone: zones.apply((names) => zoneAt(names, index)),
            tags: this.#tags(`${side}-${index}`),
          },
          { parent: this },
        ),
    );
  }

  #publicRoutes(vpc: aws.ec2.Vpc, subnets: aws.ec2.Subnet[]): void {
    const gateway = new aws.ec2.InternetGateway(
      `${this.#name}-gateway`,
      { vpcId: vpc.id, tags: this.#tags("gateway") },
      { parent: this },
    );
    const table = this.#routeTable("public", vpc);
    this.#defaultRoute("public", table, { gatewayId: gateway.id });
    for (const [index, subnet] of subnets.entries()) this.#associate(`public-${index}`, table, subnet);
  }

  #privateSide(vpc: aws.ec2.Vpc, zones: pulumi.Output<string[]>, ranges: string[], publicSubnets: aws.ec2.Subnet[]) {
    const subnets = this.#subnets("private", vpc, zones, ranges);
    const gateways = publicSubnets
      .slice(0, this.#args.egress === "nat-per-zone" ? subnets.length : 1)
      .map((subnet, index) => this.#natGateway(index, subnet));
    subnets.forEach((subnet, index) => {
      const table = this.#routeTable(`private-${index}`, vpc);
      const gateway = gateways[index % gateways.length] as aws.ec2.NatGateway;
      this.#defaultRoute(`private-${index}`, table, { natGatewayId: gateway.id });
      this.#associate(`private-${index}`, table, subnet);
    });
    return subnets.map(({ id }) => id);
  }

  #natGateway(index: number, subnet: aws.ec2.Subnet): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(
      `${this.#name}-nat-${index}-address`,
      { domain: "vpc", tags: this.#tags(`nat-${index}`) },
      { parent: this },
    );
    return new aws.ec2.NatGateway(
      `${this.#name}-nat-${index}`,
      { allocationId: address.id, subnetId: subnet.id, tags: this.#tags(`nat-${index}`) },
      { parent: this },
    );
  }

  #routeTable(role: string, vpc: aws.ec2.Vpc): aws.ec2.RouteTable {
    return new aws.ec2.RouteTable(
      `${this.#name}-${role}-routes`,
      { vpcId: vpc.id, tags: this.#tags(`${role}-routes`) },
      { parent: this },
    );
  }

  #defaultRoute(
    role: string,
    table: aws.ec2.RouteTable,
    target: { gatewayId?: pulumi.Output<string>; natGatewayId?: pulumi.Output<string> },
  ) {
    new aws.ec2.Route(
      `${this.#name}-${role}-default`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...target },
      { parent: this },
    );
  }

  #associate(role: string, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet): void {
    new aws.ec2.RouteTableAssociation(
      `${this.#name}-${role}-association`,
      { routeTableId: table.id, subnetId: subnet.id },
      { parent: this },
    );
  }
}

function zoneAt(names: readonly string[], index: number): string {
  const zone = names[index];
  if (zone === undefined) throw new Error(`network.zones: the region has ${names.length} zones; ask for fewer`);
  return zone;
}
