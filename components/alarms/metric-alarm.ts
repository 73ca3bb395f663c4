import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import {
  type AlarmSpec,
  alarmNameLimits,
  alarmPeriod,
  dimensionsOf,
  type Metric,
  type MetricNames,
} from "../../model/alarms.ts";
import type { Severity } from "../../model/config/alarms.ts";
import type { Environment } from "../environment.ts";

export interface MetricAlarmArgs {
  environment: Environment;
  /** Parts of the alarm's name after project and stack. */
  parts: string[];
  spec: Omit<AlarmSpec, "kind">;
  names: pulumi.Output<MetricNames>;
  topics: Readonly<Record<Severity, pulumi.Output<string>>>;
}

/** Declares one alarm; it tells of its end to whom it told of its beginning. */
export function metricAlarm(name: string, args: MetricAlarmArgs, opts: pulumi.CustomResourceOptions) {
  const { environment, parts, spec, topics } = args;
  const physicalName = environment.physicalName(alarmNameLimits.alarm, ...parts);
  const actions = [topics[spec.severity]];
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: physicalName,
      alarmDescription: `${environment.name}: ${parts.join(" ")}: ${spec.description}`,
      ...metricInputs(spec.metric, args.names),
      comparisonOperator: spec.comparison,
      threshold: spec.threshold,
      evaluationPeriods: spec.evaluationPeriods,
      datapointsToAlarm: spec.datapointsToAlarm,
      treatMissingData: spec.treatMissingData,
      actionsEnabled: spec.acts,
      alarmActions: actions,
      okActions: actions,
      ...(spec.tellsOfSilence && { insufficientDataActions: actions }),
      tags: environment.tags(physicalName, spec.severity),
    },
    opts,
  );
}

/** No unit is named: a metric that comes in another one would be silently ignored. */
function metricInputs(metric: AlarmSpec["metric"], names: pulumi.Output<MetricNames>) {
  const dimensions = (one: Metric) => names.apply((known) => dimensionsOf(one, known));
  if (!("expression" in metric)) {
    const { namespace, name: metricName, statistic } = metric;
    const common = { namespace, metricName, period: alarmPeriod, dimensions: dimensions(metric) };
    if (!statistic.startsWith("p")) return { ...common, statistic };
    // A handful of requests has no 99th percentile that means anything.
    return { ...common, extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" };
  }
  const metrics = Object.entries(metric.metrics).map(([id, one]) => ({
    id,
    returnData: false,
    metric: {
      namespace: one.namespace,
      metricName: one.name,
      stat: one.statistic,
      period: alarmPeriod,
      dimensions: dimensions(one),
    },
  }));
  return { metricQueries: [{ id: "ratio", expression: metric.expression, returnData: true }, ...metrics] };
}
