import { randomBytes } from "node:crypto";
import type {
  Action,
  Listener,
  LoadBalancer,
  Rule,
  TargetGroup,
  TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";

/** Kinds of the documents that `Elb` keeps in the store. */
export const KIND = {
  loadBalancer: "elb.load-balancer",
  listener: "elb.listener",
  rule: "elb.rule",
  targetGroup: "elb.target-group",
  target: "elb.target",
} as const;

/** What has attributes beside its SDK shape. Tags of everything are with `cloud.tags`. */
interface Extras {
  attributes: Record<string, string>;
}

export interface LoadBalancerDoc extends Extras {
  shape: Omit<LoadBalancer, "CreatedTime"> & { LoadBalancerArn: string; LoadBalancerName: string; DNSName: string };
  createdAt: string;
}

export interface ListenerDoc extends Extras {
  shape: Listener & { ListenerArn: string; LoadBalancerArn: string; Port: number; DefaultActions: Action[] };
  /** The default rule is a rule of its own to `describeRules`. */
  defaultRuleArn: string;
}

export interface RuleDoc {
  shape: Rule & { RuleArn: string; Actions: Action[] };
  listenerArn: string;
  priority: number;
}

export interface TargetGroupDoc extends Extras {
  shape: Omit<TargetGroup, "LoadBalancerArns"> & { TargetGroupArn: string; TargetGroupName: string };
}

export interface TargetDoc {
  targetGroupArn: string;
  ip: string;
  port: number;
  health: TargetHealth;
  /** Milliseconds since the epoch. */
  registeredAt: number;
  /** Since when it is draining, milliseconds since the epoch. */
  drainingSince?: number;
}

/** Defaults of an application load balancer (ELB documentation, "Load balancer attributes"). */
export const LOAD_BALANCER_ATTRIBUTES: Readonly<Record<string, string>> = {
  "access_logs.s3.enabled": "false",
  "access_logs.s3.bucket": "",
  "access_logs.s3.prefix": "",
  "client_keep_alive.seconds": "3600",
  "connection_logs.s3.enabled": "false",
  "connection_logs.s3.bucket": "",
  "connection_logs.s3.prefix": "",
  "deletion_protection.enabled": "false",
  "idle_timeout.timeout_seconds": "60",
  "load_balancing.cross_zone.enabled": "true",
  "routing.http.desync_mitigation_mode": "defensive",
  "routing.http.drop_invalid_header_fields.enabled": "false",
  "routing.http.preserve_host_header.enabled": "false",
  "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
  "routing.http.xff_client_port.enabled": "false",
  "routing.http.xff_header_processing.mode": "append",
  "routing.http2.enabled": "true",
  "waf.fail_open.enabled": "false",
  "zonal_shift.config.enabled": "false",
};

/** Defaults of a target group (ELB documentation, "Target group attributes"). */
export const TARGET_GROUP_ATTRIBUTES: Readonly<Record<string, string>> = {
  "deregistration_delay.timeout_seconds": "300",
  "load_balancing.algorithm.anomaly_mitigation": "off",
  "load_balancing.algorithm.type": "round_robin",
  "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
  "slow_start.duration_seconds": "0",
  "stickiness.app_cookie.cookie_name": "",
  "stickiness.app_cookie.duration_seconds": "86400",
  "stickiness.enabled": "false",
  "stickiness.lb_cookie.duration_seconds": "86400",
  "stickiness.type": "lb_cookie",
};

/** Defaults of a listener, as far as they matter here. */
export const LISTENER_ATTRIBUTES: Readonly<Record<string, string>> = {
  "routing.http.response.server.enabled": "true",
};

const hex = () => randomBytes(8).toString("hex");

/** Makes the ARNs of load balancers and what hangs on them. */
export class ElbArns {
  readonly #prefix: string;

  constructor(region: string, account: string) {
    this.#prefix = `arn:aws:elasticloadbalancing:${region}:${account}:`;
  }

  loadBalancer(name: string): string {
    return `${this.#prefix}loadbalancer/app/${name}/${hex()}`;
  }

  targetGroup(name: string): string {
    return `${this.#prefix}targetgroup/${name}/${hex()}`;
  }

  listener(loadBalancerArn: string): string {
    return `${loadBalancerArn.replace(":loadbalancer/", ":listener/")}/${hex()}`;
  }

  rule(listenerArn: string): string {
    return `${listenerArn.replace(":listener/", ":listener-rule/")}/${hex()}`;
  }
}

/**
 * The value of CloudWatch's dimension `LoadBalancer` or `TargetGroup`.
 *
 * @example
 * dimensionOf("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/50dc") === "app/web/50dc";
 * dimensionOf("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/api/6d0e") === "targetgroup/api/6d0e";
 */
export function dimensionOf(arn: string): string {
  const resource = arn.split(":").slice(5).join(":");
  return resource.startsWith("loadbalancer/") ? resource.slice("loadbalancer/".length) : resource;
}

/** Id of a target's document. */
export function targetKey(targetGroupArn: string, ip: string, port: number): string {
  return `${targetGroupArn}|${ip}:${port}`;
}

/** The target groups that actions forward to, with their weights. One named without weight has weight 1. */
export function forwardedGroups(actions: readonly Action[]): { arn: string; weight: number }[] {
  return actions
    .filter((action) => action.Type === "forward")
    .flatMap((action) => {
      const groups = action.ForwardConfig?.TargetGroups;
      if (groups === undefined || groups.length === 0) return [{ arn: action.TargetGroupArn ?? "", weight: 1 }];
      return groups.map((group) => ({ arn: group.TargetGroupArn ?? "", weight: group.Weight ?? 1 }));
    });
}
