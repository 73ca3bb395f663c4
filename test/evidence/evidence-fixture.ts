/** An image, statements about it, and a store in a folder of the test's own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createKeyPair } from "../../evidence/key.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import { type EvidenceSigner, keySigner } from "../../evidence/signer.ts";
import { makeStatement, type StatementArgs } from "../../evidence/statement.ts";
import type { EvidenceStore } from "../../evidence/store.ts";
import type { Kind } from "../../model/gates/results.ts";
import { results } from "../../model/gates/results.ts";
import type { Trust } from "../../model/gates/trust.ts";

export const digest = `sha256:${"a1".repeat(32)}`;
export const otherDigest = `sha256:${"b2".repeat(32)}`;
export const commit = "c3".repeat(20);
export const collectedAt = Date.UTC(2026, 10, 21, 12);
export const everyKind = Object.keys(results) as Kind[];

const about = { digest, commit, repository: "hello", tool: { name: "tool", version: "1.2.3" }, collectedAt };

/** What a changelog says. */
export function releaseStatement(args: Partial<StatementArgs<"release">> = {}): object {
  const result = { tag: "v1.0.0", semver: true, changelog: true, notes: "First." };
  return makeStatement({ ...about, kind: "release", name: "release", result, ...args });
}

/** What a person says. */
export function approvalStatement(args: Partial<StatementArgs<"approval">> = {}): object {
  const result = {
    environment: "prod",
    role: "security",
    by: "grace",
    reason: "read it",
    until: "2026-11-22T12:00:00Z",
  };
  return makeStatement({ ...about, kind: "approval", name: "approval", result, ...args });
}

export interface Fixture extends AsyncDisposable {
  folder: string;
  store: EvidenceStore;
  signer: EvidenceSigner;
  publicKey: string;
  /** One signer, `ci`, whose word on every kind counts. */
  trust: Trust;
}

/** A store in a folder, and somebody whom the trust knows. */
export async function makeFixture(): Promise<Fixture> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-evidence-"));
  const store = openEvidenceStore(pathToFileURL(folder).href);
  const { privateKey, publicKey } = createKeyPair();
  return {
    folder,
    store,
    signer: keySigner(privateKey),
    publicKey,
    trust: { evidence: store.url, signers: { ci: { publicKey, signs: everyKind } }, people: {} },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
