/**
 * `pip-audit -f json`. It gives no severities: all of them are unknown.
 * Source: https://github.com/pypa/pip-audit#readme ("Usage")
 */
import * as z from "zod/mini";
import { findingsReader, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";

const vulnerability = z.object({
  id: z.string().check(z.minLength(1)),
  fix_versions: z.optional(z.array(z.string())),
  description: z.optional(z.string()),
});

const document = z.object({
  dependencies: z.array(
    z.object({
      name: z.string(),
      version: z.optional(z.string()),
      skip_reason: z.optional(z.string()),
      vulns: z.optional(z.array(vulnerability)),
    }),
  ),
});

export const pipAudit = findingsReader({
  format: "pip-audit",
  kinds: ["dependencies"],
  recognises: ({ text }: Report) => /^\s*\{\s*"dependencies"\s*:\s*\[/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const { dependencies } = checkShape(report, document, parseJson(report));
  if (dependencies.length === 0) throw new ReportError(report, "dependencies", "nothing was audited");
  const found = dependencies.flatMap(({ name, version = "", vulns, skip_reason }, number) => {
    // pip-audit says "No known vulnerabilities found" of what it left out.
    if (vulns === undefined || skip_reason !== undefined)
      throw new ReportError(report, `dependencies[${number}]`, "was skipped, and not audited");
    return vulns.map(({ id, fix_versions = [], description }) => ({
      id,
      severity: "unknown" as const,
      title: description ?? id,
      place: `${name} ${version}`.trim(),
      fixedIn: fix_versions.join(", "),
      fingerprint: [name, version],
    }));
  });
  return { tool: { name: "pip-audit" }, found, suppressed: 0 };
}
