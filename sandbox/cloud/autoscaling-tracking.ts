/**
 * Target tracking at the sandbox's pace: what takes AWS a minute takes a second here. It acts on requests per target alone, as
 * nothing in the sandbox measures CPU or memory.
 */
import type { ScalableTarget, ScalingPolicy } from "./autoscaling.ts";
import type { Inner } from "./index.ts";

/** Seconds that must be above the target before tasks are added, and below it before some are taken away. AWS: minutes. */
const PATIENCE = { out: 3, in: 15 } as const;
/** Below this share of its target a metric is low. Application Auto Scaling's own alarms have it so. */
const LOW = 0.9;
/** Seconds that AWS's default of 300 takes here. */
const COOLDOWN = 300;
const LOOK_MS = 1000;

interface Tracking {
  targetValue: number;
  disableScaleIn?: boolean;
  scaleInCooldown?: number;
  scaleOutCooldown?: number;
  predefinedMetricSpecification?: { predefinedMetricType: string; resourceLabel?: string };
}

export interface TrackedTarget {
  desired: number;
  healthy: number;
  min: number;
  max: number;
  /** Requests in each of the last seconds, the newest first; as many as the longer patience. */
  requests: readonly number[];
  /** Requests a minute that a task is to have. */
  target: number;
  mayScaleIn: boolean;
  mayScaleOut: boolean;
}

/**
 * The count that a policy wants.
 *
 * @example
 * trackedCount({ desired: 1, healthy: 1, min: 1, max: 4, requests: Array(15).fill(10), target: 300, mayScaleIn: true, mayScaleOut: true }) // 2
 */
export function trackedCount(tracked: TrackedTarget): number {
  const { desired, healthy, min, max, requests, target, mayScaleIn, mayScaleOut } = tracked;
  const perTask = (perSecond: number, count: number) => (perSecond * 60) / Math.max(1, count);
  const wanted = (seconds: number) => {
    const sum = requests.slice(0, seconds).reduce((total, one) => total + one, 0);
    return Math.min(max, Math.max(min, Math.ceil(perTask(sum / seconds, 1) / target - 1e-9)));
  };
  const isHigh = requests.slice(0, PATIENCE.out).every((one) => perTask(one, healthy) > target);
  if (mayScaleOut && isHigh) return Math.max(desired, wanted(PATIENCE.out));
  // Without requests CloudWatch has no data, and alarms without data do nothing.
  const isLow = requests.some((one) => one > 0) && requests.every((one) => perTask(one, desired) < target * LOW);
  return mayScaleIn && isLow ? Math.min(desired, wanted(PATIENCE.in)) : desired;
}

/** Looks at every policy once a second, and sets the desired counts. */
export class TargetTracking {
  readonly #cloud: Inner;
  readonly #last = new Map<string, { out: number; in: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look(Date.now()).catch((error: unknown) => this.#cloud.log(`autoscaling: ${error}`));
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(now: number): Promise<void> {
    for (const policy of this.#cloud.autoscaling.describeScalingPolicies({}).ScalingPolicies) {
      const tracking = policy.TargetTrackingScalingPolicyConfiguration as Tracking | undefined;
      const label = tracking?.predefinedMetricSpecification?.resourceLabel;
      const { ServiceNamespace, ResourceId, ScalableDimension } = policy;
      const asked = { ServiceNamespace, ResourceIds: [ResourceId], ScalableDimension };
      const [target] = this.#cloud.autoscaling.describeScalableTargets(asked).ScalableTargets;
      if (tracking === undefined || label === undefined || target === undefined) continue;
      await this.#track(policy, tracking, target, label, now);
    }
  }

  async #track(
    { ResourceId }: Pick<ScalingPolicy, "ResourceId">,
    tracking: Tracking,
    target: Pick<ScalableTarget, "MinCapacity" | "MaxCapacity" | "SuspendedState">,
    label: string,
    now: number,
  ): Promise<void> {
    const [, cluster = "", service = ""] = ResourceId.split("/");
    const { services = [] } = await this.#cloud.ecs.describeServices({ cluster, services: [service] });
    const found = services.find((one) => one.status === "ACTIVE");
    if (found === undefined) return;
    const last = this.#last.get(ResourceId) ?? { out: 0, in: 0 };
    const { MinCapacity: min, MaxCapacity: max, SuspendedState: suspended } = target;
    const rested = (since: number, seconds = COOLDOWN) => now - since >= (seconds / 60) * 1000;
    const desired = found.desiredCount ?? 0;
    const count = trackedCount({
      desired,
      healthy: found.runningCount ?? 0,
      min,
      max,
      requests: this.#requests(label, now),
      target: tracking.targetValue,
      mayScaleOut: suspended?.DynamicScalingOutSuspended !== true && rested(last.out, tracking.scaleOutCooldown),
      mayScaleIn:
        suspended?.DynamicScalingInSuspended !== true &&
        tracking.disableScaleIn !== true &&
        rested(Math.max(last.in, last.out), tracking.scaleInCooldown),
    });
    if (count === desired) return;
    this.#last.set(ResourceId, count > desired ? { ...last, out: now } : { ...last, in: now });
    await this.#cloud.ecs.updateService({ cluster, service, desiredCount: count });
  }

  /** Requests in each of the last whole seconds, the newest first. */
  #requests(label: string, now: number): number[] {
    const [balancer = "", group = ""] = label.split("/targetgroup/");
    const end = Math.floor(now / 1000);
    const Dimensions = [
      { Name: "LoadBalancer", Value: balancer },
      { Name: "TargetGroup", Value: `targetgroup/${group}` },
    ];
    const { Datapoints = [] } = this.#cloud.cloudwatch.getMetricStatistics({
      Namespace: "AWS/ApplicationELB",
      MetricName: "RequestCount",
      Dimensions,
      StartTime: new Date((end - PATIENCE.in) * 1000),
      EndTime: new Date(end * 1000),
      Period: 1,
      Statistics: ["Sum"],
    });
    const bySecond = new Map(Datapoints.map(({ Timestamp, Sum }) => [Number(Timestamp) / 1000, Sum ?? 0]));
    return Array.from({ length: PATIENCE.in }, (_, index) => bySecond.get(end - 1 - index) ?? 0);
  }
}
