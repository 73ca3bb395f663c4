import { lstat, mkdir, readlink } from "node:fs/promises";
import { join, posix } from "node:path";

/** More symbolic links on one way than this are a circle, as they are to Linux. */
const MAX_LINKS = 40;

/** A layer that tries to leave its root, or is otherwise not to be trusted. */
export class HostileLayer extends Error {
  override readonly name = "HostileLayer";
}

/**
 * The parts of an entry's name. A leading slash means the root of the image.
 *
 * @throws HostileLayer when a part is `..`
 */
export function entryParts(name: string): string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new HostileLayer(`entry '${name}' leaves the image's root`);
  return parts;
}

/**
 * Walks down from the root as the image's own kernel would, following links within the root only.
 *
 * @param make make folders that are missing
 * @returns parts of the real place below the root; undefined when a folder is missing (and not to be made)
 * @throws HostileLayer when a link leaves the root
 */
export async function realParts(root: string, parts: readonly string[], make: boolean): Promise<string[] | undefined> {
  const left = [...parts];
  const real: string[] = [];
  let links = 0;
  while (left.length > 0) {
    const part = left.shift() ?? "";
    if (part === "..") {
      if (real.pop() === undefined)
        throw new HostileLayer(`a link on the way to '${parts.join("/")}' leaves the image's root`);
      continue;
    }
    const path = join(root, ...real, part);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) {
      if (!make) return undefined;
      await mkdir(path);
    }
    if (found === undefined || found.isDirectory()) real.push(part);
    else if (found.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw new HostileLayer(`too many links on the way to '${parts.join("/")}'`);
      left.unshift(...(await readlink(path)).split("/").filter((each) => each !== "" && each !== "."));
    } else if (left.length > 0) throw new HostileLayer(`'${[...real, part].join("/")}' is no folder`);
    else real.push(part);
  }
  return real;
}

/**
 * The text of a symbolic link so that it stays in the image: absolute targets, which would mean the machine's own files,
 * become relative.
 *
 * @param folder parts of the folder that the link is in
 * @throws HostileLayer when the target is above the root
 */
export function containedTarget(folder: readonly string[], target: string): string {
  const inside = target.startsWith("/") ? posix.normalize(target).slice(1) : posix.join(...folder, target);
  if (inside === ".." || inside.startsWith("../"))
    throw new HostileLayer(`link to '${target}' leaves the image's root`);
  return target.startsWith("/") ? posix.relative(posix.join("/", ...folder), `/${inside}`) || "." : target;
}
