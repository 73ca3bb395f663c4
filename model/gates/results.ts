/**
 * What a report says, in one shape for every tool. Readers make these, statements carry them signed, and the verdict
 * looks at nothing else. Every field that is not optional must be in the report: what it does not say is never guessed.
 */
import * as z from "zod/mini";

const count = z.int().check(z.gte(0));
const text = z.string().check(z.maxLength(4096));
const share = z.strictObject({ covered: count, total: count });
/** Names, as evidence for people: lists are cut, counts never are. */
const shortList = z.array(text).check(z.maxLength(100));

/** Tests of one suite: unit, integration, e2e, contract. */
export const tests = z.strictObject({
  /** All of them; passed + failed + skipped. A test that was repeated counts once. */
  total: count,
  passed: count,
  /** Failures and errors. */
  failed: count,
  skipped: count,
  /** Failed at first and passed when repeated, within this report. They count as passed, too. */
  flaky: count,
  /** Names of the first that failed, and of the first flaky ones. */
  failures: shortList,
  flakes: shortList,
  seconds: z.optional(z.number().check(z.gte(0))),
});

/** Coverage, whole and by file, so that components and critical paths are cut out of it when it is judged. */
export const coverage = z.strictObject({
  lines: z.optional(share),
  statements: z.optional(share),
  branches: z.optional(share),
  functions: z.optional(share),
  /** Paths are relative to the repository, with `/`. */
  files: z
    .array(
      z.strictObject({
        path: text,
        lines: z.optional(share),
        statements: z.optional(share),
        branches: z.optional(share),
        functions: z.optional(share),
      }),
    )
    .check(z.maxLength(50_000)),
  /** Of the lines that the change adds, those that can be run, and how many of them were. From git and the report. */
  newLines: z.optional(share),
  /** The same figures of the commit that the change starts from. */
  baseline: z.optional(
    z.strictObject({
      commit: text,
      lines: z.optional(share),
      statements: z.optional(share),
      branches: z.optional(share),
      functions: z.optional(share),
    }),
  ),
});

export const severities = ["critical", "high", "medium", "low", "unknown"] as const;
export type Severity = (typeof severities)[number];
const perSeverity = z.strictObject({ critical: count, high: count, medium: count, low: count, unknown: count });

const finding = z.strictObject({
  /** The tool's rule or the vulnerability's id. */
  id: text,
  severity: z.enum(severities),
  title: text,
  /** File and line, package and version, or URL. */
  place: text,
  /** Version that mends it, where there is one. */
  fixedIn: z.optional(text),
});

/** What a linter, scanner or audit found: lint, sast, secrets, dependencies, container, dast. */
export const findings = z.strictObject({
  /** Everything found and not suppressed by the tool itself. */
  counts: perSeverity,
  /** What the tool found and was told to ignore; for people. */
  suppressed: count,
  /** Not in the baseline report; absent where none was given. */
  fresh: z.optional(perSeverity),
  /** The first 100, worst first. */
  first: z.array(finding).check(z.maxLength(100)),
  /** When the vulnerability database was made, ISO 8601, where the report says. */
  databaseAt: z.optional(text),
});

/** Bill of materials. */
export const sbom = z.strictObject({
  format: z.enum(["CycloneDX", "SPDX"]),
  specVersion: text,
  components: count,
  /** The image that the document itself names, `sha256:` and 64 hex digits, where it does. */
  describes: z.optional(text),
  /** SPDX expression to the names of components under it. Components without one stand under an empty text. */
  licences: z.record(z.string(), z.strictObject({ count, first: shortList })),
});

/** What the registry holds under the digest. Read from there, not from a report. */
export const image = z.strictObject({
  /** `os/architecture[/variant]`, sorted. */
  platforms: z.array(text),
  /** Base image's name, from org.opencontainers.image.base.name. */
  base: z.optional(text),
  /** Neither a shell nor a package manager in any layer of any platform. */
  distroless: z.boolean(),
  /** Commit from org.opencontainers.image.revision. */
  revision: z.optional(text),
  /** User that each platform's image starts as; empty: root. */
  users: z.array(text),
});

/** SLSA provenance: who built it, from what. */
export const provenance = z.strictObject({ builder: text, source: text, commit: text, buildType: text });

/** One scenario of a load test. */
export const load = z.strictObject({
  requests: count,
  requestsPerSecond: z.number(),
  /** Requests that failed, in per cent. */
  errorPercent: z.number(),
  p95Ms: z.number(),
  p99Ms: z.optional(z.number()),
  seconds: z.number(),
  memoryGrowthPercent: z.optional(z.number()),
  cpuPercent: z.optional(z.number()),
  memoryPercent: z.optional(z.number()),
  crashes: z.optional(count),
});

/** Benchmarks, each with what it took at the baseline, where a baseline report was given. */
export const benchmarks = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        name: text,
        value: z.number(),
        unit: text,
        better: z.enum(["lower", "higher"]),
        baseline: z.optional(z.number()),
      }),
    )
    .check(z.maxLength(5000)),
});

/** What is released, and by whom, from git. */
export const change = z.strictObject({
  base: text,
  head: text,
  /** E-mail addresses, lower case. */
  authors: z.array(text),
  committers: z.array(text),
  /** Login of whoever pushed, where known. */
  pusher: z.optional(text),
  /** Conventional commit types, e.g. `feat`; a breaking change adds `breaking`; a commit without one adds `other`. */
  types: z.array(text),
  paths: z.array(text).check(z.maxLength(100_000)),
});

/** A version's release notes: the tag, and what the changelog says of it. */
export const release = z.strictObject({ tag: text, semver: z.boolean(), changelog: z.boolean(), notes: text });

/** Files to be published, each compared with checksums.txt, and what the bundles' manifests say. */
export const artifacts = z.strictObject({
  files: z.array(z.strictObject({ name: text, verified: z.boolean() })).check(z.maxLength(10_000)),
  /** `os/architecture`, from the names of the binaries. */
  platforms: z.array(text),
  bundles: z.array(
    z.strictObject({ name: text, hydrationStatus: text, warnings: count, toolsHealthy: z.optional(z.boolean()) }),
  ),
});

/** A release ran somewhere, and what was live was read back. */
export const deployment = z.strictObject({
  environment: text,
  stack: text,
  service: text,
  tag: text,
  outcome: z.enum(["green", "failed", "rolled-back"]),
});

/** Somebody lets a release into an environment. */
export const approval = z.strictObject({
  environment: text,
  role: text,
  /** Login, as the pack's `people` has it. */
  by: text,
  reason: text,
  /** ISO 8601. */
  until: text,
});

/** Somebody takes the blame for a gate that does not hold. `*` is break-glass: every gate. */
export const waiver = z.strictObject({ environment: text, gate: text, by: text, reason: text, until: text });

/** Every file of one `gate collect`, so that none can be taken away unseen. */
export const collection = z.strictObject({ files: z.array(z.string().check(z.regex(/^[a-z-]+-[0-9a-f]{64}\.json$/))) });

/** Kinds of evidence, each with its result. A kind's name is the end of its predicate type. */
export const results = {
  tests,
  coverage,
  lint: findings,
  sast: findings,
  secrets: findings,
  dependencies: findings,
  container: findings,
  dast: findings,
  sbom,
  image,
  provenance,
  load,
  benchmarks,
  change,
  release,
  artifacts,
  deployment,
  approval,
  waiver,
  collection,
} as const;

export type Kind = keyof typeof results;
export type Result<K extends Kind = Kind> = { [P in K]: z.output<(typeof results)[P]> }[K];
export type Findings = z.output<typeof findings>;
export type Share = z.output<typeof share>;

/** Kinds that come from reports and go into a collection; the others are records of people and of deployments. */
export const reportKinds = [
  "tests",
  "coverage",
  "lint",
  "sast",
  "secrets",
  "dependencies",
  "container",
  "dast",
  "sbom",
  "image",
  "provenance",
  "load",
  "benchmarks",
  "change",
  "release",
  "artifacts",
] as const satisfies readonly Kind[];
export type ReportKind = (typeof reportKinds)[number];
