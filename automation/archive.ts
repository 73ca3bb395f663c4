/** Looking into tar archives without unpacking them: streamed, bounded, whatever they claim to hold. */
import type { Readable } from "node:stream";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract, type Header } from "tar-stream";

/** An archive that cannot be read to its end, or holds more than it may. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

export type Compression = "gzip" | "zstd" | "none";

export interface ArchiveLimits {
  /** Bytes of the archive, decompressed. A gzip file of 1 MB may hold 1 GB. */
  bytes: number;
  entries: number;
}

export interface ArchiveEntry {
  /** Relative to the archive's root, without `.`, `..` and slashes at either end. */
  path: string;
  type: Header["type"];
  /** Bytes. */
  size: number;
  /** Whether anybody may run it. */
  executable: boolean;
}

/** What has no content: a size in its header would hide the entries behind it from one reader and not from another. */
const withoutContent = ["link", "symlink", "character-device", "block-device", "fifo"];

/**
 * Calls `visit` with each entry, in order. What it does not read of an entry's content is skipped.
 *
 * @throws ArchiveError for what is truncated, is no archive, or exceeds the limits; whatever `visit` throws
 * @example
 * await walkArchive(createReadStream("a.tar.gz"), { compression: "gzip", limits }, ({ path }) => console.log(path))
 */
export async function walkArchive(
  source: Readable,
  { compression, limits }: { compression: Compression; limits: ArchiveLimits },
  visit: (entry: ArchiveEntry, content: AsyncIterable<Uint8Array>) => Promise<void> | void,
): Promise<void> {
  const tar = extract();
  const feeding = pipeline(source, decompressor(compression), limiter(limits.bytes), tar);
  const visiting = visitAll(tar, limits.entries, visit).catch((cause: Error) => {
    tar.destroy(cause);
    throw cause;
  });
  const [fed, visited] = await Promise.allSettled([feeding, visiting]);
  // A visitor's own error ends the feeding too, and is the one to tell of; so is a source's, which ends the visiting.
  const failure =
    visited.status === "rejected" && !isOfTar(visited.reason) ? visited : fed.status === "rejected" ? fed : visited;
  if (failure.status !== "rejected") return;
  throw isOfTar(failure.reason)
    ? new ArchiveError(reasonOf(failure.reason), { cause: failure.reason })
    : failure.reason;
}

async function visitAll(
  tar: ReturnType<typeof extract>,
  limit: number,
  visit: (entry: ArchiveEntry, content: AsyncIterable<Uint8Array>) => Promise<void> | void,
): Promise<void> {
  let count = 0;
  for await (const content of tar) {
    const { name, type, size, mode } = content.header;
    count += 1;
    if (count > limit) throw new ArchiveError(`has more than ${limit} entries`);
    if (withoutContent.includes(type) && size > 0)
      throw new ArchiveError(`has a link with content: ${JSON.stringify(name)}`);
    await visit(
      { path: relativePath(name), type, size, executable: (mode & 0o111) !== 0 },
      content as AsyncIterable<Uint8Array>,
    );
    content.resume();
  }
}

/** Nothing is unpacked, so that a path out of the archive leads nowhere; it is read as unpackers read it. */
function relativePath(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function decompressor(compression: Compression): Transform {
  if (compression === "gzip") return createGunzip();
  return compression === "zstd" ? createZstdDecompress() : new PassThrough();
}

function limiter(bytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > bytes) done(new ArchiveError(`holds more than ${bytes} bytes`));
      else done(null, chunk);
    },
  });
}

/** Errors of zlib and of the tar reader; the sources' and visitors' own are of other classes or have system codes. */
function isOfTar(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ArchiveError) return false;
  return (
    /^(?:Z_|ZSTD_)/.test(code ?? "") ||
    ["ERR_STREAM_PREMATURE_CLOSE", "ERR_BUFFER_TOO_LARGE"].includes(code ?? "") ||
    /^(?:Unexpected end of data|Invalid (?:tar )?header|Header exceeds|Writable stream closed|Stream was destroyed)/.test(
      message,
    )
  );
}

function reasonOf(error: Error): string {
  return /end of (?:file|data)|premature/i.test(error.message) ? "ends too early" : `is no archive: ${error.message}`;
}
