/** What every reader of benchmarks ends with: entries of one name each, joined with those of the baseline. */
import { type Reading, type ReadingArgs, type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

export type Entry = Omit<Reading<"benchmarks">["result"]["entries"][number], "baseline">;

/** Thousands are many; what a result takes. */
const maximumEntries = 5000;
const longestName = 1024;

/**
 * Reads a report and its baseline alike. A benchmark that the baseline has and the report has not is refused: leaving it
 * out is the easiest way to be faster. A new one has no baseline.
 *
 * @throws ReportError for no benchmark, two of one name, a value that is none, another unit than in the baseline
 * @example
 * joinBaseline(args, (report) => parse(report))
 */
export function joinBaseline(
  { report, baseline }: ReadingArgs,
  parse: (report: Report) => readonly Entry[],
): Reading<"benchmarks">["result"] {
  const own = byName(report, parse(report));
  const before = baseline === undefined ? new Map<string, Entry>() : byName(baseline, parse(baseline));
  for (const [name, { unit, better }] of before) {
    const entry = own.get(name);
    if (entry === undefined) throw new ReportError(report, "", `benchmark ${name} disappeared: the baseline has it`);
    if (entry.unit !== unit || entry.better !== better)
      throw new ReportError(report, name, `is in ${entry.unit}, in the baseline in ${unit}`);
  }
  const entries = [...own.values()].map((entry) => {
    const value = before.get(entry.name)?.value;
    return value === undefined ? entry : { ...entry, baseline: value };
  });
  return { entries };
}

function byName(report: Report, entries: readonly Entry[]): Map<string, Entry> {
  if (entries.length === 0) throw new ReportError(report, "", "holds no benchmark");
  if (entries.length > maximumEntries)
    throw new ReportError(
      report,
      "",
      `holds ${entries.length} benchmarks, more than the ${maximumEntries} that are read`,
    );
  const found = new Map<string, Entry>();
  for (const entry of entries) {
    const name = cleanText(entry.name).trim();
    if (name === "" || name.length > longestName)
      throw new ReportError(report, shorten(name), "is no name of a benchmark");
    if (found.has(name)) throw new ReportError(report, shorten(name), "stands there twice");
    if (!Number.isFinite(entry.value) || entry.value < 0)
      throw new ReportError(report, shorten(name), `has the value ${entry.value}`);
    found.set(name, { ...entry, name });
  }
  return found;
}

/**
 * Middle value; of an even number, the mean of both in the middle.
 *
 * @param values at least one
 * @example
 * median([3, 1, 2]) // 2
 */
export function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  const upper = ordered[middle] ?? Number.NaN;
  return ordered.length % 2 === 1 ? upper : ((ordered[middle - 1] ?? Number.NaN) + upper) / 2;
}
