import { createHash, randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, type ReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { digestOf, isDigest } from "./digest.ts";

/**
 * Content by its SHA-256, one file each. A file gets its name only when it is complete, verified and on disk, so that
 * what has a name is whole whatever dies in between.
 *
 * @example
 * const digest = await new BlobStore("/tmp/blobs").put(Buffer.from("{}"));
 */
export class BlobStore {
  readonly #folder: string;
  readonly #unfinished: string;

  constructor(folder: string) {
    this.#folder = join(folder, "sha256");
    this.#unfinished = join(folder, "unfinished");
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(this.#unfinished, { recursive: true });
  }

  /** Where an upload of this id gathers its bytes. */
  unfinished(id: string): string {
    return join(this.#unfinished, id);
  }

  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(digest))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** @param range first and last byte, both inclusive */
  stream(digest: string, range?: { start: number; end: number }): ReadStream {
    return createReadStream(this.#path(digest), range ?? {});
  }

  async read(digest: string): Promise<Buffer> {
    return readFile(this.#path(digest));
  }

  async put(bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    if ((await this.size(digest)) !== undefined) return digest;
    const file = this.unfinished(randomUUID());
    await writeFile(file, bytes);
    await this.#name(file, digest);
    return digest;
  }

  /**
   * Gives a finished upload its name.
   *
   * @returns false when the content is not what the digest says; the upload is gone then
   */
  async finish(id: string, digest: string): Promise<boolean> {
    const file = this.unfinished(id);
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    if (`sha256:${hash.digest("hex")}` !== digest) {
      await rm(file, { force: true });
      return false;
    }
    await this.#name(file, digest);
    return true;
  }

  async remove(digest: string): Promise<void> {
    await rm(this.#path(digest), { force: true });
  }

  async #name(file: string, digest: string): Promise<void> {
    const handle = await open(file, "r+");
    await handle.sync().finally(() => handle.close());
    await rename(file, this.#path(digest));
  }

  #path(digest: string): string {
    if (!isDigest(digest)) throw new TypeError(`not a digest: ${digest}`);
    return join(this.#folder, digest.slice("sha256:".length));
  }
}
