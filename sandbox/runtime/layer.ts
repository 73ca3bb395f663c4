import { createWriteStream } from "node:fs";
import { chmod, link, lstat, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { containedTarget, entryParts, HostileLayer, realParts } from "./safe-paths.ts";

/** More unpacked bytes in one layer than this are taken for an attack. */
const MAX_BYTES = 8 * 1024 ** 3;
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/**
 * Applies one layer (an uncompressed tar) to a root: entries are written, whiteouts take away what lower layers had. Owners,
 * set-user-id bits and device files are left out: the sandbox's processes run as whoever runs it.
 *
 * @throws HostileLayer when an entry or a link would leave the root
 */
export async function applyLayer(root: string, tar: Readable): Promise<void> {
  const layer = new Layer(root);
  const reader = extract();
  // Both run together: the reader only asks for more when an entry has been consumed.
  const fed = pipeline(tar, reader as unknown as NodeJS.WritableStream);
  fed.catch(() => {});
  try {
    for await (const entry of reader) {
      await layer.apply(entry.header, entry as unknown as Readable);
      entry.resume();
    }
  } catch (error) {
    tar.destroy();
    await fed.catch(() => {});
    throw error;
  }
  await fed;
}

class Layer {
  readonly #root: string;
  /** What this layer itself has written; whiteouts do not touch it. */
  readonly #written = new Set<string>();
  #bytes = 0;

  constructor(root: string) {
    this.#root = root;
  }

  async apply(header: Header, content: Readable): Promise<void> {
    const parts = entryParts(header.name);
    const name = parts.pop();
    if (name === undefined) return;
    const folder = await realParts(this.#root, parts, !name.startsWith(WHITEOUT));
    if (folder === undefined) return;
    if (name === OPAQUE) await this.#prune(folder);
    else if (name.startsWith(WHITEOUT)) await this.#whiteout([...folder, name.slice(WHITEOUT.length)]);
    else await this.#write(header, content, folder, name);
  }

  async #write(header: Header, content: Readable, folder: string[], name: string): Promise<void> {
    const parts = [...folder, name];
    const path = join(this.#root, ...parts);
    const mode = header.mode & 0o777;
    this.#written.add(parts.join("/"));
    switch (header.type) {
      case "directory": {
        const found = await lstat(path).catch(() => undefined);
        if (found !== undefined && !found.isDirectory()) await rm(path);
        if (!found?.isDirectory()) await mkdir(path);
        // Whoever runs the sandbox must be able to unpack what comes next, and to delete it.
        await chmod(path, mode | 0o700);
        return;
      }
      case "file":
      case "contiguous-file":
        this.#bytes += header.size;
        if (this.#bytes > MAX_BYTES) throw new HostileLayer(`a layer has more than ${MAX_BYTES} bytes`);
        await rm(path, { recursive: true, force: true });
        await pipeline(content, createWriteStream(path, { mode: mode | 0o600, flags: "wx" }));
        await chmod(path, mode | 0o600);
        return;
      case "symlink":
        await rm(path, { recursive: true, force: true });
        await symlink(containedTarget(folder, header.linkname), path);
        return;
      case "link":
        await this.#hardLink(header, path);
        return;
      default:
        return;
    }
  }

  async #hardLink(header: Header, path: string): Promise<void> {
    const target = entryParts(header.linkname);
    const base = target.pop() ?? "";
    const folder = await realParts(this.#root, target, false);
    const source = folder === undefined ? undefined : join(this.#root, ...folder, base);
    const found = source === undefined ? undefined : await lstat(source).catch(() => undefined);
    if (source === undefined || !found?.isFile()) {
      throw new HostileLayer(`'${header.name}' is a hard link to '${header.linkname}', which is no file of the image`);
    }
    if (source === path) return;
    await rm(path, { recursive: true, force: true });
    await link(source, path);
  }

  async #whiteout(parts: string[]): Promise<void> {
    const name = parts[parts.length - 1] ?? "";
    if (name === "" || name === "." || name === ".." || this.#written.has(parts.join("/"))) return;
    await rm(join(this.#root, ...parts), { recursive: true, force: true });
  }

  /** Takes away everything below a folder that this layer has not written. */
  async #prune(folder: string[]): Promise<void> {
    for (const name of await readdir(join(this.#root, ...folder))) {
      const parts = [...folder, name];
      const path = parts.join("/");
      const own = [...this.#written].some((written) => written === path || written.startsWith(`${path}/`));
      if (!own) await rm(join(this.#root, path), { recursive: true, force: true });
      else if ((await lstat(join(this.#root, path))).isDirectory()) await this.#prune(parts);
    }
  }
}
