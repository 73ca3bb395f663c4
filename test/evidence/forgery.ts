/** What somebody does who can write into the store, or has a key, and means no good. */
import assert from "node:assert/strict";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { type Folder, folderKey } from "../../evidence/file-name.ts";
import type { EvidenceSet } from "../../model/gates/evidence.ts";
import { digest, type Fixture } from "./evidence-fixture.ts";

export interface Statement {
  subject: { name: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate: Record<string, unknown> & { result: Record<string, unknown> };
}

export interface SerializedBundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

/** The bundle of a statement, signed with the fixture's key. */
export async function signedBundle({ signer }: Fixture, statement: unknown): Promise<SerializedBundle> {
  const payload = Buffer.from(canonicalJson(statement));
  return (await signer.sign(payload, "application/vnd.in-toto+json")) as SerializedBundle;
}

/** Puts a file where evidence about the image stands. */
export function put({ store }: Fixture, name: string, bytes: Buffer, folder: Folder = "evidence"): Promise<boolean> {
  return store.create(folderKey(digest, folder) + name, bytes);
}

interface ForgeArgs {
  /** In the name. @default "release" */
  kind?: string;
  change?: (bundle: SerializedBundle) => unknown;
  folder?: Folder;
}

/** Signs anything, and stores it, changed after that, under the right hash. */
export async function forge(
  fixture: Fixture,
  statement: unknown,
  { kind = "release", change = (bundle) => bundle, folder = "evidence" }: ForgeArgs = {},
): Promise<void> {
  const bytes = Buffer.from(canonicalJson(change(await signedBundle(fixture, statement))));
  await put(fixture, `${kind}-${sha256(bytes)}.json`, bytes, folder);
}

/** Why the one file that there is does not count. */
export function onlyReason({ evidence, rejected }: EvidenceSet): string {
  assert.deepEqual([evidence.length, rejected.length], [0, 1]);
  return rejected[0]?.reason ?? "";
}
