/** Whether the audit log is what was written, entry by entry. */
import { type AuditEntry, auditDigits, auditEntry, auditKey, firstPrevious } from "./audit-entry.ts";
import { isCanonical, parseBytes, sha256 } from "./canonical.ts";
import { EvidenceError, printable } from "./error.ts";
import { Rejection, reasonOf } from "./rejection.ts";
import type { EvidenceStore } from "./store.ts";

export interface AuditProblem {
  /** Key of the entry, e.g. `audit/000000000007.json`. */
  place: string;
  problem: string;
}

export interface AuditVerdict {
  /** Every entry that could be read, oldest first. */
  entries: AuditEntry[];
  /** None: the log is whole. */
  problems: AuditProblem[];
  /** Number and hash of the last entry, `7:0a1b...`; keep it elsewhere, and a log that was cut off shows. Absent where there are problems. */
  head?: string;
}

export interface AuditVerificationArgs {
  /** A head that was printed earlier. The log must still have that entry. @default the end of the log is taken as it is */
  head?: string | undefined;
  /** Milliseconds since 1970, UTC. @default the time it is */
  now?: number;
}

/** Clocks of two machines differ by so much, milliseconds. */
const clockSkew = 5 * 60 * 1000;
const atOnce = 16;

/** A file of the log: its hash, and the entry in it where there is one. */
interface AuditFile {
  sequence: number;
  hash?: string;
  entry?: AuditEntry;
  problem?: string;
}

/**
 * Looks at every entry: its form, its number, its time, and the hash that the next one carries of it.
 *
 * @throws EvidenceError where the log cannot be read, or the head is none
 * @example
 * const { problems, head } = await verifyAudit(store, { head: "7:0a1b..." });
 */
export async function verifyAudit(store: EvidenceStore, args: AuditVerificationArgs = {}): Promise<AuditVerdict> {
  const head = args.head === undefined ? undefined : parseHead(args.head);
  const keys = await store.list("audit/");
  const strangers = keys.filter((key) => auditDigits(key) === undefined);
  const numbers = keys.flatMap((key) => auditDigits(key) ?? []).map(Number);
  const files = await readFiles(
    store,
    numbers.sort((a, b) => a - b),
  );
  const problems = [
    ...strangers.map((key) => ({ place: printable(key), problem: "no entry is called so" })),
    ...missing(numbers, head?.sequence ?? 0),
    ...files.flatMap(({ sequence, problem }) =>
      problem === undefined ? [] : [{ place: auditKey(sequence), problem }],
    ),
    ...broken(files, head),
    ...misdated(files, args.now ?? Date.now()),
  ];
  const entries = files.flatMap(({ entry }) => entry ?? []);
  const last = files.at(-1);
  if (problems.length > 0 || last === undefined) return { entries, problems: problems.sort(byPlace) };
  return { entries, problems, head: `${last.sequence}:${last.hash}` };
}

function byPlace(a: AuditProblem, b: AuditProblem): number {
  return a.place === b.place ? 0 : a.place < b.place ? -1 : 1;
}

interface Head {
  sequence: number;
  hash: string;
}

function parseHead(text: string): Head {
  const [, sequence, hash = ""] = /^([1-9]\d{0,11}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence !== undefined) return { sequence: Number(sequence), hash };
  throw new EvidenceError(`${printable(text)} is no head of an audit log`, {
    exitCode: 2,
    remedy: "give it as `sluice audit verify` printed it: the last entry's number, a colon, 64 hex digits",
  });
}

async function readFiles(store: EvidenceStore, numbers: readonly number[]): Promise<AuditFile[]> {
  const files: AuditFile[] = [];
  for (let start = 0; start < numbers.length; start += atOnce) {
    files.push(...(await Promise.all(numbers.slice(start, start + atOnce).map((number) => readFile(store, number)))));
  }
  return files;
}

async function readFile(store: EvidenceStore, sequence: number): Promise<AuditFile> {
  let hash: string | undefined;
  try {
    const bytes = await store.read(auditKey(sequence));
    if (bytes === undefined) throw new Rejection("it was taken away while it was read");
    hash = sha256(bytes);
    const value = parseBytes(bytes);
    const entry = auditEntry.parse(value);
    if (!isCanonical(bytes, value)) throw new Rejection("altered: not written as entries are");
    if (entry.sequence !== sequence) throw new Rejection(`moved or copied: it is entry ${entry.sequence}`);
    return { sequence, hash, entry };
  } catch (error) {
    return { sequence, problem: reasonOf(error), ...(hash === undefined ? {} : { hash }) };
  }
}

/** Entries are numbered from 1 without a gap, at least up to the head. */
function missing(numbers: readonly number[], headed: number): AuditProblem[] {
  const problems: AuditProblem[] = [];
  const last = numbers.at(-1) ?? 0;
  const ends = headed > last ? [...numbers, headed + 1] : numbers;
  let expected = 1;
  for (const number of ends) {
    if (number > expected) {
      const cutOff = expected > last ? "cut off: " : "";
      const upTo = number - 1 > expected ? `, up to entry ${number - 1}` : "";
      problems.push({ place: auditKey(expected), problem: `${cutOff}it is missing${upTo}` });
    }
    expected = number + 1;
  }
  return problems;
}

/**
 * Links that do not hold. An entry is altered where the next one, or the head, carries another hash of it. What an altered
 * entry says of the one before it proves nothing, so the blame stops there; one problem of an entry is enough.
 */
function broken(files: readonly AuditFile[], head: Head | undefined): AuditProblem[] {
  const problems: AuditProblem[] = [];
  const first = files[0];
  if (first?.sequence === 1 && first.entry !== undefined && first.entry.previous !== firstPrevious) {
    problems.push({ place: auditKey(1), problem: "altered: the first entry has none before it, and names one" });
  }
  let nextHolds = true;
  for (const [index, file] of [...files.entries()].reverse()) {
    const next = files[index + 1];
    const carried: string | undefined =
      next?.sequence === file.sequence + 1 && nextHolds ? next.entry?.previous : undefined;
    const witness: { hash: string; name: string } | undefined = [
      ...(carried === undefined ? [] : [{ hash: carried, name: `entry ${file.sequence + 1} carries` }]),
      ...(head?.sequence === file.sequence ? [{ hash: head.hash, name: "the head gives" }] : []),
    ].find(({ hash }) => hash !== file.hash);
    nextHolds = witness === undefined;
    if (witness !== undefined && file.problem === undefined) {
      problems.push({
        place: auditKey(file.sequence),
        problem: `altered: its hash is not the one that ${witness.name}`,
      });
    }
  }
  return problems;
}

/** Time goes on from entry to entry, but for what clocks differ by, and no entry is from the future. */
function misdated(files: readonly AuditFile[], now: number): AuditProblem[] {
  const problems: AuditProblem[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const { sequence, entry } of files) {
    if (entry === undefined) continue;
    const at = Date.parse(entry.at);
    const place = auditKey(sequence);
    if (at > now + clockSkew) problems.push({ place, problem: `dated in the future: ${entry.at}` });
    else if (at < latest - clockSkew) problems.push({ place, problem: `dated before an earlier entry: ${entry.at}` });
    else latest = Math.max(latest, at);
  }
  return problems;
}
