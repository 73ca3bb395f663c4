import type * as Sdk from "@aws-sdk/client-cloudwatch";
import { evaluate, type Series } from "./cloudwatch-math.ts";
import { type MetricName, MetricSeries } from "./cloudwatch-series.ts";
import { addValue, emptyStat, statisticOf } from "./cloudwatch-stats.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

const ALB = "AWS/ApplicationELB";
const FLUSH_MS = 2000;
/** Most queries in one call (API reference, GetMetricData). */
const MAX_QUERIES = 500;

/** One request through a load balancer; names are values of CloudWatch's dimensions. */
export interface BalancedRequest {
  loadBalancer: string;
  /** Undefined when no target could be chosen. */
  targetGroup: string | undefined;
  targetStatus?: number;
  ownStatus?: number;
  milliseconds: number;
}

/**
 * CloudWatch's metrics. Load balancers are recorded at a resolution of one second (the real ones: a minute); counts of zero are
 * left out, as the real ones leave them out.
 *
 * @example
 * cloud.cloudwatch.getMetricData({ MetricDataQueries: [...], StartTime: new Date(Date.now() - 60_000), EndTime: new Date() });
 */
export class CloudWatch {
  readonly #series: MetricSeries;
  #timer: NodeJS.Timeout | undefined;

  constructor(cloud: Inner) {
    this.#series = new MetricSeries(cloud.store);
  }

  start(): void {
    this.#timer = setInterval(() => this.#series.flush(Date.now()), FLUSH_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#series.flush(Date.now());
  }

  /** The balancer's record of one request. */
  noteRequest(request: BalancedRequest): void {
    const now = Date.now();
    const counts: string[] = [];
    const scopes: Record<string, string>[] = [{ LoadBalancer: request.loadBalancer }];
    if (request.targetGroup !== undefined) {
      counts.push("RequestCount");
      scopes.push({ LoadBalancer: request.loadBalancer, TargetGroup: request.targetGroup });
    }
    if (request.targetStatus !== undefined) {
      counts.push(`HTTPCode_Target_${Math.max(2, Math.floor(request.targetStatus / 100))}XX_Count`);
    } else if (request.targetGroup !== undefined && request.ownStatus === 502) {
      counts.push("TargetConnectionErrorCount");
    }
    for (const dimensions of scopes) {
      for (const metric of counts) this.#series.note({ namespace: ALB, metric, dimensions }, 1, now);
      if (request.targetStatus === undefined) continue;
      const metric = "TargetResponseTime";
      this.#series.note({ namespace: ALB, metric, dimensions }, request.milliseconds / 1000, now);
    }
    const [whole = {}] = scopes;
    if (request.ownStatus === undefined) return;
    for (const code of [`${Math.floor(request.ownStatus / 100)}XX`, String(request.ownStatus)]) {
      this.#series.note({ namespace: ALB, metric: `HTTPCode_ELB_${code}_Count`, dimensions: whole }, 1, now);
    }
  }

  /** The balancer's record of how many targets are well. */
  noteHosts(loadBalancer: string, targetGroup: string, healthy: number, unhealthy: number): void {
    const dimensions = { LoadBalancer: loadBalancer, TargetGroup: targetGroup };
    const now = Date.now();
    this.#series.note({ namespace: ALB, metric: "HealthyHostCount", dimensions }, healthy, now);
    this.#series.note({ namespace: ALB, metric: "UnHealthyHostCount", dimensions }, unhealthy, now);
  }

  putMetricData(input: Sdk.PutMetricDataInput): object {
    const namespace = input.Namespace ?? "";
    if (namespace === "" || namespace.startsWith("AWS/")) {
      throw new CloudError("InvalidParameterValue", `The value '${namespace}' for parameter Namespace is invalid.`);
    }
    for (const datum of input.MetricData ?? []) {
      const name = { namespace, metric: datum.MetricName ?? "", dimensions: dimensionsOf(datum.Dimensions) };
      const at = (datum.Timestamp ?? new Date()).getTime();
      if (datum.Value !== undefined) this.#series.note(name, datum.Value, at);
      datum.Values?.forEach((value, index) => {
        this.#series.note(name, value, at, datum.Counts?.[index] ?? 1);
      });
      const set = datum.StatisticValues;
      if (set === undefined) continue;
      // A statistic set tells only its extremes: percentiles over it see the average.
      const stat = emptyStat();
      const n = set.SampleCount ?? 0;
      addValue(stat, (set.Sum ?? 0) / n, n);
      this.#series.noteStat(name, { ...stat, min: set.Minimum ?? 0, max: set.Maximum ?? 0 }, at);
    }
    return {};
  }

  listMetrics(input: Sdk.ListMetricsInput): Sdk.ListMetricsOutput {
    const found = this.#series.names().filter((name) => {
      if (input.Namespace !== undefined && input.Namespace !== name.namespace) return false;
      if (input.MetricName !== undefined && input.MetricName !== name.metric) return false;
      return (input.Dimensions ?? []).every(({ Name: key = "", Value: value }) => {
        const own = name.dimensions[key];
        return own !== undefined && (value === undefined || own === value);
      });
    });
    return {
      Metrics: found.map((name) => ({
        Namespace: name.namespace,
        MetricName: name.metric,
        Dimensions: Object.entries(name.dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
    };
  }

  getMetricStatistics(input: Sdk.GetMetricStatisticsInput): Sdk.GetMetricStatisticsOutput {
    const { MetricName: metric = "", Namespace: namespace = "" } = input;
    const { from, to, period } = rangeOf(input.StartTime, input.EndTime, input.Period);
    const wanted = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
    if (wanted.length === 0) {
      throw new CloudError(
        "MissingParameter",
        "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
      );
    }
    const name = { namespace, metric, dimensions: dimensionsOf(input.Dimensions) };
    const points = [...this.#series.read(name, from, to, period)].map(([second, stat]) => {
      const point: Sdk.Datapoint = { Timestamp: new Date(second * 1000), Unit: input.Unit ?? unitOf(metric) };
      for (const each of input.Statistics ?? []) point[each] = statisticOf(stat, each);
      const extended = (input.ExtendedStatistics ?? []).map((each) => [each, statisticOrThrow(stat, each)]);
      return extended.length === 0 ? point : { ...point, ExtendedStatistics: Object.fromEntries(extended) };
    });
    return { Label: metric, Datapoints: points };
  }

  getMetricData(input: Sdk.GetMetricDataInput): Sdk.GetMetricDataOutput {
    const queries = input.MetricDataQueries ?? [];
    if (queries.length === 0 || queries.length > MAX_QUERIES) {
      throw new CloudError(
        "ValidationError",
        `The collection MetricDataQueries must have 1 to ${MAX_QUERIES} members.`,
      );
    }
    const results = new Map<string, Series>();
    const pending = queries.filter((query) => query.Expression !== undefined);
    const periodOf = (query: Sdk.MetricDataQuery) => query.MetricStat?.Period ?? query.Period;
    const finest = Math.min(...queries.map((query) => periodOf(query) ?? Number.POSITIVE_INFINITY));
    for (const query of queries) {
      if (query.Id === undefined || !/^[a-z]\w*$/.test(query.Id)) {
        throw new CloudError("ValidationError", `The value '${query.Id}' for parameter Id is not a valid id.`);
      }
      if (query.MetricStat !== undefined) results.set(query.Id, this.#query(query.MetricStat, input));
    }
    const { periods } = rangeOf(input.StartTime, input.EndTime, Number.isFinite(finest) ? finest : 60);
    for (const query of inOrder(pending)) {
      results.set(
        query.Id ?? "",
        evaluate(query.Expression ?? "", (id) => results.get(id), periods),
      );
    }
    const ascending = input.ScanBy === "TimestampAscending";
    return {
      MetricDataResults: queries
        .filter((query) => query.ReturnData !== false)
        .map((query) => resultOf(query, results.get(query.Id ?? "") ?? new Map(), ascending)),
      Messages: [],
    };
  }

  #query(wanted: Sdk.MetricStat, input: Sdk.GetMetricDataInput): Series {
    const { from, to, period } = rangeOf(input.StartTime, input.EndTime, wanted.Period);
    const name: MetricName = {
      namespace: wanted.Metric?.Namespace ?? "",
      metric: wanted.Metric?.MetricName ?? "",
      dimensions: dimensionsOf(wanted.Metric?.Dimensions),
    };
    const stats = this.#series.read(name, from, to, period);
    return new Map([...stats].map(([second, stat]) => [second, statisticOrThrow(stat, wanted.Stat ?? "")]));
  }
}

/** Expressions may use one another, in any order: those that others need come first. */
function inOrder(queries: readonly Sdk.MetricDataQuery[]): Sdk.MetricDataQuery[] {
  const left = [...queries];
  const ordered: Sdk.MetricDataQuery[] = [];
  while (left.length > 0) {
    const names = new Set(left.map((query) => query.Id));
    const ready = left.findIndex((query) => !query.Expression?.match(/[A-Za-z_]\w*/g)?.some((id) => names.has(id)));
    if (ready < 0) throw new CloudError("ValidationError", "The expressions refer to one another in a circle.");
    ordered.push(...left.splice(ready, 1));
  }
  return ordered;
}

function resultOf(query: Sdk.MetricDataQuery, series: Series, ascending: boolean): Sdk.MetricDataResult {
  const points = typeof series === "number" ? [] : [...series].sort(([a], [b]) => (ascending ? a - b : b - a));
  return {
    Id: query.Id,
    Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
    Timestamps: points.map(([second]) => new Date(second * 1000)),
    Values: points.map(([, value]) => value),
    StatusCode: "Complete",
  };
}

function rangeOf(start: Date | undefined, end: Date | undefined, wantedPeriod: number | undefined) {
  if (start === undefined || end === undefined || !(start.getTime() < end.getTime())) {
    throw new CloudError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
  }
  const period = wantedPeriod ?? 0;
  if (![1, 5, 10, 20, 30].includes(period) && (period <= 0 || period % 60 !== 0)) {
    throw new CloudError(
      "ValidationError",
      `The period '${period}' must be 1, 5, 10, 20, 30 or a multiple of 60 seconds.`,
    );
  }
  const from = Math.floor(start.getTime() / 1000 / period) * period;
  const to = Math.ceil(end.getTime() / 1000 / period) * period;
  const periods = Array.from({ length: Math.min(100_800, (to - from) / period) }, (_, index) => from + index * period);
  return { from, to, period, periods };
}

function dimensionsOf(dimensions: readonly Sdk.Dimension[] | undefined): Record<string, string> {
  return Object.fromEntries((dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
}

function statisticOrThrow(stat: Parameters<typeof statisticOf>[0], name: string): number {
  const value = statisticOf(stat, name);
  if (value === undefined) throw new CloudError("ValidationError", `sandbox: the statistic '${name}' is not supported`);
  return value;
}

function unitOf(metric: string): Sdk.StandardUnit {
  return metric.endsWith("Time") ? "Seconds" : metric.endsWith("Count") ? "Count" : "None";
}
