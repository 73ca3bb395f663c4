/** Reads all that one `gate collect` is given, and only then writes: evidence is whole or not there. */
import { loadEvidence } from "../../evidence/load.ts";
import { makeStatement } from "../../evidence/statement.ts";
import { provenanceFile, type SignedFile, signCollection, signEvidence, writeFiles } from "../../evidence/write.ts";
import { isNullCommit, unlistedFiles } from "../../model/gates/collections.ts";
import type { ReportKind, Result } from "../../model/gates/results.ts";
import { configurationError, SluiceError } from "../errors.ts";
import { createInterruption } from "../interruption.ts";
import { readReport } from "../readers/index.ts";
import type { Reading } from "../readers/reader.ts";
import { builderBundle } from "./builder-bundle.ts";
import type { Pack } from "./pack.ts";
import { plain } from "./plain.ts";
import { nameOf, type ReportArgument } from "./report-arguments.ts";

/** What evidence is about. */
export interface Subject {
  repository: string;
  /** `sha256:` and 64 hex digits. */
  digest: string;
  /** 40 or 64 hex digits, lower case. */
  commit: string;
  tag: string | undefined;
}

/** One piece of evidence, read and not yet written. */
export interface Collected {
  kind: ReportKind;
  name: string;
  tool: Reading["tool"];
  madeAt: number | undefined;
  environment: string | undefined;
  report: { file: string; sha256: string } | undefined;
  result: Result;
  /** Signed by somebody else already; it is kept as it is. */
  bundle?: Buffer | undefined;
}

export interface ReadArgs {
  subject: Subject;
  trust: Pack["trust"];
  reports: readonly ReportArgument[];
  /** Folder of the repository. */
  root: string;
  /** Environment that the reports measured. */
  environment: string | undefined;
  /** What the release changes, from git; baselines are then of the commit that it starts from. @default not asked */
  change: (() => Promise<Reading<"change">>) | undefined;
  /** The same in git's words: coverage then counts the lines that are new. */
  diff: { base: string; head: string } | undefined;
  /** What the registry holds; undefined where what is released is no image. */
  image: (() => Promise<Reading<"image">>) | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** Clocks of two machines differ by so much, milliseconds. */
const clockSkew = 5 * 60_000;

/**
 * Reads everything; what is wrong with any of it is told at once.
 *
 * @throws SluiceError (2) naming every file that counts for nothing, with place and reason
 */
export async function readAll(args: ReadArgs): Promise<Collected[]> {
  const problems: string[] = [];
  const note = (read: () => Promise<Collected>) => noting(problems, read);
  const own = (kind: ReportKind, read: () => Promise<Reading>) => async () =>
    collectedFrom(
      { kind, name: kind, what: kind, reading: await read(), environment: undefined, report: undefined },
      args,
    );
  const change = args.change && (await note(own("change", args.change)));
  const baselineCommit = (change?.result as Result<"change"> | undefined)?.base || undefined;
  const found = [change];
  // One after the other: a report may take 64 MiB, and much more once it is read.
  for (const one of args.reports) found.push(await note(() => readOne(one, baselineCommit, args)));
  found.push(args.image && (await note(own("image", args.image))));
  const collected = found.filter((one) => one !== undefined);
  problems.push(...twice(collected));
  if (problems.length === 0) return collected;
  throw configurationError("this is no evidence; nothing was written", {
    details: problems,
    remedy: "let the tools write these again, for this very commit and image",
  });
}

async function noting(problems: string[], read: () => Promise<Collected>): Promise<Collected | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    problems.push(plain(`${error.message}${error.remedy === undefined ? "" : `; ${error.remedy}`}`, 1000));
    problems.push(...error.details.map((line) => plain(`  ${line}`, 1000)));
    return undefined;
  }
}

async function readOne(one: ReportArgument, baselineCommit: string | undefined, args: ReadArgs): Promise<Collected> {
  const { kind, file, baseline } = one;
  const { root, environment, subject, diff } = args;
  const { tag } = subject;
  const read = await readReport({
    kind,
    file,
    baselineFile: baseline,
    baselineCommit,
    root,
    diff,
    tag,
    name: one.name,
  });
  const { report, format: _, ...reading } = read;
  const name = one.name ?? nameOf(kind, reading.tool.name);
  const collected = collectedFrom({ kind, name, what: file, reading, environment, report }, args);
  if (kind !== "provenance") return collected;
  return { ...collected, bundle: await builderBundle(file, { root, sha256: report.sha256, trust: args.trust }) };
}

interface Read extends Pick<Collected, "kind" | "name" | "environment" | "report"> {
  /** How it is called in messages. */
  what: string;
  reading: Reading;
}

/** @throws SluiceError (2) where it names another commit or image, or a time that is not yet */
function collectedFrom({ what, reading, ...read }: Read, { subject, now }: ReadArgs): Collected {
  const { tool, madeAt, commit, digest, result } = reading;
  const wrong = (said: string) => configurationError(`${what}: ${said}`);
  if (commit !== undefined && !isSameCommit(commit, subject.commit)) {
    throw wrong(`it is about commit ${commit}, the image was built from ${subject.commit}`);
  }
  if (digest !== undefined && digest !== subject.digest) {
    throw wrong(`it is about the image ${digest}, not ${subject.digest}`);
  }
  if (madeAt !== undefined && madeAt > now + clockSkew) {
    throw wrong(`it was made at ${new Date(madeAt).toISOString()}, which is still to come`);
  }
  return { ...read, tool, madeAt, result };
}

/** Tools shorten commits; git takes no less than seven digits for one. */
function isSameCommit(named: string, commit: string): boolean {
  return named.length >= 7 && commit.startsWith(named.toLowerCase());
}

function twice(collected: readonly Collected[]): string[] {
  const groups = Map.groupBy(collected, ({ kind, name }) => `${kind}:${name}`);
  return [...groups].flatMap(([key, { length }]) =>
    length === 1 ? [] : [`${key}: ${length} reports would be called so; give each a name: KIND:NAME=FILE`],
  );
}

/**
 * What there is of the image already. Evidence of two commits is worth nothing, and what is written stays: that is refused
 * before anything is. Files in no collection are what a `collect` left behind that was killed, whole and signed: they
 * become part of the next one.
 *
 * @returns the files left behind
 * @throws SluiceError (2) where there is evidence of another commit
 * @throws EvidenceError where the store cannot be read
 */
export async function leftBehind({ store, trust }: Pick<Pack, "store" | "trust">, subject: Subject): Promise<string[]> {
  const { digest, commit, repository } = subject;
  const { evidence } = await loadEvidence({ store, digest, trust });
  const other = evidence.find((one) => one.commit !== commit && !isNullCommit(one.commit));
  if (other === undefined) return unlistedFiles(evidence);
  throw configurationError(
    `${plain(repository)}@${digest} has evidence of commit ${other.commit} already, and this is of ${commit}: together, none of it would count; nothing was written`,
    { remedy: `from the work tree that it was built from, give --commit ${other.commit}; else build and push it anew` },
  );
}

export interface WriteArgs {
  pack: Pick<Pack, "store" | "signer">;
  subject: Subject;
  collected: readonly Collected[];
  /** Files that stand there in no collection. @default none */
  leftBehind?: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

export interface WrittenFile {
  kind: string;
  name: string;
  tool: string;
  file: string;
}

/**
 * Signs everything, then writes everything, and lets no Ctrl-C come between: of half a collection nothing counts.
 *
 * @returns the files of evidence, in the order given, and then the collection that holds them together
 */
export async function writeCollected(args: WriteArgs): Promise<WrittenFile[]> {
  const { pack, subject, collected, leftBehind = [], now } = args;
  const { store } = pack;
  const signer = await pack.signer();
  const { digest, commit, repository } = subject;
  const signed: SignedFile[] = [];
  for (const { bundle, ...one } of collected) {
    if (bundle !== undefined) signed.push(provenanceFile({ digest, bundle }));
    else {
      const statement = makeStatement({ ...one, digest, commit, repository, collectedAt: now });
      signed.push(...(await signEvidence({ signer, statements: [statement] })));
    }
  }
  const files = [...leftBehind, ...signed.map(({ name }) => name)];
  signed.push(...(await signCollection({ signer, digest, commit, repository, files, collectedAt: now })));
  using _held = createInterruption();
  await writeFiles(store, signed);
  const about = [...collected, { kind: "collection", name: "collection", tool: { name: "sluice" } }];
  return about.map(({ kind, name, tool }, index) => ({ kind, name, tool: tool.name, file: signed[index]?.name ?? "" }));
}
