import { randomUUID } from "node:crypto";
import { TargetTracking } from "./autoscaling-tracking.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

export interface ScalableTarget {
  ServiceNamespace: string;
  ResourceId: string;
  ScalableDimension: string;
  MinCapacity: number;
  MaxCapacity: number;
  RoleARN: string;
  CreationTime: string;
  ScalableTargetARN: string;
  SuspendedState?: Record<string, boolean | undefined>;
}

export interface ScalingPolicy {
  PolicyARN: string;
  PolicyName: string;
  ServiceNamespace: string;
  ResourceId: string;
  ScalableDimension: string;
  PolicyType: string;
  CreationTime: string;
  Alarms: { AlarmName: string; AlarmARN: string }[];
  StepScalingPolicyConfiguration?: unknown;
  TargetTrackingScalingPolicyConfiguration?: unknown;
}

/** What names a target; every operation has it. */
export interface TargetKey {
  ServiceNamespace?: string;
  ResourceId?: string;
  ScalableDimension?: string;
}

type Register = TargetKey & {
  MinCapacity?: number;
  MaxCapacity?: number;
  RoleARN?: string;
  SuspendedState?: Record<string, boolean | undefined>;
};

/**
 * Application Auto Scaling of ECS services: the limits are kept (a desired count outside of them is moved in). Of the policies
 * those on requests per target act, see {@link TargetTracking}; the others are only recorded.
 */
export class AutoScaling {
  readonly #cloud: Inner;
  readonly #targets: Table<ScalableTarget>;
  readonly #policies: Table<ScalingPolicy>;
  readonly #tracking: TargetTracking;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#tracking = new TargetTracking(cloud);
    const missing = (id: string) =>
      new CloudError("ObjectNotFoundException", `No scalable target or policy found for ${id}`);
    this.#targets = new Table(cloud.store, "scalable-target", missing);
    this.#policies = new Table(cloud.store, "scaling-policy", missing);
  }

  start(): void {
    this.#tracking.start();
  }

  stop(): void {
    this.#tracking.stop();
  }

  async registerScalableTarget(input: Register) {
    const key = keyOf(input);
    const old = this.#targets.find(key);
    const min = input.MinCapacity ?? old?.MinCapacity;
    const max = input.MaxCapacity ?? old?.MaxCapacity;
    if (min === undefined || max === undefined)
      throw invalid("Both MinCapacity and MaxCapacity are required for a new target");
    if (min < 0 || min > max) throw invalid("Maximum capacity cannot be less than minimum capacity");
    await this.#service(input.ResourceId ?? "");
    const { account, region } = this.#cloud;
    const suspended = input.SuspendedState ?? old?.SuspendedState;
    const target: ScalableTarget = {
      ServiceNamespace: input.ServiceNamespace ?? "",
      ResourceId: input.ResourceId ?? "",
      ScalableDimension: input.ScalableDimension ?? "",
      MinCapacity: min,
      MaxCapacity: max,
      RoleARN:
        input.RoleARN ??
        `arn:aws:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      CreationTime: old?.CreationTime ?? new Date().toISOString(),
      ScalableTargetARN:
        old?.ScalableTargetARN ??
        `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${randomUUID().replaceAll("-", "").slice(0, 12)}`,
      ...(suspended && { SuspendedState: suspended }),
    };
    this.#targets.put(key, target);
    await this.#moveIn(target);
    return { ScalableTargetARN: target.ScalableTargetARN };
  }

  /** Moves the service's desired count between the limits, as AWS does when a target is registered. */
  async #moveIn(target: ScalableTarget): Promise<void> {
    const { cluster, service, desired } = await this.#service(target.ResourceId);
    const { MinCapacity: min, MaxCapacity: max, SuspendedState: suspended } = target;
    const wanted = Math.min(max, Math.max(min, desired));
    const held = wanted > desired ? suspended?.DynamicScalingOutSuspended : suspended?.DynamicScalingInSuspended;
    if (wanted !== desired && !held) await this.#cloud.ecs.updateService({ cluster, service, desiredCount: wanted });
  }

  /** @throws CloudError ValidationException when the service is not there */
  async #service(resourceId: string): Promise<{ cluster: string; service: string; desired: number }> {
    const [kind, cluster, service] = resourceId.split("/");
    if (kind !== "service" || !cluster || !service)
      throw invalid(`Unsupported resource id '${resourceId}': expected service/<cluster>/<service>`);
    const { services = [] } = await this.#cloud.ecs.describeServices({ cluster, services: [service] });
    const found = services.find((one) => one.status === "ACTIVE");
    if (found === undefined) throw invalid(`ECS service doesn't exist: ${resourceId}`);
    return { cluster, service, desired: found.desiredCount ?? 0 };
  }

  describeScalableTargets(input: { ServiceNamespace?: string; ResourceIds?: string[]; ScalableDimension?: string }) {
    const { ServiceNamespace, ResourceIds, ScalableDimension } = input;
    const wanted = (target: ScalableTarget) =>
      (!ServiceNamespace || target.ServiceNamespace === ServiceNamespace) &&
      (!ResourceIds?.length || ResourceIds.includes(target.ResourceId)) &&
      (!ScalableDimension || target.ScalableDimension === ScalableDimension);
    return { ScalableTargets: this.#targets.list().filter(wanted).map(dated) };
  }

  /** Takes its policies along, as AWS does. */
  deregisterScalableTarget(input: TargetKey) {
    const key = keyOf(input);
    this.#cloud.store.transaction(() => {
      this.#targets.remove(key);
      for (const policy of this.#policies.list()) if (keyOf(policy) === key) this.#policies.remove(policyKey(policy));
    });
    return {};
  }

  putScalingPolicy(input: TargetKey & Partial<ScalingPolicy>) {
    this.#targets.need(keyOf(input));
    this.#checkLabel(input);
    const key = policyKey(input);
    const { account, region } = this.#cloud;
    const old = this.#policies.find(key);
    const policy: ScalingPolicy = {
      PolicyARN:
        old?.PolicyARN ??
        `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${randomUUID()}:resource/${input.ServiceNamespace}/${input.ResourceId}:policyName/${input.PolicyName}`,
      PolicyName: input.PolicyName ?? "",
      ServiceNamespace: input.ServiceNamespace ?? "",
      ResourceId: input.ResourceId ?? "",
      ScalableDimension: input.ScalableDimension ?? "",
      PolicyType: input.PolicyType ?? "StepScaling",
      CreationTime: old?.CreationTime ?? new Date().toISOString(),
      Alarms: [],
      StepScalingPolicyConfiguration: input.StepScalingPolicyConfiguration,
      TargetTrackingScalingPolicyConfiguration: input.TargetTrackingScalingPolicyConfiguration,
    };
    this.#policies.put(key, policy);
    return { PolicyARN: policy.PolicyARN, Alarms: policy.Alarms };
  }

  /** @throws CloudError ValidationException, as AWS does, where a label is missing or out of place, or names nothing attached */
  #checkLabel({ TargetTrackingScalingPolicyConfiguration: configuration }: Partial<ScalingPolicy>): void {
    const metric = (configuration as TrackingConfiguration | undefined)?.predefinedMetricSpecification;
    const label = metric?.resourceLabel;
    if (metric === undefined) return;
    if (metric.predefinedMetricType !== "ALBRequestCountPerTarget") {
      if (label !== undefined) throw invalid("A resource label is for the metric type ALBRequestCountPerTarget only");
      return;
    }
    const attached = this.#cloud.elb.targetGroups().some(({ shape }) => {
      const group = shape.TargetGroupArn ?? "";
      return this.#cloud.elb
        .balancersOf(group)
        .some((balancer) => label === `${afterLast(balancer, "loadbalancer/")}/${afterLast(group, ":")}`);
    });
    if (!attached)
      throw invalid(`The resource label '${label}' names no target group that is attached to its balancer`);
  }

  describeScalingPolicies(input: TargetKey & { PolicyNames?: string[] }) {
    const { ServiceNamespace, ResourceId, PolicyNames } = input;
    const wanted = (policy: ScalingPolicy) =>
      (!ServiceNamespace || policy.ServiceNamespace === ServiceNamespace) &&
      (!ResourceId || policy.ResourceId === ResourceId) &&
      (!PolicyNames?.length || PolicyNames.includes(policy.PolicyName));
    return { ScalingPolicies: this.#policies.list().filter(wanted).map(dated) };
  }

  deleteScalingPolicy(input: TargetKey & { PolicyName?: string }) {
    this.#policies.remove(policyKey(input));
    return {};
  }
}

interface TrackingConfiguration {
  predefinedMetricSpecification?: { predefinedMetricType?: string; resourceLabel?: string };
}

const afterLast = (text: string, mark: string): string => text.slice(text.lastIndexOf(mark) + mark.length);

function keyOf(input: TargetKey): string {
  return [input.ServiceNamespace, input.ResourceId, input.ScalableDimension].join("|");
}

function policyKey(input: TargetKey & { PolicyName?: string }): string {
  return `${keyOf(input)}|${input.PolicyName}`;
}

function dated<T extends { CreationTime: string }>(value: T) {
  return { ...value, CreationTime: new Date(value.CreationTime) };
}

function invalid(text: string): CloudError {
  return new CloudError("ValidationException", text);
}
