import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Inner } from "../cloud/index.ts";
import type { Descriptor, Manifest } from "../registry/manifest.ts";
import { parseImageReference } from "./image-reference.ts";
import { applyLayer } from "./layer.ts";

/** The part of an image's config that says how to run it. */
export interface ImageConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  Labels?: Record<string, string>;
}

export interface UnpackedImage {
  /** Digest of what the reference named. */
  digest: string;
  rootfs: string;
  config: ImageConfig;
}

/** An image that cannot be had; the message is ECS's. */
export class PullError extends Error {
  override readonly name = "PullError";
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Unpacked images by digest, below `images/`. Tasks of one image share its files: they may write there, but see each
 * other's writes, so services keep their data elsewhere.
 */
export class Images {
  readonly #cloud: Inner;
  readonly #folder: string;
  readonly #unpacking = new Map<string, Promise<void>>();

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#folder = join(cloud.home, "images");
  }

  /** Deletes what a killed daemon had half unpacked. */
  async sweep(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith("unfinished-")) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  /**
   * @param reference full name, by tag or digest
   * @throws PullError
   */
  async pull(reference: string): Promise<UnpackedImage> {
    const digest = this.#resolve(reference);
    const manifest = await this.#manifest(reference, digest);
    const config = manifest.config;
    if (config === undefined) throw new PullError(`CannotPullContainerError: ${reference} is no image`);
    // The config's digest stands for its layers' contents, and is shared by manifests that differ in packing only.
    const place = join(this.#folder, config.digest.slice("sha256:".length));
    const read = async () => JSON.parse(await readFile(join(place, "config.json"), "utf8")) as ImageConfig;
    const known = await read().catch(() => undefined);
    if (known === undefined) {
      const unpacking = this.#unpacking.get(place) ?? this.#unpack(reference, manifest, config, place);
      this.#unpacking.set(place, unpacking);
      await unpacking.finally(() => this.#unpacking.delete(place));
    }
    return { digest, rootfs: join(place, "rootfs"), config: known ?? (await read()) };
  }

  #resolve(reference: string): string {
    const { registryHost, ecrImages } = this.#cloud;
    const name = parseImageReference(reference);
    const missing = new PullError(
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${reference}: not found`,
    );
    if (name === undefined || name.host !== registryHost) {
      throw new PullError(`${missing.message} (the sandbox only pulls from its own registry, ${registryHost})`);
    }
    const digest = name.digest ?? ecrImages.index.digestOfTag(name.repository, name.tag ?? "latest");
    if (digest === undefined || ecrImages.index.image(name.repository, digest) === undefined) throw missing;
    return digest;
  }

  /** The manifest for this machine, where the digest is an index's. */
  async #manifest(reference: string, digest: string): Promise<Manifest> {
    const { blobs, index } = this.#cloud.ecrImages;
    index.notePull(parseImageReference(reference)?.repository ?? "", digest);
    const document = JSON.parse((await blobs.read(digest)).toString("utf8")) as Manifest;
    if (document.manifests === undefined) return document;
    const wanted = ARCHITECTURES[process.arch] ?? process.arch;
    const images = document.manifests.filter((each) => each.platform?.os !== "unknown");
    const fits = images.find((each) => each.platform?.os === "linux" && each.platform.architecture === wanted);
    const chosen = fits ?? (images.length === 1 ? images[0] : undefined);
    if (chosen === undefined) {
      throw new PullError(
        `CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/${wanted}': ${reference}`,
      );
    }
    return this.#manifest(reference, chosen.digest);
  }

  async #unpack(reference: string, manifest: Manifest, config: Descriptor, place: string): Promise<void> {
    const { blobs } = this.#cloud.ecrImages;
    const unfinished = join(this.#folder, `unfinished-${randomUUID()}`);
    try {
      const document = JSON.parse((await blobs.read(config.digest)).toString("utf8"));
      const rootfs = join(unfinished, "rootfs");
      await mkdir(rootfs, { recursive: true });
      for (const [index, layer] of (manifest.layers ?? []).entries()) {
        await unpackLayer(rootfs, layer, blobs.stream(layer.digest), document.rootfs?.diff_ids?.[index]);
      }
      await writeFile(join(unfinished, "config.json"), JSON.stringify(document.config ?? {}));
      // What stands at the place without a config is a leftover.
      await rm(place, { recursive: true, force: true });
      await rename(unfinished, place);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw new PullError(`CannotPullContainerError: failed to extract ${reference}: ${(error as Error).message}`);
    }
  }
}

async function unpackLayer(
  rootfs: string,
  layer: Descriptor,
  bytes: Readable,
  diffId: string | undefined,
): Promise<void> {
  const hash = createHash("sha256");
  const tee = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const applied = applyLayer(rootfs, tee);
  applied.catch((error) => bytes.destroy(error));
  try {
    await pipeline(bytes, decompressor(layer.mediaType), tee);
  } catch (error) {
    // The reader's own word says more than "stream closed early".
    await applied;
    throw error;
  }
  await applied;
  const found = `sha256:${hash.digest("hex")}`;
  if (diffId !== undefined && diffId !== found)
    throw new Error(`layer ${layer.digest} unpacks to ${found}, not ${diffId}`);
}

function decompressor(mediaType: string) {
  if (/[+.]gzip$/.test(mediaType)) return createGunzip();
  if (mediaType.endsWith("+zstd")) return createZstdDecompress();
  if (mediaType.endsWith("tar")) return new PassThrough();
  throw new Error(`layers of the type '${mediaType}' are not supported`);
}
