import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../../model/config/cluster.ts";
import { nameLimits } from "../../model/names.ts";
import type { Environment } from "../environment.ts";

export interface BalancerArgs {
  environment: Environment;
  /** What its resources belong to. */
  parent: pulumi.Resource;
  /** First part of its resources' names. */
  name: string;
  /** From 1; the first has no number in its names, so that one balancer is as it always was. */
  index: number;
  config: ClusterConfig;
  subnetIds: pulumi.Output<string>[];
  securityGroupId: pulumi.Output<string>;
  /** Speaks plain HTTP without one. */
  certificateArn: pulumi.Input<string> | undefined;
  logs: { bucket: pulumi.Input<string>; ready: pulumi.Resource[] } | undefined;
}

/**
 * One of a cluster's balancers with its listeners. Requests that no service's rule takes get a 404.
 *
 * It is no component: its resources hang on the cluster, as they did when that had one balancer.
 */
export class Balancer {
  readonly arn: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  /** The hosted zone that its name is in. */
  readonly zoneId: pulumi.Output<string>;
  /** The listener that services hang their rules on. */
  readonly listenerArn: pulumi.Output<string>;

  readonly #args: BalancerArgs;

  constructor(args: BalancerArgs) {
    this.#args = args;
    const balancer = this.#loadBalancer();
    this.arn = balancer.arn;
    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.listenerArn = this.#listeners(balancer).arn;
    this.#firewall(balancer);
  }

  /** Name of a resource of this balancer. */
  #name(role: string): string {
    const { name, index } = this.#args;
    return index === 1 ? `${name}-${role}` : `${name}-${role}-${index}`;
  }

  #loadBalancer(): aws.lb.LoadBalancer {
    const { environment, parent, index, config, subnetIds, securityGroupId, logs } = this.#args;
    const name = environment.physicalName(nameLimits.loadBalancer, ...(index === 1 ? [] : ["balancer", String(index)]));
    return new aws.lb.LoadBalancer(
      this.#name("balancer"),
      {
        name,
        loadBalancerType: "application",
        securityGroups: [securityGroupId],
        subnets: subnetIds,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: config.desyncMitigation,
        idleTimeout: config.idleTimeout,
        enableDeletionProtection: config.deletionProtection,
        ...(logs && { accessLogs: { bucket: logs.bucket, enabled: true } }),
        tags: environment.tags(name),
      },
      { parent, dependsOn: logs?.ready ?? [] },
    );
  }

  /** With a certificate another listener sends plain HTTP to the one that services use. */
  #listeners(balancer: aws.lb.LoadBalancer): aws.lb.Listener {
    const { environment, parent, config, certificateArn } = this.#args;
    const listener = (role: string, args: Omit<aws.lb.ListenerArgs, "loadBalancerArn" | "tags">) =>
      new aws.lb.Listener(
        this.#name(role),
        { loadBalancerArn: balancer.arn, tags: environment.tags(environment.physicalName(255, role)), ...args },
        { parent },
      );
    const notFound = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/plain", messageBody: "no service answers here\n", statusCode: "404" },
    };
    if (certificateArn === undefined) {
      return listener("http", { port: config.listenerPort, protocol: "HTTP", defaultActions: [notFound] });
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
      sslPolicy: config.tlsPolicy,
      defaultActions: [notFound],
    });
  }

  #firewall(balancer: aws.lb.LoadBalancer): void {
    const { parent, config } = this.#args;
    if (config.webAclArn === undefined) return;
    new aws.wafv2.WebAclAssociation(
      this.#name("firewall"),
      { resourceArn: balancer.arn, webAclArn: config.webAclArn },
      { parent },
    );
  }
}
