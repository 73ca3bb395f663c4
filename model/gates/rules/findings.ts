/** What linters, scanners and audits found, over the newest report of every tool. */
import { defaults, type Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { clockSkew, type Facts, newest, toolName } from "../facts.ts";
import { allOf, collect, elsewhere, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { approvedBy } from "../people.ts";
import { ratioOf, show } from "../ratio.ts";
import { type Severity, severities } from "../results.ts";
import type { Limit } from "../strictness.ts";
import { counted, grouped, minute, plain, some } from "../text.ts";

type FindingsKind = "lint" | "sast" | "secrets" | "dependencies" | "container" | "dast";
type Report = Evidence<FindingsKind>;

export function findingsGates(gates: Gates): Gate[] {
  const { lint, secrets, dast } = gates;
  return [
    ...(lint === undefined
      ? []
      : [totalGate("lint", "issue", lint.issues ?? defaults.issues), ...toolsGate("lint", lint)]),
    ...severityGates("sast", gates.sast),
    ...(secrets === undefined
      ? []
      : [totalGate("secrets", "finding", secrets.findings ?? defaults.findings), ...toolsGate("secrets", secrets)]),
    ...severityGates("dependencies", gates.dependencies),
    ...severityGates("container", gates.container),
    ...(dast === undefined ? [] : [freshGate(dast), ...toolsGate("dast", dast)]),
  ];
}

/** One report of each name and tool: a second tool under a first one's name hides nothing. */
function reportsOf(facts: Facts, kind: FindingsKind): Report[] {
  return newest(facts, kind, ({ tool }) => toolName(tool.name));
}

function totalGate(kind: "lint" | "secrets", noun: string, most: number): Gate {
  return {
    gate: `${kind}.${noun}s`,
    needed: most === 0 ? `no ${noun}` : `at most ${counted(most, noun)}`,
    feeds: collect(kind),
    judge(facts) {
      const reports = reportsOf(facts, kind);
      if (reports.length === 0) return nothing(collect(kind));
      const count = sum(reports, severities);
      const found = describe(reports, severities, count, noun);
      return count <= most ? met(found, reports) : refused("failed", found, mend(kind), reports);
    },
  };
}

function severityGates(kind: "sast" | "dependencies" | "container", section: Gates["sast"]): Gate[] {
  if (section === undefined) return [];
  const gates = severities.flatMap((severity): Gate[] => {
    const limit = section[severity] ?? defaults.severities[severity];
    return limit === undefined ? [] : [severityGate(kind, severity, limit)];
  });
  const age = section.databaseHours === undefined ? [] : [databaseGate(kind, section.databaseHours)];
  return [...gates, ...age, ...toolsGate(kind, section)];
}

function severityGate(kind: FindingsKind, severity: Severity, limit: Limit): Gate {
  const name = severity === "unknown" ? "finding of unknown severity" : `${severity} finding`;
  const none = `no ${name}`;
  return {
    gate: `${kind}.${severity}`,
    needed:
      typeof limit === "object"
        ? `${none}, or approval by ${limit.approvedBy}`
        : limit === 0
          ? none
          : `at most ${grouped(limit)} ${severity}`,
    feeds: collect(kind),
    judge(facts) {
      const reports = reportsOf(facts, kind);
      if (reports.length === 0) return nothing(collect(kind));
      const count = sum(reports, [severity]);
      const found = describe(reports, [severity], count, severity);
      if (typeof limit === "number") {
        return count <= limit ? met(found, reports) : refused("failed", found, mend(kind), reports);
      }
      return count === 0 ? met(found, reports) : withApproval(facts, limit.approvedBy, found, reports);
    },
  };
}

function withApproval(facts: Facts, role: string, found: string, reports: readonly Report[]): Outcome {
  const { reason, found: who, remedy, evidence } = approvedBy(facts, role, 1);
  const said = `${found}; ${who}`;
  return reason === "met"
    ? met(said, [...reports, ...evidence])
    : refused(reason === "unknown" ? "unknown" : "failed", said, remedy ?? "", [...reports, ...evidence]);
}

function toolsGate(kind: FindingsKind, { tools }: { tools: readonly string[] }): Gate[] {
  if (tools.length === 0) return [];
  const feeds = `sluice gate collect ${tools.map((tool) => `${kind}:${tool}=FILE`).join(" ")}`;
  return [
    {
      gate: `${kind}.tools`,
      needed: `reports of ${tools.join(", ")}`,
      feeds,
      judge(facts) {
        const reports = reportsOf(facts, kind);
        const missing = tools.filter((tool) => !reports.some((one) => toolName(one.tool.name) === tool));
        const there = some([...new Set(reports.map((one) => toolName(one.tool.name)))], 8);
        if (missing.length === 0)
          return met(
            there,
            reports.filter((one) => tools.includes(toolName(one.tool.name))),
          );
        const command = `sluice gate collect ${missing.map((tool) => `${kind}:${tool}=FILE`).join(" ")}`;
        return refused(
          "missing",
          `${there === "" ? "nothing" : there}; none of ${missing.join(", ")}`,
          `run ${command}`,
          reports,
        );
      },
    },
  ];
}

/** Measured at the time of the scan, so that it never grows out of date: the age of evidence is a gate of its own. */
function databaseGate(kind: FindingsKind, hours: number): Gate {
  return {
    gate: `${kind}.databaseHours`,
    needed: `vulnerabilities known at most ${hours} h before the scan`,
    feeds: collect(kind),
    judge(facts) {
      const reports = reportsOf(facts, kind);
      const remedy = `update the scanner's database, scan again and run ${collect(kind)}`;
      if (reports.length === 0) return nothing(collect(kind));
      return allOf(
        reports.map((report) => {
          const at = Date.parse(report.result.databaseAt ?? "");
          const tool = plain(report.tool.name);
          const age = report.madeAt - at;
          if (!(age >= -clockSkew)) return refused("unknown", `${tool} does not say`, remedy, [report]);
          const shown = show({ n: BigInt(Math.round(Math.max(age, 0))), d: 3_600_000n }, ratioOf(hours));
          const found = `${tool}: ${shown} h, of ${minute(at)}`;
          return age <= hours * 3_600_000 ? met(found, [report]) : refused("failed", found, remedy, [report]);
        }),
      );
    },
  };
}

function freshGate({ fresh: most = defaults.fresh, environment }: NonNullable<Gates["dast"]>): Gate {
  const where = environment === undefined ? "" : ` in ${environment}`;
  const command = "sluice gate collect dast=FILE baseline:dast=FILE";
  const feeds = environment === undefined ? command : `${command} --environment ${environment}`;
  return {
    gate: "dast.fresh",
    needed: `${most === 0 ? "no issue" : `at most ${counted(most, "issue")}`} that the baseline has not${where}`,
    feeds,
    judge(facts) {
      const reports = reportsOf(facts, "dast");
      if (reports.length === 0) return nothing(feeds);
      const others = reports.flatMap((one) => elsewhere(one, environment, command) ?? []);
      if (others.length > 0) return allOf(others);
      const unknown = reports.filter(({ result }) => result.fresh === undefined);
      if (unknown.length > 0) return refused("unknown", "no baseline to compare with", `run ${feeds}`, unknown);
      const count = reports.flatMap(({ result }) => Object.values(result.fresh ?? {})).reduce((a, b) => a + b, 0);
      const found = count === 0 ? "none" : describe(reports, [], count, "new issue");
      return count <= most ? met(found, reports) : refused("failed", found, mend("dast"), reports);
    },
  };
}

function sum(reports: readonly Report[], which: readonly Severity[]): number {
  return reports.reduce((all, { result }) => which.reduce((count, one) => count + result.counts[one], all), 0);
}

/** How many, of which tools, and the first of them. */
function describe(reports: readonly Report[], which: readonly Severity[], count: number, noun: string): string {
  const tools = some([...new Set(reports.map(({ tool }) => tool.name))], 8);
  if (count === 0) return `none (${tools})`;
  const shown = reports
    .flatMap(({ result }) => result.first.filter(({ severity }) => which.includes(severity)))
    .map(({ id, place }) => `${id} ${place}`);
  const words = which.length === 1 ? `${grouped(count)} ${noun}` : counted(count, noun);
  return `${words} (${tools})${shown.length === 0 ? "" : `: ${some(shown)}`}`;
}

function mend(kind: FindingsKind): string {
  return `mend what it names, build anew and run ${collect(kind)}`;
}
