/** What is known of an image once everything that cannot count is set aside. */
import type { Gates } from "./config.ts";
import { type AnyEvidence, type Evidence, type EvidenceSet, ofKind, type RejectedFile } from "./evidence.ts";
import type { Kind } from "./results.ts";
import type { Trust } from "./trust.ts";

export interface JudgeArgs {
  /** The image, `sha256:` and 64 hex digits. */
  digest: string;
  repository: string;
  environment: string;
  gates: Gates;
  evidence: EvidenceSet;
  trust: Pick<Trust, "signers" | "people">;
  /** Milliseconds since 1970. */
  now: number;
}

export interface Facts extends Omit<JudgeArgs, "evidence"> {
  evidence: readonly AnyEvidence[];
  /** What does not count, with the reason. */
  rejected: readonly RejectedFile[];
  /** When this very image was seen green in this environment, oldest first. */
  greenAt: readonly number[];
  /** The last of them. */
  admittedAt: number | undefined;
}

/** Clocks of build machines differ; a report from later than this is no report. Milliseconds. */
export const clockSkew = 5 * 60_000;

/** @throws RangeError where the evidence was gathered for another image: then the caller is wrong, not the evidence */
export function factsOf({ evidence: set, ...args }: JudgeArgs): Facts {
  if (set.digest !== args.digest) throw new RangeError(`evidence of ${set.digest} was given for ${args.digest}`);
  const sorted = set.evidence.map((one) => ({ one, reason: whyVoid(one, args) }));
  const evidence = sorted.filter(({ reason }) => reason === undefined).map(({ one }) => one);
  const voided = sorted.flatMap(({ one: { file, kind }, reason }) =>
    reason === undefined ? [] : [{ file, kind, reason }],
  );
  const green = ofKind(evidence, "deployment").filter(
    ({ result }) => result.environment === args.environment && result.outcome === "green",
  );
  const greenAt = green.map(timeOf).sort((a, b) => a - b);
  return { ...args, evidence, rejected: [...set.rejected, ...voided], greenAt, admittedAt: greenAt.at(-1) };
}

function whyVoid(one: AnyEvidence, { digest, trust, now }: Omit<JudgeArgs, "evidence">): string | undefined {
  if (one.digest !== digest) return `it is about another image, ${one.digest}`;
  const signer = Object.hasOwn(trust.signers, one.signer) ? trust.signers[one.signer] : undefined;
  if (signer === undefined) return "it is signed by nobody whom the pack knows";
  if (!signer.signs.includes(one.kind)) return `its signer, ${one.signer}, does not sign evidence of this kind`;
  const about = "environment" in one.result ? one.result.environment : undefined;
  if (about !== undefined && signer.environments?.includes(about) === false)
    return `its signer, ${one.signer}, does not speak for ${about}`;
  const latest = Math.max(one.madeAt, one.collectedAt);
  if (!(latest <= now + clockSkew)) return "it is dated in the future";
  return undefined;
}

/** When a record was made: the later of its two times, so that none is made to look as if it had held for long. */
export function timeOf({ madeAt, collectedAt }: AnyEvidence): number {
  return Math.max(madeAt, collectedAt);
}

/**
 * The newest evidence of each name. Where two are as new as each other, both count: neither may hide the other.
 *
 * @param also what else tells reports apart, such as the tool
 */
export function newest<K extends Kind>(
  facts: Facts,
  kind: K,
  also: (one: Evidence<K>) => string = () => "",
): Evidence<K>[] {
  const groups = Map.groupBy(ofKind(facts.evidence, kind), (one) => `${one.name} ${also(one)}`);
  return [...groups.values()].flatMap((group) => group.filter((one) => !group.some((other) => isNewer(other, one))));
}

type Times = Pick<AnyEvidence, "madeAt" | "collectedAt">;

/** By the time that the report itself gives: collecting an old one again makes it no newer. */
export function isNewer(a: Times, b: Times): boolean {
  return a.madeAt > b.madeAt || (a.madeAt === b.madeAt && a.collectedAt > b.collectedAt);
}

/**
 * A tool's name as the configuration gives it: lower case, with hyphens.
 *
 * @example
 * toolName("Semgrep OSS") // "semgrep-oss"
 */
export function toolName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}
