import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "ObjectNotFoundException";
const key: Record<string, InputSpec> = {
  resourceId: { type: "string", required: true, replace: true, minLength: 1, maxLength: 1600 },
  scalableDimension: { type: "string", required: true, replace: true, oneOf: ["ecs:service:DesiredCount"] },
  serviceNamespace: { type: "string", required: true, replace: true, oneOf: ["ecs"] },
};

interface Key extends Properties {
  resourceId: string;
  scalableDimension: string;
  serviceNamespace: string;
}

function keyOf({ resourceId, scalableDimension, serviceNamespace }: Key) {
  return { ResourceId: resourceId, ScalableDimension: scalableDimension, ServiceNamespace: serviceNamespace };
}

interface Suspended {
  dynamicScalingInSuspended?: boolean;
  dynamicScalingOutSuspended?: boolean;
  scheduledScalingSuspended?: boolean;
}

interface TargetInputs extends Key {
  minCapacity: number;
  maxCapacity: number;
  roleArn?: string;
  suspendedState?: Suspended;
}

function targetOf(inputs: TargetInputs) {
  const { minCapacity, maxCapacity, roleArn, suspendedState } = inputs;
  return {
    ...keyOf(inputs),
    MinCapacity: minCapacity,
    MaxCapacity: maxCapacity,
    ...(roleArn && { RoleARN: roleArn }),
    ...(suspendedState && {
      SuspendedState: {
        DynamicScalingInSuspended: suspendedState.dynamicScalingInSuspended,
        DynamicScalingOutSuspended: suspendedState.dynamicScalingOutSuspended,
        ScheduledScalingSuspended: suspendedState.scheduledScalingSuspended,
      },
    }),
  };
}

const off: InputSpec = { type: "boolean", default: false };

/** Its id is the resource's (`service/<cluster>/<service>`). Of the namespaces the sandbox has ECS only. */
export const target: ResourceType = {
  inputs: {
    ...key,
    maxCapacity: { type: "integer", required: true, min: 0 },
    minCapacity: { type: "integer", required: true, min: 0 },
    roleArn: { type: "string", computed: true, replace: true },
    suspendedState: {
      type: {
        object: { dynamicScalingInSuspended: off, dynamicScalingOutSuspended: off, scheduledScalingSuspended: off },
      },
      computed: true,
    },
  },
  outputs: ["arn", "roleArn"],
  tagged: true,
  check({ minCapacity, maxCapacity }) {
    if (isUnknown(minCapacity) || isUnknown(maxCapacity) || Number(minCapacity) <= Number(maxCapacity)) return [];
    return [{ property: "maxCapacity", reason: `must not be below minCapacity: ${maxCapacity} < ${minCapacity}` }];
  },
  async create(inputs, ctx) {
    const wanted = inputs as TargetInputs;
    await ctx.cloud.autoscaling.registerScalableTarget(targetOf(wanted));
    return { id: wanted.resourceId, state: (await readTarget(wanted, ctx)) ?? {} };
  },
  read: (_id, old, ctx) => readTarget(old as Key, ctx),
  async update(_id, _olds, news, ctx) {
    await ctx.cloud.autoscaling.registerScalableTarget(targetOf(news as TargetInputs));
    return {};
  },
  async delete(_id, state, ctx) {
    await unlessGone(ctx.cloud.autoscaling.deregisterScalableTarget(keyOf(state as Key)), GONE);
  },
};

async function readTarget(old: Key, ctx: ProviderContext): Promise<Properties | undefined> {
  const { ScalableDimension, ServiceNamespace, ResourceId } = keyOf(old);
  const filter = { ServiceNamespace, ScalableDimension, ResourceIds: [ResourceId] };
  const { ScalableTargets } = await ctx.cloud.autoscaling.describeScalableTargets(filter);
  const one = ScalableTargets[0];
  if (one === undefined) return undefined;
  const suspended = one.SuspendedState;
  return {
    arn: one.ScalableTargetARN,
    roleArn: one.RoleARN,
    minCapacity: one.MinCapacity,
    maxCapacity: one.MaxCapacity,
    suspendedState: suspended && {
      dynamicScalingInSuspended: suspended.DynamicScalingInSuspended ?? false,
      dynamicScalingOutSuspended: suspended.DynamicScalingOutSuspended ?? false,
      scheduledScalingSuspended: suspended.ScheduledScalingSuspended ?? false,
    },
  };
}

const tracking: InputSpec = {
  type: {
    object: {
      disableScaleIn: off,
      predefinedMetricSpecification: {
        type: {
          object: {
            predefinedMetricType: {
              type: "string",
              required: true,
              oneOf: [
                "ECSServiceAverageCPUUtilization",
                "ECSServiceAverageMemoryUtilization",
                "ALBRequestCountPerTarget",
              ],
            },
            resourceLabel: { type: "string", maxLength: 1023 },
          },
        },
      },
      scaleInCooldown: { type: "integer", min: 0 },
      scaleOutCooldown: { type: "integer", min: 0 },
      targetValue: { type: "number", required: true },
    },
  },
};

interface PolicyInputs extends Key {
  name: string;
  policyType: string;
  targetTrackingScalingPolicyConfiguration: Properties;
}

/** Target tracking on ECS's predefined metrics. Its id is its name. */
export const policy: ResourceType = {
  inputs: {
    ...key,
    name: { type: "string", computed: true, replace: true, minLength: 1, maxLength: 255 },
    policyType: { type: "string", default: "StepScaling", oneOf: ["TargetTrackingScaling"] },
    targetTrackingScalingPolicyConfiguration: { ...tracking, required: true },
  },
  outputs: ["alarmArns", "arn"],
  autoname: { property: "name", maxLength: 255 },
  async create(inputs, ctx) {
    const { arn, alarmArns } = await putPolicy(inputs as PolicyInputs, ctx);
    return { id: inputs.name as string, state: { arn, alarmArns } };
  },
  async read(_id, old, ctx) {
    const wanted = old as PolicyInputs;
    const { ScalableDimension: _, ...filter } = keyOf(wanted);
    const { ScalingPolicies } = await ctx.cloud.autoscaling.describeScalingPolicies({
      ...filter,
      PolicyNames: [wanted.name],
    });
    const one = ScalingPolicies[0];
    const configuration = one?.TargetTrackingScalingPolicyConfiguration;
    return (
      one && { arn: one.PolicyARN, policyType: one.PolicyType, targetTrackingScalingPolicyConfiguration: configuration }
    );
  },
  update: (_id, _olds, news, ctx) => putPolicy(news as PolicyInputs, ctx),
  async delete(_id, state, ctx) {
    const wanted = state as PolicyInputs;
    await unlessGone(ctx.cloud.autoscaling.deleteScalingPolicy({ ...keyOf(wanted), PolicyName: wanted.name }), GONE);
  },
};

/** The configuration is kept as the program writes it: nothing reads it but `read`. */
async function putPolicy(inputs: PolicyInputs, ctx: ProviderContext): Promise<Properties> {
  const { PolicyARN, Alarms } = await ctx.cloud.autoscaling.putScalingPolicy({
    ...keyOf(inputs),
    PolicyName: inputs.name,
    PolicyType: inputs.policyType,
    TargetTrackingScalingPolicyConfiguration: inputs.targetTrackingScalingPolicyConfiguration,
  });
  return { arn: PolicyARN, alarmArns: Alarms.map((alarm) => alarm.AlarmARN) };
}
