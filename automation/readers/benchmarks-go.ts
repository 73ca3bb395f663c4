/** `go test -bench`: https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md */
import { type Entry, joinBaseline, median } from "./benchmark-entries.ts";
import { type Reader, type Report, ReportError } from "./reader.ts";
import { checkSize } from "./size.ts";

/** One line of results: name, iterations, then pairs of value and unit. */
interface Line {
  name: string;
  measures: { value: number; unit: string }[];
}

/** Lines of a package, and what stands for its end. */
interface Section {
  package: string;
  lines: Line[];
}

/**
 * Reads the text that `go test -bench` prints; of several runs (`-count`), the median. Names are `PACKAGE.BenchmarkName`,
 * and with the unit behind it for every measure but time. More is better where a unit is per second or a `Unit` line says
 * so. Every package must end in `ok`: a run that failed or was cut off measured nothing that could be compared.
 *
 * @example
 * goBench.read({ report, root }, "benchmarks").result.entries[0]
 * // { name: "example.com/scan.BenchmarkScan", value: 1042, unit: "ns/op", better: "lower" }
 */
export const goBench: Reader<"benchmarks"> = {
  format: "go-bench",
  kinds: ["benchmarks"],
  recognises: ({ text }) => /^(?:goos|goarch|pkg): /m.test(text) || /^Benchmark\S*\s+\d+\s+[\d.e+]+ ns\/op/m.test(text),
  read: (args) => ({ tool: { name: "go test" }, result: joinBaseline(args, entriesOf) }),
};

function entriesOf(report: Report): Entry[] {
  checkSize(report, 16);
  const higher = new Set<string>();
  const sections = sectionsOf(report, higher);
  const suffix = commonSuffix(sections.flatMap(({ lines }) => lines.map(({ name }) => name)));
  const found = new Map<string, { unit: string; values: number[] }>();
  for (const { package: home, lines } of sections) {
    for (const { name, measures } of lines) {
      const full = `${home}.${name.slice(0, name.length - suffix.length)}`;
      for (const { value, unit } of measures) {
        const key = unit === "ns/op" ? full : `${full} ${unit}`;
        const entry = found.get(key) ?? { unit, values: [] };
        entry.values.push(value);
        found.set(key, entry);
      }
    }
  }
  return [...found].map(([name, { unit, values }]) => ({
    name,
    value: median(values),
    unit,
    better: higher.has(unit) ? "higher" : "lower",
  }));
}

function sectionsOf(report: Report, higher: Set<string>): Section[] {
  const sections: Section[] = [];
  let open: Section | undefined;
  for (const [index, raw] of report.text.split("\n").entries()) {
    const line = raw.trimEnd();
    const refuse = (reason: string) => new ReportError(report, `line ${index + 1}`, reason);
    if (/^(?:FAIL\b|--- FAIL|panic: |\s+--- FAIL)/.test(line)) throw refuse("the run failed");
    const ended = /^ok\s+(\S+)\s+(?:\d+(?:\.\d+)?s|\(cached\))/.exec(line)?.[1];
    const named = /^pkg: (\S+)$/.exec(line)?.[1];
    const unit = /^Unit (\S+) .*\bbetter=(higher|lower)\b/.exec(line);
    if (named !== undefined) {
      if (open !== undefined) throw refuse(`${open.package} has no end: its last line should be "ok"`);
      open = { package: named, lines: [] };
    } else if (ended !== undefined) {
      if (open !== undefined && open.package !== ended)
        throw refuse(`${open.package} has no end: its last line should be "ok"`);
      if (open !== undefined) sections.push(open);
      open = undefined;
    } else if (unit?.[1] !== undefined) {
      if (unit[2] === "higher") higher.add(unit[1]);
    } else if (/^Benchmark\S*\s+\S/.test(line)) {
      if (open === undefined) throw refuse("a benchmark stands outside of any package");
      const parsed = lineOf(line);
      if (parsed === undefined) throw refuse("is no result of a benchmark");
      for (const measure of parsed.measures) if (measure.unit.endsWith("/s")) higher.add(measure.unit);
      open.lines.push(parsed);
    }
  }
  if (open !== undefined) throw new ReportError(report, "", `${open.package} has no end: its last line should be "ok"`);
  return sections;
}

function lineOf(line: string): Line | undefined {
  const [name = "", iterations = "", ...rest] = line.split(/\s+/);
  if (!/^[1-9]\d*$/.test(iterations) || rest.length === 0 || rest.length % 2 !== 0) return undefined;
  const measures: Line["measures"] = [];
  for (let at = 0; at < rest.length; at += 2) {
    const [value = "", unit = ""] = rest.slice(at, at + 2);
    if (!/^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value)) return undefined;
    measures.push({ value: Number(value), unit });
  }
  return { name, measures };
}

/**
 * Go puts `-8` behind every name on a machine of 8 processors, and nothing on one of 1: a baseline from another machine must
 * match. A number that only some names end in is part of those names.
 */
function commonSuffix(names: readonly string[]): string {
  const suffix = /-\d+$/.exec(names[0] ?? "")?.[0] ?? "";
  return names.every((name) => name.endsWith(suffix)) ? suffix : "";
}
