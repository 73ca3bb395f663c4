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

/** Signed, and not yet written. */
export interface SignedFile {
  kind: Kind;
  /** The image's, `sha256:` and 64 hex digits. */
  digest: string;
  name: string;
  bytes: Buffer;
}

/**
 * Signs statements, each for a file of its own.
 *
 * @throws EvidenceError where one cannot be signed, or is too big
 * @example
 * await writeFiles(store, await signEvidence({ signer, statements: [makeStatement(args)] }));
 */
export async function signEvidence({ signer, statements }: Omit<WriteArgs, "store">): Promise<SignedFile[]> {
  const files: SignedFile[] = [];
  // One after the other: every signature of a keyless signer is a certificate and an entry in a public log.
  for (const statement of statements) {
    const { kind, digest } = readStatement(statement);
    const bundle = await signer.sign(Buffer.from(canonicalJson(statement)), payloadType);
    files.push(signedFile(kind, digest, Buffer.from(canonicalJson(bundle))));
  }
  return files;
}

/**
 * Signs statements and writes each into a file of its own.
 *
 * @returns the files' names, in the order of the statements
 * @throws EvidenceError where one cannot be signed: none is written then; or written: those before it are there then
 * @example
 * const files = await writeEvidence({ store, signer, statements: [makeStatement(args)] });
 */
export async function writeEvidence({ store, ...args }: WriteArgs): Promise<string[]> {
  return writeFiles(store, await signEvidence(args));
}

/**
 * Signs which files one run of `gate collect` made, so that none of them can be taken away unseen.
 *
 * @throws EvidenceError as {@link signEvidence}
 */
export async function signCollection({
  signer,
  files,
  ...subject
}: Omit<CollectionArgs, "store">): Promise<SignedFile[]> {
  const about = { kind: "collection", name: "collection", tool: { name: "sluice" } } as const;
  return signEvidence({
    signer,
    statements: [makeStatement({ ...subject, ...about, result: { files: [...files].sort() } })],
  });
}

/**
 * Signs and writes it.
 *
 * @returns the name of the collection's own file
 * @throws EvidenceError as {@link writeEvidence}
 */
export async function writeCollection({ store, ...args }: CollectionArgs): Promise<string> {
  const [name] = await writeFiles(store, await signCollection(args));
  return name as string;
}

export interface ProvenanceArgs {
  /** The image's, `sha256:` and 64 hex digits. */
  digest: string;
  /** A sigstore bundle with SLSA provenance, as its builder signed it. */
  bundle: Buffer;
}

/**
 * A builder's own provenance, byte for byte: the signature that counts is the builder's.
 *
 * @throws EvidenceError where it is too big
 * @throws Error where it is no bundle; whether its signature holds is seen when it is loaded
 */
export function provenanceFile({ digest, bundle }: ProvenanceArgs): SignedFile {
  readBundle(parseBytes(bundle));
  return signedFile("provenance", digest, bundle);
}

function signedFile(kind: Kind, digest: string, bytes: Buffer): SignedFile {
  if (bytes.length <= largestObject) return { kind, digest, name: fileName(kind, sha256(bytes)), bytes };
  const size = `${(bytes.length / 1024 / 1024).toFixed(1)} MiB`;
  throw new EvidenceError(`evidence of the kind ${kind} would take ${size}; 16 MiB is the most that is read back`);
}

/**
 * @returns the files' names
 * @throws EvidenceError where one cannot be written; those before it are there then
 */
export async function writeFiles(store: EvidenceStore, files: readonly SignedFile[]): Promise<string[]> {
  for (const { digest, name, bytes } of files) {
    const key = fileKey(digest, name);
    // Taken means written before: the name says what the bytes are. Whoever doubts it reads it back.
    if (!(await store.create(key, bytes)) && !bytes.equals((await store.read(key)) ?? Buffer.alloc(0))) {
      throw new EvidenceError(`${key} in ${store.url} holds something else than its name says`, {
        remedy: "find out who wrote it, and remove it",
      });
    }
  }
  return files.map(({ name }) => name);
}
