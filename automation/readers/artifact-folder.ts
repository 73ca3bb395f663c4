/** Files of a folder whose names others chose: none is read that is not truly there. */
import { createHash } from "node:crypto";
import { constants, type FileHandle, lstat, open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

const maximumFiles = 10_000;
const maximumDepth = 16;

/**
 * Every file below a folder, as paths with `/`, sorted.
 *
 * @throws ReportError for a symlink or anything else that is neither file nor folder: published, it would be another thing
 * @example
 * await listFolder(report, "dist") // ["app-linux-amd64", "checksums.txt"]
 */
export async function listFolder(report: Report, folder: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (below: string, depth: number): Promise<void> => {
    if (depth > maximumDepth) throw new ReportError(report, shown(below), `is more than ${maximumDepth} folders deep`);
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(path, depth + 1);
      else if (!entry.isFile()) throw new ReportError(report, shown(path), "is no regular file");
      else if (files.push(path) > maximumFiles)
        throw new ReportError(report, "", `lies beside more than ${maximumFiles} files`);
    }
  };
  await walk("", 0);
  return files.sort();
}

/**
 * Opens a file of the folder and gives it to `use`; it is closed afterwards.
 *
 * @returns undefined where there is no such file
 * @throws ReportError where it, or a folder on the way to it, is a symlink or no regular file
 */
export async function withFile<T>(
  report: Report,
  folder: string,
  path: string,
  use: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  const file = join(folder, ...path.split("/"));
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  const real = await realpath(file);
  if (!found.isFile() || real !== join(await realpath(folder), ...path.split("/")))
    throw new ReportError(report, shown(path), "is no regular file below the folder");
  await using handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  const stat = await handle.stat();
  if (!stat.isFile()) throw new ReportError(report, shown(path), "is no regular file below the folder");
  return await use(handle, stat.size);
}

/** @returns 64 hex digits; whatever its size, a file takes no memory */
export async function sha256Of(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function shown(path: string): string {
  return shorten(cleanText(path.split(sep).join("/")), 200);
}
