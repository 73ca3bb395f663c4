/** From what one scan says to what is kept of it: counted, compared with the baseline, the worst ones named. */
import type { Findings, Severity } from "../../model/gates/results.ts";
import { type Reader, type Reading, type ReadingArgs, type Report, ReportError } from "./reader.ts";
import { bySeverity, countSeverities, type PerSeverity } from "./severity.ts";
import { cleanText, shorten } from "./text.ts";
import { timeOf } from "./time.ts";

/** Kinds of evidence whose result is `Findings`. */
export type FindingsKind = "lint" | "sast" | "secrets" | "dependencies" | "container" | "dast";

export interface Found {
  /** The tool's rule or the vulnerability's id. */
  id: string;
  severity: Severity;
  title: string;
  /** File and line, package and version, or URL. */
  place: string;
  /** Version that mends it. @default none known */
  fixedIn?: string | undefined;
  /** What tells it from others in the baseline, besides its id: no line, which moves. It goes nowhere. */
  fingerprint: readonly string[];
}

/** What one report says, in the tool's own order. */
export interface Scan {
  tool: { name: string; version?: string | undefined };
  found: readonly Found[];
  /** How many the tool found and was told to ignore. */
  suppressed: number;
  /** When the vulnerability database was made, milliseconds since 1970. */
  databaseAt?: number | undefined;
  madeAt?: number | undefined;
  commit?: string | undefined;
  digest?: string | undefined;
}

export interface ScanArgs {
  report: Report;
  root: string;
  kind: FindingsKind;
}

interface FindingsReaderArgs<K extends FindingsKind> {
  format: string;
  kinds: readonly K[];
  recognises(report: Report): boolean;
  /** @throws ReportError */
  scan(args: ScanArgs): Scan;
}

/**
 * Makes a reader out of what is particular to a format. The baseline is read as strictly as the report.
 *
 * @example
 * export const actionlint = findingsReader({ format: "actionlint", kinds: ["lint"], recognises, scan });
 */
export function findingsReader<K extends FindingsKind>(args: FindingsReaderArgs<K>): Reader<K> {
  return {
    format: args.format,
    kinds: args.kinds,
    recognises: args.recognises,
    read({ report, baseline, root }: ReadingArgs, kind: K) {
      const scan = args.scan({ report, root, kind });
      if (baseline === undefined) return readingOf(scan) as Reading<K>;
      const before = args.scan({ report: baseline, root, kind });
      if (before.tool.name !== scan.tool.name)
        throw new ReportError(baseline, "", `is by ${before.tool.name}, but the report by ${scan.tool.name}`);
      return readingOf(scan, before) as Reading<K>;
    },
  };
}

const listed = 100;

function readingOf(scan: Scan, baseline?: Scan): Reading<FindingsKind> {
  const { tool, found, suppressed, databaseAt, ...origin } = scan;
  const worstFirst = found.toSorted((a, b) => bySeverity(a.severity, b.severity));
  const result: Findings = {
    counts: countSeverities(found.map(({ severity }) => severity)),
    suppressed,
    first: worstFirst.slice(0, listed).map(entryOf),
    ...(baseline === undefined ? {} : { fresh: countFresh(worstFirst, baseline.found) }),
    ...(databaseAt === undefined ? {} : { databaseAt: new Date(databaseAt).toISOString() }),
  };
  return { tool: { name: toolName(tool.name), version: tool.version }, ...origin, result };
}

function entryOf({ id, severity, title, place, fixedIn }: Found): Findings["first"][number] {
  return {
    id: shorten(cleanText(id), 200),
    severity,
    title: shorten(cleanText(title)),
    place: shorten(cleanText(place), 500),
    ...(fixedIn === undefined || fixedIn === "" ? {} : { fixedIn: shorten(cleanText(fixedIn), 200) }),
  };
}

/** As many as the baseline has of a kind are old; of several alike, the mildest ones, so that the worst count as new. */
function countFresh(worstFirst: readonly Found[], baseline: readonly Found[]): PerSeverity {
  const known = new Map<string, number>();
  for (const one of baseline) known.set(keyOf(one), (known.get(keyOf(one)) ?? 0) + 1);
  const fresh = worstFirst.toReversed().filter((one) => {
    const left = known.get(keyOf(one)) ?? 0;
    known.set(keyOf(one), left - 1);
    return left <= 0;
  });
  return countSeverities(fresh.map(({ severity }) => severity));
}

/** White space is the tool's formatting, and no more. */
const keyOf = ({ id, fingerprint }: Found): string =>
  JSON.stringify([id, ...fingerprint].map((part) => part.replaceAll(/\s+/g, " ").trim()));

/** Names that tools give themselves in reports, lower case, to those that gates ask for. Others stay, in lower case. */
const toolNames = new Map([
  ["codeql command-line toolchain", "codeql"],
  ["semgrep oss", "semgrep"],
  ["semgrep pro", "semgrep"],
  ["semgrep code", "semgrep"],
  ["trivy: vulnerability scanner for containers", "trivy"],
  ["golangci", "golangci-lint"],
  ["zed attack proxy", "zap"],
  ["owasp zap", "zap"],
]);

/**
 * A tool's short name, as gates ask for it: lower case, `.`, `_`, `-`.
 *
 * @example
 * toolName("Semgrep OSS") // "semgrep"
 */
export function toolName(name: string): string {
  const plain = cleanText(name).trim().toLowerCase();
  const short = toolNames.get(plain) ?? plain;
  return short
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .slice(0, 64)
    .replaceAll(/^[._-]+|[._-]+$/g, "");
}

/**
 * A time that a report has.
 *
 * @throws ReportError where it is none
 * @returns milliseconds since 1970; undefined for the zero time by which tools say that they do not know
 * @example
 * timeIn(report, "descriptor.timestamp", "2026-11-21T10:00:00.123456789Z")
 */
export function timeIn(report: Report, place: string, text: string): number | undefined {
  const time = timeOf(text);
  if (Number.isNaN(time)) throw new ReportError(report, place, "is no ISO 8601 time");
  return time;
}

/**
 * A file's path as reports of two checkouts have in common: relative to the repository, with `/`.
 *
 * @param path a path or a `file:` URL
 * @example
 * pathIn("/work/app", "file:///work/app/src/a.go") // "src/a.go"
 */
export function pathIn(root: string, path: string): string {
  const plain = path.startsWith("file:") ? decoded(path.replace(/^file:(?:\/\/[^/]*)?/, "")) : path;
  const slashed = plain.replaceAll("\\", "/").replace(/^\.\//, "");
  const folder = `${root.replaceAll("\\", "/").replace(/\/+$/, "")}/`;
  return slashed.startsWith(folder) ? slashed.slice(folder.length) : slashed;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Digest of the image that was scanned, as far as the report says: the one that was asked for, else the registry's.
 * A configuration's id, or the digest of one platform's manifest, is not what a release names: those tell nothing.
 *
 * @param asked how the image was named to the scanner
 * @param repoDigests `repository@sha256:…`, as registries know it
 * @throws ReportError where it is known under several
 * @example
 * scannedDigest(report, "app:1.2", ["registry.example/app@sha256:…"])
 */
export function scannedDigest(report: Report, asked: string, repoDigests: readonly string[]): string | undefined {
  const named = /@(sha256:[0-9a-f]{64})$/.exec(asked)?.[1];
  if (named !== undefined) return named;
  const digests = new Set(repoDigests.flatMap((one) => /@(sha256:[0-9a-f]{64})$/.exec(one)?.[1] ?? []));
  if (digests.size > 1)
    throw new ReportError(
      report,
      "",
      `the image is known under ${digests.size} digests`,
      "scan it as REPOSITORY@sha256:DIGEST",
    );
  return [...digests][0];
}
