/** Every format of report that is read, and the one way to read any. */
import { resolve } from "node:path";
import { checkResult } from "../../model/gates/evidence.ts";
import type { ReportKind } from "../../model/gates/results.ts";
import { artifacts } from "./artifacts.ts";
import { customBiggerIsBetter, customSmallerIsBetter, hyperfine, sluiceBench } from "./benchmarks.ts";
import { goBench } from "./benchmarks-go.ts";
import { changelog } from "./changelog.ts";
import { cobertura } from "./cobertura.ts";
import { cyclonedx } from "./cyclonedx.ts";
import { addedLines } from "./diff-coverage.ts";
import { readReportFile } from "./file.ts";
import { gitDiff } from "./git-diff.ts";
import { goCover } from "./go-cover.ts";
import { goTest } from "./go-test.ts";
import { istanbul } from "./istanbul.ts";
import { junit } from "./junit.ts";
import { readJunitFiles } from "./junit-files.ts";
import { k6 } from "./k6.ts";
import { lcov } from "./lcov.ts";
import { loadSummary } from "./load-summary.ts";
import { mochaJson } from "./mocha-json.ts";
import { slsaProvenance } from "./provenance.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { scanners } from "./scanners.ts";
import { spdx } from "./spdx.ts";
import { cleanText, cleanTexts, shorten } from "./text.ts";

/** In the order in which help names them. One line per format. */
export const readers: readonly AnyReader[] = [
  junit,
  goTest,
  mochaJson,
  lcov,
  cobertura,
  istanbul,
  goCover,
  ...scanners,
  cyclonedx,
  spdx,
  slsaProvenance,
  k6,
  loadSummary,
  goBench,
  hyperfine,
  customSmallerIsBetter,
  customBiggerIsBetter,
  sluiceBench,
  changelog,
  artifacts,
];

type AnyReader<K extends ReportKind = ReportKind> = Reader<K, Reading<K> | Promise<Reading<K>>>;

export interface ReadReportArgs<K extends ReportKind> {
  kind: K;
  /** As the user named it; of tests, also a pattern with `*` that matches many files of JUnit XML. */
  file: string;
  /** The same report of the commit that the change starts from. @default none */
  baselineFile?: string | undefined;
  /** Commit that the baseline was made at; coverage asks for it. @default none */
  baselineCommit?: string | undefined;
  /** Folder of the repository: absolute paths in reports are made relative to it. */
  root: string;
  /** How the user calls the report: where several formats look alike, such as an empty list, the one of that name. */
  name?: string | undefined;
  /** Name of a reader. @default the one that recognises the text */
  format?: string | undefined;
  /** Commits between which the change lies, as git names them; coverage then counts new lines. @default not counted */
  diff?: { base: string; head: string } | undefined;
  /** Tag that is to be released; a changelog asks for it. @default none */
  tag?: string | undefined;
}

/** What a report says, and which file that was. */
export interface ReadReport<K extends ReportKind> extends Reading<K> {
  format: string;
  report: { file: string; sha256: string };
}

/**
 * Reads a report file: bounded, recognised, read strictly, its texts made harmless, and checked.
 *
 * @throws ReportError naming file, place and reason
 * @example
 * await readReport({ kind: "tests", file: "reports/junit.xml", root: process.cwd() })
 */
export async function readReport<K extends ReportKind>(args: ReadReportArgs<K>): Promise<ReadReport<K>> {
  const { kind, baselineCommit, diff, tag } = args;
  const root = resolve(args.root);
  const isPattern = kind === "tests" && args.file.includes("*");
  const report = await (isPattern ? readJunitFiles : readReportFile)(args.file, args);
  const baseline = args.baselineFile === undefined ? undefined : await readReportFile(args.baselineFile, args);
  const reader = readerFor(report, args);
  const added = diff === undefined || kind !== "coverage" ? undefined : addedLines(await gitDiff(root, diff));
  const reading = cleaned(report, await reader.read({ report, baseline, baselineCommit, root, added, tag }, kind));
  return {
    ...reading,
    format: reader.format,
    report: { file: cleanText(report.file), sha256: report.sha256 },
    result: checked(report, kind, reading.result),
  };
}

function readerFor<K extends ReportKind>(report: Report, { kind, name, format }: ReadReportArgs<K>): AnyReader<K> {
  const able = readers.filter((reader) => (reader.kinds as readonly ReportKind[]).includes(kind));
  const names = able.map((reader) => reader.format).join(", ");
  if (able.length === 0) throw new ReportError(report, "", `no report is read as ${kind}`);
  if (format !== undefined) {
    const named = able.find((reader) => reader.format === format);
    if (named !== undefined) return named as unknown as AnyReader<K>;
    throw new ReportError(
      report,
      "",
      `${kind} is not read from "${cleanText(format)}"`,
      `formats of ${kind}: ${names}`,
    );
  }
  const alike = able.filter((reader) => reader.recognises(report));
  const called = alike.filter((reader) => reader.format === name);
  const [first, ...others] = called.length > 0 ? called : alike;
  if (first === undefined) {
    // What was given as a report of secrets may be one, and is quoted nowhere.
    const start =
      kind === "secrets" ? "" : `: starts with "${shorten(cleanText(report.text.trimStart().slice(0, 200)), 60)}"`;
    throw new ReportError(report, "", `is no report of ${kind} that is known${start}`, `formats of ${kind}: ${names}`);
  }
  if (others.length > 0) {
    const all = [first, ...others].map((reader) => reader.format).join(", ");
    throw new ReportError(report, "", `could be each of ${all}`, `name it: ${kind}:${first.format}=FILE`);
  }
  return first as unknown as AnyReader<K>;
}

function cleaned<K extends ReportKind>(report: Report, reading: Reading<K>): Reading<K> {
  try {
    return cleanTexts(reading) as Reading<K>;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ReportError(report, "", cause.message);
  }
}

function checked<K extends ReportKind>(report: Report, kind: K, result: unknown): Reading<K>["result"] {
  try {
    return checkResult(kind, result);
  } catch (cause) {
    const issues = (cause as { issues?: { path: PropertyKey[]; message: string }[] }).issues;
    if (issues === undefined) throw cause;
    const [issue] = issues;
    throw new ReportError(report, cleanText(issue?.path.join(".") ?? ""), `${issue?.message} (of what ${kind} says)`);
  }
}
