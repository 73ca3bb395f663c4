import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingVpc, NetworkConfig } from "../../model/config/network.ts";
import { type NetworkPlan, networkPlan } from "../../model/network-plan.ts";
import type { Environment } from "../environment.ts";
import { Endpoints } from "./endpoints.ts";
import { FlowLogs } from "./flow-logs.ts";

export interface NetworkArgs extends NetworkConfig {
  environment: Environment;
}

/** What others need of a network. */
interface Place {
  vpcId: pulumi.Output<string>;
  cidr: string;
  publicSubnetIds: pulumi.Output<string>[];
  taskSubnetIds: pulumi.Output<string>[];
  assignPublicIp: boolean;
}

/**
 * A VPC over two or three zones, a public and a private subnet in each, and the way out that `egress` names; or a VPC
 * that exists, in which nothing is made.
 *
 * @example
 * new Network("network", { environment, ...config.network })
 */
export class Network extends pulumi.ComponentResource implements Place {
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
    const place = args.vpc === undefined ? this.#create(networkPlan(args)) : adopt(args.vpc);
    this.vpcId = place.vpcId;
    this.cidr = place.cidr;
    this.publicSubnetIds = place.publicSubnetIds;
    this.taskSubnetIds = place.taskSubnetIds;
    this.assignPublicIp = place.assignPublicIp;
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      taskSubnetIds: this.taskSubnetIds,
    });
  }

  #create(plan: NetworkPlan): Place {
    const vpc = this.#vpc(plan.cidr);
    const zones = aws.getAvailabilityZonesOutput({ state: "available" }, { parent: this }).names;
    const publicSubnets = this.#subnets("public", vpc, zones, plan.ranges.public);
    this.#publicRoutes(vpc, publicSubnets);
    const publicSubnetIds = publicSubnets.map(({ id }) => id);
    const assignPublicIp = plan.egress === "public";
    const taskSubnetIds = assignPublicIp ? publicSubnetIds : this.#privateSide(plan, vpc, zones, publicSubnets);
    return { vpcId: vpc.id, cidr: plan.cidr, publicSubnetIds, taskSubnetIds, assignPublicIp };
  }

  /** With a default security group that lets nothing through, and a record of its traffic. */
  #vpc(cidrBlock: string): aws.ec2.Vpc {
    const { environment, flowLogs } = this.#args;
    const vpc = new aws.ec2.Vpc(
      `${this.#name}-vpc`,
      { cidrBlock, enableDnsHostnames: true, enableDnsSupport: true, tags: this.#tags("vpc") },
      { parent: this },
    );
    new aws.ec2.DefaultSecurityGroup(
      `${this.#name}-default-security-group`,
      { vpcId: vpc.id, tags: this.#tags("default-security-group") },
      { parent: this },
    );
    if (flowLogs.enabled) {
      new FlowLogs(`${this.#name}-flow-logs`, { environment, vpcId: vpc.id, config: flowLogs }, { parent: this });
    }
    return vpc;
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

  #privateSide(
    plan: NetworkPlan,
    vpc: aws.ec2.Vpc,
    zones: pulumi.Output<string[]>,
    publicSubnets: aws.ec2.Subnet[],
  ): pulumi.Output<string>[] {
    const subnets = this.#subnets("private", vpc, zones, plan.ranges.private);
    const gateways = publicSubnets.slice(0, plan.gateways).map((subnet, index) => this.#natGateway(index, subnet));
    const tables = subnets.map((subnet, index) => {
      const table = this.#routeTable(`private-${index}`, vpc);
      const gateway = gateways[index % gateways.length];
      if (gateway !== undefined) this.#defaultRoute(`private-${index}`, table, { natGatewayId: gateway.id });
      this.#associate(`private-${index}`, table, subnet);
      return table;
    });
    const subnetIds = subnets.map(({ id }) => id);
    if (Object.values(plan.endpoints).some((services) => services.length > 0)) {
      this.#endpoints(plan, vpc, subnetIds, tables);
    }
    return subnetIds;
  }

  #endpoints(plan: NetworkPlan, vpc: aws.ec2.Vpc, subnetIds: pulumi.Output<string>[], tables: aws.ec2.RouteTable[]) {
    const { environment } = this.#args;
    new Endpoints(
      `${this.#name}-endpoints`,
      {
        environment,
        vpcId: vpc.id,
        cidr: plan.cidr,
        subnetIds,
        routeTableIds: tables.map(({ id }) => id),
        interfaceServices: plan.endpoints.interface,
        gatewayServices: plan.endpoints.gateway,
      },
      { parent: this },
    );
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

function adopt({ id, cidr, publicSubnets, privateSubnets }: ExistingVpc): Place {
  return {
    vpcId: pulumi.output(id),
    cidr,
    publicSubnetIds: publicSubnets.map((subnet) => pulumi.output(subnet)),
    taskSubnetIds: privateSubnets.map((subnet) => pulumi.output(subnet)),
    assignPublicIp: false,
  };
}

function zoneAt(names: readonly string[], index: number): string {
  const zone = names[index];
  if (zone === undefined) throw new Error(`network.zones: the region has ${names.length} zones; ask for fewer`);
  return zone;
}
