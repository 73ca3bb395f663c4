/** Gates and evidence of every shape, with figures close to each other's, so that they often decide otherwise. */
import fc from "fast-check";
import type { GatesInput } from "../../../model/gates/config.ts";
import type { Kind, Result } from "../../../model/gates/results.ts";
import { hour, now, type Piece, piece } from "./fixture.ts";

const figure = fc.constantFrom(0, 1, 50, 84.9, 85, 90, 100);
const lower = fc.oneof(fc.record({ atLeast: figure }), fc.record({ above: figure }));
const upper = fc.oneof(fc.record({ atMost: figure }), fc.record({ below: figure }));
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model, { requiredKeys: [] });
const few = (...values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });
const one = (...values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const limit = fc.oneof(fc.nat(3), fc.record({ approvedBy: fc.constantFrom("security", "product-owner") }));
const tools = few("gosec", "codeql");
const severities = optional({
  tools,
  critical: limit,
  high: limit,
  medium: limit,
  low: limit,
  unknown: limit,
  databaseHours: fc.constantFrom(1, 24),
});
const bounds = { lines: lower, statements: lower, branches: lower, functions: lower };
const someBounds = fc.oneof(
  fc.record({ lines: lower }),
  fc.record({ lines: lower, branches: lower }),
  fc.record(bounds),
);
const part = fc.tuple(someBounds, one("src/auth/**", "src/pay/**")).map(([own, paths]): object => ({ ...own, paths }));
const unitBound = fc.tuple(upper, fc.constantFrom("s", "ms")).map(([bound, unit]): object => ({ ...bound, unit }));
const environment = fc.constantFrom("staging", "development");
const role = fc.constantFrom("security", "senior-engineer", "product-owner", "release-manager");
const windows = fc.constantFrom(
  { from: "2026-11-21T13:00:00Z", until: "2026-11-21T20:00:00Z", reason: "a launch" },
  { from: "2026-12-20T00:00:00Z", until: "2027-01-04T00:00:00Z", reason: "holidays" },
);

const section = {
  tests: optional({ unit: optional({ minimum: fc.constantFrom(1, 5, 30) }), e2e: fc.constant({}) }),
  coverage: optional({
    overall: someBounds,
    components: optional({ auth: part, pay: part }),
    critical: part,
    newCode: fc.record({ lines: lower }),
    baseline: optional({ allowedDrop: fc.constantFrom(0, 1, 20) }),
  }),
  lint: optional({ tools, issues: fc.nat(2) }),
  sast: severities,
  secrets: optional({ tools, findings: fc.nat(2) }),
  dependencies: severities,
  container: severities,
  dast: optional({ tools, fresh: fc.nat(2), environment }),
  licences: fc.record({ allow: one("MIT", "ISC", "GPL-2.0-or-later") }),
  sbom: fc.constant({}),
  image: optional({ platforms: few("linux/amd64", "linux/arm64"), distroless: fc.boolean(), nonRoot: fc.boolean() }),
  provenance: fc.record({
    builders: one("https://github.com/a/*", "https://github.com/a/b", "https://github.com/*/b"),
    sources: one("git+https://github.com/a/b"),
  }),
  performance: optional({ slowdownPercent: upper, limits: optional({ start: unitBound, scan: unitBound }) }),
  load: optional({
    soak: optional({ p95Ms: upper, errorPercent: upper, requestsPerSecond: lower, crashes: upper, environment }),
    spike: optional({ p95Ms: upper, environment }),
  }),
  release: fc.constant({}),
  artifacts: optional({ platforms: few("linux/amd64", "darwin/arm64"), bundles: fc.nat(3) }),
  provenIn: fc.tuple(environment, fc.constantFrom(undefined, 30, 90)).map(([name, minutes]) => ({
    environment: name,
    ...(minutes === undefined ? {} : { minutes }),
  })),
  approvals: fc.array(
    fc
      .tuple(
        role,
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom(undefined, { paths: ["src/**"] }, { types: ["feat"] }),
      )
      .map(([name, count, when]) => ({ role: name, count, ...(when === undefined ? {} : { when }) })),
    { maxLength: 2 },
  ),
  waivers: optional({
    roles: few("release-manager", "senior-engineer"),
    breakGlass: few("break-glass"),
    hours: fc.constantFrom(2, 48, 168),
  }),
  freeze: fc.array(windows, { maxLength: 1 }),
  ageHours: fc.constantFrom(1, 24, 720),
};

/** Few sections at a time: with all of them, something is always refused. */
export const gatesInput = fc
  .subarray(Object.keys(section) as (keyof typeof section)[], { maxLength: 6 })
  .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, section[key] as fc.Arbitrary<unknown>]))))
  .map((gates) => gates as GatesInput);

type Break = (pieces: readonly Piece[]) => readonly Piece[];

function breaking<K extends Kind>(kind: K, change: (result: Result<K>, one: Piece) => unknown): Break {
  return (pieces) =>
    pieces.map((whole) => {
      if (whole.kind !== kind) return whole;
      const copy = structuredClone(whole);
      change(copy.result as Result<K>, copy);
      return copy;
    });
}

const share = fc.constantFrom(0, 50, 84.9, 85, 90, 100).map((covered) => ({ covered: covered * 10, total: 1000 }));
const count = fc.nat(3);
const severity = fc.constantFrom("critical", "high", "medium", "low", "unknown");
const scan = fc.constantFrom("lint", "sast", "secrets", "dependencies", "container", "dast");

const breaks: fc.Arbitrary<Break> = fc.oneof(
  count.map((failed) =>
    breaking("tests", (it) =>
      Object.assign(it, { failed: Math.min(failed, 1), total: it.passed + Math.min(failed, 1) }),
    ),
  ),
  fc.constantFrom(1, 5, 30).map((passed) => breaking("tests", (it) => Object.assign(it, { passed, total: passed }))),
  fc
    .tuple(fc.constantFrom("lines", "branches", "newLines"), share)
    .map(([metric, value]) => breaking("coverage", (it) => Object.assign(it, { [metric]: value }))),
  share.map((value) => breaking("coverage", ({ files }) => Object.assign(files.at(-1) ?? {}, { lines: value }))),
  fc
    .tuple(scan, severity, count)
    .map(([kind, level, found]) => breaking(kind, ({ counts }) => Object.assign(counts, { [level]: found }))),
  fc
    .tuple(severity, count)
    .map(([level, found]) => breaking("dast", ({ fresh }) => Object.assign(fresh ?? {}, { [level]: found }))),
  fc.constant(
    breaking("container", (it, whole) =>
      Object.assign(it, { databaseAt: new Date((whole.madeAt ?? now) - 12 * hour).toISOString() }),
    ),
  ),
  fc
    .tuple(scan, fc.constantFrom("gosec", "other"))
    .map(([kind, tool]) => breaking(kind, (_it, whole) => Object.assign(whole, { tool }))),
  fc
    .constantFrom("MIT", "ISC", "GPL-2.0-only", "MIT AND ISC", "")
    .map((licence) =>
      breaking("sbom", (it) => Object.assign(it, { licences: { [licence]: { count: 3, first: ["x"] } } })),
    ),
  fc
    .constantFrom({ platforms: ["linux/amd64"] }, { distroless: false }, { users: ["0", "root"] })
    .map((change) => breaking("image", (it) => Object.assign(it, change))),
  fc
    .constantFrom("https://github.com/a/b", "https://github.com/a/c", "https://github.com/z/b")
    .map((builder) => breaking("provenance", (it) => Object.assign(it, { builder }))),
  fc
    .tuple(fc.constantFrom("p95Ms", "errorPercent", "requestsPerSecond", "crashes"), figure)
    .map(([name, value]) => breaking("load", (it) => Object.assign(it, { [name]: value }))),
  environment.map((where) => breaking("load", (_it, whole) => Object.assign(whole, { environment: where }))),
  environment.map((where) => breaking("dast", (_it, whole) => Object.assign(whole, { environment: where }))),
  fc
    .tuple(figure, fc.constantFrom("s", "ms"))
    .map(([value, unit]) => breaking("benchmarks", ({ entries }) => Object.assign(entries[0] ?? {}, { value, unit }))),
  fc.constant(breaking("artifacts", ({ bundles }) => bundles.pop())),
  fc.constantFrom("failed", "green").map((outcome) => breaking("deployment", (it) => Object.assign(it, { outcome }))),
  fc
    .constantFrom({ types: ["feat"] }, { paths: ["src/auth/a.ts"] }, { authors: ["grace@example.test"] })
    .map((change) => breaking("change", (it) => Object.assign(it, change))),
  fc.constant((pieces: readonly Piece[]) => pieces.filter(({ kind }) => kind !== "approval")),
  fc
    .tuple(
      fc.constantFrom("*", "sast.high", "tests.unit", "freeze"),
      fc.constantFrom("ada", "grace", "alan"),
      fc.constantFrom(1, 24, 100),
    )
    .map(([gate, by, hours]): Break => {
      const until = new Date(now + (hours - 1) * hour).toISOString();
      return (pieces) => [
        ...pieces,
        piece("waiver", { environment: "prod", gate, by, reason: "in a hurry", until }, { name: "waiver" }),
      ];
    }),
  fc
    .constantFrom(2, 30)
    .map((hours) => breaking("tests", (_it, whole) => Object.assign(whole, { madeAt: now - hours * hour }))),
);

/** Evidence that is broken in a few ways, or in none, judged now or during a freeze. */
export const brokenPieces = fc.record({
  breaks: fc.array(breaks, { maxLength: 4 }),
  at: fc.constantFrom(now, now, now + 2 * hour),
});

/** What a `when` or an `approvedBy` may ask for. */
export const approved: Piece[] = ["security/grace", "product-owner/mary"].map((who) => {
  const [role = "", by = ""] = who.split("/");
  const until = new Date(now + 24 * hour).toISOString();
  return piece("approval", { environment: "prod", role, by, reason: "fine", until }, { name: `given-${role}` });
});
