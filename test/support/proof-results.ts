/** Results of reports that meet every gate of a configuration, with room to spare. Tests break one of them at a time. */
import type { Gates } from "../../model/gates/config.ts";
import type { Kind, Result } from "../../model/gates/results.ts";

export interface ProofResult<K extends Kind = Kind> {
  kind: K;
  name: string;
  tool: string;
  environment?: string;
  result: Result<K>;
}

export interface ProofSubject {
  digest: string;
  commit: string;
  /** Environment that the image is for. */
  environment: string;
  /** Logins of people of a role. @default nobody approves */
  approvers?: (role: string) => readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * One result for each piece of evidence that the gates look at, and what is known of the change.
 *
 * @example
 * proofOf(gates, { digest, commit, environment: "prod", now: Date.now() }).map(({ kind }) => kind)
 */
export function proofOf(gates: Gates, subject: ProofSubject): ProofResult[] {
  return [
    ...Object.entries(gates.tests).map(([suite, { minimum = 1 }]) => tests(suite, minimum + 20)),
    ...(gates.coverage === undefined ? [] : [coverage(gates.coverage)]),
    ...scans(gates, subject.now),
    ...supply(gates, subject),
    ...Object.entries(gates.load).map(([name, scenario]) => load(name, scenario)),
    ...(gates.performance === undefined ? [] : [benchmarks(gates.performance)]),
    ...(gates.release === undefined ? [] : [release]),
    ...(gates.artifacts === undefined ? [] : [artifacts(gates.artifacts)]),
    change(subject),
    ...records(gates, subject),
  ];
}

function tests(name: string, total: number): ProofResult {
  const none = { failed: 0, skipped: 0, flaky: 0, failures: [], flakes: [] };
  return { kind: "tests", name, tool: "mocha", result: { total, passed: total, ...none } };
}

/** A path that a glob without braces matches. */
const pathOf = (glob: string) => glob.replace(/\*+/g, "a");

function coverage({ components, critical }: NonNullable<Gates["coverage"]>): ProofResult {
  const globs = [...Object.values(components), ...(critical === undefined ? [] : [critical])].flatMap(
    ({ paths }) => paths,
  );
  const share = { covered: 100_000, total: 100_000 };
  const figures = { lines: share, statements: share, branches: share, functions: share };
  const files = [...new Set(["src/other.ts", ...globs.map(pathOf)])].map((path) => ({ path, ...figures }));
  const baseline = { commit: "0".repeat(40), ...figures };
  const result = { ...figures, files, newLines: { covered: 1000, total: 1000 }, baseline };
  return { kind: "coverage", name: "coverage", tool: "c8", result };
}

const kindsOfScans = ["lint", "sast", "secrets", "dependencies", "container", "dast"] as const;

function scans(gates: Gates, now: number): ProofResult[] {
  return kindsOfScans.flatMap((kind) => {
    const section = gates[kind];
    if (section === undefined) return [];
    const where =
      "environment" in section && section.environment !== undefined ? { environment: section.environment } : {};
    const tools = section.tools.length === 0 ? ["scanner"] : section.tools;
    return tools.map((tool): ProofResult => ({ kind, name: tool, tool, ...where, result: clean(now) }));
  });
}

/** What a scan says that found nothing. */
export function clean(now: number): Result<"sast"> {
  const none = () => ({ critical: 0, high: 0, medium: 0, low: 0, unknown: 0 });
  return { counts: none(), suppressed: 0, fresh: none(), first: [], databaseAt: new Date(now).toISOString() };
}

function supply({ sbom, licences, image, provenance }: Gates, { digest, commit }: ProofSubject): ProofResult[] {
  const found: ProofResult[] = [];
  if (sbom !== undefined || licences !== undefined) {
    const licence = licences?.allow[0] ?? "MIT";
    const bill = { format: "CycloneDX", specVersion: "1.6", components: 3, describes: digest } as const;
    const result = { ...bill, licences: { [licence]: { count: 3, first: ["a", "b", "c"] } } };
    found.push({ kind: "sbom", name: "sbom", tool: "syft", result });
  }
  if (image !== undefined) {
    const platforms = image.platforms.length === 0 ? ["linux/amd64"] : image.platforms;
    const result = { platforms, distroless: true, revision: commit, users: platforms.map(() => "65532") };
    found.push({ kind: "image", name: "image", tool: "registry", result });
  }
  if (provenance !== undefined) {
    const [builder = "", source = ""] = [provenance.builders[0], provenance.sources[0]].map((one = "") => pathOf(one));
    const result = { builder, source, commit, buildType: "https://actions.github.io/buildtypes/workflow/v1" };
    found.push({ kind: "provenance", name: "provenance", tool: "slsa-provenance", result });
  }
  return found;
}

function load(name: string, { environment, ...bounds }: Gates["load"][string]): ProofResult {
  const figures = Object.entries(bounds).map(([figure, bound]) => [figure, comfortable(bound as object)]);
  const rest = { requests: 100_000, requestsPerSecond: 1000, errorPercent: 0, p95Ms: 1, seconds: 100 };
  const result = { ...rest, ...Object.fromEntries(figures) } as Result<"load">;
  return { kind: "load", name, tool: "k6", ...(environment === undefined ? {} : { environment }), result };
}

function comfortable(bound: object): number {
  const [[side, value]] = Object.entries(bound) as [[string, number]];
  return side === "atLeast" || side === "above" ? value * 2 : 0;
}

function benchmarks({ limits }: NonNullable<Gates["performance"]>): ProofResult {
  const named = Object.entries(limits).map(([name, limit]) => {
    const value = ("below" in limit ? limit.below : limit.atMost) / 2;
    return { name, value, unit: limit.unit, better: "lower" as const, baseline: value };
  });
  const other = { name: "other", value: 100, unit: "ns/op", better: "lower" as const, baseline: 100 };
  return { kind: "benchmarks", name: "benchmarks", tool: "go-test", result: { entries: [...named, other] } };
}

const release: ProofResult = {
  kind: "release",
  name: "release",
  tool: "changelog",
  result: { tag: "v1.2.3", semver: true, changelog: true, notes: "Fixes." },
};

function artifacts({ platforms, bundles = 0 }: NonNullable<Gates["artifacts"]>): ProofResult {
  const made = Array.from({ length: bundles }, (_, index) => `bundle-${index}.tar.gz`);
  const result = {
    files: ["checksummed", ...platforms, ...made].map((name) => ({ name, verified: true })),
    platforms: [...platforms],
    bundles: made.map((name) => ({ name, hydrationStatus: "complete", warnings: 0, toolsHealthy: true })),
  };
  return { kind: "artifacts", name: "artifacts", tool: "sha256sum", result };
}

function change({ commit }: ProofSubject): ProofResult {
  const authors = ["author@example.test"];
  const result = { base: "0".repeat(40), head: commit, authors, committers: authors, types: ["fix"], paths: ["a.ts"] };
  return { kind: "change", name: "change", tool: "git", result };
}

function records({ provenIn, approvals }: Gates, { environment, approvers, now }: ProofSubject): ProofResult[] {
  const until = new Date(now + 86_400_000).toISOString();
  // The change is of a kind that no `when` is about.
  const roles = [...new Set(approvals.filter(({ when }) => when === undefined).map(({ role }) => role))];
  const given = roles.flatMap((role) => (approvers?.(role) ?? []).map((by) => ({ role, by })));
  const green = (proven: string) => ({
    environment: proven,
    stack: proven,
    service: "app",
    tag: "v1.2.3",
    outcome: "green" as const,
  });
  return [
    ...(provenIn === undefined
      ? []
      : [{ kind: "deployment", name: "app", tool: "sluice", result: green(provenIn.environment) } as const]),
    ...given.map(({ role, by }): ProofResult => {
      const name = `${role}-${by}`;
      return {
        kind: "approval",
        name,
        tool: "sluice",
        result: { environment, role, by, reason: "looked at it", until },
      };
    }),
  ];
}
