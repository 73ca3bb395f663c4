import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../environment.ts";

export interface EndpointsArgs {
  environment: Environment;
  vpcId: pulumi.Input<string>;
  cidr: string;
  /** One per zone: an endpoint has an address in each. */
  subnetIds: pulumi.Input<string>[];
  /** Tables that get a route to the gateways. */
  routeTableIds: pulumi.Input<string>[];
  /** Short names, e.g. `ecr.api`. */
  interfaceServices: readonly string[];
  /** S3, where ECR keeps the layers of images, and DynamoDB. */
  gatewayServices: readonly string[];
}

/**
 * Ways to AWS's own services inside a VPC: for tasks that shall reach nothing else, or to spare the NAT gateway.
 *
 * @example
 * new Endpoints("network-endpoints", { environment, vpcId, cidr, subnetIds, routeTableIds, interfaceServices: ["logs"], gatewayServices: ["s3"] })
 */
export class Endpoints extends pulumi.ComponentResource {
  readonly #name: string;
  readonly #args: EndpointsArgs;

  constructor(name: string, args: EndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "sluice:network:Endpoints",
      name,
      { interfaceServices: args.interfaceServices, gatewayServices: args.gatewayServices },
      opts,
    );
    this.#name = name;
    this.#args = args;
    for (const service of args.gatewayServices) this.#gateway(service);
    const group = args.interfaceServices.length > 0 ? this.#securityGroup() : undefined;
    if (group !== undefined) for (const service of args.interfaceServices) this.#interface(service, group);
    this.registerOutputs({});
  }

  #tags(role: string): Record<string, string> {
    const { environment } = this.#args;
    return environment.tags(environment.physicalName(255, this.#name, role));
  }

  /** Takes HTTPS from the VPC; endpoints open no connections, so nothing leads out. */
  #securityGroup(): aws.ec2.SecurityGroup {
    const { environment, vpcId, cidr } = this.#args;
    const group = new aws.ec2.SecurityGroup(
      `${this.#name}-security-group`,
      {
        name: environment.physicalName(255, this.#name),
        description: "What may reach the endpoints of AWS services",
        vpcId,
        tags: this.#tags("security-group"),
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${this.#name}-ingress`,
      {
        securityGroupId: group.id,
        description: "The VPC",
        cidrIpv4: cidr,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags: this.#tags("ingress"),
      },
      { parent: this },
    );
    return group;
  }

  #gateway(service: string): void {
    const { environment, vpcId, routeTableIds } = this.#args;
    new aws.ec2.VpcEndpoint(
      `${this.#name}-${service}`,
      {
        vpcId,
        serviceName: `com.amazonaws.${environment.region}.${service}`,
        vpcEndpointType: "Gateway",
        routeTableIds,
        tags: this.#tags(service),
      },
      { parent: this },
    );
  }

  #interface(service: string, group: aws.ec2.SecurityGroup): void {
    const { environment, vpcId, subnetIds } = this.#args;
    const role = service.replaceAll(".", "-");
    new aws.ec2.VpcEndpoint(
      `${this.#name}-${role}`,
      {
        vpcId,
        serviceName: `com.amazonaws.${environment.region}.${service}`,
        vpcEndpointType: "Interface",
        subnetIds,
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        tags: this.#tags(role),
      },
      { parent: this },
    );
  }
}
