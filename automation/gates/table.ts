/** Verdicts as a table for a terminal: what refuses stands first, with what mends it below. */
import type { GateVerdict } from "../../model/gates/verdict.ts";
import { collectCommands } from "./collect-command.ts";
import {
  type GateReport,
  imageName,
  inOrder,
  isAllowed,
  type JudgedImage,
  placeOf,
  statusOf,
  summaryOf,
} from "./gate-report.ts";
import { plain } from "./plain.ts";

/** Widest column by default; longer text makes its own line longer and moves no other. */
const wide = 72;

/**
 * @example
 * for (const line of reportLines(report)) output.data(line);
 */
export function reportLines(report: GateReport): string[] {
  if (report.images.length === 0) return [`stack ${report.stack} would run no image`];
  const lines = report.images.flatMap((image) => [...imageLines(report, image), ""]);
  const verdict = isAllowed(report) ? "allowed" : "refused";
  const lenient = report.strictness === "mandatory" ? "" : ` (gates are ${report.strictness} in ${report.environment})`;
  return [...lines, ...collectLines(report), `${report.stack}: ${verdict}${lenient}`];
}

function collectLines(report: GateReport): string[] {
  const commands = report.images.flatMap((image) => collectCommands(report, image));
  if (commands.length === 0) return [];
  return ["hand in what is missing, with its files for FILE:", ...commands.map((line) => `  ${line}`), ""];
}

function imageLines({ environment }: GateReport, image: JudgedImage): string[] {
  const { verdict } = image;
  const before = verdict.admittedAt === undefined ? [] : [`ran green in ${environment} since ${verdict.admittedAt}`];
  const title = plain(`${imageName(image)}${placeOf(image)} for ${environment}: ${summaryOf(image)}`);
  return [
    title,
    ...before.map((line) => `  ${plain(line)}`),
    ...verdict.notices.map((line) => `  ! ${plain(line)}`),
    ...gateLines(verdict.gates),
  ];
}

/** What nearly every gate asks, too; said once, so that a row fits a terminal. */
const age = /, reported in the last \d+ h$/;

/** @returns the words without the age that they have in common, and the line that says it instead */
export function withoutAge(needed: readonly string[]): { needed: string[]; line: string[] } {
  const ages = new Set(needed.flatMap((text) => age.exec(text) ?? []));
  const [common] = ages;
  if (ages.size !== 1 || common === undefined) return { needed: [...needed], line: [] };
  return {
    needed: needed.map((text) => text.replace(age, "")),
    line: [`  evidence counts if it was${common.slice(1)}`],
  };
}

/** Rows of equal columns, each refusing one followed by its remedy. */
export function gateLines(gates: readonly GateVerdict[]): string[] {
  if (gates.length === 0) return [];
  const ordered = inOrder(gates);
  const { needed, line: aged } = withoutAge(ordered.map((gate) => gate.needed));
  const rows = ordered.map((gate, index) => ({
    cells: [gate.gate, statusOf(gate), needed[index] ?? "", gate.found].map((text) => plain(text)),
    remedy: gate.passed || gate.remedy === undefined ? undefined : plain(gate.remedy),
  }));
  const table = tableLines(
    ["gate", "status", "needed", "found"],
    rows.map(({ cells }) => cells),
    40,
  );
  const [head = "", ...body] = table;
  return [
    ...aged,
    head,
    ...body.flatMap((line, index) => {
      const remedy = rows[index]?.remedy;
      return remedy === undefined ? [line] : [line, `      -> ${remedy}`];
    }),
  ];
}

/** Columns padded to their widest cell, indented by two. Cells must be plain already. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[], widest = wide): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.min(widest, Math.max(...all.map((row) => (row[column] ?? "").length))));
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
