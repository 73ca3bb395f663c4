/** Evidence on its way into a store: signed, named after its bytes, written once. */
import type { Kind } from "../model/gates/results.ts";
import { payloadType, readBundle } from "./bundle.ts";
import { canonicalJson, parseBytes, sha256 } from "./canonical.ts";
import { EvidenceError } from "./error.ts";
import { fileKey, fileName } from "./file-name.ts";
import type { EvidenceSigner } from "./signer.ts";
import { makeStatement, readStatement } from "./statement.ts";
import { type EvidenceStore, largestObject } from "./store.ts";

/** Statements are made by `makeStatement`. */
export interface WriteArgs {
  store: EvidenceStore;
  signer: EvidenceSigner;
  statements: readonly object[];
}

export interface CollectionArgs {
  store: EvidenceStore;
  signer: EvidenceSigner;
  digest: string;
  commit: string;
  repository: string;
  /** Names, as `writeEvidence` returned them. */
  files: readonly string[];
  /** Milliseconds since 1970, UTC. */
  collectedAt: number;
}

/**
 * Signs statements and writes each into a file of its own.
 *
 * @returns the files' names, in the order of the statements
 * @throws EvidenceError where one cannot be signed or written; those before it are there then
 * @example
 * const files = await writeEvidence({ store, signer, statements: [makeStatement(args)] });
 */
export async function writeEvidence({ store, signer, statements }: WriteArgs): Promise<string[]> {
  const names: string[] = [];
  // One after the other: every signature of a keyless signer is a certificate and an entry in a public log.
  for (const statement of statements) {
    const { kind, digest } = readStatement(statement);
    const bundle = await signer.sign(Buffer.from(canonicalJson(statement)), payloadType);
    names.push(await writeBundle(store, { kind, digest, bytes: Buffer.from(canonicalJson(bundle)) }));
  }
  return names;
}

/**
 * Writes down which files one run of `gate collect` made, so that none of them can be taken away unseen.
 *
 * @returns the name of the collection's own file
 * @throws EvidenceError as {@link writeEvidence}
 */
export async function writeCollection(args: CollectionArgs): Promise<string> {
  const { store, signer, digest, commit, repository, files, collectedAt } = args;
  const subject = { digest, commit, repository, collectedAt };
  const about = { kind: "collection", name: "collection", tool: { name: "sluice" } } as const;
  const statement = makeStatement({ ...subject, ...about, result: { files: [...files].sort() } });
  const [name] = await writeEvidence({ store, signer, statements: [statement] });
  return name as string;
}

export interface ProvenanceArgs {
  store: EvidenceStore;
  /** The image's, `sha256:` and 64 hex digits. */
  digest: string;
  /** A sigstore bundle with SLSA provenance, as its builder signed it. */
  bundle: Buffer;
}

/**
 * Keeps a builder's own provenance, byte for byte: the signature that counts is the builder's.
 *
 * @returns the file's name
 * @throws EvidenceError where it cannot be written, or is too big
 * @throws Error where it is no bundle; whether its signature holds is seen when it is loaded
 */
export async function writeProvenance({ store, digest, bundle }: ProvenanceArgs): Promise<string> {
  readBundle(parseBytes(bundle));
  return writeBundle(store, { kind: "provenance", digest, bytes: bundle });
}

interface BundleFile {
  kind: Kind;
  digest: string;
  bytes: Buffer;
}

async function writeBundle(store: EvidenceStore, { kind, digest, bytes }: BundleFile): Promise<string> {
  if (bytes.length > largestObject) {
    const size = `${(bytes.length / 1024 / 1024).toFixed(1)} MiB`;
    throw new EvidenceError(`evidence of the kind ${kind} would take ${size}; 16 MiB is the most that is read back`);
  }
  const name = fileName(kind, sha256(bytes));
  const key = fileKey(digest, name);
  // Taken means written before: the name says what the bytes are. Whoever doubts it reads it back.
  if (!(await store.create(key, bytes)) && !bytes.equals((await store.read(key)) ?? Buffer.alloc(0))) {
    throw new EvidenceError(`${key} in ${store.url} holds something else than its name says`, {
      remedy: "find out who wrote it, and remove it",
    });
  }
  return name;
}
