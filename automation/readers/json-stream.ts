/** Values of JSON one after the other, however they are spaced, as Go's encoder writes them. */
import { parseJson } from "./json.ts";
import { endOfString } from "./json-fault.ts";
import { type Report, ReportError } from "./reader.ts";

/**
 * Parses a report of several JSON objects.
 *
 * @throws ReportError where one of them is broken, breaks off, or is no object
 * @example
 * parseJsonStream({ file: "vuln.json", text: '{"config":{}}\n{"osv":{}}\n' }) // [{ config: {} }, { osv: {} }]
 */
export function parseJsonStream(report: Report): unknown[] {
  return objectsIn(report).map((text, number) => {
    try {
      return parseJson({ file: report.file, text });
    } catch (cause) {
      if (!(cause instanceof ReportError)) throw cause;
      throw new ReportError(report, `message ${number + 1}`, cause.message.slice(report.file.length + 2));
    }
  });
}

function objectsIn(report: Report): string[] {
  const { text } = report;
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const mark = text[index] as string;
    if (depth === 0 && mark !== "{") {
      if (/\s/.test(mark)) continue;
      throw new ReportError(report, `message ${objects.length + 1}`, "is no object");
    }
    if (mark === '"') index = endOfString(text, index);
    else if (mark === "{") depth += 1;
    else if (mark === "}") depth -= 1;
    if (depth === 1 && mark === "{") start = index;
    if (depth === 0) objects.push(text.slice(start, index + 1));
  }
  if (depth > 0) throw new ReportError(report, `message ${objects.length + 1}`, "breaks off");
  return objects;
}
