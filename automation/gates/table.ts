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

/** Widest column; longer text makes its own line longer and moves no other. */
const widest = 72;

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

/** Rows of equal columns, each refusing one followed by its remedy. */
export function gateLines(gates: readonly GateVerdict[]): string[] {
  if (gates.length === 0) return [];
  const rows = inOrder(gates).map((gate) => ({
    cells: [gate.gate, statusOf(gate), gate.needed, gate.found].map((text) => plain(text)),
    remedy: gate.passed || gate.remedy === undefined ? undefined : plain(gate.remedy),
  }));
  const table = tableLines(
    ["gate", "status", "needed", "found"],
    rows.map(({ cells }) => cells),
  );
  const [head = "", ...body] = table;
  return [
    head,
    ...body.flatMap((line, index) => {
      const remedy = rows[index]?.remedy;
      return remedy === undefined ? [line] : [line, `      -> ${remedy}`];
    }),
  ];
}

/** Columns padded to their widest cell, indented by two. Cells must be plain already. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.min(widest, Math.max(...all.map((row) => (row[column] ?? "").length))));
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
