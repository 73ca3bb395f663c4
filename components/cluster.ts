import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../model/config/cluster.ts";
import { nameLimits } from "../model/names.ts";
import type { Environment } from "./environment.ts";
import type { Network } from "./network.ts";

export interface ClusterArgs extends ClusterConfig {
  environment: Environment;
  network: Network;
}

/**
 * An ECS cluster on Fargate and the balancer that its services share. Requests that no service's rule takes get a 404.
 *
 * @example
 * new Cluster("cluster", { environment, network, ...config.cluster })
 */
export class Cluster extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly vpcId: pulumi.Output<string>;
  readonly taskSubnetIds: pulumi.Output<string>[];
  readonly assignPublicIp: boolean;
  readonly listenerArn: pulumi.Output<string>;
  readonly balancerSecurityGroupId: pulumi.Output<string>;
  readonly balancer: pulumi.Output<{ dnsName: string; arn: string }>;
  readonly logRetentionDays: number;

  readonly #name: string;
  readonly #args: ClusterArgs;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:Cluster", name, { ...args, network: args.network.vpcId }, opts);
    this.#name = name;
    this.#args = args;
    this.vpcId = args.network.vpcId;
    this.taskSubnetIds = args.network.taskSubnetIds;
    this.assignPublicIp = args.network.assignPublicIp;
    this.logRetentionDays = args.logRetentionDays;
    const cluster = this.#ecsCluster();
    const ports = args.certificateArn === undefined ? [args.listenerPort] : [443, 80];
    const securityGroup = this.#securityGroup(ports);
    const balancer = this.#loadBalancer(securityGroup);
    this.listenerArn = this.#listeners(balancer).arn;
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.balancerSecurityGroupId = securityGroup.id;
    this.balancer = pulumi.all([balancer.dnsName, balancer.arn]).apply(([dnsName, arn]) => ({ dnsName, arn }));
    this.registerOutputs({ name: this.name, balancer: this.balancer });
  }

  /**
   * Where users reach a service.
   *
   * @param host the service's own name; the balancer's where there is none
   */
  serviceUrl(host: string | undefined, path: string): pulumi.Output<string> {
    return this.balancer.apply(({ dnsName }) => `${origin(this.#args, host ?? this.#args.domain ?? dnsName)}${path}`);
  }

  #ecsCluster(): aws.ecs.Cluster {
    const name = this.#args.environment.physicalName(nameLimits.cluster);
    const value = this.#args.containerInsights ? "enabled" : "disabled";
    return new aws.ecs.Cluster(
      this.#name,
      { name, settings: [{ name: "containerInsights", value }], tags: this.#args.environment.tags(name) },
      { parent: this },
    );
  }

  #securityGroup(ports: number[]): aws.ec2.SecurityGroup {
    const { environment, network } = this.#args;
    const name = environment.physicalName(255, "balancer");
    const group = new aws.ec2.SecurityGroup(
      `${this.#name}-balancer-security-group`,
      {
        name,
        description: "What may reach the balancer",
        vpcId: network.vpcId,
        tags: environment.tags(name, "balancer"),
      },
      { parent: this },
    );
    for (const port of ports) {
      new aws.vpc.SecurityGroupIngressRule(
        `${this.#name}-balancer-ingress-${port}`,
        {
          securityGroupId: group.id,
          description: "Users",
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          tags: environment.tags(name, "balancer"),
        },
        { parent: this },
      );
    }
    new aws.vpc.SecurityGroupEgressRule(
      `${this.#name}-balancer-egress`,
      {
        securityGroupId: group.id,
        description: "Targets",
        cidrIpv4: network.cidr,
        ipProtocol: "tcp",
        fromPort: 1,
        toPort: 65_535,
        tags: environment.tags(name),
      },
      { parent: this },
    );
    return group;
  }

  #loadBalancer(securityGroup: aws.ec2.SecurityGroup): aws.lb.LoadBalancer {
    const { environment, network, deletionProtection } = this.#args;
    const name = environment.physicalName(nameLimits.loadBalancer);
    return new aws.lb.LoadBalancer(
      `${this.#name}-balancer`,
      {
        name,
        loadBalancerType: "application",
        securityGroups: [securityGroup.id],
        subnets: network.publicSubnetIds,
        dropInvalidHeaderFields: true,
        enableDeletionProtection: deletionProtection,
        tags: environment.tags(name),
      },
      { parent: this },
    );
  }

  /** The listener that services hang their rules on; with a certificate another one sends plain HTTP there. */
  #listeners(balancer: aws.lb.LoadBalancer): aws.lb.Listener {
    const { environment, certificateArn, listenerPort } = this.#args;
    const listener = (role: string, args: Omit<aws.lb.ListenerArgs, "loadBalancerArn" | "tags">) => {
      const name = `${this.#name}-${role}`;
      return new aws.lb.Listener(
        name,
        { loadBalancerArn: balancer.arn, tags: environment.tags(environment.physicalName(255, role)), ...args },
        { parent: this },
      );
    };
    const notFound = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/plain", messageBody: "no service answers here\n", statusCode: "404" },
    };
    if (certificateArn === undefined) {
      return listener("http", { port: listenerPort, protocol: "HTTP", defaultActions: [notFound] });
    }
    listener("http", {
      port: 80,
      protocol: "HTTP",
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    });
    return listener("https", {
      port: 443,
      protocol: "HTTPS",
      certificateArn,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      defaultActions: [notFound],
    });
  }
}

function origin({ certificateArn, listenerPort }: ClusterConfig, host: string): string {
  if (certificateArn !== undefined) return `https://${host}`;
  return listenerPort === 80 ? `http://${host}` : `http://${host}:${listenerPort}`;
}
