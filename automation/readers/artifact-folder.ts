/** Files of a folder whose names others chose: none is read that is not truly there. */
import { createHash } from "node:crypto";
import { constants, type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

const maximumFiles = 10_000;
const maximumDepth = 16;

/**
 * Everything below a folder that is no folder, as paths with `/`, sorted. Symlinks are named and not followed.
 *
 * @throws ReportError for more files or folders within each other than any release has
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
 * @returns undefined where there is no such file, or only through a symlink, or where it is no regular file
 * @example
 * await withFile("dist", "app-linux-amd64", (handle) => sha256Of(handle))
 */
export async function withFile<T>(
  folder: string,
  path: string,
  use: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  const file = join(await realpath(folder), ...path.split("/"));
  const real = await realpath(file).catch(() => undefined);
  if (real !== file) return undefined;
  // A FIFO without a writer would keep the process waiting for ever, if it were not for O_NONBLOCK.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  const stat = await handle.stat();
  return stat.isFile() ? await use(handle, stat.size) : undefined;
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
