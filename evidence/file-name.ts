/** How files of evidence are called, and where they stand: images/<hex>/evidence/<kind>-<sha256>.json, or .../records/. */
import { type Kind, results } from "../model/gates/results.ts";

export type Folder = "evidence" | "records";

/** Kinds that people and deployments leave behind; everything else belongs to a collection, or is one. */
const records: readonly Kind[] = ["deployment", "approval", "waiver"];

/** @returns the folder that files of a kind stand in */
export function folderOf(kind: Kind): Folder {
  return records.includes(kind) ? "records" : "evidence";
}

/**
 * @param digest `sha256:` and 64 hex digits
 * @throws RangeError where the digest is none
 * @example
 * folderKey(digest, "evidence") // "images/0a1b.../evidence/"
 */
export function folderKey(digest: string, folder: Folder): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new RangeError(`not a digest: ${JSON.stringify(digest)}`);
  return `images/${hex}/${folder}/`;
}

/** @param hash of the file's bytes, 64 hex digits */
export function fileName(kind: Kind, hash: string): string {
  return `${kind}-${hash}.json`;
}

/** @returns undefined where no file of evidence is called so */
export function parseFileName(name: string): { kind: Kind; hash: string } | undefined {
  const [, kind = "", hash = ""] = /^([a-z-]+)-([0-9a-f]{64})\.json$/.exec(name) ?? [];
  return Object.hasOwn(results, kind) ? { kind: kind as Kind, hash } : undefined;
}

/**
 * @returns the key of a file about an image
 * @throws RangeError where no file of evidence is called so
 * @example
 * fileKey(digest, "tests-0a1b....json") // "images/.../evidence/tests-0a1b....json"
 */
export function fileKey(digest: string, file: string): string {
  const named = parseFileName(file);
  if (named === undefined) throw new RangeError(`not a file of evidence: ${JSON.stringify(file)}`);
  return folderKey(digest, folderOf(named.kind)) + file;
}
