/** A bound on reports of formats that are small by nature: what is larger is none, and would take minutes to read. */
import { type Report, ReportError } from "./reader.ts";

/**
 * @throws ReportError for a text of more than so many characters, in units of 2^20
 * @example
 * checkSize(report, 8)
 */
export function checkSize(report: Report, mebi: number): void {
  if (report.text.length <= mebi * 2 ** 20) return;
  throw new ReportError(
    report,
    "",
    `has ${report.text.length} characters, more than the ${mebi} Mi that such a report has`,
  );
}
