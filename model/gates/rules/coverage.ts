/** Coverage: of all code, of parts of it, of what a change adds, and not lower than before. */
import { besideBound, boundWords, isWithin } from "../bound.ts";
import { defaults, type Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { newest } from "../facts.ts";
import { allOf, collect, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { pathMatcher } from "../paths.ts";
import { compare, minus, percentage, ratioOf, show } from "../ratio.ts";
import type { Share } from "../results.ts";
import type { LowerBound } from "../strictness.ts";
import { grouped, some } from "../text.ts";

type Report = Evidence<"coverage">;
type Coverage = NonNullable<Gates["coverage"]>;
type Part = NonNullable<Coverage["critical"]>;

const metrics = ["lines", "statements", "branches", "functions"] as const;
type Metric = (typeof metrics)[number];

const command = collect("coverage");
const more = `add tests, build anew and run ${command}`;

/** Reports of several names each count on their own: a well covered one must not make up for another. */
export function coverageGates({ coverage }: Gates): Gate[] {
  if (coverage === undefined) return [];
  const { overall, components, critical, newCode, baseline } = coverage;
  return [
    ...bounded("coverage.overall", overall, (bound, metric) => (report) => wholeOf(report, metric, bound)),
    ...Object.entries(components).flatMap(([name, part]) => partGates(`coverage.components.${name}`, part)),
    ...(critical === undefined ? [] : partGates("coverage.critical", critical)),
    ...(newCode === undefined
      ? []
      : [
          gateOf("coverage.newCode.lines", boundWords(newCode.lines, " % of new lines"), (report) =>
            newLines(report, newCode.lines),
          ),
        ]),
    ...(baseline === undefined ? [] : [baselineGate(baseline.allowedDrop ?? defaults.allowedDrop)]),
  ];
}

type PerReport = (report: Report) => Outcome;

function gateOf(gate: string, needed: string, judgeReport: PerReport, feeds = command): Gate {
  return {
    gate,
    needed,
    feeds,
    judge(facts) {
      const reports = newest(facts, "coverage");
      return reports.length === 0 ? nothing(feeds) : allOf(reports.map(judgeReport));
    },
  };
}

function bounded(
  gate: string,
  bounds: { [M in Metric]?: LowerBound | undefined } | undefined,
  judgeReport: (bound: LowerBound, metric: Metric) => PerReport,
): Gate[] {
  return metrics.flatMap((metric) => {
    const bound = bounds?.[metric];
    if (bound === undefined) return [];
    return [gateOf(`${gate}.${metric}`, boundWords(bound, ` % of ${metric}`), judgeReport(bound, metric))];
  });
}

function wholeOf(report: Report, metric: Metric, bound: LowerBound): Outcome {
  return judgeShare(report.result[metric], metric, bound, [report]);
}

function judgeShare(share: Share | undefined, what: string, bound: LowerBound, evidence: readonly Report[]): Outcome {
  if (share === undefined || share.total === 0 || share.covered > share.total) {
    const found = share === undefined ? `no figure for ${what}` : `${share.covered} of ${share.total} ${what}`;
    return refused("unknown", found, `have the tool report ${what}, then run ${command}`, evidence);
  }
  const value = percentage(share.covered, share.total);
  const found = `${besideBound(bound, value, " %")} (${grouped(share.covered)} of ${grouped(share.total)})`;
  return isWithin(bound, value) ? met(found, evidence) : refused("failed", found, more, evidence);
}

function partGates(gate: string, part: Part): Gate[] {
  const matches = pathMatcher(part.paths);
  const judgeAll = (reports: readonly Report[], metric: Metric, bound: LowerBound): Outcome => {
    const matching = reports
      .map((report) => ({ report, files: report.result.files.filter(({ path }) => matches(path)) }))
      .filter(({ files }) => files.length > 0);
    if (matching.length === 0) {
      const remedy = `cover that code, or mend the paths of ${gate}; then run ${command}`;
      return refused("unknown", `no file that matches ${some(part.paths)}`, remedy, reports);
    }
    return allOf(matching.map(({ report, files }) => judgeShare(sumOf(files, metric), metric, bound, [report])));
  };
  return metrics.flatMap((metric): Gate[] => {
    const bound = part[metric];
    if (bound === undefined) return [];
    return [
      {
        gate: `${gate}.${metric}`,
        needed: `${boundWords(bound, ` % of ${metric}`)} in ${some(part.paths)}`,
        feeds: command,
        judge(facts) {
          const reports = newest(facts, "coverage");
          return reports.length === 0 ? nothing(command) : judgeAll(reports, metric, bound);
        },
      },
    ];
  });
}

/** @returns undefined where a single file lacks the figure: it would drop out, and the rest look better */
function sumOf(files: Report["result"]["files"], metric: Metric): Share | undefined {
  const shares = files.map((file) => file[metric]);
  if (shares.some((share) => share === undefined || share.covered > share.total)) return undefined;
  return (shares as Share[]).reduce(
    (sum, { covered, total }) => ({ covered: sum.covered + covered, total: sum.total + total }),
    { covered: 0, total: 0 },
  );
}

/** A change that adds no line that could run has nothing to cover: the only nothing that passes. */
function newLines(report: Report, bound: LowerBound): Outcome {
  const share = report.result.newLines;
  if (share?.total === 0 && share.covered === 0) return met("no new line that could run", [report]);
  return judgeShare(share, "new lines", bound, [report]);
}

function baselineGate(allowedDrop: number): Gate {
  const needed =
    allowedDrop === 0
      ? "no lower than at the base commit"
      : `at most ${allowedDrop} points lower than at the base commit`;
  const feeds = "sluice gate collect coverage=FILE baseline:coverage=FILE";
  return gateOf("coverage.baseline", needed, (report) => againstBaseline(report, allowedDrop), feeds);

  function againstBaseline(report: Report, drop: number): Outcome {
    const { baseline } = report.result;
    const before = metrics.filter((metric) => (baseline?.[metric]?.total ?? 0) > 0);
    if (baseline === undefined || before.length === 0) {
      return refused("unknown", "no figures of the base commit", `run ${feeds}`, [report]);
    }
    return allOf(before.map((metric) => judgeDrop(report, metric, baseline[metric] as Share, drop)));
  }
}

function judgeDrop(report: Report, metric: Metric, before: Share, allowedDrop: number): Outcome {
  const after = report.result[metric];
  if (after === undefined || after.total === 0 || after.covered > after.total || before.covered > before.total) {
    return refused("unknown", `no figure for ${metric}`, `have the tool report ${metric}, then run ${command}`, [
      report,
    ]);
  }
  const [now, then] = [percentage(after.covered, after.total), percentage(before.covered, before.total)];
  const least = minus(then, ratioOf(allowedDrop));
  const found = `${show(now, then)} % of ${metric}, ${show(then, now)} % before`;
  return compare(now, least) >= 0 ? met(found, [report]) : refused("failed", found, more, [report]);
}
