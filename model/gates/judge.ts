/** The verdict on an image: every gate in force, over verified evidence. Pure, and the only place that decides. */
import type { Gates } from "./config.ts";
import type { AnyEvidence } from "./evidence.ts";
import { type Facts, factsOf, type JudgeArgs } from "./facts.ts";
import type { Gate, Outcome } from "./gate.ts";
import { ratioOf, show } from "./ratio.ts";
import { approvalGates } from "./rules/approvals.ts";
import { coverageGates } from "./rules/coverage.ts";
import { findingsGates } from "./rules/findings.ts";
import { integrityGate } from "./rules/integrity.ts";
import { measureGates } from "./rules/measures.ts";
import { releaseGates } from "./rules/release.ts";
import { rolloutGates } from "./rules/rollout.ts";
import { supplyGates } from "./rules/supply.ts";
import { testGates } from "./rules/tests.ts";
import type { GateVerdict, Verdict } from "./verdict.ts";
import { breakGlass, waiverNotice, waivingOf } from "./waivers.ts";

export type { JudgeArgs } from "./facts.ts";

/**
 * Judges an image for an environment. Without gates nothing is demanded, not even evidence.
 *
 * @throws RangeError where the evidence is another image's
 * @example
 * judge({ digest, repository: "api", environment: "prod", gates, evidence, trust, now: Date.now() }).allowed
 */
export function judge(args: JudgeArgs): Verdict {
  const facts = factsOf(args);
  const judged = gatesInForce(args.gates).map((gate) => verdictOf(gate, facts));
  const gates = judged.map(({ verdict }) => verdict);
  return {
    digest: args.digest,
    environment: args.environment,
    allowed: gates.every(({ passed }) => passed),
    gates,
    ...(facts.admittedAt === undefined ? {} : { admittedAt: new Date(facts.admittedAt).toISOString() }),
    notices: [...new Set([...brokenGlass(facts, gates), ...judged.flatMap(({ notice }) => notice)])],
  };
}

/**
 * What is asked for, gate by gate, and where it comes from.
 *
 * @example
 * describeGates(gates)[1] // { gate: "tests.unit", needed: "all tests passed, ...", feeds: "sluice gate collect tests:unit=FILE" }
 */
export function describeGates(gates: Gates): { gate: string; needed: string; feeds: string }[] {
  return gatesInForce(gates).map((gate) => ({ gate: gate.gate, needed: neededOf(gate, gates), feeds: gate.feeds }));
}

/**
 * Whether anything is demanded: where nothing is, no evidence need be read, nor be anywhere.
 *
 * @example
 * demandsEvidence(gates.parse({})) // false
 */
export function demandsEvidence(gates: Gates): boolean {
  return gatesInForce(gates).length > 0;
}

function gatesInForce(gates: Gates): Gate[] {
  const own = [
    testGates,
    coverageGates,
    findingsGates,
    supplyGates,
    measureGates,
    releaseGates,
    rolloutGates,
    approvalGates,
  ].flatMap((gatesOf) => gatesOf(gates));
  return own.length === 0 ? [] : [integrityGate, ...own];
}

function neededOf({ needed, ages = true }: Gate, { ageHours }: Gates): string {
  return ages && ageHours !== undefined ? `${needed}, reported in the last ${ageHours} h` : needed;
}

interface Judged {
  verdict: GateVerdict;
  notice: readonly string[];
}

function verdictOf(gate: Gate, facts: Facts): Judged {
  const outcome = withAge(gate, gate.judge(facts), facts);
  const about = { gate: gate.gate, needed: neededOf(gate, facts.gates) };
  const evidence = outcome.evidence.map(({ file }) => file);
  if (outcome.reason === "met") {
    return { verdict: { ...about, passed: true, reason: "met", found: outcome.found, evidence }, notice: [] };
  }
  const { waiver, expired, objections } = waivingOf(facts, gate.gate);
  if (waiver !== undefined) {
    const verdict = { ...about, passed: true, reason: "waived", found: outcome.found } as const;
    return { verdict: { ...verdict, evidence: [...evidence, waiver.file] }, notice: [waiverNotice(facts, waiver)] };
  }
  const ended = expired === undefined ? [] : [`the waiver of ${expired.result.by} ended at ${expired.result.until}`];
  const found = [outcome.found, ...ended, ...new Set(objections)].join("; ");
  const reason = expired === undefined ? outcome.reason : "waiver-expired";
  const remedy = outcome.remedy === undefined ? {} : { remedy: outcome.remedy };
  return { verdict: { ...about, passed: false, reason, found, ...remedy, evidence }, notice: [] };
}

type Aged = Omit<Outcome, "reason"> & { reason: Outcome["reason"] | "stale" };

/** Evidence that would do grows old; that of an image which ran here before was new enough then. */
function withAge({ ages = true, feeds }: Gate, outcome: Outcome, { gates, now, admittedAt }: Facts): Aged {
  const { ageHours } = gates;
  if (!ages || ageHours === undefined || admittedAt !== undefined || outcome.reason !== "met") return outcome;
  const oldest = Math.min(...outcome.evidence.map(madeOrCollected));
  const age = now - oldest;
  if (age <= ageHours * 3_600_000) return outcome;
  const hours = show({ n: BigInt(Math.round(age)), d: 3_600_000n }, ratioOf(ageHours));
  return { ...outcome, reason: "stale", found: `${outcome.found}, ${hours} h old`, remedy: `make it anew: ${feeds}` };
}

function madeOrCollected({ madeAt, collectedAt }: AnyEvidence): number {
  return Math.min(madeAt, collectedAt);
}

/** Break-glass is said even where every gate holds by itself. */
function brokenGlass(facts: Facts, gates: readonly GateVerdict[]): string[] {
  if (gates.length === 0) return [];
  const { waiver } = waivingOf(facts, breakGlass);
  return waiver === undefined ? [] : [waiverNotice(facts, waiver)];
}
