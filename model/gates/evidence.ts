/** Evidence as the verdict sees it: read, verified and attributed. Reading and verifying stand in `evidence/`. */
import * as z from "zod/mini";
import { type Kind, type Result, results } from "./results.ts";

/** in-toto: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = "https://in-toto.io/Statement/v1";
/** A kind's predicate type is this, its name and `/v1`. */
export const predicatePrefix = "https://sluice.dev/evidence/";
/** SLSA's own predicate, as GitHub's and others' builders sign it; it is evidence of the kind `provenance`. */
export const provenanceType = "https://slsa.dev/provenance/v1";

const text = z.string().check(z.maxLength(1024));

/** What every statement says besides its result. */
export const predicateSchema = z.strictObject({
  /** The suite of tests, the scenario of a load test, the scanner of a scan; several of a kind are told apart by it. */
  name: z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/)),
  tool: z.strictObject({ name: text, version: z.optional(text) }),
  /** ISO 8601: when the report was made, where it says so, else when it was collected. */
  madeAt: z.iso.datetime(),
  collectedAt: z.iso.datetime(),
  /** Environment that was measured, e.g. by a load test; absent where it holds anywhere. */
  environment: z.optional(text),
  /** The file that it was read from. */
  report: z.optional(z.strictObject({ file: text, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) })),
  result: z.unknown(),
});

export type Predicate = z.output<typeof predicateSchema>;

/** One verified piece of evidence. */
export interface Evidence<K extends Kind = Kind> {
  kind: K;
  name: string;
  /** Manifest digest, `sha256:` and 64 hex digits. */
  digest: string;
  /** Commit that the image was built from, 40 or 64 hex digits. */
  commit: string;
  tool: { name: string; version?: string | undefined };
  /** Milliseconds since 1970, UTC. */
  madeAt: number;
  collectedAt: number;
  environment?: string | undefined;
  result: Result<K>;
  /** Name in the pack's `signers`. */
  signer: string;
  /** Name of the file it stands in, `<kind>-<sha256 of the file>.json`. */
  file: string;
}

export type AnyEvidence = { [K in Kind]: Evidence<K> }[Kind];

/** A file that stands where evidence stands and is none: changed, signed by nobody known, about something else. */
export interface RejectedFile {
  file: string;
  /** Kind that its name claims, where it does. */
  kind: Kind | undefined;
  /** Why, in one line, e.g. `signed by a key that the pack does not know`. */
  reason: string;
}

/** All that is known of one image. */
export interface EvidenceSet {
  digest: string;
  evidence: readonly AnyEvidence[];
  rejected: readonly RejectedFile[];
}

/**
 * Checks the result of a kind.
 *
 * @throws z.core.$ZodError naming every field that is wrong
 * @example
 * checkResult("image", { platforms: ["linux/amd64"], distroless: true, users: ["65532"] })
 */
export function checkResult<K extends Kind>(kind: K, value: unknown): Result<K> {
  return results[kind].parse(value) as Result<K>;
}

/** @returns those of a kind, newest first */
export function ofKind<K extends Kind>(evidence: readonly AnyEvidence[], kind: K): Evidence<K>[] {
  const found = evidence.filter((one) => one.kind === kind) as unknown as Evidence<K>[];
  return found.sort((a, b) => b.collectedAt - a.collectedAt);
}
