/** Where moto 5.2.5 does not keep, or does not tell, what it was asked for. So nothing here is shown of these properties. */

export interface ReplayGap {
  readonly type: string;
  /** Dotted, `*` for positions in lists. It covers what is below it. */
  readonly property: string;
  /** What moto tells instead. @default nothing */
  readonly found?: unknown;
  readonly reason: string;
}

const gap = (type: string, property: string, reason: string, found?: unknown): ReplayGap => ({
  type,
  property,
  reason,
  ...(found === undefined ? {} : { found }),
});

export const replayGaps: readonly ReplayGap[] = [
  gap("aws:appautoscaling/target:Target", "tags", "moto keeps tags and has no call that lists them"),
  gap("aws:ecs/service:Service", "availabilityZoneRebalancing", "moto drops availabilityZoneRebalancing"),
  gap("aws:ecs/service:Service", "capacityProviderStrategies", "moto drops capacityProviderStrategy"),
  gap("aws:ecs/service:Service", "deploymentCircuitBreaker", "moto drops deploymentConfiguration"),
  gap("aws:ecs/service:Service", "deploymentMaximumPercent", "moto drops deploymentConfiguration"),
  gap("aws:ecs/service:Service", "deploymentMinimumHealthyPercent", "moto drops deploymentConfiguration"),
  gap("aws:ecs/service:Service", "enableEcsManagedTags", "moto drops enableECSManagedTags"),
  gap("aws:ecs/service:Service", "enableExecuteCommand", "moto drops enableExecuteCommand"),
  gap("aws:ecs/service:Service", "healthCheckGracePeriodSeconds", "moto drops healthCheckGracePeriodSeconds"),
  gap(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "description",
    "moto drops the description of a rule that names another group, and keeps that of a range",
  ),
];
