/**
 * `govulncheck -format json`: a stream of messages.
 * Source: https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck
 *
 * A vulnerability whose symbol the code calls is high. Of every other one it is unknown whether it is called, for nothing
 * in the stream says that it is complete: what the code calls comes last. One that breaks off before the vulnerabilities
 * of all modules are told is refused. `-format sarif` writes one document, and tells what is not called from what is.
 */
import * as z from "zod/mini";
import { type Found, findingsReader, type Scan, type ScanArgs, timeIn } from "./findings.ts";
import { isOwed, osvEntry } from "./govulncheck-affected.ts";
import { checkShape } from "./json.ts";
import { parseJsonStream } from "./json-stream.ts";
import { type Report, ReportError } from "./reader.ts";
import { bySeverity } from "./severity.ts";
import { cleanText } from "./text.ts";

const frame = z.object({
  module: z.string(),
  version: z.optional(z.string()),
  function: z.optional(z.string()),
});

const message = z.object({
  config: z.optional(
    z.object({
      scanner_name: z.optional(z.string()),
      scanner_version: z.optional(z.string()),
      db_last_modified: z.optional(z.string()),
    }),
  ),
  SBOM: z.optional(z.object({ modules: z.array(z.object({ path: z.string(), version: z.optional(z.string()) })) })),
  progress: z.optional(z.unknown()),
  osv: z.optional(osvEntry),
  finding: z.optional(
    z.object({
      osv: z.string().check(z.minLength(1)),
      fixed_version: z.optional(z.string()),
      trace: z.array(frame).check(z.minLength(1)),
    }),
  ),
});
type Message = z.output<typeof message>;
type Finding = NonNullable<Message["finding"]>;
type Config = NonNullable<Message["config"]>;

export const govulncheck = findingsReader({
  format: "govulncheck",
  kinds: ["dependencies"],
  recognises: ({ text }: Report) => /^\s*\{\s*"config"\s*:\s*\{/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const messages = parseJsonStream(report).map((value, number) =>
    checkShape(report, message, value, `message ${number + 1}`),
  );
  const config = configOf(report, messages);
  checkEnd(report, messages);
  const titles = new Map(messages.flatMap(({ osv }) => (osv === undefined ? [] : [[osv.id, osv.summary] as const])));
  const found = new Map<string, Found>();
  for (const { finding } of messages) {
    if (finding === undefined) continue;
    if (!titles.has(finding.osv))
      throw new ReportError(report, "finding", "is of a vulnerability that is not described");
    const one = foundOf(finding, titles.get(finding.osv));
    const key = JSON.stringify([one.id, ...one.fingerprint]);
    const known = found.get(key);
    // It is told anew at every level that it is found at.
    if (known === undefined || bySeverity(one.severity, known.severity) < 0) found.set(key, one);
  }
  checkOwed(report, messages, found.values());
  const { db_last_modified: database, scanner_version: version } = config;
  return {
    tool: { name: "govulncheck", version },
    found: [...found.values()],
    suppressed: 0,
    databaseAt: database === undefined ? undefined : timeIn(report, "config.db_last_modified", database),
  };
}

function configOf(report: Report, messages: readonly Message[]): Config {
  const [config, ...others] = messages.flatMap((one) => one.config ?? []);
  if (config === undefined) throw new ReportError(report, "", "has no configuration: govulncheck did not start");
  if (others.length > 0) throw new ReportError(report, "", "has several configurations", "collect one file per run");
  return config;
}

/**
 * Since 1.1.4 govulncheck says what it looks at (SBOM), when it reads the database, and when it begins with the code.
 *
 * @throws ReportError where it does not come so far
 */
function checkEnd(report: Report, messages: readonly Message[]): void {
  const steps = messages.filter(({ progress }) => progress !== undefined).length;
  const listed = messages.some(({ SBOM }) => SBOM !== undefined);
  if (listed && steps >= 2 && report.text.endsWith("\n")) return;
  throw new ReportError(
    report,
    `message ${messages.length}`,
    "govulncheck ended before it had looked at all",
    "govulncheck 1.1.4 or later, to its end",
  );
}

/** @throws ReportError where a vulnerability of a module's version has no finding */
function checkOwed(report: Report, messages: readonly Message[], found: Iterable<Found>): void {
  const modules = Map.groupBy(
    messages.flatMap(({ SBOM }) => SBOM?.modules ?? []),
    ({ path }) => path,
  );
  const ids = new Set([...found].map(({ id }) => id));
  const owed = messages.find(({ osv }) => osv !== undefined && !ids.has(osv.id) && isOwed(osv, modules))?.osv;
  if (owed === undefined) return;
  throw new ReportError(report, `message ${messages.length}`, `ends before it has told of ${cleanText(owed.id)}`);
}

function foundOf({ osv, fixed_version, trace }: Finding, title = osv): Found {
  const { module, version = "", function: called } = trace[0] as Finding["trace"][number];
  return {
    id: osv,
    severity: called === undefined ? "unknown" : "high",
    title,
    place: `${module} ${version}`.trim(),
    fixedIn: fixed_version,
    fingerprint: [module],
  };
}
