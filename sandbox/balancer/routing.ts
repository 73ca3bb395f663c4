import { createHash } from "node:crypto";
import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Elb } from "../cloud/elb.ts";
import { dimensionOf, forwardedGroups, type ListenerDoc, type TargetDoc, targetKey } from "../cloud/elb-model.ts";
import { compileConditions, type RequestView } from "./rule-match.ts";
import { WeightedChoice } from "./weighted-choice.ts";

/** A target group as requests see it: only the targets that may get one. */
export interface Group {
  arn: string;
  /** Value of CloudWatch's dimension. */
  dimension: string;
  /** Names the group in the stickiness cookie. */
  cookie: string;
  next(): TargetDoc | undefined;
}

export type Route =
  | { kind: "forward"; groups: Group[]; next(): Group | undefined; stickySeconds: number | undefined }
  | { kind: "redirect"; config: NonNullable<Action["RedirectConfig"]> }
  | { kind: "fixed"; config: NonNullable<Action["FixedResponseConfig"]> };

/** The rules of one listener at one moment. It never changes: a change of rules, weights or targets makes a new one. */
export interface ListenerRoutes {
  doc: ListenerDoc;
  loadBalancer: { arn: string; dimension: string; address: string; idleSeconds: number };
  routeOf(request: RequestView): Route;
}

/** Everything the balancer serves by, read from the service's documents at once. */
export interface Routing {
  listeners: Map<string, ListenerRoutes>;
  targets: TargetDoc[];
  /** Target groups that some load balancer sends requests to, with these load balancers. */
  used: Map<string, string[]>;
}

/**
 * Reads load balancers, listeners, rules and targets into the form that requests are routed by.
 *
 * @example
 * readRouting(cloud.elb).listeners.get(listenerArn)?.routeOf(viewOf("GET", "/", {}, "127.0.0.1"));
 */
export function readRouting(elb: Elb): Routing {
  const targets = elb.targets();
  const groups = new Map<string, Group>();
  const groupOf = (arn: string): Group => {
    const known = groups.get(arn) ?? makeGroup(arn, targets);
    groups.set(arn, known);
    return known;
  };
  const balancers = new Map(elb.loadBalancers().map((doc) => [doc.shape.LoadBalancerArn, doc]));
  const rules = elb.rules().sort((a, b) => a.priority - b.priority);
  const used = new Map<string, string[]>();
  const listeners = new Map<string, ListenerRoutes>();
  for (const doc of elb.listeners()) {
    const balancer = balancers.get(doc.shape.LoadBalancerArn);
    if (balancer === undefined) continue;
    const own = rules.filter((rule) => rule.listenerArn === doc.shape.ListenerArn);
    for (const actions of [doc.shape.DefaultActions, ...own.map((rule) => rule.shape.Actions)]) {
      for (const { arn } of forwardedGroups(actions)) {
        const arns = used.get(arn) ?? [];
        if (!arns.includes(doc.shape.LoadBalancerArn)) used.set(arn, [...arns, doc.shape.LoadBalancerArn]);
      }
    }
    const compiled = own.map((rule) => ({
      matches: compileConditions(rule.shape.Conditions ?? []),
      route: makeRoute(rule.shape.Actions, groupOf),
    }));
    const fallback = makeRoute(doc.shape.DefaultActions, groupOf);
    listeners.set(doc.shape.ListenerArn, {
      doc,
      loadBalancer: {
        arn: balancer.shape.LoadBalancerArn,
        dimension: dimensionOf(balancer.shape.LoadBalancerArn),
        address: balancer.shape.DNSName,
        idleSeconds: Number(balancer.attributes["idle_timeout.timeout_seconds"] ?? "60"),
      },
      routeOf: (request) => compiled.find((rule) => rule.matches(request))?.route ?? fallback,
    });
  }
  return { listeners, targets, used };
}

function makeRoute(actions: readonly Action[], groupOf: (arn: string) => Group): Route {
  const [action] = actions;
  if (action?.RedirectConfig !== undefined) return { kind: "redirect", config: action.RedirectConfig };
  if (action?.FixedResponseConfig !== undefined) return { kind: "fixed", config: action.FixedResponseConfig };
  const weighted = forwardedGroups(actions).map(({ arn, weight }) => ({ value: groupOf(arn), weight }));
  const choice = new WeightedChoice(weighted);
  const stickiness = action?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    kind: "forward",
    groups: weighted.map((each) => each.value),
    next: () => choice.next(),
    stickySeconds: stickiness?.Enabled ? stickiness.DurationSeconds : undefined,
  };
}

/**
 * Healthy targets get the requests. Where none is healthy, those that failed their checks do ("fail open"); those still
 * in their first checks, and those being drained, never do.
 */
function makeGroup(arn: string, targets: readonly TargetDoc[]): Group {
  const own = targets.filter((target) => target.targetGroupArn === arn && target.drainingSince === undefined);
  const healthy = own.filter((target) => target.health.State === "healthy");
  const eligible = healthy.length > 0 ? healthy : own.filter((target) => target.health.State === "unhealthy");
  const choice = new WeightedChoice(eligible.map((value) => ({ value, weight: 1 })));
  return {
    arn,
    dimension: dimensionOf(arn),
    cookie: createHash("sha256").update(arn).digest("hex").slice(0, 32),
    next: () => choice.next(),
  };
}

/** Identity of a target over changes of its health. A target registered again is another one. */
export function identityOf(target: TargetDoc): string {
  return `${targetKey(target.targetGroupArn, target.ip, target.port)}@${target.registeredAt}`;
}
