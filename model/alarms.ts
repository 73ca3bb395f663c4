/** Which alarms watch a service, and what each of them asks of CloudWatch. Pure. */
import type { AlarmKind, AlarmsConfig, AlarmThresholds, Severity } from "./config/alarms.ts";

/** Longest names, in characters. Alarm: CloudWatch API, PutMetricAlarm. Topic: SNS API, CreateTopic. Dashboard: PutDashboard. */
export const alarmNameLimits = { alarm: 255, topic: 256, dashboard: 255 } as const;

/** CloudWatch looks at one day at most (service quotas, alarm evaluation period). */
const maximumMinutes = 1440;

/** Seconds of one data point: what balancers and ECS publish. */
export const alarmPeriod = 60;

/** What metrics name a colour by. */
export interface MetricNames {
  /** `app/NAME/ID`. */
  loadBalancer: string;
  /** `targetgroup/NAME/ID`. */
  targetGroup: string;
  cluster: string;
  ecsService: string;
}

/** One metric with its statistic. */
export interface Metric {
  namespace: "AWS/ApplicationELB" | "AWS/ECS";
  name: string;
  /** A statistic such as `Sum`, or a percentile such as `p95`. */
  statistic: string;
  dimensions: "target" | "balancer" | "service";
}

/** What an alarm compares, and what it makes of silence. */
export interface AlarmSpec {
  kind: AlarmKind;
  severity: Severity;
  /** Whether it tells anybody. */
  acts: boolean;
  /** Whether it tells when its data stop coming, too. */
  tellsOfSilence: boolean;
  description: string;
  metric: Metric | { expression: string; metrics: Readonly<Record<string, Metric>> };
  comparison: "GreaterThanThreshold" | "LessThanThreshold" | "GreaterThanOrEqualToThreshold";
  threshold: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: "notBreaching" | "missing";
}

const defaultSeverities: Readonly<Record<AlarmKind, Severity>> = {
  errors: "critical",
  "latency-p95": "warning",
  "latency-p99": "warning",
  cpu: "warning",
  memory: "warning",
  "healthy-hosts": "critical",
  "unhealthy-hosts": "info",
  "standby-hosts": "warning",
};

/** The thresholds of one service, or, without a name, those of all. */
export function thresholdsOf(config: AlarmsConfig, service?: string): AlarmThresholds {
  const own = Object.entries(config.services[service ?? ""] ?? {}).filter(([, value]) => value !== undefined);
  return { ...config.thresholds, ...Object.fromEntries(own) };
}

/** What is true of a colour once the update is done. */
export interface WatchedColour {
  /** Per cent of the traffic. */
  weight: number;
  /** Tasks that must be running under traffic. */
  tasks: number;
  /** Whether as many run there now: a standby may be allowed to sleep. */
  complete: boolean;
  /** Seconds that a task may take until it is healthy. */
  startSeconds: number;
}

/**
 * The alarms of a colour. They are the same with traffic and without; whom they tell follows the weight. A standby tells
 * only whether one could go back to it, and never at the severity that pages.
 *
 * @example
 * alarmsOf(config.alarms, "api", { weight: 0, tasks: 2, complete: true, startSeconds: 60 }).filter(({ acts }) => acts).map(({ kind }) => kind) // ["healthy-hosts"]
 */
export function alarmsOf(config: AlarmsConfig, service: string, colour: WatchedColour): AlarmSpec[] {
  const limits = thresholdsOf(config, service);
  const specs = [
    errors(limits),
    latency("latency-p95", "p95", limits.p95Seconds, limits),
    latency("latency-p99", "p99", limits.p99Seconds, limits),
    saturation("cpu", limits),
    saturation("memory", limits),
    healthyHosts(limits, colour),
    unhealthyHosts(limits),
  ];
  return specs.map((spec) => {
    const standby = colour.weight === 0;
    const setting = standby && spec.kind === "healthy-hosts" ? "standby-hosts" : spec.kind;
    return {
      ...spec,
      severity: config.severities[setting] ?? defaultSeverities[setting],
      acts: !standby || (setting === "standby-hosts" && colour.complete),
      tellsOfSilence: spec.kind === "healthy-hosts",
    };
  });
}

type Spec = Omit<AlarmSpec, "severity" | "acts" | "tellsOfSilence">;

const target = (name: string, statistic: string): Metric => ({
  namespace: "AWS/ApplicationELB",
  name,
  statistic,
  dimensions: "target",
});

/** Counts of zero are not published, hence FILL; a minute without requests has no ratio, and no request is no error. */
function errors({ errorPercent, errorMinimumRequests, errorMinutes }: AlarmThresholds): Spec {
  return {
    kind: "errors",
    description: `more than ${errorPercent} % of the requests fail (counted from ${errorMinimumRequests} requests a minute)`,
    metric: {
      expression: `IF(requests >= ${errorMinimumRequests}, 100 * (FILL(answers, 0) + FILL(connections, 0)) / requests, 0)`,
      metrics: {
        requests: target("RequestCount", "Sum"),
        answers: target("HTTPCode_Target_5XX_Count", "Sum"),
        connections: target("TargetConnectionErrorCount", "Sum"),
      },
    },
    comparison: "GreaterThanThreshold",
    threshold: errorPercent,
    evaluationPeriods: errorMinutes,
    datapointsToAlarm: Math.floor(errorMinutes / 2) + 1,
    treatMissingData: "notBreaching",
  };
}

/** No request has no response time: that is no slow answer. */
function latency(
  kind: AlarmKind,
  statistic: string,
  threshold: number,
  { latencyMinutes: minutes }: AlarmThresholds,
): Spec {
  return {
    kind,
    description: `${statistic} of the response time is above ${threshold} s`,
    metric: target("TargetResponseTime", statistic),
    comparison: "GreaterThanThreshold",
    threshold,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: "notBreaching",
  };
}

/** No task has no figures: that is neither fine nor full, and the alarm on healthy targets says it. */
function saturation(kind: "cpu" | "memory", limits: AlarmThresholds): Spec {
  const threshold = kind === "cpu" ? limits.cpuPercent : limits.memoryPercent;
  const minutes = limits.saturationMinutes;
  return {
    kind,
    description:
      kind === "cpu" ? `tasks use more than ${threshold} % CPU` : `a task uses more than ${threshold} % memory`,
    metric: {
      namespace: "AWS/ECS",
      name: kind === "cpu" ? "CPUUtilization" : "MemoryUtilization",
      // Load is shared by all tasks; a leak is in one of them.
      statistic: kind === "cpu" ? "Average" : "Maximum",
      dimensions: "service",
    },
    comparison: "GreaterThanThreshold",
    threshold,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: "missing",
  };
}

/**
 * Silence means that no target is registered. It is told like an alarm, but is none by itself: one that has just been made
 * would judge the minutes before its colour existed. For the same reason it looks further back than a task takes to start,
 * and asks the same of a standby as under traffic: a threshold that rose with the weights would judge the minutes before.
 */
function healthyHosts({ healthMinutes }: AlarmThresholds, { tasks, startSeconds }: WatchedColour): Spec {
  const minutes = Math.max(healthMinutes, Math.min(Math.ceil(startSeconds / 60) + 2, maximumMinutes));
  return {
    kind: "healthy-hosts",
    description: `fewer than ${tasks} healthy targets`,
    metric: target("HealthyHostCount", "Minimum"),
    comparison: "LessThanThreshold",
    threshold: tasks,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: "missing",
  };
}

/** Silence is the healthy targets' alarm to tell. */
function unhealthyHosts({ healthMinutes: minutes }: AlarmThresholds): Spec {
  return {
    kind: "unhealthy-hosts",
    description: "a target fails its health checks",
    metric: target("UnHealthyHostCount", "Maximum"),
    comparison: "GreaterThanThreshold",
    threshold: 0,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: "missing",
  };
}

/** Answers that the balancer gives itself name no target group, so that they are watched once for all services. */
export function balancerAlarm(config: AlarmsConfig): Omit<AlarmSpec, "kind"> {
  return {
    severity: config.severities.errors ?? defaultSeverities.errors,
    acts: true,
    tellsOfSilence: false,
    description: `the balancer itself answers more than ${config.balancerErrors} requests a minute with 5xx`,
    metric: {
      namespace: "AWS/ApplicationELB",
      name: "HTTPCode_ELB_5XX_Count",
      statistic: "Sum",
      dimensions: "balancer",
    },
    comparison: "GreaterThanThreshold",
    threshold: config.balancerErrors,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    // A count of zero is not published.
    treatMissingData: "notBreaching",
  };
}

/**
 * @example
 * dimensionsOf({ namespace: "AWS/ECS", name: "CPUUtilization", statistic: "Average", dimensions: "service" }, names)
 */
export function dimensionsOf({ dimensions }: Metric, names: MetricNames): Record<string, string> {
  const { loadBalancer: LoadBalancer, targetGroup: TargetGroup, cluster: ClusterName, ecsService: ServiceName } = names;
  if (dimensions === "service") return { ClusterName, ServiceName };
  return dimensions === "target" ? { LoadBalancer, TargetGroup } : { LoadBalancer };
}

/**
 * The name that CloudWatch has for a balancer or target group: the end of its ARN.
 *
 * @example
 * metricNameOf("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/50dc") // "app/shop/50dc"
 */
export function metricNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1).replace(/^loadbalancer\//, "");
}
