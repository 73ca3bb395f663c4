/** The body of an environment's CloudWatch dashboard. Pure. */
import { alarmPeriod, dimensionsOf, type Metric, type MetricNames } from "./alarms.ts";
import type { AlarmThresholds } from "./config/alarms.ts";
import type { Colour } from "./traffic.ts";

/** Services on one dashboard: 7 widgets and at most 24 metrics each, of 500 and 2,500 (CloudWatch quotas, dashboards). */
export const servicesPerDashboard = 50;

export interface DashboardColour {
  colour: Colour;
  tag: string;
  /** Per cent of the traffic. */
  weight: number;
  names: MetricNames;
}

export interface DashboardService {
  name: string;
  /** Those that have a workload. */
  colours: readonly DashboardColour[];
  thresholds: AlarmThresholds;
  /** ARNs. */
  alarms: readonly string[];
}

export interface DashboardArgs {
  title: string;
  region: string;
  /** ARNs of the alarms that belong to no service. */
  alarms: readonly string[];
  services: readonly DashboardService[];
}

/** CloudWatch's grid has 24 columns (dashboard body structure). */
const columns = 24;
const headerHeight = 2;
const chartHeight = 6;
const serviceHeight = headerHeight + 2 * chartHeight;
const palette: Readonly<Record<Colour, string>> = { blue: "#1f77b4", green: "#2ca02c" };

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}
type Row = readonly unknown[];

/**
 * A row of figures per service, both colours in each chart, the threshold of the alarm as a line, and what runs where in
 * its heading. Times of releases are not on it: a program knows none that would be the same in the next preview; the chart
 * of requests shows when traffic moved.
 *
 * @example
 * JSON.parse(dashboardBody({ title: "shop prod", region: "eu-west-1", alarms: [], services })).widgets.length
 */
export function dashboardBody({ title, region, alarms, services }: DashboardArgs): string {
  const head = [
    text(`# ${title}`, { x: 0, y: 0, width: 16, height: headerHeight }),
    alarmList("Balancers", alarms, { x: 16, y: 0, width: 8, height: headerHeight }),
  ];
  const rows = services.flatMap((service, index) =>
    serviceWidgets(service, region, headerHeight + index * serviceHeight),
  );
  return JSON.stringify({ widgets: [...head, ...rows] });
}

function serviceWidgets(service: DashboardService, region: string, top: number): object[] {
  const { name, colours, thresholds } = service;
  const at = (column: number, row: number, wide = 6): Place => ({
    x: column,
    y: top + headerHeight + row * chartHeight,
    width: wide,
    height: chartHeight,
  });
  const each = (draw: (colour: DashboardColour) => Row[]) => colours.flatMap(draw);
  const chart = (label: string, metrics: Row[], place: Place, threshold?: number) =>
    graph({ title: `${name}: ${label}`, region, metrics, ...(threshold !== undefined && { threshold }) }, place);
  return [
    text(heading(service), { x: 0, y: top, width: columns, height: headerHeight }),
    chart(
      "requests a minute",
      each((one) => [series(one, elb("RequestCount", "Sum"))]),
      at(0, 0),
    ),
    chart("failed requests, %", each(errorRows), at(6, 0), thresholds.errorPercent),
    chart(
      "response time, s",
      each((one) => ["p95", "p99"].map((stat) => series(one, elb("TargetResponseTime", stat), stat))),
      at(12, 0),
      thresholds.p99Seconds,
    ),
    chart(
      "healthy targets",
      each((one) => [
        series(one, elb("HealthyHostCount", "Minimum"), "healthy"),
        series(one, elb("UnHealthyHostCount", "Maximum"), "unhealthy"),
      ]),
      at(18, 0),
    ),
    chart(
      "CPU and memory, %",
      each((one) => [
        series(one, ecs("CPUUtilization", "Average"), "CPU"),
        series(one, ecs("MemoryUtilization", "Maximum"), "memory"),
      ]),
      at(0, 1),
      thresholds.cpuPercent,
    ),
    alarmList(`${name}: alarms`, service.alarms, at(6, 1, 18)),
  ];
}

function heading({ name, colours }: DashboardService): string {
  const lines = colours.map(({ colour, tag, weight }) => `**${colour}** ${tag}, ${weight} % of the traffic`);
  return `## ${name}\n${lines.join(" · ") || "no release yet"}`;
}

const elb = (name: string, statistic: string): Metric => ({
  namespace: "AWS/ApplicationELB",
  name,
  statistic,
  dimensions: "target",
});
const ecs = (name: string, statistic: string): Metric => ({
  namespace: "AWS/ECS",
  name,
  statistic,
  dimensions: "service",
});

function series({ colour, names }: DashboardColour, metric: Metric, label = "", more: object = {}): Row {
  const dimensions = Object.entries(dimensionsOf(metric, names)).flat();
  const style = { stat: metric.statistic, label: `${colour} ${label}`.trim(), color: palette[colour], ...more };
  return [metric.namespace, metric.name, ...dimensions, style];
}

/** The ratio that the alarm judges, without its minimum of requests: a chart may show what an alarm must not judge. */
function errorRows(one: DashboardColour): Row[] {
  const { colour } = one;
  const hidden = (name: string, id: string) => series(one, elb(name, "Sum"), name, { id, visible: false });
  const expression = `100 * (FILL(${colour}answers, 0) + FILL(${colour}connections, 0)) / ${colour}requests`;
  return [
    hidden("RequestCount", `${colour}requests`),
    hidden("HTTPCode_Target_5XX_Count", `${colour}answers`),
    hidden("TargetConnectionErrorCount", `${colour}connections`),
    [{ expression, id: `${colour}failed`, label: colour, color: palette[colour] }],
  ];
}

function text(markdown: string, place: Place): object {
  return { type: "text", ...place, properties: { markdown } };
}

function alarmList(title: string, alarms: readonly string[], place: Place): object {
  if (alarms.length === 0) return text(`${title}: none`, place);
  return { type: "alarm", ...place, properties: { title, alarms } };
}

function graph(
  { title, region, metrics, threshold }: { title: string; region: string; metrics: Row[]; threshold?: number },
  place: Place,
): object {
  if (metrics.length === 0) return text(`${title}: no release yet`, place);
  const annotations =
    threshold === undefined ? {} : { annotations: { horizontal: [{ label: "alarm", value: threshold }] } };
  const yAxis = { left: { min: 0 } };
  const properties = { title, region, view: "timeSeries", period: alarmPeriod, metrics, yAxis, ...annotations };
  return { type: "metric", ...place, properties };
}
