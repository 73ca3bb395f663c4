/** Evidence in a folder. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { EvidenceError, ObjectError } from "./error.ts";
import { checkKey, type EvidenceStore, largestObject } from "./store.ts";

/** Files being written, in the same file system as the rest, and outside of what is listed. */
const unfinished = ".unfinished";

/**
 * @param url `file:///ABSOLUTE/PATH`
 * @throws EvidenceError where it is relative, or names another machine
 */
export function folderStore(url: string): EvidenceStore {
  const folder = folderOf(url);
  const file = (key: string) => path.join(folder, checkKey(key));
  const failed = (deed: string) => (cause: NodeJS.ErrnoException) => {
    if (cause instanceof EvidenceError) throw cause;
    throw folderError(url, deed, cause);
  };
  return {
    url,
    list: (prefix) => listFolder(folder, checkKey(prefix.replace(/\/$/, ""))).catch(failed("read")),
    read: (key) => readObject(file(key)).catch(failed("read")),
    create: (key, content) => createObject(folder, file(key), content).catch(failed("written")),
  };
}

function folderOf(url: string): string {
  try {
    if (url.startsWith("file:///") && !/[?#]/.test(url)) return path.resolve(fileURLToPath(new URL(url)));
  } catch {
    // An encoded slash, for one; the message below says what is wanted.
  }
  throw new EvidenceError(`${url} is no absolute location of a folder`, {
    exitCode: 2,
    remedy: "write it as file:///ABSOLUTE/PATH, e.g. file:///srv/evidence: no parameters, nothing relative",
  });
}

/** A folder that is not there holds nothing: it appears with the first thing written, and absent evidence refuses. */
async function listFolder(folder: string, prefix: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(path.join(folder, prefix), options).catch(unlessMissing([]));
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}

/** Neither follows a link nor waits for the other end of a pipe. */
async function readObject(file: string): Promise<Buffer | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ELOOP" || error.code === "ENXIO") throw new ObjectError("no regular file");
    return unlessMissing(undefined)(error);
  });
  if (handle === undefined) return undefined;
  try {
    const about = await handle.stat();
    if (!about.isFile()) throw new ObjectError("no regular file");
    if (about.size > largestObject) throw new ObjectError(`bigger than ${largestObject} bytes`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Written beside, made to last, then linked to its name: a link never replaces, and never shows half a file. */
async function createObject(folder: string, file: string, content: Buffer): Promise<boolean> {
  const beside = path.join(folder, unfinished, randomUUID());
  await Promise.all([file, beside].map((one) => mkdir(path.dirname(one), { recursive: true })));
  try {
    const handle = await open(beside, "wx", 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(beside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  await syncFolder(path.dirname(file));
  return true;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What is missing is missing; what may not be read is an error. */
function unlessMissing<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return otherwise;
    throw error;
  };
}

const reasons: Record<string, { reason: string; exitCode?: number; remedy?: string }> = {
  EACCES: { reason: "permission denied", exitCode: 3, remedy: "give this user the right to it" },
  EPERM: { reason: "not permitted", exitCode: 3, remedy: "give this user the right to it" },
  EROFS: { reason: "the file system is read-only" },
  ENOSPC: { reason: "no space is left", remedy: "make room on the disk" },
  EDQUOT: { reason: "the quota is used up", remedy: "make room on the disk" },
  EEXIST: { reason: "a file stands where a folder should be" },
  ENOTDIR: { reason: "a file stands where a folder should be" },
  EISDIR: { reason: "a folder stands where a file should be" },
};

function folderError(url: string, deed: string, cause: NodeJS.ErrnoException): EvidenceError {
  const { reason = cause.message, exitCode, remedy } = reasons[cause.code ?? ""] ?? {};
  const where = cause.path === undefined ? [] : [`at ${cause.path}`];
  return new EvidenceError(`the evidence in ${url} cannot be ${deed}: ${reason}`, {
    cause,
    details: where,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
