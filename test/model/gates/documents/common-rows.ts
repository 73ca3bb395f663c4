/** Rows that several documents have, with the figures that each gives. */
import type { Severity } from "../../../../model/gates/results.ts";
import { type Row, row } from "./rows.ts";

/** All tests passed, at least one ran, none is flaky. */
export const suite = (name: string): Row =>
  row({
    gate: `tests.${name}`,
    kind: "tests",
    name,
    passes: (result) => Object.assign(result, { total: 3, passed: 1, skipped: 2 }),
    fails: (result) => Object.assign(result, { total: 1000, passed: 999, failed: 1, failures: ["adds"] }),
    says: /all tests passed.*found 1 of 1,000 failed: adds/,
    empty: (result) => Object.assign(result, { total: 0, passed: 0 }),
  });

type Metric = "lines" | "statements" | "branches" | "functions";

/** @param least what passes, of 100,000; one less does not */
export const overall = (metric: Metric, least: number, words: RegExp): Row =>
  row({
    gate: `coverage.overall.${metric}`,
    kind: "coverage",
    passes: (result) => Object.assign(result, { [metric]: { covered: least, total: 100_000 } }),
    fails: (result) => Object.assign(result, { [metric]: { covered: least - 1, total: 100_000 } }),
    says: words,
    empty: (result) => Object.assign(result, { [metric]: { covered: 0, total: 0 } }),
  });

type Scan = "sast" | "secrets" | "dependencies" | "container" | "lint" | "dast";

/** Nothing of a severity. */
export const severity = (kind: Scan, level: Severity): Row =>
  row({
    gate: `${kind}.${level}`,
    kind,
    // Everything that is not looked at, as much as there is.
    passes: ({ counts }) => Object.assign(counts, { medium: 50, low: 50 }),
    fails: ({ counts, first }, { name }) => {
      counts[level] = 1;
      first.push({ id: `${name}-1`, severity: level, title: "bad", place: "a.go:12" });
    },
    says: new RegExp(`no .*${level}.*, found \\d ${level} .*-1 a\\.go:12`),
  });

export const severityRows = (kind: Scan): Row[] => [
  severity(kind, "critical"),
  severity(kind, "high"),
  severity(kind, "unknown"),
];

/** None at all, of any severity. */
export const none = (kind: "lint" | "secrets", noun: string): Row =>
  row({
    gate: `${kind}.${noun}s`,
    kind,
    passes: (result) => Object.assign(result, { suppressed: 7 }),
    fails: ({ counts }) => Object.assign(counts, { low: 1 }),
    says: new RegExp(`no ${noun}.*, found \\d+ ${noun}`),
  });

/** Every tool has reported. */
export const tools = (kind: Scan, last: string): Row =>
  row({
    gate: `${kind}.tools`,
    kind,
    passes: () => undefined,
    // One of them is of another tool, whatever its name says.
    fails: (_result, one) => {
      if (one.name === last) one.tool = "another";
    },
    says: new RegExp(`${last}.*, found .*none of ${last}`),
  });

/** A scenario's figure: the bound itself is not good enough. */
export const below = (scenario: string, figure: string, bound: number, unit: string): Row =>
  row({
    gate: `load.${scenario}.${figure}`,
    kind: "load",
    name: scenario,
    passes: (result) => Object.assign(result, { [figure]: bound - 0.0001 }),
    fails: (result) => Object.assign(result, { [figure]: bound }),
    says: new RegExp(`below ${bound}${unit}.*, found ${bound}${unit} over`),
    empty: (result) => Object.assign(result, { requests: 0 }),
  });

export const atLeast = (scenario: string, figure: string, bound: number, unit: string): Row =>
  row({
    gate: `load.${scenario}.${figure}`,
    kind: "load",
    name: scenario,
    passes: (result) => Object.assign(result, { [figure]: bound }),
    fails: (result) => Object.assign(result, { [figure]: bound - 0.0001 }),
    says: new RegExp(`at least ${bound}${unit}.*, found ${bound - 1}\\.99\\d*${unit} over`),
    empty: (result) => Object.assign(result, { requests: 0 }),
  });

export const bill: Row = row({
  gate: "sbom",
  kind: "sbom",
  passes: (result) => Object.assign(result, { components: 1, describes: undefined }),
  fails: (result) => Object.assign(result, { describes: `sha256:${"9".repeat(64)}` }),
  says: /a bill of materials of this image.*, found one of another image, sha256:9+/,
  empty: (result) => Object.assign(result, { components: 0 }),
});
