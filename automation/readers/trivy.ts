/**
 * `trivy image|fs|rootfs|sbom --format json`, schema 2: vulnerabilities, and the misconfigurations and secrets that stand
 * beside them. Licences are the bill of materials' affair.
 * Source: https://trivy.dev/latest/docs/configuration/reporting/ and the types in Trivy's pkg/types/report.go
 */
import * as z from "zod/mini";
import { type Found, findingsReader, type Scan, type ScanArgs, scannedDigest, timeIn } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { severityOf } from "./severity.ts";

const severity = z.optional(z.string());

const vulnerability = z.object({
  VulnerabilityID: z.string().check(z.minLength(1)),
  PkgName: z.string(),
  PkgPath: z.optional(z.string()),
  InstalledVersion: z.optional(z.string()),
  FixedVersion: z.optional(z.string()),
  Title: z.optional(z.string()),
  Severity: severity,
});

const misconfiguration = z.object({
  ID: z.string().check(z.minLength(1)),
  Title: z.optional(z.string()),
  Severity: severity,
  Status: z.enum(["PASS", "FAIL", "EXCEPTION"]),
  CauseMetadata: z.optional(z.object({ Resource: z.optional(z.string()), StartLine: z.optional(z.int()) })),
});

const secret = z.object({
  RuleID: z.string().check(z.minLength(1)),
  Category: z.optional(z.string()),
  Title: z.optional(z.string()),
  Severity: severity,
  StartLine: z.optional(z.int()),
});

const resultOfTarget = z.object({
  Target: z.string(),
  Class: z.optional(z.string()),
  Vulnerabilities: z.nullish(z.array(vulnerability)),
  Misconfigurations: z.nullish(z.array(misconfiguration)),
  Secrets: z.nullish(z.array(secret)),
  ExperimentalModifiedFindings: z.nullish(z.array(z.unknown())),
});
type Target = z.output<typeof resultOfTarget>;

const document = z.object({
  SchemaVersion: z.literal(2),
  Trivy: z.optional(z.object({ Version: z.optional(z.string()) })),
  CreatedAt: z.optional(z.string()),
  ArtifactName: z.string(),
  ArtifactType: z.string(),
  Metadata: z.optional(
    z.object({
      OS: z.optional(z.object({ Family: z.string(), Name: z.optional(z.string()), EOSL: z.optional(z.boolean()) })),
      RepoDigests: z.nullish(z.array(z.string())),
    }),
  ),
  Results: z.nullish(z.array(resultOfTarget)),
});

export const trivy = findingsReader({
  format: "trivy",
  kinds: ["container", "dependencies"],
  recognises: ({ text }: Report) => /"SchemaVersion"\s*:/.test(text) && /"ArtifactName"\s*:/.test(text),
  scan,
});

/** Classes of results in which Trivy looks for vulnerabilities. */
const packages = new Set(["os-pkgs", "lang-pkgs"]);

function scan({ report }: ScanArgs): Scan {
  const { Trivy, CreatedAt, ArtifactName, Metadata, Results } = checkShape(report, document, parseJson(report));
  const targets = Results ?? [];
  if (!targets.some(({ Class = "" }) => packages.has(Class)))
    throw new ReportError(report, "Results", "no packages were scanned", "scan for vulnerabilities, --list-all-pkgs");
  return {
    tool: { name: "trivy", version: Trivy?.Version },
    found: [...endOfLife(Metadata?.OS), ...targets.flatMap(foundIn)],
    suppressed: targets.reduce((sum, target) => sum + suppressedIn(target), 0),
    madeAt: CreatedAt === undefined ? undefined : timeIn(report, "CreatedAt", CreatedAt),
    digest: scannedDigest(report, ArtifactName, Metadata?.RepoDigests ?? []),
  };
}

/** Nobody looks for vulnerabilities of a distribution at its end, so that there seem to be none. */
function endOfLife(os: { Family: string; Name?: string | undefined; EOSL?: boolean | undefined } | undefined): Found[] {
  if (os?.EOSL !== true) return [];
  const place = `${os.Family} ${os.Name ?? ""}`.trim();
  const title = "the distribution is at its end of life: its vulnerabilities are not known";
  return [{ id: "end-of-life", severity: "unknown", title, place, fingerprint: [place] }];
}

function foundIn({ Target, Vulnerabilities, Misconfigurations, Secrets }: Target): Found[] {
  const vulnerabilities = (Vulnerabilities ?? []).map((one) => ({
    id: one.VulnerabilityID,
    severity: severityOf(one.Severity),
    title: one.Title ?? one.VulnerabilityID,
    place: `${one.PkgName} ${one.InstalledVersion ?? ""}`.trim(),
    fixedIn: one.FixedVersion,
    // The target's name has the image's tag in it.
    fingerprint: [one.PkgName, one.PkgPath ?? "", one.InstalledVersion ?? ""],
  }));
  const failures = (Misconfigurations ?? []).filter(({ Status }) => Status === "FAIL");
  const misconfigurations = failures.map((one) => ({
    id: one.ID,
    severity: severityOf(one.Severity),
    title: one.Title ?? one.ID,
    place: placeIn(Target, one.CauseMetadata?.StartLine),
    fingerprint: [Target, one.CauseMetadata?.Resource ?? ""],
  }));
  const secrets = (Secrets ?? []).map((one) => ({
    id: one.RuleID,
    severity: severityOf(one.Severity),
    title: one.Category ?? one.RuleID,
    place: placeIn(Target, one.StartLine),
    fingerprint: [Target],
  }));
  return [...vulnerabilities, ...misconfigurations, ...secrets];
}

const placeIn = (target: string, line: number | undefined): string =>
  line === undefined || line === 0 ? target : `${target}:${line}`;

function suppressedIn({ ExperimentalModifiedFindings, Misconfigurations }: Target): number {
  const exceptions = (Misconfigurations ?? []).filter(({ Status }) => Status === "EXCEPTION");
  return (ExperimentalModifiedFindings ?? []).length + exceptions.length;
}
