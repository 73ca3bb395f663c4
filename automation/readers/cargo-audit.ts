/**
 * `cargo audit --json`.
 * Source: https://docs.rs/rustsec/latest/rustsec/report/struct.Report.html
 *
 * Severities come from the advisories' CVSS vectors; one without a vector is unknown. Packages that are merely
 * unmaintained, yanked or noted are low; code that is called unsound without a vector is unknown.
 */
import * as z from "zod/mini";
import type { Severity } from "../../model/gates/results.ts";
import { cvssScore } from "./cvss.ts";
import { type Found, findingsReader, type Scan, type ScanArgs, timeIn } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { severityOfScore } from "./severity.ts";

const count = z.int().check(z.gte(0));
const advisory = z.object({
  id: z.string().check(z.minLength(1)),
  title: z.optional(z.string()),
  cvss: z.nullish(z.string()),
});
const hit = z.object({
  package: z.object({ name: z.string(), version: z.string() }),
  versions: z.nullish(z.object({ patched: z.optional(z.array(z.string())) })),
});

const document = z.object({
  database: z.object({ "advisory-count": count, "last-updated": z.nullish(z.string()) }),
  lockfile: z.object({ "dependency-count": count }),
  settings: z.object({ severity: z.nullish(z.string()), ignore: z.optional(z.array(z.string())) }),
  vulnerabilities: z.object({ found: z.boolean(), count, list: z.array(z.extend(hit, { advisory })) }),
  warnings: z.optional(z.record(z.string(), z.array(z.extend(hit, { advisory: z.nullish(advisory) })))),
});

export const cargoAudit = findingsReader({
  format: "cargo-audit",
  kinds: ["dependencies"],
  recognises: ({ text }: Report) => /^\s*\{/.test(text) && /"(?:advisory-count|dependency-count)"\s*:/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const { database, lockfile, settings, vulnerabilities, warnings } = checkShape(report, document, parseJson(report));
  if (database["advisory-count"] === 0) throw new ReportError(report, "database", "has no advisory");
  if (lockfile["dependency-count"] === 0) throw new ReportError(report, "lockfile", "has no dependency");
  // The threshold also leaves out whatever has no score.
  if (settings.severity != null)
    throw new ReportError(report, "settings.severity", "leaves findings out", "audit without a severity threshold");
  const { found, count: total, list } = vulnerabilities;
  if (total !== list.length || found !== list.length > 0)
    throw new ReportError(report, "vulnerabilities", `says ${total}, but lists ${list.length}`);
  const updated = database["last-updated"];
  const informational = Object.entries(warnings ?? {}).flatMap(([kind, hits]) =>
    hits.map((one) => foundOf(one, kind, mild.has(kind) ? "low" : "unknown")),
  );
  return {
    tool: { name: "cargo-audit" },
    found: [...list.map((one) => foundOf(one, "vulnerability", "unknown")), ...informational],
    suppressed: settings.ignore?.length ?? 0,
    databaseAt: updated == null ? undefined : timeIn(report, "database.last-updated", updated),
  };
}

const mild = new Set(["unmaintained", "yanked", "notice"]);

type Hit = z.output<typeof hit> & { advisory?: z.output<typeof advisory> | null | undefined };

function foundOf({ advisory, package: { name, version }, versions }: Hit, kind: string, otherwise: Severity): Found {
  const score = advisory?.cvss == null ? undefined : cvssScore(advisory.cvss);
  return {
    id: advisory?.id ?? kind,
    severity: score === undefined ? otherwise : severityOfScore(score),
    title: advisory?.title ?? kind,
    place: `${name} ${version}`,
    fixedIn: versions?.patched?.join(", "),
    fingerprint: [name, version],
  };
}
