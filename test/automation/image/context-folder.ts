/** Build contexts on disk for tests. */
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";

/** A file's text, a link's target, or an executable's text. */
export type Content = string | { link: string } | { executable: string };

export class ContextFolder {
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  static async create(files: Record<string, Content>): Promise<ContextFolder> {
    const folder = new ContextFolder(await mkdtemp(path.join(tmpdir(), "sluice-context-")));
    for (const [name, content] of Object.entries(files)) await folder.write(name, content);
    return folder;
  }

  async write(name: string, content: Content): Promise<void> {
    const file = path.join(this.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    if (typeof content === "string") await writeFile(file, content);
    else if ("link" in content) await symlink(content.link, file);
    else await writeFile(file, content.executable, { mode: 0o755 });
  }

  /** What differs between two checkouts of one commit. */
  async unsettle(name: string): Promise<void> {
    const file = path.join(this.path, name);
    await chmod(file, 0o640);
    await utimes(file, 1_000_000, 2_000_000);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

export interface TarEntry {
  name: string;
  type: string;
  mode: number;
  owner: string;
  time: number;
  link?: string;
  text: string;
}

/** Reads a layer with the library's reader, which is no part of what wrote it but the format. */
export async function readLayer(compressed: Uint8Array): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const reader = extract();
  reader.end(gunzipSync(compressed));
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, mode, uid, gid, mtime, linkname } = entry.header;
    entries.push({
      name,
      type: type ?? "",
      mode: mode ?? 0,
      owner: `${uid}:${gid}`,
      time: mtime?.getTime() ?? Number.NaN,
      ...(linkname ? { link: linkname } : {}),
      text: Buffer.concat(chunks).toString(),
    });
  }
  return entries;
}
