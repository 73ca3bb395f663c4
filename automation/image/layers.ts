/** Layers that depend on their content alone: the same files give the same digest on every machine of one architecture. */
import { createHash, type Hash } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import { byBytes, type LayerEntry } from "./context-files.ts";
import { ImageError } from "./image-error.ts";

/** A layer on disk. */
export interface Layer {
  readonly file: string;
  /** Digest of the compressed layer. */
  readonly digest: string;
  /** Digest of the tar in it. */
  readonly diffId: string;
  /** Bytes, compressed. */
  readonly size: number;
}

/** The field's convention for "no time": builders and scanners know it. */
const EPOCH = new Date(0);
/** Offset of the operating system in a gzip header, and "unknown" (RFC 1952): zlib writes the machine's. */
const GZIP_SYSTEM = { offset: 9, unknown: 255 };

/**
 * Writes a layer. Owner, times and all rights but "executable" are levelled: they differ between checkouts of one commit
 * (umask, user) and would otherwise change the digest. The last of several entries with one path counts.
 *
 * @param options.parents also create the folders above each entry. Leave it off over a base image, whose own folders
 *   (with their rights, like those of /tmp) would be replaced; unpackers create missing ones.
 * @throws {ImageError} `build` when a file vanishes or changes meanwhile
 * @example
 * await writeLayer(entries, "/tmp/build/layer-0.tar.gz", { parents: true });
 */
export async function writeLayer(
  entries: readonly LayerEntry[],
  file: string,
  options: { parents: boolean },
): Promise<Layer> {
  const tar = pack();
  const diff = meter();
  const compressed = meter();
  const writing = pipeline(
    tar,
    diff.stream,
    createGzip({ level: 9 }),
    levelGzipHeader(),
    compressed.stream,
    createWriteStream(file),
  );
  // Destroying the tar is what ends the pipeline when a file cannot be read; its error is then the one to report.
  const filling = fill(tar, arrange(entries, options.parents)).catch((error: Error) => {
    tar.destroy(error);
    throw error;
  });
  const [filled, written] = await Promise.allSettled([filling, writing]);
  if (filled.status === "rejected") throw filled.reason;
  if (written.status === "rejected") throw written.reason;
  return { file, digest: compressed.digest(), diffId: diff.digest(), size: compressed.size() };
}

/** Each path once, folders before what is in them, in the same order everywhere. */
function arrange(entries: readonly LayerEntry[], parents: boolean): LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    if (parents) {
      const parts = entry.path.split("/");
      for (let depth = 1; depth < parts.length; depth += 1) {
        const folder = parts.slice(0, depth).join("/");
        if (!byPath.has(folder)) byPath.set(folder, { type: "directory", path: folder });
      }
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].toSorted((a, b) => byBytes(a.path, b.path));
}

async function fill(tar: Pack, entries: readonly LayerEntry[]): Promise<void> {
  for (const entry of entries) {
    const owner = { uid: 0, gid: 0, mtime: EPOCH };
    if (entry.type === "directory") {
      tar.entry({ ...owner, name: `${entry.path}/`, type: "directory", mode: 0o755 });
    } else if (entry.type === "symlink") {
      tar.entry({ ...owner, name: entry.path, type: "symlink", linkname: entry.target, mode: 0o777 });
    } else {
      await addFile(tar, entry, owner);
    }
  }
  tar.finalize();
}

async function addFile(
  tar: Pack,
  entry: LayerEntry & { type: "file" },
  owner: { uid: number; gid: number; mtime: Date },
): Promise<void> {
  try {
    // Not following a link, and not waiting on a pipe, that took the file's place since it was listed.
    await using handle = await open(entry.source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const before = await handle.stat();
    if (!before.isFile()) throw new Error("is no longer a file");
    const mode = entry.executable ? 0o755 : 0o644;
    const sink = tar.entry({ ...owner, name: entry.path, type: "file", mode, size: before.size });
    const size = before.size;
    await pipeline(size > 0 ? handle.createReadStream({ end: size - 1, autoClose: false }) : Readable.from([]), sink);
    const after = await handle.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw new Error("changed");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const changed = ["changed", "Size mismatch", "is no longer a file"].includes(message) || code === "ELOOP";
    const what = code === "ENOENT" ? "vanished" : changed ? "changed" : `could not be read (${message})`;
    throw new ImageError("build", `${entry.source} ${what} while the image was built`, { cause: error });
  }
}

function meter(): { stream: Transform; digest: () => string; size: () => number } {
  const hash: Hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest("hex")}`, size: () => size };
}

function levelGzipHeader(): Transform {
  let position = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = GZIP_SYSTEM.offset - position;
      if (at >= 0 && at < chunk.length) chunk[at] = GZIP_SYSTEM.unknown;
      position += chunk.length;
      done(null, chunk);
    },
  });
}
