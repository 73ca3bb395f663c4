/**
 * Who did what: `audit/<12 digits>.json`, one entry each, numbered from 1. Every entry carries the hash of the one before it,
 * so that nothing can be altered, taken out, put in or moved without every later hash telling. What the chain alone cannot
 * tell is that its end was cut off: the head that an earlier look printed does.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type AuditArgs, type AuditEntry, auditDigits, auditEntry, auditKey, firstPrevious } from "./audit-entry.ts";
import { verifyAudit } from "./audit-verification.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { EvidenceError } from "./error.ts";
import type { EvidenceStore } from "./store.ts";

export type { AuditArgs, AuditEntry } from "./audit-entry.ts";
export { type AuditProblem, type AuditVerdict, verifyAudit } from "./audit-verification.ts";

/** How often somebody else may be faster; each time, another entry was written. */
const attempts = 500;

/**
 * Adds an entry behind the last one. Of several at once each finds its own place.
 *
 * @throws EvidenceError where the log cannot be read or written
 * @throws z.core.$ZodError where the entry is malformed, naming every field
 * @example
 * await appendAudit(store, { at: Date.now(), actor: "ada", action: "approve", subject: digest, details: { environment: "prod" } });
 */
export async function appendAudit(store: EvidenceStore, args: AuditArgs): Promise<AuditEntry> {
  // It tells two entries apart that say the same.
  const id = randomUUID();
  let previous = await lastOf(store);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const entry = auditEntry.parse({
      ...{ sequence: previous.sequence + 1, previous: previous.hash, id, at: new Date(args.at).toISOString() },
      ...{ actor: args.actor, action: args.action, subject: args.subject, details: args.details },
    });
    const bytes = Buffer.from(canonicalJson(entry));
    const key = auditKey(entry.sequence);
    if (await store.create(key, bytes)) return entry;
    const taken = await store.read(key);
    // An answer that was lost on its way was repeated by the client, which then met its own object.
    if (taken?.equals(bytes)) return entry;
    if (taken !== undefined) previous = { sequence: entry.sequence, hash: sha256(taken) };
    else await pause(Math.random() * 20);
  }
  throw new EvidenceError(
    `no entry could be added to the audit log in ${store.url}: others were faster ${attempts} times`,
    {
      remedy: "try again",
    },
  );
}

interface Last {
  sequence: number;
  hash: string;
}

async function lastOf(store: EvidenceStore): Promise<Last> {
  const numbers = (await store.list("audit/")).map((key) => Number(auditDigits(key) ?? 0));
  const sequence = numbers.reduce((most, number) => Math.max(most, number), 0);
  if (sequence === 0) return { sequence, hash: firstPrevious };
  const bytes = await store.read(auditKey(sequence));
  if (bytes === undefined) {
    throw new EvidenceError(`the last entry of the audit log in ${store.url} was taken away while it was read`);
  }
  return { sequence, hash: sha256(bytes) };
}

/**
 * Every entry, oldest first, as it stands there.
 *
 * @throws EvidenceError where the log cannot be read, or anything in it is no entry: `verifyAudit` says what and where
 */
export async function readAudit(store: EvidenceStore): Promise<AuditEntry[]> {
  const { entries, problems } = await verifyAudit(store);
  const [first] = problems;
  if (first === undefined) return entries;
  throw new EvidenceError(`the audit log in ${store.url} is not whole: ${first.place}: ${first.problem}`, {
    remedy: "see all of it: sluice audit verify",
  });
}
