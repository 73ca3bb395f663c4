/** The way in for every report: a file of bounded size, of text, and nothing else that a path can name. */
import { createHash } from "node:crypto";
import { constants, type FileHandle, open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { type Report, ReportError } from "./reader.ts";

/** Larger than any report seen: 64 MiB. Formats hold all of it in memory. */
export const maximumBytes = 64 * 1024 * 1024;

/** A report, with the hash of the very bytes that were read. */
export interface ReportFile extends Report {
  sha256: string;
}

/**
 * Reads a report file.
 *
 * @param file as the user named it; relative paths start at the working directory
 * @param root a file that is named below this folder must be there in truth: a symlink that a change brings along
 *   leads nowhere else. A file that is named elsewhere may be a symlink: the user chose it.
 * @throws ReportError for what is absent, no regular file, empty, larger than 64 MiB or no UTF-8
 * @example
 * await readReportFile("reports/junit.xml", { root: "." }) // { file: "reports/junit.xml", text: "<testsuites>…", sha256: "…" }
 */
export async function readReportFile(file: string, { root }: { root: string }): Promise<ReportFile> {
  const path = await realPath(file, root);
  // A FIFO without a writer would keep the process waiting for ever, if it were not for O_NONBLOCK.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;
  const handle = await open(path, flags).catch((cause) => refuse(file, reasonOf(cause)));
  try {
    const bytes = await readAll(file, handle);
    return { file, text: decode(file, bytes), sha256: createHash("sha256").update(bytes).digest("hex") };
  } finally {
    await handle.close();
  }
}

async function realPath(file: string, root: string): Promise<string> {
  const path = await realpath(file).catch((cause) => refuse(file, reasonOf(cause)));
  if (isBelow(resolve(root), resolve(file)) && !isBelow(await realpath(root), path))
    refuse(file, "is a symlink that leads out of the repository");
  return path;
}

async function readAll(file: string, handle: FileHandle): Promise<Buffer> {
  const stat = await handle.stat();
  if (stat.isDirectory()) refuse(file, "is a folder");
  if (!stat.isFile()) refuse(file, "is no regular file");
  if (stat.size > maximumBytes) refuse(file, `has ${stat.size} bytes, more than the ${maximumBytes} that are read`);
  // One byte more than it should have shows whether it grew.
  const bytes = Buffer.alloc(stat.size + 1);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length !== stat.size) refuse(file, "changed while it was read");
  return bytes.subarray(0, length);
}

function decode(file: string, bytes: Buffer): string {
  const start = bytes.subarray(0, 2).toString("hex");
  if (start === "fffe" || start === "feff") refuse(file, "is UTF-16", "write it as UTF-8");
  const nul = bytes.indexOf(0);
  if (nul !== -1) refuse(file, `has a NUL byte at ${nul}: it is no text`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(file, "is not UTF-8", "write it as UTF-8");
  }
  if (text.trim() === "") refuse(file, "is empty", "let the tool write it again");
  return text;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function reasonOf(cause: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ENOENT: "does not exist",
    EACCES: "may not be read",
    ELOOP: "is a symlink that leads nowhere",
    ENOTDIR: "does not exist",
    ENXIO: "is no regular file",
  };
  return reasons[cause.code ?? ""] ?? `cannot be read (${cause.code ?? "unknown error"})`;
}

function refuse(file: string, reason: string, remedy?: string): never {
  throw new ReportError({ file }, "", reason, remedy);
}
