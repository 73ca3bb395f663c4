import {
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListTagsForResourceCommand,
  type MetricDataQuery,
  PutDashboardCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand as ListLogTagsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type * as aws from "@pulumi/aws";
import type { Unwrap } from "@pulumi/pulumi";
import { type Clients, call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const logGroup = mapping<aws.cloudwatch.LogGroupArgs>({
  async create(inputs, { logs }) {
    const logGroupName = required(inputs.name);
    await call(logs, CreateLogGroupCommand, {
      logGroupName,
      kmsKeyId: inputs.kmsKeyId,
      logGroupClass: inputs.logGroupClass,
      tags: inputs.tags,
    });
    if (inputs.retentionInDays !== undefined) {
      await call(logs, PutRetentionPolicyCommand, { logGroupName, retentionInDays: inputs.retentionInDays });
    }
    const { logGroups } = await call(logs, DescribeLogGroupsCommand, { logGroupNamePrefix: logGroupName });
    const arn = logGroups?.find((one) => one.logGroupName === logGroupName)?.arn?.replace(/:\*$/, "");
    return { id: logGroupName, arn };
  },
  async read({ made }, { logs }) {
    const { logGroups } = await call(logs, DescribeLogGroupsCommand, { logGroupNamePrefix: made.id });
    const { tags } = await call(logs, ListLogTagsCommand, { resourceArn: required(made.arn) });
    const found = logGroups?.find((one) => one.logGroupName === made.id);
    return {
      name: found?.logGroupName,
      kmsKeyId: found?.kmsKeyId,
      logGroupClass: found?.logGroupClass,
      retentionInDays: found?.retentionInDays,
      tags,
    };
  },
  unsent: { skipDestroy: "whether the provider leaves the group when the resource goes" },
});

type Dimensions = Readonly<Record<string, string>> | undefined;
const dimensionList = (dimensions: Dimensions) =>
  dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
const dimensionMap = (list: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined) =>
  list && Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));

type AlarmArgs = aws.cloudwatch.MetricAlarmArgs;

function putAlarm(inputs: Unwrap<AlarmArgs>, { cloudwatch }: Clients) {
  return call(cloudwatch, PutMetricAlarmCommand, {
    AlarmName: required(inputs.name),
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: inputs.actionsEnabled,
    AlarmActions: inputs.alarmActions?.map(String),
    OKActions: inputs.okActions?.map(String),
    InsufficientDataActions: inputs.insufficientDataActions?.map(String),
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Dimensions: dimensionList(inputs.dimensions),
    Period: inputs.period,
    Unit: inputs.unit,
    Statistic: inputs.statistic,
    ExtendedStatistic: inputs.extendedStatistic,
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    Metrics: inputs.metricQueries?.map((query) => ({
      Id: query.id,
      Expression: query.expression,
      Label: query.label,
      ReturnData: query.returnData,
      MetricStat: query.metric && {
        Metric: {
          Namespace: query.metric.namespace,
          MetricName: query.metric.metricName,
          Dimensions: dimensionList(query.metric.dimensions),
        },
        Period: query.metric.period,
        Stat: query.metric.stat,
        Unit: query.metric.unit,
      },
    })),
    ComparisonOperator: inputs.comparisonOperator,
    EvaluationPeriods: inputs.evaluationPeriods,
    DatapointsToAlarm: inputs.datapointsToAlarm,
    Threshold: inputs.threshold,
    TreatMissingData: inputs.treatMissingData,
    Tags: tagList(inputs.tags),
  });
}

function fromQuery({ Id, Expression, Label, ReturnData, MetricStat }: MetricDataQuery) {
  return {
    id: Id,
    expression: Expression,
    label: Label,
    returnData: ReturnData,
    metric: MetricStat && {
      namespace: MetricStat.Metric?.Namespace,
      metricName: MetricStat.Metric?.MetricName,
      dimensions: dimensionMap(MetricStat.Metric?.Dimensions),
      period: MetricStat.Period,
      stat: MetricStat.Stat,
      unit: MetricStat.Unit,
    },
  };
}

async function readAlarm(name: string, { cloudwatch }: Clients) {
  const { MetricAlarms } = await call(cloudwatch, DescribeAlarmsCommand, { AlarmNames: [name] });
  const found = MetricAlarms?.[0];
  const { Tags } = await call(cloudwatch, ListTagsForResourceCommand, { ResourceARN: required(found?.AlarmArn) });
  return {
    name: found?.AlarmName,
    alarmDescription: found?.AlarmDescription,
    actionsEnabled: found?.ActionsEnabled,
    alarmActions: found?.AlarmActions,
    okActions: found?.OKActions,
    insufficientDataActions: found?.InsufficientDataActions,
    metricName: found?.MetricName,
    namespace: found?.Namespace,
    dimensions: dimensionMap(found?.Dimensions),
    period: found?.Period,
    unit: found?.Unit,
    statistic: found?.Statistic,
    extendedStatistic: found?.ExtendedStatistic,
    evaluateLowSampleCountPercentiles: found?.EvaluateLowSampleCountPercentile,
    metricQueries: found?.Metrics?.map(fromQuery),
    comparisonOperator: found?.ComparisonOperator,
    evaluationPeriods: found?.EvaluationPeriods,
    datapointsToAlarm: found?.DatapointsToAlarm,
    threshold: found?.Threshold,
    treatMissingData: found?.TreatMissingData,
    tags: tagMap(Tags),
  };
}

const metricAlarm = mapping<AlarmArgs>({
  async create(inputs, clients) {
    await putAlarm(inputs, clients);
    const { MetricAlarms } = await call(clients.cloudwatch, DescribeAlarmsCommand, {
      AlarmNames: [required(inputs.name)],
    });
    return { id: required(inputs.name), arn: MetricAlarms?.[0]?.AlarmArn };
  },
  async update({ inputs }, clients) {
    await putAlarm(inputs, clients);
  },
  read: ({ made }, clients) => readAlarm(made.id, clients),
});

const dashboard = mapping<aws.cloudwatch.DashboardArgs>({
  async create({ dashboardName, dashboardBody }, { cloudwatch }) {
    await call(cloudwatch, PutDashboardCommand, {
      DashboardName: dashboardName,
      DashboardBody: String(dashboardBody),
    });
    return { id: dashboardName };
  },
  async update({ inputs }, { cloudwatch }) {
    await call(cloudwatch, PutDashboardCommand, {
      DashboardName: inputs.dashboardName,
      DashboardBody: String(inputs.dashboardBody),
    });
  },
  async read({ made }, { cloudwatch }) {
    const found = await call(cloudwatch, GetDashboardCommand, { DashboardName: made.id });
    return { dashboardName: found.DashboardName, dashboardBody: found.DashboardBody };
  },
});

export const cloudwatchMappings: Mappings = {
  "aws:cloudwatch/dashboard:Dashboard": dashboard,
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
};
