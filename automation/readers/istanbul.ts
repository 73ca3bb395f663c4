/** Istanbul's and c8's `coverage-summary.json` and `coverage-final.json`. https://istanbul.js.org */
import * as z from "zod/mini";
import { type CoverageReport, type CoveredFile, coverageReading, metrics, type Shares, shareOf } from "./coverage.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Reader, type Report, ReportError } from "./reader.ts";
import type { Paths } from "./repository-paths.ts";
import { cleanText } from "./text.ts";

export const istanbul: Reader<"coverage"> = {
  format: "istanbul",
  kinds: ["coverage"],
  recognises: ({ text }) =>
    isSummary(text) || /^\s*\{[^{}]{1,8192}\{[^{}]{0,8192}"(?:statementMap|path)"\s*:/.test(text),
  read: (args) =>
    coverageReading(args, (report, paths) => (isSummary(report.text) ? parseSummary : parseFinal)(report, paths)),
};

const count = z.int().check(z.gte(0));
const share = z.object({ total: count, covered: count, skipped: count });
const shares = z.object({ lines: share, statements: share, branches: share, functions: share });

function isSummary(text: string): boolean {
  return /^\s*\{\s*"total"\s*:\s*\{\s*"(?:lines|statements|functions|branches)"/.test(text);
}

function parseSummary(report: Report, paths: Paths): CoverageReport {
  const { total, ...files } = checkShape(report, z.record(z.string(), shares), parseJson(report));
  for (const metric of metrics) {
    for (const field of ["total", "covered"] as const) {
      const sum = Object.values(files).reduce((all, file) => all + file[metric][field], 0);
      if (total?.[metric][field] !== sum)
        throw new ReportError(
          report,
          `total.${metric}.${field}`,
          `is ${total?.[metric][field]}, and its files come to ${sum}`,
        );
    }
  }
  return {
    tool: { name: "istanbul" },
    files: Object.entries(files).map(([path, file]) => ({
      path: paths.file(path, place(path)),
      ...sharesOf(report, path, file),
    })),
  };
}

function sharesOf(report: Report, path: string, file: z.output<typeof shares>): Shares {
  const result: Shares = {};
  for (const metric of metrics) {
    const { covered, total } = file[metric];
    if (covered > total) throw new ReportError(report, `${place(path)}.${metric}`, `covers ${covered} of ${total}`);
    result[metric] = { covered, total };
  }
  return result;
}

const line = z.int().check(z.gte(0));
const counts = z.record(z.string(), count);
const final = z.record(
  z.string(),
  z.object({
    path: z.string(),
    statementMap: z.record(z.string(), z.object({ start: z.object({ line }) })),
    s: counts,
    fnMap: z.record(z.string(), z.looseObject({})),
    f: counts,
    branchMap: z.record(z.string(), z.object({ locations: z.array(z.looseObject({})) })),
    b: z.record(z.string(), z.array(count)),
  }),
);
type FinalFile = z.output<typeof final>[string];

function parseFinal(report: Report, paths: Paths): CoverageReport {
  const files = checkShape(report, final, parseJson(report));
  return {
    tool: { name: "istanbul" },
    files: Object.entries(files).map(([path, file]) => ({
      path: paths.file(file.path, place(path)),
      ...figuresOf(report, path, file),
    })),
  };
}

function figuresOf(report: Report, path: string, file: FinalFile): Omit<CoveredFile, "path"> {
  sameKeys(report, `${place(path)}.s`, file.s, file.statementMap);
  sameKeys(report, `${place(path)}.f`, file.f, file.fnMap);
  sameKeys(report, `${place(path)}.b`, file.b, file.branchMap);
  for (const [key, taken] of Object.entries(file.b))
    if (taken.length !== file.branchMap[key]?.locations.length)
      throw new ReportError(report, `${place(path)}.b.${cleanText(key)}`, "has not as many counts as locations");
  // As Istanbul counts lines: one per line on which a statement starts.
  const lines = new Map<number, number>();
  for (const [key, { start }] of Object.entries(file.statementMap))
    lines.set(start.line, Math.max(file.s[key] ?? 0, lines.get(start.line) ?? 0));
  return {
    lines: shareOf(lines.values()),
    statements: shareOf(Object.values(file.s)),
    branches: shareOf(Object.values(file.b).flat()),
    functions: shareOf(Object.values(file.f)),
    hits: (number) => lines.get(number),
  };
}

function sameKeys(report: Report, where: string, counted: object, mapped: object): void {
  const [a, b] = [Object.keys(counted), new Set(Object.keys(mapped))];
  if (a.length !== b.size || !a.every((key) => b.has(key)))
    throw new ReportError(report, where, "counts other things than its map lists");
}

function place(path: string): string {
  return JSON.stringify(cleanText(path));
}
