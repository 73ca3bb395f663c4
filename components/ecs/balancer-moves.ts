/** Keeps services on the balancer that they are on. */
import * as pulumi from "@pulumi/pulumi";
import { type ConfigProblem, formatProblems } from "../../model/config/config.ts";
import { listenerRuleType, type StackState } from "./stack-state.ts";

/** Type token of a balancer. */
const balancerType = "aws:lb/loadBalancer:LoadBalancer";

/**
 * A target group belongs to one balancer for life, so a service cannot change its own: the update would fail half-way.
 *
 * @throws pulumi.RunError naming every service that would have to move
 * @example
 * refuseMoves(config.services, state)
 */
export function refuseMoves(services: Readonly<Record<string, { balancer: number }>>, state: StackState): void {
  const problems = Object.entries(services).flatMap(([name, { balancer }]): ConfigProblem[] => {
    const rule = state.find(listenerRuleType, `${name}-blue-test`)?.arn;
    const wanted = state.find(balancerType, balancer === 1 ? "cluster-balancer" : `cluster-balancer-${balancer}`)?.arn;
    if (typeof rule !== "string" || identityOf(rule) === identityOf(wanted)) return [];
    return [
      {
        field: `services.${name}.balancer`,
        rule: "a service stays on its balancer",
        value: String(balancer),
        remedy: "set it back; or add the service under another name there, move its users, and retire this one",
      },
    ];
  });
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(problems));
}

/** `app/NAME/ID`, which the ARNs of a balancer, of its listeners and of their rules share. */
function identityOf(arn: unknown): string | undefined {
  return /:(?:loadbalancer|listener|listener-rule)\/(app\/[^/]+\/[^/]+)/.exec(String(arn))?.[1];
}
