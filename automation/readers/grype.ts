/**
 * `grype -o json`.
 * Source: https://oss.anchore.com/docs/reference/grype/ and the models in Grype's grype/presenter/models
 */
import * as z from "zod/mini";
import { type Found, findingsReader, type Scan, type ScanArgs, scannedDigest, timeIn } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { severityOf } from "./severity.ts";

const match = z.object({
  vulnerability: z.object({
    id: z.string().check(z.minLength(1)),
    severity: z.optional(z.string()),
    description: z.optional(z.string()),
    fix: z.optional(z.object({ versions: z.nullish(z.array(z.string())) })),
  }),
  artifact: z.object({ name: z.string(), version: z.optional(z.string()), type: z.optional(z.string()) }),
});

/** Until version 6 of the database its status stood at the top, since then below `status`. */
const status = z.object({
  built: z.optional(z.string()),
  valid: z.optional(z.boolean()),
  error: z.nullish(z.unknown()),
});

const document = z.object({
  matches: z.array(match),
  ignoredMatches: z.nullish(z.array(z.unknown())),
  alertsByPackage: z.nullish(z.array(z.object({ alerts: z.array(z.object({ type: z.string() })) }))),
  source: z.object({
    type: z.string(),
    /** The folder's path, where no image was scanned. */
    target: z.union([
      z.string(),
      z.object({ userInput: z.optional(z.string()), repoDigests: z.nullish(z.array(z.string())) }),
    ]),
  }),
  descriptor: z.object({
    name: z.literal("grype"),
    version: z.optional(z.string()),
    timestamp: z.optional(z.string()),
    db: z.optional(z.extend(status, { status: z.optional(status) })),
  }),
});

export const grype = findingsReader({
  format: "grype",
  kinds: ["container", "dependencies"],
  recognises: ({ text }: Report) => /"matches"\s*:/.test(text) && /"name"\s*:\s*"grype"/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const { matches, ignoredMatches, alertsByPackage, source, descriptor } = checkShape(
    report,
    document,
    parseJson(report),
  );
  const { target } = source;
  const asked = typeof target === "string" ? "" : (target.userInput ?? "");
  const { timestamp } = descriptor;
  return {
    tool: { name: "grype", version: descriptor.version },
    found: [...alertsOf(alertsByPackage ?? []), ...matches.map(foundOf)],
    suppressed: (ignoredMatches ?? []).length,
    databaseAt: databaseOf(report, descriptor.db?.status ?? descriptor.db),
    // Grype writes an empty text where it is told to leave the time out.
    madeAt: timestamp === undefined || timestamp === "" ? undefined : timeIn(report, "descriptor.timestamp", timestamp),
    digest: scannedDigest(report, asked, typeof target === "string" ? [] : (target.repoDigests ?? [])),
  };
}

/** @throws ReportError for a database that Grype itself does not hold for good */
function databaseOf(report: Report, database: z.output<typeof status> | undefined): number | undefined {
  if (database === undefined) return undefined;
  const { valid = true, error, built } = database;
  if (!valid || (error ?? "") !== "")
    throw new ReportError(report, "descriptor.db", "the vulnerability database was not valid", "grype db update");
  return built === undefined ? undefined : timeIn(report, "descriptor.db", built);
}

function foundOf({ vulnerability, artifact }: z.output<typeof match>): Found {
  const { id, severity, description, fix } = vulnerability;
  const { name, version = "", type = "" } = artifact;
  return {
    id,
    severity: severityOf(severity),
    title: description ?? id,
    place: `${name} ${version}`.trim(),
    fixedIn: (fix?.versions ?? []).join(", "),
    fingerprint: [name, version, type],
  };
}

/** Packages of a distribution that is at its end, or that is not matched at all, seem to have no vulnerabilities. */
function alertsOf(packages: readonly { alerts: readonly { type: string }[] }[]): Found[] {
  const types = new Set(packages.flatMap(({ alerts }) => alerts.map(({ type }) => type)));
  return [...types].sort().map((type) => ({
    id: type,
    severity: "unknown",
    title: "the vulnerabilities of some packages are not known",
    place: "alertsByPackage",
    fingerprint: [],
  }));
}
