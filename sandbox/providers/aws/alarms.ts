import type * as Sdk from "@aws-sdk/client-cloudwatch";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const statistics = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const actions: InputSpec = {
  type: { set: { type: "string", pattern: /^arn:/, patternHint: "must be an ARN" } },
  maxLength: 5,
};
const dimensions: InputSpec = { type: { map: { type: "string", maxLength: 1024 } } };
/** High-resolution periods are for metrics of one's own, which no alarm here is about. */
const period: InputSpec = { type: "integer", min: 10 };
const metricQuery: InputSpec = {
  type: {
    object: {
      id: { type: "string", required: true, maxLength: 255, pattern: /^[a-z]\w*$/, patternHint: "must begin with a-z" },
      expression: { type: "string", maxLength: 1024 },
      label: { type: "string" },
      returnData: { type: "boolean", default: false },
      metric: {
        type: {
          object: {
            dimensions,
            metricName: { type: "string", required: true, minLength: 1, maxLength: 255 },
            namespace: { type: "string", minLength: 1, maxLength: 255 },
            period,
            stat: { type: "string", required: true },
          },
        },
      },
    },
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; its id is its name. */
export const metricAlarm: ResourceType = {
  inputs: {
    actionsEnabled: { type: "boolean", default: true },
    alarmActions: actions,
    alarmDescription: { type: "string", maxLength: 1024 },
    comparisonOperator: {
      type: "string",
      oneOf: [
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
      ],
    },
    datapointsToAlarm: { type: "integer", min: 1 },
    dimensions,
    evaluateLowSampleCountPercentiles: { type: "string", computed: true, oneOf: ["evaluate", "ignore"] },
    evaluationPeriods: { type: "integer", min: 1 },
    extendedStatistic: { type: "string", pattern: /^p(\d{1,2}(\.\d+)?|100)$/, patternHint: "must be p0 to p100" },
    insufficientDataActions: actions,
    metricName: { type: "string", minLength: 1, maxLength: 255, conflictsWith: ["metricQueries"] },
    metricQueries: { type: { set: metricQuery }, maxLength: 20 },
    name: { type: "string", computed: true, replace: true, minLength: 1, maxLength: 255 },
    namespace: { type: "string", minLength: 1, maxLength: 255, conflictsWith: ["metricQueries"] },
    okActions: actions,
    period: { ...period, conflictsWith: ["metricQueries"] },
    statistic: { type: "string", oneOf: statistics, conflictsWith: ["extendedStatistic", "metricQueries"] },
    threshold: { type: "number" },
    treatMissingData: { type: "string", default: "missing", oneOf: ["missing", "ignore", "breaching", "notBreaching"] },
    unit: { type: "string" },
  },
  outputs: ["arn", "evaluateLowSampleCountPercentiles"],
  autoname: { property: "name", maxLength: 255 },
  tagged: true,
  check: checkAlarm,
  async create(inputs, ctx) {
    await ctx.cloud.alarms.putMetricAlarm(alarmOf(inputs));
    const id = inputs.name as string;
    return { id, state: (await readAlarm(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readAlarm(id, ctx),
  async update(id, _olds, news, ctx) {
    await ctx.cloud.alarms.putMetricAlarm(alarmOf({ ...news, name: id }));
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.alarms.deleteAlarms({ AlarmNames: [id] }), "ResourceNotFound");
  },
};

/** CloudWatch's own refusals that join several properties. */
function checkAlarm(inputs: Properties): CheckProblem[] {
  const problems: CheckProblem[] = [];
  const refuse = (property: string, reason: string) => problems.push({ property, reason });
  const { metricName, metricQueries, evaluationPeriods = 0, datapointsToAlarm = 0 } = inputs;
  if (metricName === undefined && metricQueries === undefined) refuse("metricName", "or metricQueries must be given");
  for (const needed of ["comparisonOperator", "evaluationPeriods", "threshold"]) {
    if (inputs[needed] === undefined) refuse(needed, "missing required property");
  }
  if (Number(datapointsToAlarm) > Number(evaluationPeriods)) {
    refuse("datapointsToAlarm", `must not be above evaluationPeriods: ${datapointsToAlarm} > ${evaluationPeriods}`);
  }
  if (metricName !== undefined) {
    for (const needed of ["namespace", "period"])
      if (inputs[needed] === undefined) refuse(needed, "missing required property");
    if (inputs.statistic === undefined && inputs.extendedStatistic === undefined) {
      refuse("statistic", "or extendedStatistic must be given");
    }
  }
  if (Array.isArray(metricQueries)) problems.push(...checkQueries(metricQueries));
  const seconds = Number(inputs.period ?? 60);
  if (seconds % 60 !== 0 && ![10, 20, 30].includes(seconds)) {
    refuse("period", `expected 10, 20, 30 or a multiple of 60, got ${seconds}`);
  }
  if (seconds < 3600 && seconds * Number(evaluationPeriods) > 86_400) {
    refuse("evaluationPeriods", "times the period must not be above one day");
  }
  return problems;
}

function checkQueries(queries: readonly (Properties | string)[]): CheckProblem[] {
  if (queries.some(isUnknown)) return [];
  const all = queries as Properties[];
  const refuse = (reason: string) => ({ property: "metricQueries", reason });
  const problems: CheckProblem[] = [];
  if (all.filter(({ metric }) => metric !== undefined).length > 10)
    problems.push(refuse("expected at most 10 metrics"));
  if (all.filter(({ returnData }) => returnData === true).length !== 1) {
    problems.push(refuse("exactly one of them must have returnData"));
  }
  if (all.some(({ metric, expression }) => (metric === undefined) === (expression === undefined))) {
    problems.push(refuse("each has either a metric or an expression"));
  }
  return problems;
}

interface QueryInputs {
  id: string;
  expression?: string;
  label?: string;
  returnData: boolean;
  metric?: {
    namespace: string;
    metricName: string;
    stat: string;
    period: number;
    dimensions?: Record<string, string>;
  };
}

function alarmOf(inputs: Properties): Sdk.PutMetricAlarmInput {
  const one = inputs as Properties & { dimensions?: Record<string, string>; metricQueries?: QueryInputs[] };
  const wanted = {
    AlarmName: one.name,
    AlarmDescription: one.alarmDescription,
    ActionsEnabled: one.actionsEnabled,
    AlarmActions: one.alarmActions ?? [],
    OKActions: one.okActions ?? [],
    InsufficientDataActions: one.insufficientDataActions ?? [],
    ComparisonOperator: one.comparisonOperator,
    Threshold: one.threshold,
    EvaluationPeriods: one.evaluationPeriods,
    DatapointsToAlarm: one.datapointsToAlarm,
    TreatMissingData: one.treatMissingData,
    EvaluateLowSampleCountPercentile: one.evaluateLowSampleCountPercentiles,
    Namespace: one.namespace,
    MetricName: one.metricName,
    Period: one.period,
    Statistic: one.statistic,
    ExtendedStatistic: one.extendedStatistic,
    Unit: one.unit,
    Dimensions: one.metricQueries === undefined ? dimensionList(one.dimensions) : undefined,
    Metrics: one.metricQueries?.map(queryOf),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  ) as unknown as Sdk.PutMetricAlarmInput;
}

const dimensionList = (map: Record<string, string> = {}) =>
  Object.entries(map).map(([Name, Value]) => ({ Name, Value }));

function queryOf({ id, expression, label, returnData, metric }: QueryInputs): Sdk.MetricDataQuery {
  return {
    Id: id,
    ReturnData: returnData,
    ...(label !== undefined && { Label: label }),
    ...(expression !== undefined && { Expression: expression }),
    ...(metric !== undefined && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: dimensionList(metric.dimensions),
        },
        Period: metric.period,
        Stat: metric.stat,
      },
    }),
  };
}

async function readAlarm(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const { MetricAlarms } = await ctx.cloud.alarms.describeAlarms({ AlarmNames: [id] });
  const [one] = MetricAlarms;
  if (one === undefined) return undefined;
  const map = (list: Sdk.Dimension[] = []) =>
    Object.fromEntries(list.map(({ Name = "", Value = "" }) => [Name, Value]));
  return {
    name: one.AlarmName,
    arn: one.AlarmArn,
    actionsEnabled: one.ActionsEnabled,
    alarmDescription: one.AlarmDescription,
    alarmActions: one.AlarmActions,
    okActions: one.OKActions,
    insufficientDataActions: one.InsufficientDataActions,
    comparisonOperator: one.ComparisonOperator,
    threshold: one.Threshold,
    evaluationPeriods: one.EvaluationPeriods,
    datapointsToAlarm: one.DatapointsToAlarm,
    treatMissingData: one.TreatMissingData,
    evaluateLowSampleCountPercentiles: one.EvaluateLowSampleCountPercentile,
    namespace: one.Namespace,
    metricName: one.MetricName,
    period: one.Period,
    statistic: one.Statistic,
    extendedStatistic: one.ExtendedStatistic,
    unit: one.Unit,
    dimensions: one.Metrics === undefined ? map(one.Dimensions) : undefined,
    metricQueries: one.Metrics?.map((query) => ({
      id: query.Id,
      expression: query.Expression,
      label: query.Label,
      returnData: query.ReturnData,
      metric: query.MetricStat && {
        namespace: query.MetricStat.Metric?.Namespace,
        metricName: query.MetricStat.Metric?.MetricName,
        stat: query.MetricStat.Stat,
        period: query.MetricStat.Period,
        dimensions: map(query.MetricStat.Metric?.Dimensions),
      },
    })),
  };
}
