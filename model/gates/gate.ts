/** A gate in force, and what became of it. */
import type { AnyEvidence } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { plain } from "./text.ts";
import type { GateReason } from "./verdict.ts";

/** What a gate says of an image, before waivers. */
export interface Outcome {
  reason: Exclude<GateReason, "waived" | "waiver-expired" | "stale">;
  found: string;
  /** Absent where it is met. */
  remedy?: string;
  evidence: readonly AnyEvidence[];
}

export interface Gate {
  /** Dotted path in the gates' configuration. */
  gate: string;
  needed: string;
  /** Where what it asks for comes from, as a command where there is one. */
  feeds: string;
  /** Whether its evidence grows too old. People's records end on their own. @default true */
  ages?: boolean;
  judge(facts: Facts): Outcome;
}

export function met(found: string, evidence: readonly AnyEvidence[]): Outcome {
  return { reason: "met", found, evidence };
}

export function refused(
  reason: Exclude<Outcome["reason"], "met">,
  found: string,
  remedy: string,
  evidence: readonly AnyEvidence[] = [],
): Outcome {
  return { reason, found, remedy, evidence };
}

/**
 * The command that hands in a report.
 *
 * @example
 * collect("tests", "unit") // "sluice gate collect tests:unit=FILE"
 */
export function collect(kind: string, name?: string): string {
  return `sluice gate collect ${kind}${name === undefined ? "" : `:${name}`}=FILE`;
}

export function nothing(remedy: string): Outcome {
  return refused("missing", "nothing", `run ${remedy}`);
}

/**
 * Refuses a measurement of another environment than the one asked for. It is not passed over: the newest one counts, and
 * a demand for a place must not let anything pass that would be refused without it.
 */
export function elsewhere(one: AnyEvidence, environment: string | undefined, feeds: string): Outcome | undefined {
  if (environment === undefined || one.environment === environment) return undefined;
  const found = one.environment === undefined ? "measured nobody says where" : `measured in ${plain(one.environment)}`;
  return refused("failed", found, `measure it in ${environment}: ${feeds} --environment ${environment}`, [one]);
}

/**
 * Joins what each of several reports says: one that is not met refuses.
 *
 * @param outcomes at least one
 */
export function allOf(outcomes: readonly Outcome[]): Outcome {
  const bad = outcomes.filter(({ reason }) => reason !== "met");
  const [first] = bad;
  const said = [...new Set((first === undefined ? outcomes : bad).map(({ found }) => found))].join("; ");
  if (first === undefined) return met(said, [...new Set(outcomes.flatMap(({ evidence }) => evidence))]);
  return { ...first, found: said, evidence: [...new Set(bad.flatMap(({ evidence }) => evidence))] };
}
