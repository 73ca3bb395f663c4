import type * as Sdk from "@aws-sdk/client-cloudwatch";

/** What an evaluation makes of an alarm; without a state it stays as it is. */
export interface Verdict {
  state: Sdk.StateValue | undefined;
  reason: string;
}

/** The part of an alarm that its data points are held against. */
export type Judged = Pick<
  Sdk.PutMetricAlarmInput,
  "ComparisonOperator" | "Threshold" | "EvaluationPeriods" | "DatapointsToAlarm" | "TreatMissingData"
>;

/**
 * CloudWatch's rules for one evaluation: M of N data points, with what is missing treated as the alarm says.
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html) Unlike the real one it
 * looks at no data before the N periods.
 *
 * @param points one per period, undefined where there is none
 * @example
 * judge({ ComparisonOperator: "LessThanThreshold", Threshold: 1, EvaluationPeriods: 2, TreatMissingData: "breaching" }, [1, undefined]).state // "OK"
 */
export function judge(alarm: Judged, points: readonly (number | undefined)[]): Verdict {
  const { EvaluationPeriods = 1, TreatMissingData: missing = "missing", Threshold = 0 } = alarm;
  const needed = alarm.DatapointsToAlarm ?? EvaluationPeriods;
  const known = points.filter((point) => point !== undefined);
  const what = `${known.length} of ${points.length} datapoints known`;
  if (known.length === 0 && missing === "missing") return { state: "INSUFFICIENT_DATA", reason: what };
  if (known.length === 0 && missing === "ignore") return { state: undefined, reason: what };
  const silent = missing === "breaching" ? points.length - known.length : 0;
  const breaching = known.filter((value) => breaches(alarm.ComparisonOperator, value, Threshold)).length + silent;
  const reason = `${breaching} of ${points.length} datapoints breach the threshold ${Threshold} (needed: ${needed}; ${what})`;
  return { state: breaching >= needed ? "ALARM" : "OK", reason };
}

function breaches(operator: Sdk.ComparisonOperator | undefined, value: number, threshold: number): boolean {
  switch (operator) {
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "GreaterThanThreshold":
      return value > threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
    default:
      throw new Error(`sandbox: the comparison ${operator} is not supported`);
  }
}
