import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import type * as aws from "@pulumi/aws";
import type { Unwrap } from "@pulumi/pulumi";
import { type Clients, call, orNothing } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required } from "./tags.ts";

type TargetArgs = Unwrap<aws.appautoscaling.TargetArgs>;

/** Registers, or changes what is registered: it is the same call. */
function register(inputs: TargetArgs, Tags: Record<string, string> | undefined, clients: Clients) {
  return call(clients["application-autoscaling"], RegisterScalableTargetCommand, {
    ServiceNamespace: inputs.serviceNamespace,
    ScalableDimension: inputs.scalableDimension,
    ResourceId: inputs.resourceId,
    MinCapacity: inputs.minCapacity,
    MaxCapacity: inputs.maxCapacity,
    SuspendedState: inputs.suspendedState && {
      DynamicScalingInSuspended: inputs.suspendedState.dynamicScalingInSuspended,
      DynamicScalingOutSuspended: inputs.suspendedState.dynamicScalingOutSuspended,
      ScheduledScalingSuspended: inputs.suspendedState.scheduledScalingSuspended,
    },
    Tags,
  });
}

const target = mapping<aws.appautoscaling.TargetArgs>({
  async create(inputs, clients) {
    const { ScalableTargetARN } = await register(inputs, inputs.tags, clients);
    return { id: inputs.resourceId, arn: ScalableTargetARN };
  },
  async update({ inputs }, clients) {
    await register(inputs, undefined, clients);
  },
  async read({ made, inputs }, { "application-autoscaling": client }) {
    const { ScalableTargets } = await call(client, DescribeScalableTargetsCommand, {
      ServiceNamespace: inputs.serviceNamespace,
      ScalableDimension: inputs.scalableDimension,
      ResourceIds: [inputs.resourceId],
    });
    const found = ScalableTargets?.[0];
    const suspended = found?.SuspendedState;
    const tags = await orNothing(call(client, ListTagsForResourceCommand, { ResourceARN: required(made.arn) }));
    return {
      serviceNamespace: found?.ServiceNamespace,
      scalableDimension: found?.ScalableDimension,
      resourceId: found?.ResourceId,
      minCapacity: found?.MinCapacity,
      maxCapacity: found?.MaxCapacity,
      suspendedState: suspended && {
        dynamicScalingInSuspended: suspended.DynamicScalingInSuspended,
        dynamicScalingOutSuspended: suspended.DynamicScalingOutSuspended,
        scheduledScalingSuspended: suspended.ScheduledScalingSuspended,
      },
      tags: tags?.Tags,
    };
  },
});

const policy = mapping<aws.appautoscaling.PolicyArgs>({
  async create(inputs, { "application-autoscaling": client }) {
    const tracking = inputs.targetTrackingScalingPolicyConfiguration;
    const metric = tracking?.predefinedMetricSpecification;
    await call(client, PutScalingPolicyCommand, {
      PolicyName: required(inputs.name),
      PolicyType: inputs.policyType,
      ServiceNamespace: inputs.serviceNamespace,
      ScalableDimension: inputs.scalableDimension,
      ResourceId: inputs.resourceId,
      TargetTrackingScalingPolicyConfiguration: tracking && {
        TargetValue: tracking.targetValue,
        ScaleInCooldown: tracking.scaleInCooldown,
        ScaleOutCooldown: tracking.scaleOutCooldown,
        DisableScaleIn: tracking.disableScaleIn,
        PredefinedMetricSpecification: metric && {
          PredefinedMetricType: metric.predefinedMetricType,
          ResourceLabel: metric.resourceLabel,
        },
      },
    });
    return { id: required(inputs.name) };
  },
  async read({ inputs }, { "application-autoscaling": client }) {
    const { ScalingPolicies } = await call(client, DescribeScalingPoliciesCommand, {
      ServiceNamespace: inputs.serviceNamespace,
      ScalableDimension: inputs.scalableDimension,
      ResourceId: inputs.resourceId,
      PolicyNames: [required(inputs.name)],
    });
    const found = ScalingPolicies?.find((one) => one.PolicyName === inputs.name);
    const tracking = found?.TargetTrackingScalingPolicyConfiguration;
    return {
      name: found?.PolicyName,
      policyType: found?.PolicyType,
      serviceNamespace: found?.ServiceNamespace,
      scalableDimension: found?.ScalableDimension,
      resourceId: found?.ResourceId,
      targetTrackingScalingPolicyConfiguration: tracking && {
        targetValue: tracking.TargetValue,
        scaleInCooldown: tracking.ScaleInCooldown,
        scaleOutCooldown: tracking.ScaleOutCooldown,
        disableScaleIn: tracking.DisableScaleIn,
        predefinedMetricSpecification: {
          predefinedMetricType: tracking.PredefinedMetricSpecification?.PredefinedMetricType,
          resourceLabel: tracking.PredefinedMetricSpecification?.ResourceLabel,
        },
      },
    };
  },
});

export const scalingMappings: Mappings = {
  "aws:appautoscaling/policy:Policy": policy,
  "aws:appautoscaling/target:Target": target,
};
