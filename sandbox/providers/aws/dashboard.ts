import { unlessGone } from "../gone.ts";
import type { CheckProblem, Properties, ResourceType } from "../resource-type.ts";

/** CloudWatch service quotas, dashboards: widgets and metrics of one; alarms of an alarm widget (dashboard body structure). */
const limits = { widgets: 500, metrics: 2500, metricsOfAWidget: 500, alarmsOfAWidget: 100 } as const;

interface Widget {
  type?: string;
  properties?: { metrics?: unknown[]; alarms?: unknown[] };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html; its id is its name. */
export const dashboard: ResourceType = {
  inputs: {
    dashboardBody: { type: "json", required: true },
    dashboardName: {
      type: "string",
      required: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      pattern: /^[A-Za-z0-9_-]+$/,
      patternHint: "may hold letters, digits, - and _ only",
    },
  },
  outputs: ["dashboardArn"],
  check({ dashboardBody }) {
    try {
      return checkBody(JSON.parse(String(dashboardBody)) as { widgets?: Widget[] });
    } catch {
      // Unknown yet, or no JSON, which is told already.
      return [];
    }
  },
  async create(inputs, ctx) {
    const { dashboardName: DashboardName, dashboardBody: DashboardBody } = inputs as Record<string, string>;
    await ctx.cloud.alarms.putDashboard({ DashboardName, DashboardBody });
    const { DashboardArn } = await ctx.cloud.alarms.getDashboard({ DashboardName });
    return { id: DashboardName as string, state: { dashboardArn: DashboardArn } };
  },
  async read(id, _old, ctx) {
    const reading = ctx.cloud.alarms.getDashboard({ DashboardName: id });
    const one = await unlessGone(reading, "DashboardNotFoundError");
    return one && { dashboardName: id, dashboardArn: one.DashboardArn, dashboardBody: one.DashboardBody };
  },
  async update(id, _olds, news, ctx) {
    const { dashboardBody: DashboardBody } = news as Properties & { dashboardBody: string };
    await ctx.cloud.alarms.putDashboard({ DashboardName: id, DashboardBody });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.alarms.deleteDashboards({ DashboardNames: [id] }), "DashboardNotFoundError");
  },
};

function checkBody({ widgets = [] }: { widgets?: Widget[] }): CheckProblem[] {
  const counts = widgets.map(({ properties }) => properties?.metrics?.length ?? 0);
  const alarms = Math.max(0, ...widgets.map(({ properties }) => properties?.alarms?.length ?? 0));
  const metrics = counts.reduce((sum, count) => sum + count, 0);
  const found: [number, number, string][] = [
    [widgets.length, limits.widgets, "widgets"],
    [metrics, limits.metrics, "metrics"],
    [Math.max(0, ...counts), limits.metricsOfAWidget, "metrics of one widget"],
    [alarms, limits.alarmsOfAWidget, "alarms of one widget"],
  ];
  return found
    .filter(([count, limit]) => count > limit)
    .map(([count, limit, what]) => ({
      property: "dashboardBody",
      reason: `expected at most ${limit} ${what}, got ${count}`,
    }));
}
