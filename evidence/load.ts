/** Evidence out of a store: every file verified, or rejected with the reason. */
import type { AnyEvidence, EvidenceSet, RejectedFile } from "../model/gates/evidence.ts";
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
  const bundle = readBundle(value);
  if (!isCanonical(bytes, value)) throw new Rejection("not written as evidence is: other blanks, order or spelling");
  const { payload, signers } = await verifier.verify(bundle);
  const statement = readStatement(parseBytes(payload));
  if (statement.kind !== named.kind)
    throw new Rejection(`it is of the kind ${statement.kind}, its name says otherwise`);
  if (statement.digest !== digest) throw new Rejection(`about another image: ${statement.digest}`);
  const signer = signers.find(({ signs }) => signs.includes(statement.kind));
  if (signer === undefined) {
    const names = signers.map(({ name }) => name).join(", ");
    throw new Rejection(`signed by ${names}, whose word on the kind ${statement.kind} does not count`);
  }
  return evidenceOf(statement, signer.name, file.name);
}

function evidenceOf(statement: ReturnType<typeof readStatement>, signer: string, file: string): AnyEvidence {
  const { kind, digest, commit, predicate } = statement;
  return {
    kind,
    name: predicate.name,
    digest,
    commit,
    tool: predicate.tool,
    madeAt: Date.parse(predicate.madeAt),
    collectedAt: Date.parse(predicate.collectedAt),
    environment: predicate.environment,
    result: results[kind].parse(predicate.result),
    signer,
    file,
  } as AnyEvidence;
}
