import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../../model/config/cluster.ts";
import { nameLimits } from "../../model/names.ts";
import type { Environment } from "../environment.ts";
import type { Network } from "../network/network.ts";
import { AccessLogs } from "./access-logs.ts";
import { Balancer, type BalancerArgs } from "./balancer.ts";
import { DnsCertificate } from "./certificate.ts";

/** What is told of a balancer. */
export interface BalancerOutputs {
  dnsName: string;
  arn: string;
}

export interface ClusterArgs extends ClusterConfig {
  environment: Environment;
  network: Network;
}

/**
 * An ECS cluster on Fargate and the balancers that its services share. Requests that no service's rule takes get a 404.
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
  readonly balancerSecurityGroupId: pulumi.Output<string>;
  /** What tells of the first balancer, and of all. */
  readonly balancer: pulumi.Output<BalancerOutputs>;
  readonly balancers: pulumi.Output<BalancerOutputs[]>;
  /** Attaches Fargate's capacity, Spot among it; a service that names a capacity provider depends on it. */
  readonly capacity: pulumi.Resource;
  readonly logRetentionDays: number;

  readonly #name: string;
  readonly #args: ClusterArgs;
  readonly #balancers: readonly Balancer[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:Cluster", name, { ...args, network: args.network.vpcId }, opts);
    this.#name = name;
    this.#args = args;
    this.vpcId = args.network.vpcId;
    this.taskSubnetIds = args.network.taskSubnetIds;
    this.assignPublicIp = args.network.assignPublicIp;
    this.logRetentionDays = args.logRetentionDays;
    const cluster = this.#ecsCluster();
    this.capacity = this.#capacity(cluster);
    const securityGroup = this.#securityGroup(hasTls(args) ? [443, 80] : [args.listenerPort]);
    this.#balancers = this.#createBalancers(securityGroup);
    this.#alias(this.balancerOf(1));
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.balancerSecurityGroupId = securityGroup.id;
    this.balancers = pulumi.all(
      this.#balancers.map(({ dnsName, arn }) =>
        pulumi.all([dnsName, arn]).apply(([name, id]) => ({ dnsName: name, arn: id })),
      ),
    );
    this.balancer = this.balancers.apply(([first]) => first as BalancerOutputs);
    this.registerOutputs({ name: this.name, balancer: this.balancer, balancers: this.balancers });
  }

  /** Of all balancers, the first one first. */
  get balancerArns(): pulumi.Output<string>[] {
    return this.#balancers.map(({ arn }) => arn);
  }

  /**
   * The balancer that a service is on.
   *
   * @param index from 1, as `services.<name>.balancer` says it
   * @throws RangeError where the cluster has no such balancer
   */
  balancerOf(index: number): Balancer {
    const balancer = this.#balancers[index - 1];
    if (balancer === undefined) throw new RangeError(`the cluster has no balancer ${index}`);
    return balancer;
  }

  /**
   * Where users reach a service.
   *
   * @param index the service's balancer
   * @param host the service's own name; the balancer's where there is none
   */
  serviceUrl(index: number, host: string | undefined, path: string): pulumi.Output<string> {
    const domain = index === 1 ? this.#args.domain : undefined;
    return this.balancerOf(index).dnsName.apply((dnsName) => `${origin(this.#args, host ?? domain ?? dnsName)}${path}`);
  }

  #ecsCluster(): aws.ecs.Cluster {
    const name = this.#args.environment.physicalName(nameLimits.cluster);
    const { containerInsights: value } = this.#args;
    const insights = value === true ? "enabled" : value === false ? "disabled" : value;
    return new aws.ecs.Cluster(
      this.#name,
      { name, settings: [{ name: "containerInsights", value: insights }], tags: this.#args.environment.tags(name) },
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
    this.#egress(group, name);
    return group;
  }

  /** The balancer opens connections to its targets, and nowhere else. */
  #egress(group: aws.ec2.SecurityGroup, name: string): void {
    const { environment, network } = this.#args;
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
  }

  /** Services ask for Spot by themselves; one that says nothing gets tasks that AWS does not take back. */
  #capacity(cluster: aws.ecs.Cluster): aws.ecs.ClusterCapacityProviders {
    return new aws.ecs.ClusterCapacityProviders(
      `${this.#name}-capacity`,
      {
        clusterName: cluster.name,
        capacityProviders: ["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1, base: 0 }],
      },
      { parent: this },
    );
  }

  #createBalancers(securityGroup: aws.ec2.SecurityGroup): Balancer[] {
    const { environment, network, ...config } = this.#args;
    const certificateArn = this.#certificate();
    const logs = this.#accessLogs();
    return Array.from(
      { length: config.balancers },
      (_, place) =>
        new Balancer({
          environment,
          parent: this,
          name: this.#name,
          index: place + 1,
          config,
          subnetIds: network.publicSubnetIds,
          securityGroupId: securityGroup.id,
          certificateArn,
          logs,
        }),
    );
  }

  #certificate(): pulumi.Input<string> | undefined {
    const { environment, certificate, certificateArn, domain } = this.#args;
    if (certificate === undefined || domain === undefined) return certificateArn;
    return new DnsCertificate(
      `${this.#name}-certificate`,
      { environment, domain, config: certificate },
      { parent: this },
    ).arn;
  }

  #accessLogs(): BalancerArgs["logs"] {
    const { environment, accessLogs, deletionProtection } = this.#args;
    if (!accessLogs.enabled) return undefined;
    if (accessLogs.bucket !== undefined) return { bucket: accessLogs.bucket, ready: [] };
    return new AccessLogs(
      `${this.#name}-access-logs`,
      { environment, config: accessLogs, disposable: !deletionProtection },
      { parent: this },
    );
  }

  #alias(balancer: Balancer): void {
    const { certificate, domain } = this.#args;
    if (certificate === undefined || domain === undefined) return;
    new aws.route53.Record(
      `${this.#name}-alias`,
      {
        zoneId: certificate.zoneId,
        name: domain,
        type: "A",
        aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true }],
      },
      { parent: this },
    );
  }
}

function hasTls({ certificate, certificateArn }: ClusterConfig): boolean {
  return certificate !== undefined || certificateArn !== undefined;
}

function origin(config: ClusterConfig, host: string): string {
  if (hasTls(config)) return `https://${host}`;
  return config.listenerPort === 80 ? `http://${host}` : `http://${host}:${config.listenerPort}`;
}
