/** What was measured: load tests and benchmarks. */
import { type Bound, besideBound, boundWords, isWithin } from "../bound.ts";
import type { Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { newest } from "../facts.ts";
import { allOf, collect, elsewhere, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { percentAbove, ratioOf } from "../ratio.ts";
import { grouped, plain, some } from "../text.ts";

/** Figures of a scenario, with their units. */
const figures = {
  p95Ms: " ms",
  p99Ms: " ms",
  errorPercent: " %",
  requestsPerSecond: " requests/s",
  seconds: " s",
  memoryGrowthPercent: " %",
  cpuPercent: " %",
  memoryPercent: " %",
  crashes: "",
} as const;
type Figure = keyof typeof figures;
type Scenario = Gates["load"][string];

export function measureGates({ load, performance }: Gates): Gate[] {
  return [
    ...Object.entries(load).flatMap(([name, scenario]) => loadGates(name, scenario)),
    ...benchmarkGates(performance),
  ];
}

/** A measurement counts wherever it was made, unless the scenario says where: production is proven in staging. */
function loadGates(name: string, scenario: Scenario): Gate[] {
  const command = collect("load", name);
  const feeds = scenario.environment === undefined ? command : `${command} --environment ${scenario.environment}`;
  const where = scenario.environment === undefined ? "" : ` in ${scenario.environment}`;
  return (Object.keys(figures) as Figure[]).flatMap((figure): Gate[] => {
    const bound = scenario[figure];
    if (bound === undefined) return [];
    return [
      {
        gate: `load.${name}.${figure}`,
        needed: `${boundWords(bound, figures[figure])}${where}`,
        feeds,
        judge(facts) {
          const reports = newest(facts, "load").filter((one) => one.name === name);
          if (reports.length === 0) return nothing(feeds);
          return allOf(
            reports.map((one) => elsewhere(one, scenario.environment, command) ?? judgeFigure(one, figure, bound)),
          );
        },
      },
    ];
  });
}

function judgeFigure(report: Evidence<"load">, figure: Figure, bound: Bound): Outcome {
  const value = report.result[figure];
  const again = `run the load test and ${collect("load", report.name)}`;
  const where = report.environment === undefined ? "" : ` in ${plain(report.environment)}`;
  if (report.result.requests === 0) return refused("unknown", "no request", again, [report]);
  if (value === undefined) {
    return refused("unknown", "no such figure in the report", `have the load test measure ${figure}; ${again}`, [
      report,
    ]);
  }
  const found = `${besideBound(bound, ratioOf(value), figures[figure])} over ${grouped(report.result.requests)} requests${where}`;
  if (value >= 0 && isWithin(bound, ratioOf(value))) return met(found, [report]);
  return refused(value < 0 ? "unknown" : "failed", found, `mend it, then ${again}`, [report]);
}

type Report = Evidence<"benchmarks">;
type Entry = Report["result"]["entries"][number];
type Performance = NonNullable<Gates["performance"]>;

function benchmarkGates(performance: Performance | undefined): Gate[] {
  if (performance === undefined) return [];
  const { slowdownPercent, limits } = performance;
  return [
    ...(slowdownPercent === undefined ? [] : [slowdownGate(slowdownPercent)]),
    ...Object.entries(limits).map(([name, limit]) => limitGate(name, limit)),
  ];
}

function slowdownGate(bound: Bound): Gate {
  const feeds = "sluice gate collect benchmarks=FILE baseline:benchmarks=FILE";
  return {
    gate: "performance.slowdownPercent",
    needed: `${boundWords(bound, " %")} slower than at the base commit, each benchmark`,
    feeds,
    judge(facts) {
      const reports = newest(facts, "benchmarks");
      return reports.length === 0
        ? nothing(feeds)
        : allOf(reports.map((report) => judgeSlowdown(report, bound, feeds)));
    },
  };
}

function judgeSlowdown(report: Report, bound: Bound, feeds: string): Outcome {
  const { entries } = report.result;
  if (entries.length === 0) return refused("unknown", "no benchmark", `run ${feeds}`, [report]);
  const unknown = entries.filter(({ value, baseline }) => !(value > 0) || !(baseline !== undefined && baseline > 0));
  if (unknown.length > 0) {
    const found = `no baseline of ${some(unknown.map(({ name }) => name))}`;
    return refused("unknown", found, `run them at the base commit, too, then ${feeds}`, [report]);
  }
  const slower = entries.map((entry) => ({ entry, by: slowdown(entry) }));
  const bad = slower.filter(({ by }) => !isWithin(bound, by));
  if (bad.length === 0) return met(`${entries.length} benchmarks within it`, [report]);
  const words = bad.map(({ entry, by }) => `${plain(entry.name)} ${besideBound(bound, by, " %")}`);
  return refused("failed", some(words), `make it faster, build anew and run ${feeds}`, [report]);
}

/** Of what is better when higher, half as much is twice as slow. */
function slowdown({ value, baseline = 0, better }: Entry) {
  const [now, before] = [ratioOf(value), ratioOf(baseline)];
  return better === "lower" ? percentAbove(now, before) : percentAbove(before, now);
}

function limitGate(name: string, limit: Performance["limits"][string]): Gate {
  const { unit } = limit;
  const feeds = collect("benchmarks");
  return {
    gate: `performance.limits.${name}`,
    needed: boundWords(limit, ` ${unit}`),
    feeds,
    judge(facts) {
      const reports = newest(facts, "benchmarks");
      if (reports.length === 0) return nothing(feeds);
      const found = reports.flatMap((report) =>
        report.result.entries.filter((entry) => entry.name === name).map((entry) => ({ report, entry })),
      );
      if (found.length === 0) return refused("missing", "no such benchmark", `run it, then ${feeds}`, reports);
      return allOf(found.map(({ report, entry }) => judgeLimit(report, entry, limit)));
    },
  };
}

function judgeLimit(report: Report, entry: Entry, limit: Performance["limits"][string]): Outcome {
  const shown = besideBound(limit, ratioOf(entry.value), ` ${plain(entry.unit)}`);
  const feeds = collect("benchmarks");
  if (entry.unit !== limit.unit || entry.better !== "lower" || entry.value < 0) {
    const found = `${shown}${entry.better === "lower" ? "" : ", where more is better"}`;
    return refused("unknown", found, `report it in ${limit.unit}, as a duration, then run ${feeds}`, [report]);
  }
  if (isWithin(limit, ratioOf(entry.value))) return met(shown, [report]);
  return refused("failed", shown, `make it faster, build anew and run ${feeds}`, [report]);
}
