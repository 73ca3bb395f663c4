/** How drift is told: a line for each setting that differs, and one for each that could not be compared. */
import type { Drift, DriftFinding } from "../../model/github/drift.ts";
import { ExitCode } from "../errors.ts";
import type { Output } from "../output.ts";
import type { ChangedResource } from "./cloud-resources.ts";

export interface DriftReport extends Drift {
  stack: string;
  /** What was looked at. */
  compared: string[];
  /** What the engine found changed. */
  resources: ChangedResource[];
}

/**
 * One line on one finding. Names and values come from outside: control characters would let them write to the terminal.
 *
 * @example
 * findingLine({ where: "ruleset main", field: "enforcement", declared: "active", live: "disabled" })
 * // 'ruleset main: enforcement: declared "active", live "disabled"'
 */
export function findingLine({ where, field, declared, live }: DriftFinding): string {
  if (field === "" && live === undefined) return plain(`${where}: declared, and not there`);
  if (field === "") return plain(`${where}: there (${live}), and not declared`);
  return plain(`${where}: ${field}: declared ${shown(declared)}, live ${shown(live)}`);
}

const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const plain = (text: string) => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");

/**
 * Prints the report; data goes to stdout.
 *
 * @param restore the command that changes back what has no remedy of its own
 */
export function reportDrift(report: DriftReport, restore: string, json: boolean, output: Output): void {
  const { findings, unknown, compared, resources } = report;
  const remedy = [...findings, ...resources].some((one) => one.remedy === undefined) ? restore : undefined;
  if (json) {
    output.json({ ...report, ...(remedy === undefined ? {} : { remedy }) });
    return;
  }
  const mend = ({ remedy: own }: { remedy?: string }) => {
    if (own !== undefined) output.data(`         to mend it: ${plain(own)}`);
  };
  for (const finding of findings) {
    output.data(`drift    ${findingLine(finding)}`);
    mend(finding);
  }
  for (const resource of resources) {
    const { type, name, gone, fields } = resource;
    output.data(`drift    ${plain(`${type} ${name}: ${gone ? "gone" : `changed: ${fields.join(", ")}`}`)}`);
    mend(resource);
  }
  for (const { where, reason } of unknown) output.data(`unknown  ${plain(`${where}: ${reason}`)}`);
  if (driftExitCode(report) === ExitCode.ok) output.say(`no drift: ${compared.join(", ")}`);
  if (remedy !== undefined) output.say(`to mend it: ${remedy}`);
}

/**
 * @returns 0 where everything is as declared; 4 where something is not; 1 where something could not be compared
 */
export function driftExitCode({ findings, unknown, resources }: Omit<DriftReport, "stack" | "compared">): ExitCode {
  if (findings.length + resources.length > 0) return ExitCode.resource;
  return unknown.length > 0 ? ExitCode.error : ExitCode.ok;
}
