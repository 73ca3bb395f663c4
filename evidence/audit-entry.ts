/** One entry of the audit log. */
import * as z from "zod/mini";

/** `previous` of the first entry: there is none before it. */
export const firstPrevious = "0".repeat(64);

const text = z.string().check(z.minLength(1), z.maxLength(1024));
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** What the caller says of what was done. */
const done = {
  /** Login, or the workflow's identity. */
  actor: text,
  /** A verb, e.g. `deploy`, `approve`, `waive`. */
  action: z.string().check(z.regex(/^[a-z][a-z-]{0,63}$/)),
  /** What it was done to: a digest, a stack. */
  subject: text,
  /** Names and short values, for people. Never a secret: nobody can take an entry out again. */
  details: z
    .record(z.string().check(z.regex(/^[a-zA-Z][a-zA-Z0-9-]{0,63}$/)), z.string().check(z.maxLength(1024)))
    .check(z.refine((details) => Object.keys(details).length <= 32, "more than 32 details")),
};

/** What stands in the file. */
export const auditEntry = z.strictObject({
  sequence: z.int().check(z.gte(1)),
  /** SHA-256 of the file before it. */
  previous: hash,
  id: z.uuid(),
  at: z.iso.datetime(),
  ...done,
});

export type AuditEntry = z.output<typeof auditEntry>;
/** `at` is milliseconds since 1970, UTC. */
export type AuditArgs = Pick<AuditEntry, "actor" | "action" | "subject" | "details"> & { at: number };

/**
 * @example
 * auditKey(7) // "audit/000000000007.json"
 */
export function auditKey(sequence: number): string {
  return `audit/${String(sequence).padStart(12, "0")}.json`;
}

/** @returns the twelve digits, or undefined where no entry is called so */
export function auditDigits(key: string): string | undefined {
  return /^audit\/(\d{12})\.json$/.exec(key)?.[1];
}
