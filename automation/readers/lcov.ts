/** lcov's trace files, as c8, Istanbul, coverage.py and geninfo write them. https://github.com/linux-test-project/lcov, geninfo(1) */
import { lcovParser } from "@friedemannsommer/lcov-parser/sync";
import type { Share } from "../../model/gates/results.ts";
import { type CoverageReport, type CoveredFile, coverageReading, shareOf } from "./coverage.ts";
import { type Reader, type Report, ReportError } from "./reader.ts";
import type { Paths } from "./repository-paths.ts";
import { cleanText } from "./text.ts";

type Section = ReturnType<typeof lcovParser>[number];

export const lcov: Reader<"coverage"> = {
  format: "lcov",
  kinds: ["coverage"],
  recognises: ({ text }) => /^\s*(?:#[^\n]*\n\s*)*(?:TN:[^\n]*\n\s*)?SF:/.test(text),
  read: (args) => coverageReading(args, parseLcov),
};

/** The parser passes over what it does not know; so each line is checked before. */
const records = new RegExp(
  `^(?:${[
    "TN:.*|SF:.+|VER:.*|end_of_record",
    String.raw`FN:\d{1,9},(?:\d{1,9},)?.+|FNDA:\d{1,15},.+|FNL:\d{1,9},\d{1,9}(?:,\d{1,9})?|FNA:\d{1,9},\d{1,15},.+`,
    String.raw`BRDA:\d{1,9},e?\d{1,9},.+,(?:\d{1,15}|-)|MCDC:.+`,
    String.raw`DA:\d{1,9},\d{1,15}(?:,.*)?`,
    String.raw`(?:FN|BR|L|MC)[FH]:\d{1,9}`,
  ].join("|")})$`,
);

function parseLcov(report: Report, paths: Paths): CoverageReport {
  const text = report.text.replaceAll("\r\n", "\n");
  checkLines(report, text);
  const files = new Map<string, Section[]>();
  for (const section of lcovParser({ from: text.endsWith("\n") ? text : `${text}\n` })) {
    const path = paths.file(section.path, `SF:${cleanText(section.path)}`);
    const sections = files.get(path);
    if (sections === undefined) files.set(path, [section]);
    else sections.push(section);
  }
  const hasBranches = /^BR(?:F|DA):/m.test(text);
  const hasFunctions = /^FN[FLA]?:/m.test(text);
  return {
    tool: { name: "lcov" },
    files: [...files].map(([path, sections]) => fileOf(report, path, sections, { hasBranches, hasFunctions })),
  };
}

function checkLines(report: Report, text: string): void {
  let open = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const refuse = (reason: string) => new ReportError(report, `line ${index + 1}`, reason);
    if (!records.test(line)) throw refuse("is no record of lcov's");
    if (line.startsWith("TN:")) continue;
    if (line.startsWith("SF:") === open)
      throw refuse(open ? "starts before the last file ended" : "belongs to no file");
    open = line !== "end_of_record";
  }
  if (open) throw new ReportError(report, "", "ends before its last end_of_record", "let the tool write it again");
}

function fileOf(
  report: Report,
  path: string,
  sections: readonly Section[],
  { hasBranches, hasFunctions }: { hasBranches: boolean; hasFunctions: boolean },
): CoveredFile {
  const lines = new Map<number, number>();
  const branches = new Map<string, number>();
  for (const section of sections) {
    checkSums(report, path, section);
    for (const { line, hit } of section.lines.details) lines.set(line, Math.max(hit, lines.get(line) ?? 0));
    for (const { line, block, branch, isException, hit } of section.branches.details) {
      const key = JSON.stringify([line, block, branch, isException]);
      branches.set(key, Math.max(hit, branches.get(key) ?? 0));
    }
  }
  return {
    path,
    lines: shareOf(lines.values()),
    ...(hasBranches ? { branches: shareOf(branches.values()) } : {}),
    ...(hasFunctions ? { functions: functionsOf(sections) } : {}),
    hits: (line) => lines.get(line),
  };
}

/** LF and LH must be what the DA records come to, each line once or each record; BRF and BRH likewise. */
function checkSums(report: Report, path: string, { lines, branches, functions }: Section): void {
  const unique = new Map<number, number>();
  for (const { line, hit } of lines.details) unique.set(line, Math.max(hit, unique.get(line) ?? 0));
  const ways = [shareOf(unique.values()), shareOf(lines.details.map((one) => one.hit))];
  compare(report, path, ["LF", "LH"], lines, ways);
  compare(report, path, ["BRF", "BRH"], branches, [shareOf(branches.details.map((one) => one.hit))]);
  if (functions.hit > functions.instrumented)
    throw new ReportError(report, path, `FNH says ${functions.hit}, and FNF ${functions.instrumented}`);
}

function compare(
  report: Report,
  path: string,
  [found, hit]: readonly [string, string],
  said: { instrumented: number; hit: number },
  ways: readonly Share[],
): void {
  const absent = said.instrumented === 0 && said.hit === 0;
  if (absent || ways.some((way) => way.total === said.instrumented && way.covered === said.hit)) return;
  const [way] = ways;
  throw new ReportError(
    report,
    path,
    `${found} and ${hit} say ${said.hit} of ${said.instrumented}, and its records ${way?.covered} of ${way?.total}`,
  );
}

/** By lcov's own sums: methods of several classes have the same name, and hits go by name. Several runs: the best one. */
function functionsOf(sections: readonly Section[]): Share {
  return sections
    .map(({ functions: { instrumented, hit, details } }): Share => {
      return instrumented > 0 ? { covered: hit, total: instrumented } : shareOf(details.map((one) => one.hit));
    })
    .reduce((a, b) => ({ covered: Math.max(a.covered, b.covered), total: Math.max(a.total, b.total) }));
}
