/**
 * `eslint -f json`. Errors are high, warnings medium.
 * Source: https://eslint.org/docs/latest/use/formatters/#json
 */
import * as z from "zod/mini";
import { type Found, findingsReader, pathIn, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";

const count = z.int().check(z.gte(0));
const message = z.object({
  /** Null for what is no rule's, such as a comment that disables nothing. */
  ruleId: z.nullable(z.string()),
  severity: z.union([z.literal(1), z.literal(2)]),
  message: z.string(),
  line: z.optional(z.int()),
  fatal: z.optional(z.boolean()),
});

const lintedFile = z.object({
  filePath: z.string().check(z.minLength(1)),
  messages: z.array(message),
  suppressedMessages: z.optional(z.array(z.unknown())),
  errorCount: count,
  fatalErrorCount: z.optional(count),
  warningCount: count,
});
type LintedFile = z.output<typeof lintedFile>;

export const eslint = findingsReader({
  format: "eslint",
  kinds: ["lint", "sast"],
  // An empty list may be anybody's.
  recognises: ({ text }: Report) => /^\s*\[\s*(?:\]|\{\s*"filePath"\s*:)/.test(text),
  scan,
});

function scan({ report, root }: ScanArgs): Scan {
  const files = checkShape(report, z.array(lintedFile), parseJson(report));
  if (files.length === 0) throw new ReportError(report, "", "no file was linted");
  for (const [number, file] of files.entries()) checkFile(report, file, `[${number}]`);
  return {
    tool: { name: "eslint" },
    found: files.flatMap((file) => foundIn(file, root)),
    suppressed: files.reduce((sum, { suppressedMessages = [] }) => sum + suppressedMessages.length, 0),
  };
}

/** @throws ReportError where ESLint could not read the file, or counted otherwise than its list does */
function checkFile(report: Report, file: LintedFile, place: string): void {
  const { messages, errorCount, warningCount, fatalErrorCount = 0 } = file;
  if (fatalErrorCount > 0 || messages.some(({ fatal = false }) => fatal))
    throw new ReportError(report, place, "ESLint could not parse the file, and looked at nothing in it");
  const errors = messages.filter(({ severity }) => severity === 2).length;
  if (errors !== errorCount || messages.length - errors !== warningCount)
    throw new ReportError(report, place, `says ${errorCount} and ${warningCount}, but lists ${messages.length}`);
}

function foundIn({ filePath, messages }: LintedFile, root: string): Found[] {
  const path = pathIn(root, filePath);
  return messages.map(({ ruleId, severity, message, line }) => ({
    id: ruleId ?? "eslint",
    severity: severity === 2 ? "high" : "medium",
    title: message,
    place: line === undefined ? path : `${path}:${line}`,
    fingerprint: [path, message],
  }));
}
