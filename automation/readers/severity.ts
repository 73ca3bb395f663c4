/** One scale for every tool's words and scores. What cannot be told is `unknown`, which no gate lets through by default. */
import { type Findings, type Severity, severities } from "../../model/gates/results.ts";

export type PerSeverity = Findings["counts"];

/** Lower case. Words that stand here for nothing else than themselves in any of the tools that are read. */
const words = new Map<string, Severity>([
  ["critical", "critical"],
  ["high", "high"],
  ["important", "high"],
  ["error", "high"],
  ["medium", "medium"],
  ["moderate", "medium"],
  ["warning", "medium"],
  ["low", "low"],
  ["negligible", "low"],
  ["note", "low"],
  ["none", "low"],
  ["info", "low"],
  ["informational", "low"],
]);

/**
 * A tool's word for a severity, in whatever case. A word that is not known is `unknown`, never low.
 *
 * @example
 * severityOf("MODERATE") // "medium"
 * severityOf("grave") // "unknown"
 */
export function severityOf(word: string | undefined): Severity {
  return words.get((word ?? "").trim().toLowerCase()) ?? "unknown";
}

/**
 * CVSS scores in the bands of GitHub and of CVSS itself. Zero is CVSS's "None": no impact at all.
 * Source: https://www.first.org/cvss/v3-1/specification-document ("Qualitative Severity Rating Scale")
 *
 * @param score 0 to 10; everything else is `unknown`
 * @example
 * severityOfScore(9) // "critical"
 * severityOfScore(8.9) // "high"
 */
export function severityOfScore(score: number): Severity {
  if (!(score >= 0 && score <= 10)) return "unknown";
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  return score >= 4 ? "medium" : "low";
}

/** Worst first. `unknown` may be anything, and stands before what is known to be less than high. */
const order = ["critical", "high", "unknown", "medium", "low"] as const satisfies readonly Severity[];

/**
 * Orders severities, worst first.
 *
 * @example
 * ["low", "critical"].sort(bySeverity) // ["critical", "low"]
 */
export function bySeverity(a: Severity, b: Severity): number {
  return order.indexOf(a) - order.indexOf(b);
}

/**
 * @returns how many there are of each
 * @example
 * countSeverities(["high", "high"]) // { critical: 0, high: 2, medium: 0, low: 0, unknown: 0 }
 */
export function countSeverities(all: Iterable<Severity>): PerSeverity {
  const counts = Object.fromEntries(severities.map((severity) => [severity, 0])) as PerSeverity;
  for (const severity of all) counts[severity] += 1;
  return counts;
}
