/** What all coverage reports come to. */
import type { Result, Share } from "../../model/gates/results.ts";
import { newLines } from "./diff-coverage.ts";
import { type Reading, type ReadingArgs, type Report, ReportError } from "./reader.ts";
import { anyPaths, type Paths, RepositoryPaths } from "./repository-paths.ts";

export const metrics = ["lines", "statements", "branches", "functions"] as const;
type Metric = (typeof metrics)[number];
export type Shares = { [M in Metric]?: Share };

export interface CoveredFile extends Shares {
  path: string;
  /** How often a line ran; `undefined` where it is none that can. Absent where the format has sums only. */
  hits?: (line: number) => number | undefined;
}

export interface CoverageReport {
  tool: Reading["tool"];
  madeAt?: number | undefined;
  files: CoveredFile[];
  /** Whether a line may be one that runs, by its text; for formats that name ranges of lines. @default every line */
  runs?: (text: string) => boolean;
}

/**
 * Makes a reading of a coverage report: sums, files by path, new lines and baseline.
 *
 * @param parse of one format
 * @throws ReportError where nothing could be covered at all, or a file is listed twice
 * @example
 * read: (args) => coverageReading(args, parseLcov)
 */
export function coverageReading(
  args: ReadingArgs,
  parse: (report: Report, paths: Paths) => CoverageReport,
): Reading<"coverage"> {
  const { report, added } = args;
  const { tool, madeAt, files, runs } = parse(report, new RepositoryPaths(report, args.root));
  const sums = sumsOf(report, files);
  const fresh = added === undefined ? undefined : newLines({ added, files, runs });
  const baseline = baselineOf(args, parse);
  return {
    tool,
    ...(madeAt === undefined ? {} : { madeAt }),
    result: {
      ...sums,
      files: files.map(({ hits: _, ...file }) => file).sort((a, b) => (a.path < b.path ? -1 : 1)),
      ...(fresh === undefined ? {} : { newLines: fresh }),
      ...(baseline === undefined ? {} : { baseline }),
    },
  };
}

function baselineOf(
  { baseline, baselineCommit }: ReadingArgs,
  parse: (report: Report, paths: Paths) => CoverageReport,
): Result<"coverage">["baseline"] {
  if (baseline === undefined) return undefined;
  if (baselineCommit === undefined)
    throw new ReportError(baseline, "", "it is not said which commit this baseline is of");
  return { commit: baselineCommit, ...sumsOf(baseline, parse(baseline, anyPaths).files) };
}

/** Of each metric that any file has. A file without one has nothing to cover of that kind. */
function sumsOf(report: Report, files: readonly CoveredFile[]): Shares {
  const paths = new Set(files.map((file) => file.path));
  if (files.length === 0) throw new ReportError(report, "", "covers no files");
  const twice = files.find((file) => !paths.delete(file.path));
  if (twice !== undefined) throw new ReportError(report, twice.path, "is listed twice");
  const sums: Shares = {};
  for (const metric of metrics) {
    const shares = files.flatMap((file) => file[metric] ?? []);
    if (shares.length > 0) sums[metric] = shares.reduce(add);
  }
  if ((sums.lines?.total ?? 0) + (sums.statements?.total ?? 0) === 0)
    throw new ReportError(report, "", "has no line that could be covered");
  return sums;
}

function add(a: Share, b: Share): Share {
  return { covered: a.covered + b.covered, total: a.total + b.total };
}

/**
 * Counts what ran.
 *
 * @example
 * shareOf([1, 0, 7]) // { covered: 2, total: 3 }
 */
export function shareOf(hits: Iterable<number>): Share {
  const share = { covered: 0, total: 0 };
  for (const count of hits) {
    share.total += 1;
    if (count > 0) share.covered += 1;
  }
  return share;
}
