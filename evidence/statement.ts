/** Statements: this image, built from this commit, had this result. Made here, and read here. */
import * as z from "zod/mini";
import { type Predicate, predicatePrefix, predicateSchema, statementType } from "../model/gates/evidence.ts";
import { type Kind, type Result, results } from "../model/gates/results.ts";

/** What is to be said. Times are milliseconds since 1970, UTC. */
export interface StatementArgs<K extends Kind = Kind> {
  kind: K;
  /** Suite, scenario or scanner; see the predicate. */
  name: string;
  /** Manifest digest, `sha256:` and 64 hex digits. */
  digest: string;
  /** 40 or 64 hex digits. */
  commit: string;
  /** The image's, for people; the digest is what counts. */
  repository: string;
  tool: { name: string; version?: string | undefined };
  /** @default collectedAt */
  madeAt?: number | undefined;
  collectedAt: number;
  /** Environment that was measured. @default any */
  environment?: string | undefined;
  /** @default none */
  report?: { file: string; sha256: string } | undefined;
  result: Result<K>;
}

const imageDigest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const commit = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
const name = z.string().check(z.minLength(1), z.maxLength(1024));

/** The image, and the commit it was built from: https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md */
const statementSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([
    z.strictObject({ name, digest: z.strictObject({ sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }) }),
    z.strictObject({ name, digest: z.strictObject({ gitCommit: commit }) }),
  ]),
  predicateType: z.string(),
  predicate: predicateSchema,
});

/** What a statement says, once it has been checked. */
export interface StatementContent {
  kind: Kind;
  digest: string;
  commit: string;
  predicate: Predicate;
}

/**
 * An in-toto statement about an image.
 *
 * @throws z.core.$ZodError naming every field that is wrong
 * @example
 * makeStatement({ kind: "approval", name: "approval", digest, commit, repository: "hello", tool: { name: "sluice" }, collectedAt: Date.now(), result })
 */
export function makeStatement<K extends Kind>(args: StatementArgs<K>): object {
  const digest = imageDigest.parse(args.digest);
  return statementSchema.parse({
    _type: statementType,
    subject: [
      { name: args.repository, digest: { sha256: digest.slice("sha256:".length) } },
      { name: "source", digest: { gitCommit: args.commit } },
    ],
    predicateType: predicateTypeOf(args.kind),
    predicate: {
      name: args.name,
      tool: withoutUndefined(args.tool),
      madeAt: new Date(args.madeAt ?? args.collectedAt).toISOString(),
      collectedAt: new Date(args.collectedAt).toISOString(),
      ...(args.environment === undefined ? {} : { environment: args.environment }),
      ...(args.report === undefined ? {} : { report: args.report }),
      result: results[args.kind].parse(args.result),
    },
  });
}

/**
 * Reads a statement of ours; its result is not checked yet.
 *
 * @throws z.core.$ZodError naming every field that is wrong
 * @throws RangeError where the predicate type is none of ours
 */
export function readStatement(value: unknown): StatementContent {
  const { subject, predicateType, predicate } = statementSchema.parse(value);
  const kind = kindOf(predicateType);
  if (kind === undefined) throw new RangeError(`the predicate type ${predicateType} is not known`);
  return { kind, digest: `sha256:${subject[0].digest.sha256}`, commit: subject[1].digest.gitCommit, predicate };
}

/**
 * @example
 * predicateTypeOf("tests") // "https://sluice.dev/evidence/tests/v1"
 */
export function predicateTypeOf(kind: Kind): string {
  return `${predicatePrefix}${kind}/v1`;
}

/** @returns undefined where it is none of ours */
export function kindOf(predicateType: string): Kind | undefined {
  return (Object.keys(results) as Kind[]).find((kind) => predicateTypeOf(kind) === predicateType);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
