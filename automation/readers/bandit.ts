/**
 * `bandit -f json`.
 * Source: https://bandit.readthedocs.io/en/latest/formatters/json.html
 */
import * as z from "zod/mini";
import { type Found, findingsReader, pathIn, type Scan, type ScanArgs, timeIn } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { severityOf } from "./severity.ts";

const count = z.int().check(z.gte(0));
const result = z.object({
  filename: z.string(),
  issue_severity: z.string(),
  issue_text: z.string(),
  line_number: z.int(),
  test_id: z.string().check(z.minLength(1)),
  test_name: z.string(),
});

const document = z.object({
  errors: z.array(z.unknown()),
  generated_at: z.string(),
  metrics: z.object({
    _totals: z.object({
      "SEVERITY.HIGH": z.optional(count),
      "SEVERITY.MEDIUM": z.optional(count),
      "SEVERITY.LOW": z.optional(count),
      "SEVERITY.UNDEFINED": z.optional(count),
      loc: count,
      nosec: count,
      skipped_tests: z.optional(count),
    }),
  }),
  results: z.array(result),
});
type Totals = z.output<typeof document>["metrics"]["_totals"];

export const bandit = findingsReader({
  format: "bandit",
  kinds: ["sast"],
  recognises: ({ text }: Report) =>
    /^\s*\{/.test(text) && /"generated_at"\s*:/.test(text) && /"_totals"\s*:/.test(text),
  scan,
});

function scan({ report, root }: ScanArgs): Scan {
  const { errors, generated_at, metrics, results } = checkShape(report, document, parseJson(report));
  const { _totals: totals } = metrics;
  if (errors.length > 0) throw new ReportError(report, "errors", "Bandit could not read all files");
  if (totals.loc === 0) throw new ReportError(report, "metrics._totals.loc", "no line of code was looked at");
  checkTotals(report, totals, results);
  return {
    tool: { name: "bandit" },
    found: results.map((one) => foundOf(one, root)),
    suppressed: totals.nosec + (totals.skipped_tests ?? 0),
    madeAt: timeIn(report, "generated_at", generated_at),
  };
}

/** Bandit counts before it leaves out what `-l` and `-i` say. */
function checkTotals(report: Report, totals: Totals, results: readonly z.output<typeof result>[]): void {
  const wrong = (["HIGH", "MEDIUM", "LOW", "UNDEFINED"] as const).find(
    (word) =>
      (totals[`SEVERITY.${word}`] ?? 0) !== results.filter(({ issue_severity }) => issue_severity === word).length,
  );
  if (wrong !== undefined)
    throw new ReportError(
      report,
      `metrics._totals.SEVERITY.${wrong}`,
      "is not the number that is listed",
      "run Bandit without -l and -i",
    );
}

function foundOf(one: z.output<typeof result>, root: string): Found {
  const path = pathIn(root, one.filename);
  return {
    id: one.test_id,
    severity: severityOf(one.issue_severity),
    // B105 to B107 quote the password.
    title: one.test_name.startsWith("hardcoded_") ? one.test_name : one.issue_text,
    place: `${path}:${one.line_number}`,
    fingerprint: [path, one.issue_text],
  };
}
