/** JSON out of reports: bounded in depth and size, and refused with line and column. */
import type * as z from "zod/mini";
import { endOfString, jsonFault } from "./json-fault.ts";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

const maximumDepth = 64;
/** Every value takes some 50 bytes of memory, whatever it takes in the file. */
const maximumValues = 8_000_000;

/**
 * Parses a report as one JSON value.
 *
 * @throws ReportError with line and column; for what is nested deeper than 64 levels, or has a key `__proto__`
 * @example
 * parseJson({ file: "summary.json", text: "{}" }) // {}
 */
export function parseJson(report: Report): unknown {
  checkBounds(report);
  const value = parse(report);
  // Escapes can spell it otherwise, so that the text alone does not tell.
  if (/__proto__|\\u00(?:5f|[67]|74)/i.test(report.text)) checkNames(report, value);
  return value;
}

/**
 * Parses a report of one JSON value per line (NDJSON). Empty lines count for nothing.
 *
 * @throws ReportError with the line
 * @example
 * parseJsonLines({ file: "test.json", text: '{"a":1}\n{"a":2}\n' }) // [{ line: 1, value: { a: 1 } }, { line: 2, value: { a: 2 } }]
 */
export function parseJsonLines(report: Report): { line: number; value: unknown }[] {
  const values: { line: number; value: unknown }[] = [];
  for (const [index, text] of report.text.split("\n").entries()) {
    if (text.trim() === "") continue;
    const line = index + 1;
    try {
      values.push({ line, value: parseJson({ file: report.file, text }) });
    } catch (cause) {
      if (!(cause instanceof ReportError)) throw cause;
      throw new ReportError(report, `line ${line}`, cause.message.slice(report.file.length + 2));
    }
  }
  return values;
}

/**
 * Checks a value with a schema.
 *
 * @param place where the value stands, put before the field's path
 * @throws ReportError naming the first fields that are wrong
 * @example
 * checkShape(report, z.object({ stats: z.object({ tests: z.int() }) }), parseJson(report))
 */
export function checkShape<S extends z.core.$ZodType>(
  report: Pick<Report, "file">,
  schema: S,
  value: unknown,
  place = "",
): z.output<S> {
  const result = (schema as unknown as z.ZodMiniType<z.output<S>>).safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const path = cleanText(pathOf(first?.path ?? []));
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const where = [place, path].filter((part) => part !== "").join(": ");
  throw new ReportError(
    report,
    where,
    shorten(cleanText(`${first === undefined ? "is wrong" : reasonOf(first)}${more}`)),
  );
}

/** zod/mini has no words of its own, so as to be small: "Invalid input" for all. */
function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `must be ${issue.expected}`;
  if (issue.code === "unrecognized_keys") return `has fields that are not known: ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_value") return `must be ${issue.values.map(String).join(" or ")}`;
  if (issue.code === "too_small")
    return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
  if (issue.code === "too_big")
    return `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
  return issue.message;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

/** Looks at brackets outside of strings only: that needs no recursion, and is done before anything is built. */
function checkBounds(report: Report): void {
  const { text } = report;
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const mark = text[index];
    if (mark === '"') index = endOfString(text, index);
    else if (mark === "]" || mark === "}") depth -= 1;
    else if (mark === "[" || mark === "{") depth += 1;
    else if (mark !== ",") continue;
    values += 1;
    if (depth > maximumDepth) refuseAt(report, index, `is nested deeper than ${maximumDepth} levels`);
    if (values > maximumValues) refuseAt(report, index, `has more than ${maximumValues} values`);
  }
}

function parse(report: Report): unknown {
  try {
    return JSON.parse(report.text);
  } catch {
    const index = jsonFault(report.text);
    return refuseAt(report, index, index >= report.text.trimEnd().length ? "the JSON ends too early" : "is not JSON");
  }
}

function refuseAt(report: Report, index: number, reason: string): never {
  const before = report.text.slice(0, index);
  const line = before.split("\n").length;
  throw new ReportError(report, `${line}:${index - before.lastIndexOf("\n")}`, reason);
}

/** `__proto__` is a field like others to JSON.parse, but whoever copies it by assignment changes a prototype. */
function checkNames(report: Report, value: unknown): void {
  const rest = [value];
  while (rest.length > 0) {
    const one = rest.pop();
    if (typeof one !== "object" || one === null) continue;
    if (Object.hasOwn(one, "__proto__")) throw new ReportError(report, "", "has a field named __proto__");
    for (const child of Object.values(one)) rest.push(child);
  }
}
