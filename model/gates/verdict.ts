/** What a judgement says: one line per gate, for the policy, the table, JSON and Markdown alike. */

/** Why a gate is as it is. */
export type GateReason =
  | "met"
  | "waived"
  /** No evidence of the kind. */
  | "missing"
  /** A file that cannot be verified, or evidence about another commit or image. */
  | "void"
  | "stale"
  /** The result does not meet the threshold. */
  | "failed"
  /** The report does not say what the gate asks for. */
  | "unknown"
  | "waiver-expired";

export interface GateVerdict {
  /** Dotted path in the gates' configuration, e.g. `coverage.overall.branches`. */
  gate: string;
  passed: boolean;
  reason: GateReason;
  /** What the gate asks for, e.g. `at least 85 %`. */
  needed: string;
  /** What was found, e.g. `84.98 % (1,699 of 2,000)`; `nothing` where there is no evidence. */
  found: string;
  /** How to mend it, as a command where there is one; absent where it passed. */
  remedy?: string;
  /** Files of evidence it rests on. */
  evidence: readonly string[];
}

export interface Verdict {
  digest: string;
  environment: string;
  /** Every gate passed, or was waived. */
  allowed: boolean;
  gates: readonly GateVerdict[];
  /** This very image ran green in this environment before, ISO 8601: age, freezes and approvals were judged then. */
  admittedAt?: string;
  /** Loud things to say even where it is allowed: waivers in force, break-glass. */
  notices: readonly string[];
}

/**
 * One line for a gate.
 *
 * @example
 * gateLine(verdict) // "coverage.overall.branches: needs at least 85 %, found 84.98 % (1,699 of 2,000); add tests, ..."
 */
export function gateLine({ gate, needed, found, remedy }: GateVerdict): string {
  return `${gate}: needs ${needed}, found ${found}${remedy === undefined ? "" : `; ${remedy}`}`;
}
