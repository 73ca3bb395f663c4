/**
 * `npm audit --json`, report version 2 (npm 7 and later). A package is one finding, as npm counts them. With `--offline` npm
 * writes a report of no findings without asking anybody, and nothing in it says so: run it without.
 * Source: https://docs.npmjs.com/cli/v11/commands/npm-audit and npm-audit-report's lib/report.js
 */
import * as z from "zod/mini";
import type { Severity } from "../../model/gates/results.ts";
import { type Found, findingsReader, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { countSeverities, severityOf } from "./severity.ts";

const advisory = z.object({
  source: z.optional(z.union([z.int(), z.string()])),
  title: z.optional(z.string()),
  url: z.optional(z.string()),
});

const vulnerability = z.object({
  name: z.string().check(z.minLength(1)),
  severity: z.string(),
  /** Advisories of its own, and names of the packages below it that have some. */
  via: z.array(z.union([z.string(), advisory])),
  range: z.optional(z.string()),
  fixAvailable: z.optional(z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })])),
});

const count = z.int().check(z.gte(0));
const document = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(z.string(), vulnerability),
  metadata: z.object({
    vulnerabilities: z.object({
      info: count,
      low: count,
      moderate: count,
      high: count,
      critical: count,
      total: count,
    }),
  }),
});

export const npmAudit = findingsReader({
  format: "npm-audit",
  kinds: ["dependencies"],
  recognises: ({ text }: Report) =>
    /^\s*\{/.test(text) && /"auditReportVersion"\s*:|^\s*\{\s*"(?:message|error)"\s*:/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const value = parseJson(report);
  if (typeof value === "object" && value !== null && ("error" in value || "message" in value))
    throw new ReportError(
      report,
      "",
      "the audit did not run: npm wrote an error",
      "npm audit --json, until it answers",
    );
  const { vulnerabilities, metadata } = checkShape(report, document, value);
  const found = Object.values(vulnerabilities).map(foundOf);
  checkTotals(report, found, metadata.vulnerabilities);
  return { tool: { name: "npm-audit" }, found, suppressed: 0 };
}

type Totals = z.output<typeof document>["metadata"]["vulnerabilities"];

/** @throws ReportError where npm counted otherwise than its list does: part of it is not there */
function checkTotals(report: Report, found: readonly Found[], totals: Totals): void {
  const { info, low, moderate, high, critical, total } = totals;
  const counts = countSeverities(found.map(({ severity }) => severity));
  const agreed: [Severity, number][] = [
    ["critical", critical],
    ["high", high],
    ["medium", moderate],
    ["low", low + info],
    ["unknown", 0],
  ];
  if (total !== found.length || agreed.some(([severity, expected]) => counts[severity] !== expected))
    throw new ReportError(
      report,
      "metadata.vulnerabilities",
      `names ${total} packages, by severity, but the list has ${found.length}`,
    );
}

function foundOf({ name, severity, via, range = "", fixAvailable }: z.output<typeof vulnerability>): Found {
  const advisories = via.filter((one) => typeof one !== "string");
  const ids = advisories.map(({ source, url = "" }) => url.split("/").at(-1) || String(source ?? ""));
  const below = via.filter((one) => typeof one === "string");
  return {
    id: ids[0] || name,
    severity: severityOf(severity),
    title: advisories[0]?.title ?? `depends on ${below.join(", ")}`,
    place: `${name} ${range}`.trim(),
    fixedIn: typeof fixAvailable === "object" ? `${fixAvailable.name} ${fixAvailable.version}` : undefined,
    fingerprint: [name, ...ids.toSorted(), ...below.toSorted()],
  };
}
