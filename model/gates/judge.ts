/** The verdict on an image: every gate in force, over verified evidence. Pure, and the only place that decides. */
import type { Gates } from "./config.ts";
import { type Facts, factsOf, type JudgeArgs } from "./facts.ts";
import type { Gate } from "./gate.ts";
import { testGates } from "./rules/tests.ts";
import type { GateVerdict, Verdict } from "./verdict.ts";

export type { JudgeArgs } from "./facts.ts";

/**
 * Judges an image for an environment.
 *
 * @throws RangeError where the evidence is another image's
 * @example
 * judge({ digest, repository: "api", environment: "prod", gates, evidence, trust, now: Date.now() }).allowed
 */
export function judge(args: JudgeArgs): Verdict {
  const facts = factsOf(args);
  const gates = gatesInForce(args.gates).map((gate) => verdictOf(gate, facts));
  return {
    digest: args.digest,
    environment: args.environment,
    allowed: gates.every(({ passed }) => passed),
    gates,
    ...(facts.admittedAt === undefined ? {} : { admittedAt: new Date(facts.admittedAt).toISOString() }),
    notices: [],
  };
}

function gatesInForce(gates: Gates): Gate[] {
  return testGates(gates);
}

function verdictOf(gate: Gate, facts: Facts): GateVerdict {
  const { reason, found, remedy, evidence } = gate.judge(facts);
  return {
    gate: gate.gate,
    passed: reason === "met",
    reason,
    needed: gate.needed,
    found,
    ...(remedy === undefined ? {} : { remedy }),
    evidence: evidence.map(({ file }) => file),
  };
}

/** What is asked for, gate by gate, and where it comes from. */
export function describeGates(gates: Gates): { gate: string; needed: string; feeds: string }[] {
  return gatesInForce(gates).map(({ gate, needed, feeds }) => ({ gate, needed, feeds }));
}
