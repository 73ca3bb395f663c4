/** Autoscaling of one colour. Its bounds are no part of a release: they change under whatever runs. */
import { setTimeout as sleep } from "node:timers/promises";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../../model/config/service.ts";
import { type ColourScaling, requestCountLabel } from "../../model/scaling.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import type { Colour } from "./colour.ts";
import { known } from "./known.ts";
import { forwardsOf } from "./previous.ts";

export interface ScalingArgs {
  environment: Environment;
  cluster: Cluster;
  config: ServiceConfig;
  colour: Colour;
  bounds: ColourScaling;
  /** Per cent of the traffic that the colour has now, and once the update is done. */
  weights: { now: number; next: number };
  /** The weighted rule, where it must be as planned before the bounds may change. */
  rule: aws.lb.ListenerRule | undefined;
}

/** Until all of a balancer's nodes know of new weights, in milliseconds; AWS gives no number. */
const settling = 10_000;

/**
 * @throws Error where the colour has no service
 * @returns the target, whose change moves the service's count into its bounds
 */
export function declareScaling(name: string, args: ScalingArgs): aws.appautoscaling.Target {
  const { environment, cluster, config, colour, bounds, weights, rule } = args;
  if (colour.service === undefined) throw new Error(`${name} has no service to scale`);
  const retires = rule !== undefined && weights.next === 0 && config.standby !== "warm";
  const retirement = retires ? [new pulumi.ResourceHook(`${name}-retirement`, () => proveIdle(name, args, rule))] : [];
  const target = new aws.appautoscaling.Target(
    `${name}-scaling`,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${cluster.name}/${colour.service.name}`,
      minCapacity: bounds.min,
      maxCapacity: bounds.max,
      suspendedState: {
        dynamicScalingInSuspended: !bounds.scaleIn,
        dynamicScalingOutSuspended: false,
        scheduledScalingSuspended: false,
      },
      tags: environment.tags(name),
    },
    {
      parent: colour,
      dependsOn: rule === undefined ? [] : [rule],
      hooks: { beforeCreate: retirement, beforeUpdate: retirement },
    },
  );
  declarePolicies(name, args, target);
  return target;
}

/** With several policies the count is the highest that any of them wants: Application Auto Scaling user guide. */
function declarePolicies(
  name: string,
  { cluster, config, colour }: ScalingArgs,
  target: aws.appautoscaling.Target,
): void {
  const { cpu, memory, requestsPerTask, scaleInCooldown, scaleOutCooldown } = config.scaling;
  const policy = (
    metric: string,
    targetValue: number,
    predefinedMetricType: string,
    resourceLabel?: pulumi.Output<string>,
  ) =>
    new aws.appautoscaling.Policy(
      `${name}-${metric}`,
      {
        name: `${name}-${metric}`,
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType, ...(resourceLabel && { resourceLabel }) },
          targetValue,
          ...(scaleInCooldown !== undefined && { scaleInCooldown }),
          ...(scaleOutCooldown !== undefined && { scaleOutCooldown }),
        },
      },
      { parent: colour },
    );
  if (cpu > 0) policy("cpu", cpu, "ECSServiceAverageCPUUtilization");
  if (memory !== undefined) policy("memory", memory, "ECSServiceAverageMemoryUtilization");
  if (requestsPerTask === undefined) return;
  const label = pulumi
    .all([cluster.balancerOf(config.balancer).listenerArn, colour.targetGroupArn])
    .apply((arns) => requestCountLabel(...arns));
  policy("requests", requestsPerTask, "ALBRequestCountPerTarget", label);
}

/** @throws Error where the rule still sends the colour traffic, whose tasks then stay */
async function proveIdle(name: string, { colour, weights }: ScalingArgs, rule: aws.lb.ListenerRule): Promise<void> {
  const [arn, targetGroupArn] = await Promise.all([known(rule.arn), known(colour.targetGroupArn)]);
  const { actions } = await aws.lb.getListenerRule({ arn });
  const weight = forwardsOf(actions).find((target) => target.arn === targetGroupArn)?.weight ?? 0;
  if (weight > 0) throw new Error(`${name} keeps its tasks: its rule still sends it ${weight} % of the traffic`);
  if (weights.now > 0) await sleep(settling);
}
