/** Offline bundles: a `.tar.gz` with a manifest that says whether everything was fetched that is needed without a network. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import * as z from "zod/mini";
import { type ArchiveEntry, ArchiveError, type ArchiveLimits, walkArchive } from "../archive.ts";
import { parseChecksums } from "./checksums.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";

/** A bundle holds tools and their caches: a few GB at most, in many small files. */
const limits: ArchiveLimits = { bytes: 16 * 1024 ** 3, entries: 1_000_000 };
/** Of the manifest, and of the checksums within. */
const documentBytes = 16 * 1024 * 1024;

const text = z.string().check(z.maxLength(200));
const warnings = z.array(z.string());
/** PunchTrunk's own builder writes `hydrate_`, its documents say `hydration_status` and `warnings`. */
const manifestSchema = z.looseObject({
  hydration_status: z.optional(text),
  hydrate_status: z.optional(text),
  hydration_warnings: z.optional(warnings),
  hydrate_warnings: z.optional(warnings),
  warnings: z.optional(warnings),
});

/** How PunchTrunk's builder spells the one status that is good; `partial` and `skipped` are its others. */
const spellings: Record<string, string> = { success: "complete" };

export interface Bundle {
  /** `complete` where everything was fetched; else what the manifest says. */
  hydrationStatus: string;
  warnings: number;
  /** What is in it is what its own checksums say; true where it has none. */
  intact: boolean;
}

/**
 * Whether a file is an offline bundle, by its name.
 *
 * @example
 * isBundleName("punchtrunk-offline-linux-amd64.tar.gz") // true
 */
export function isBundleName(path: string): boolean {
  return (
    /(?:^|[-_.])(?:offline|airgap|bundle)(?=[-_.])/i.test(path.slice(path.lastIndexOf("/") + 1)) &&
    /\.(?:tar\.gz|tgz|zip|tar\.zst|tar\.xz|tar)$/i.test(path)
  );
}

/**
 * Reads `manifest.json` and `checksums.txt` from the top of a bundle, or from the one folder in it, and compares every file
 * with the checksums. Nothing is unpacked.
 *
 * @throws ReportError where it is no `.tar.gz`, is damaged or too large, or has no manifest that says how complete it is
 * @example
 * await readBundle(report, "app-offline-linux-amd64.tar.gz", handle) // { hydrationStatus: "complete", warnings: 0, intact: true }
 */
export async function readBundle(report: Report, path: string, handle: FileHandle, bounds = limits): Promise<Bundle> {
  if (!/\.(?:tar\.gz|tgz)$/i.test(path)) throw new ReportError(report, path, "is not read", "pack bundles as .tar.gz");
  const contents = new BundleContents();
  try {
    const source = handle.createReadStream({ start: 0, autoClose: false });
    await walkArchive(source, { compression: "gzip", limits: bounds }, (entry, content) =>
      contents.add(entry, content),
    );
  } catch (cause) {
    if (cause instanceof ArchiveError) throw new ReportError(report, path, cause.message);
    throw cause;
  }
  const manifest = contents.document("manifest.json");
  if (manifest === undefined) throw new ReportError(report, path, "has no manifest.json");
  const within = { file: `${report.file}: ${path}: manifest.json`, text: manifest.text };
  const value = checkShape(within, manifestSchema, parseJson(within));
  const statuses = new Set([value.hydration_status, value.hydrate_status].filter((one) => one !== undefined));
  const [status] = statuses;
  if (status === undefined) throw new ReportError(within, "hydration_status", "is absent");
  if (statuses.size > 1) throw new ReportError(within, "hydration_status", "is not what hydrate_status says");
  const lists = [value.hydration_warnings, value.hydrate_warnings, value.warnings].filter((list) => list !== undefined);
  if (lists.length === 0) throw new ReportError(within, "warnings", "are absent: it must say that there are none");
  const count = lists.reduce((sum, list) => sum + list.length, 0);
  const hydrationStatus = Object.hasOwn(spellings, status) ? (spellings[status] ?? status) : status;
  return { hydrationStatus, warnings: count, intact: contents.isIntact(report, path, manifest.folder) };
}

/** What is kept of a bundle: a hash per file, and two small documents. */
class BundleContents {
  readonly #hashes = new Map<string, string>();
  readonly #documents = new Map<string, string>();
  /** A path that stands there twice is one thing to whoever checks it and another to whoever unpacks it. */
  #doubled = false;

  async add({ path, type, size }: ArchiveEntry, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (type === "directory") return;
    if (this.#hashes.has(path)) this.#doubled = true;
    const kept = /^(?:[^/]+\/)?(?:manifest\.json|checksums\.txt)$/.test(path) && type === "file" ? [] : undefined;
    if (kept !== undefined && size > documentBytes) throw new ArchiveError(`has a ${path} of ${size} bytes`);
    const hash = createHash("sha256");
    for await (const chunk of content) {
      hash.update(chunk);
      (kept as Uint8Array[] | undefined)?.push(chunk);
    }
    this.#hashes.set(path, type === "file" ? hash.digest("hex") : type);
    if (kept !== undefined) this.#documents.set(path, Buffer.concat(kept).toString("utf8"));
  }

  /** The one nearest to the top. */
  document(name: string): { folder: string; text: string } | undefined {
    const paths = [...this.#documents.keys()].filter((path) => path === name || path.endsWith(`/${name}`));
    const [path] = paths.sort((a, b) => a.split("/").length - b.split("/").length);
    return path === undefined
      ? undefined
      : { folder: path.slice(0, -name.length), text: this.#documents.get(path) ?? "" };
  }

  isIntact(report: Report, bundle: string, folder: string): boolean {
    const text = this.#documents.get(`${folder}checksums.txt`);
    if (this.#doubled) return false;
    if (text === undefined) return true;
    const named = parseChecksums({ file: `${report.file}: ${bundle}: checksums.txt`, text });
    const isSame = ([path, hash]: [string, string]) =>
      // A link is no file that could be named with a hash; what it leads to is one, or is not in the bundle.
      !/^[0-9a-f]{64}$/.test(hash) ||
      path === `${folder}checksums.txt` ||
      named.get(path.slice(folder.length)) === hash;
    const isThere = (path: string) => this.#hashes.has(`${folder}${path}`);
    const outside = [...this.#hashes.keys()].some((path) => !path.startsWith(folder));
    return !outside && [...this.#hashes].every(isSame) && [...named.keys()].every(isThere);
  }
}
