/** Evidence out of a store: every file verified, or rejected with the reason. */
import type { AnyEvidence, EvidenceSet, RejectedFile } from "../model/gates/evidence.ts";
import { provenanceOf } from "../model/gates/provenance.ts";
import { results } from "../model/gates/results.ts";
import type { Trust } from "../model/gates/trust.ts";
import { readBundle } from "./bundle.ts";
import { isCanonical, parseBytes, sha256 } from "./canonical.ts";
import { printable } from "./error.ts";
import { type Folder, folderKey, folderOf, parseFileName } from "./file-name.ts";
import { Rejection, reasonOf } from "./rejection.ts";
import { readStatement } from "./statement.ts";
import type { EvidenceStore } from "./store.ts";
import { type Verifier, verifierOf } from "./verify.ts";

export interface LoadArgs {
  store: EvidenceStore;
  /** `sha256:` and 64 hex digits. */
  digest: string;
  trust: Trust;
}

/** Files that are read at once; S3 answers each in tens of milliseconds. */
const atOnce = 16;

/**
 * All that is known of one image. A file that does not hold is in `rejected`; nothing in it counts.
 *
 * @throws EvidenceError where the store cannot be read, or a signer's key is none: that is never "no evidence"
 * @example
 * const evidence = await loadEvidence({ store: openEvidenceStore(trust.evidence), digest, trust });
 */
export async function loadEvidence({ store, digest, trust }: LoadArgs): Promise<EvidenceSet> {
  const verifier = verifierOf(trust);
  const folders: readonly Folder[] = ["evidence", "records"];
  const listed = await Promise.all(folders.map((folder) => filesIn(store, digest, folder)));
  const files = listed.flat();
  const evidence: AnyEvidence[] = [];
  const rejected: RejectedFile[] = [];
  for (let start = 0; start < files.length; start += atOnce) {
    const read = await Promise.all(
      files.slice(start, start + atOnce).map((file) => loadFile({ store, digest, verifier }, file)),
    );
    for (const one of read) "reason" in one ? rejected.push(one) : evidence.push(one);
  }
  return { digest, evidence, rejected };
}

interface StoredFile {
  key: string;
  name: string;
  folder: Folder;
}

async function filesIn(store: EvidenceStore, digest: string, folder: Folder): Promise<StoredFile[]> {
  const prefix = folderKey(digest, folder);
  return (await store.list(prefix)).map((key) => ({ key, folder, name: key.slice(prefix.length) }));
}

interface Context {
  store: EvidenceStore;
  digest: string;
  verifier: Verifier;
}

async function loadFile(context: Context, file: StoredFile): Promise<AnyEvidence | RejectedFile> {
  const named = parseFileName(file.name);
  try {
    if (named === undefined) throw new Rejection("no file of evidence is called so");
    return await verifyFile(context, file, named);
  } catch (error) {
    return { file: printable(file.name), kind: named?.kind, reason: reasonOf(error) };
  }
}

type Named = NonNullable<ReturnType<typeof parseFileName>>;

async function verifyFile({ store, digest, verifier }: Context, file: StoredFile, named: Named): Promise<AnyEvidence> {
  if (folderOf(named.kind) !== file.folder) throw new Rejection(`it belongs into ${folderOf(named.kind)}/`);
  const bytes = await store.read(file.key);
  if (bytes === undefined) throw new Rejection("it was taken away while it was read");
  if (sha256(bytes) !== named.hash) throw new Rejection("its bytes are not those that its name says: it was changed");
  const value = parseBytes(bytes);
  const { payload, signers, signedAt } = await verifier.verify(readBundle(value));
  const statement = parseBytes(payload);
  const said = isSlsaProvenance(statement) ? readProvenance(statement, signedAt) : readOwn(statement);
  // What others sign stands there as they wrote it.
  if (!isSlsaProvenance(statement) && !isCanonical(bytes, value)) {
    throw new Rejection("not written as evidence is: other blanks, order or spelling");
  }
  if (said.kind !== named.kind) throw new Rejection(`it is of the kind ${said.kind}, its name says otherwise`);
  if (!said.digests.includes(digest)) throw new Rejection(`about another image: ${said.digests.join(", ")}`);
  const signer = signers.find(({ signs }) => signs.includes(said.kind));
  if (signer === undefined) {
    const names = signers.map(({ name }) => name).join(", ");
    throw new Rejection(`signed by ${names}, whose word on the kind ${said.kind} does not count`);
  }
  const { digests: _digests, ...rest } = said;
  return { ...rest, digest, signer: signer.name, file: file.name } as AnyEvidence;
}

/** What a statement says, before it is known whether it is about this image and whose word it is. */
type Said = Omit<AnyEvidence, "digest" | "signer" | "file"> & { digests: readonly string[] };

function readOwn(statement: unknown): Said {
  const { kind, digest, commit, predicate } = readStatement(statement);
  const { name, tool, environment, madeAt, collectedAt } = predicate;
  return {
    ...{ kind, name, tool, environment, commit, digests: [digest] },
    madeAt: Date.parse(madeAt),
    collectedAt: Date.parse(collectedAt),
    result: results[kind].parse(predicate.result),
  };
}

function isSlsaProvenance(statement: unknown): boolean {
  const { predicateType } = (statement ?? {}) as { predicateType?: unknown };
  return typeof predicateType === "string" && predicateType.startsWith("https://slsa.dev/provenance/");
}

/** @param signedAt when a log saw it. Without it, and where the builder gives no time either, it is as old as can be */
function readProvenance(statement: unknown, signedAt: number | undefined): Said {
  const { result, digests, madeAt } = provenanceOf(statement);
  return {
    ...{ kind: "provenance", name: "provenance", tool: { name: result.builder }, environment: undefined },
    ...{ commit: result.commit, digests },
    madeAt: madeAt ?? signedAt ?? 0,
    collectedAt: signedAt ?? madeAt ?? 0,
    result: results.provenance.parse(result),
  };
}
