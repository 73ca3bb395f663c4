/**
 * `golangci-lint run --output.json.path=FILE` (version 2) or `--out-format json` (version 1).
 * Source: https://golangci-lint.run/docs/configuration/file/#output-configuration
 *
 * Few linters give a severity; without one it is unknown. By default golangci-lint lists no more than 50 issues of a linter
 * and 3 of a text: set `max-issues-per-linter` and `max-same-issues` to 0 where the count is to be exact.
 */
import * as z from "zod/mini";
import { type Found, findingsReader, pathIn, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { severityOf } from "./severity.ts";

const issue = z.object({
  FromLinter: z.string().check(z.minLength(1)),
  Text: z.string(),
  Severity: z.optional(z.string()),
  Pos: z.object({ Filename: z.string(), Line: z.optional(z.int()) }),
});

const document = z.object({
  /** Version 1 writes null for none. */
  Issues: z.nullable(z.array(issue)),
  Report: z.object({
    Error: z.optional(z.string()),
    Linters: z.array(z.object({ Name: z.string(), Enabled: z.optional(z.boolean()) })),
  }),
});

export const golangciLint = findingsReader({
  format: "golangci-lint",
  kinds: ["lint", "sast"],
  recognises: ({ text }: Report) => /^\s*\{\s*"Issues"\s*:/.test(text),
  scan,
});

function scan({ report, root }: ScanArgs): Scan {
  const { Issues, Report } = checkShape(report, document, parseJson(report));
  if ((Report.Error ?? "") !== "")
    throw new ReportError(report, "Report.Error", "golangci-lint did not run to its end");
  if (!Report.Linters.some(({ Enabled = false }) => Enabled))
    throw new ReportError(report, "Report.Linters", "no linter was enabled");
  const issues = Issues ?? [];
  const broken = issues.findIndex(({ FromLinter }) => FromLinter === "typecheck");
  if (broken !== -1)
    throw new ReportError(report, `Issues[${broken}]`, "the code does not compile: the linters saw none of it");
  return { tool: { name: "golangci-lint" }, found: issues.map((one) => foundOf(one, root)), suppressed: 0 };
}

function foundOf({ FromLinter, Text, Severity, Pos }: z.output<typeof issue>, root: string): Found {
  const path = pathIn(root, Pos.Filename);
  return {
    id: FromLinter,
    severity: severityOf(Severity),
    title: Text,
    place: Pos.Line === undefined ? path : `${path}:${Pos.Line}`,
    fingerprint: [path, Text],
  };
}
