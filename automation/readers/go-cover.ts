/** Go's cover profiles. https://pkg.go.dev/golang.org/x/tools/cover */
import { type CoverageReport, type CoveredFile, coverageReading } from "./coverage.ts";
import { type Reader, type Report, ReportError } from "./reader.ts";
import type { Paths } from "./repository-paths.ts";

export const goCover: Reader<"coverage"> = {
  format: "go-cover",
  kinds: ["coverage"],
  recognises: ({ text }) => /^\s*mode: /.test(text),
  read: (args) => coverageReading(args, parseGoCover),
};

interface Block {
  from: number;
  to: number;
  statements: number;
  count: number;
}

const record =
  /^(?<file>.{1,1024}):(?<range>(?<from>\d{1,9})\.\d{1,9},(?<to>\d{1,9})\.\d{1,9}) (?<statements>\d{1,9}) (?<count>\d{1,15})$/;
/** Blocks go from brace to brace: what is blank, a comment or nothing but brackets runs nowhere. */
const idle = /^\s*(?:\/\/.*|[\s)\]},;]*)$/;

function parseGoCover(report: Report, paths: Paths): CoverageReport {
  const [first, ...lines] = report.text.split(/\r?\n/);
  const mode = /^mode: (set|count|atomic)$/.exec(first ?? "")?.[1];
  if (mode === undefined) throw new ReportError(report, "line 1", "is not mode: set, count or atomic");
  if (!report.text.endsWith("\n"))
    throw new ReportError(report, `line ${lines.length + 1}`, "ends in the midst of a line");
  const files = new Map<string, Map<string, Block>>();
  for (const [index, line] of lines.entries()) {
    // Profiles of several runs are put one after the other; so are their first lines.
    if (line === "" || line === first) continue;
    const place = `line ${index + 2}`;
    const fields = record.exec(line)?.groups;
    if (fields === undefined) throw new ReportError(report, place, "is no block of a cover profile");
    addBlock(report, place, mode, files, fields);
  }
  return {
    tool: { name: "go-cover" },
    files: [...files].map(([file, blocks]) => fileOf(paths.inModule(file, file), [...blocks.values()])),
    runs: (text) => !idle.test(text),
  };
}

/** The same block of several runs is one, and ran as often as in all of them. */
function addBlock(
  report: Report,
  place: string,
  mode: string,
  files: Map<string, Map<string, Block>>,
  fields: Record<string, string>,
): void {
  const { file = "", range = "" } = fields;
  const block = {
    from: Number(fields.from),
    to: Number(fields.to),
    statements: Number(fields.statements),
    count: Number(fields.count),
  };
  if (block.to < block.from) throw new ReportError(report, place, "ends before it starts");
  if (mode === "set" && block.count > 1)
    throw new ReportError(report, place, `has a count of ${block.count} in mode set`);
  const blocks = files.get(file) ?? new Map<string, Block>();
  files.set(file, blocks);
  const other = blocks.get(range);
  if (other === undefined) blocks.set(range, block);
  else if (other.statements !== block.statements)
    throw new ReportError(report, place, "has another number of statements than before");
  else other.count += block.count;
}

function fileOf(path: string, blocks: readonly Block[]): CoveredFile {
  const statements = { covered: 0, total: 0 };
  for (const block of blocks) {
    statements.total += block.statements;
    statements.covered += block.count > 0 ? block.statements : 0;
  }
  return { path, statements, hits: (line) => hitsOf(blocks, line) };
}

function hitsOf(blocks: readonly Block[], line: number): number | undefined {
  const here = blocks.filter((block) => block.from <= line && line <= block.to);
  return here.length === 0 ? undefined : here.reduce((most, block) => Math.max(most, block.count), 0);
}
