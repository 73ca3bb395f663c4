import type * as Sdk from "@aws-sdk/client-cloudwatch";
import { judge, type Verdict } from "./cloudwatch-verdict.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

const EVALUATION_MS = 5000;

/** An alarm as `DescribeAlarms` shows it; dates as text, as the store keeps them. */
export type StoredAlarm = Omit<Sdk.PutMetricAlarmInput, "Tags"> & {
  AlarmName: string;
  AlarmArn: string;
  StateValue: Sdk.StateValue;
  StateReason: string;
  updatedAt: number;
  configuredAt: number;
};

/** A dashboard: stored, never drawn. */
export interface Dashboard {
  DashboardName: string;
  DashboardArn: string;
  DashboardBody: string;
}

/**
 * CloudWatch's alarms and dashboards. Alarms are evaluated on the sandbox's own metrics every few seconds and change state;
 * their actions are recorded with the topic (`Sns.noted`) and delivered to nobody.
 *
 * @example
 * cloud.alarms.describeAlarms({ StateValue: "ALARM" }).MetricAlarms;
 */
export class CloudWatchAlarms {
  readonly #cloud: Inner;
  readonly #alarms: Table<StoredAlarm>;
  readonly #dashboards: Table<Dashboard>;
  #timer: NodeJS.Timeout | undefined;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    const missing = (name: string) => new CloudError("ResourceNotFound", `Unknown: ${name}`, 404);
    this.#alarms = new Table(cloud.store, "cloudwatch.alarm", missing);
    const noDashboard = (name: string) =>
      new CloudError("DashboardNotFoundError", `Dashboard ${name} does not exist`, 404);
    this.#dashboards = new Table(cloud.store, "cloudwatch.dashboard", noDashboard);
  }

  start(): void {
    this.#timer = setInterval(() => this.evaluate(Date.now()), EVALUATION_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Judges every alarm by the periods that are complete at `now`. */
  evaluate(now: number): void {
    for (const alarm of this.#alarms.list()) {
      const { state, reason } = this.#judge(alarm, now);
      if (state !== undefined && state !== alarm.StateValue) this.#transit(alarm, state, reason, now);
    }
  }

  #judge(alarm: StoredAlarm, now: number): Verdict {
    const queries = alarm.Metrics ?? [metricQuery(alarm)];
    const period = alarm.Period ?? queries.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 60;
    const end = Math.floor(now / 1000 / period) * period;
    const periods = Array.from(
      { length: alarm.EvaluationPeriods ?? 1 },
      (_, index) => end - (index + 1) * period,
    ).reverse();
    const { MetricDataResults = [] } = this.#cloud.cloudwatch.getMetricData({
      MetricDataQueries: queries.map((query) => ({ ...query, ReturnData: query.ReturnData ?? true })),
      StartTime: new Date((periods[0] as number) * 1000),
      EndTime: new Date(end * 1000),
    });
    const [{ Timestamps = [], Values = [] } = {}] = MetricDataResults;
    const points = new Map(Timestamps.map((time, index) => [time.getTime() / 1000, Values[index] as number]));
    return judge(
      alarm,
      periods.map((second) => points.get(second)),
    );
  }

  #transit(alarm: StoredAlarm, state: Sdk.StateValue, reason: string, now: number): void {
    this.#alarms.put(alarm.AlarmName, { ...alarm, StateValue: state, StateReason: reason, updatedAt: now });
    if (alarm.ActionsEnabled === false) return;
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    for (const topic of actions[state] ?? []) {
      this.#cloud.sns.note(topic, { alarm: alarm.AlarmName, from: alarm.StateValue, to: state, reason, at: now });
    }
  }

  /** A new alarm has no data yet; one that is changed keeps its state, and so does nothing by itself. */
  putMetricAlarm({ Tags: _, ...input }: Sdk.PutMetricAlarmInput): object {
    const name = input.AlarmName ?? "";
    if (name === "" || name.length > 255) {
      throw new CloudError("ValidationError", "AlarmName must have 1 to 255 characters.");
    }
    if ((input.DatapointsToAlarm ?? 1) > (input.EvaluationPeriods ?? 1)) {
      throw new CloudError("ValidationError", "DatapointsToAlarm must not be above EvaluationPeriods.");
    }
    const now = Date.now();
    const found = this.#alarms.find(name);
    this.#alarms.put(name, {
      ...input,
      AlarmName: name,
      AlarmArn: `arn:aws:cloudwatch:${this.#cloud.region}:${this.#cloud.account}:alarm:${name}`,
      ActionsEnabled: input.ActionsEnabled ?? true,
      StateValue: found?.StateValue ?? "INSUFFICIENT_DATA",
      StateReason: found?.StateReason ?? "Unchecked: Initial alarm creation",
      updatedAt: found?.updatedAt ?? now,
      configuredAt: now,
    });
    return {};
  }

  describeAlarms(input: Sdk.DescribeAlarmsInput = {}): Sdk.DescribeAlarmsOutput & { MetricAlarms: Sdk.MetricAlarm[] } {
    const { AlarmNames, AlarmNamePrefix = "", StateValue, ActionPrefix } = input;
    const found = this.#alarms
      .list()
      .filter(({ AlarmName }) => AlarmName.startsWith(AlarmNamePrefix) && (AlarmNames?.includes(AlarmName) ?? true))
      .filter((alarm) => StateValue === undefined || alarm.StateValue === StateValue)
      .filter(
        ({ AlarmActions = [] }) =>
          ActionPrefix === undefined || AlarmActions.some((action) => action.startsWith(ActionPrefix)),
      );
    return { MetricAlarms: found.map(shown), CompositeAlarms: [] };
  }

  /** As with AWS, none is deleted where one of them is not there. */
  deleteAlarms(input: Sdk.DeleteAlarmsInput): object {
    const names = input.AlarmNames ?? [];
    this.#alarms.pick(names.length > 0 ? names : ["(none)"]);
    for (const name of names) this.#alarms.remove(name);
    return {};
  }

  /** For drills: the next evaluation puts it right again. */
  setAlarmState({ AlarmName, StateValue, StateReason = "" }: Sdk.SetAlarmStateInput): object {
    const alarm = this.#alarms.need(AlarmName);
    if (StateValue !== undefined && StateValue !== alarm.StateValue) {
      this.#transit(alarm, StateValue, StateReason, Date.now());
    }
    return {};
  }

  putDashboard({ DashboardName = "", DashboardBody = "" }: Sdk.PutDashboardInput): Sdk.PutDashboardOutput {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(DashboardName)) {
      throw new CloudError("InvalidParameterValue", `The value ${DashboardName} for field DashboardName is invalid`);
    }
    const DashboardArn = `arn:aws:cloudwatch::${this.#cloud.account}:dashboard/${DashboardName}`;
    this.#dashboards.put(DashboardName, { DashboardName, DashboardArn, DashboardBody });
    return { DashboardValidationMessages: [] };
  }

  getDashboard({ DashboardName }: Sdk.GetDashboardInput): Dashboard {
    return this.#dashboards.need(DashboardName);
  }

  deleteDashboards({ DashboardNames }: Sdk.DeleteDashboardsInput): object {
    for (const name of DashboardNames ?? []) this.#dashboards.remove(name);
    return {};
  }
}

function metricQuery(alarm: StoredAlarm): Sdk.MetricDataQuery {
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = alarm;
  const Metric = { Namespace, MetricName, Dimensions };
  return { Id: "metric", MetricStat: { Metric, Period, Stat: ExtendedStatistic ?? Statistic } };
}

function shown({ updatedAt, configuredAt, ...alarm }: StoredAlarm): Sdk.MetricAlarm {
  return {
    ...alarm,
    StateUpdatedTimestamp: new Date(updatedAt),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
  };
}
