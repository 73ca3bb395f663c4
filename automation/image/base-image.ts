/** Finds the image that FROM names and brings its layers along. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileBlob } from "./blob-upload.ts";
import { ImageError } from "./image-error.ts";
import { type BaseContent, formatPlatform, type Platform } from "./oci-image.ts";
import { type Descriptor, digestOf, type Manifest, MEDIA_TYPES, parseConfig } from "./oci-types.ts";
import { parseImage, type Repository } from "./reference.ts";
import type { BlobSource, RegistryClient } from "./registry-client.ts";

/** Docker's names for what OCI calls otherwise; the bytes are the same. */
const LAYER_TYPES: Record<string, string> = {
  "application/vnd.docker.image.rootfs.diff.tar.gzip": MEDIA_TYPES.layer,
  "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
  [MEDIA_TYPES.layer]: MEDIA_TYPES.layer,
  "application/vnd.oci.image.layer.v1.tar": "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
};

export interface BaseImage extends BaseContent {
  readonly repository: Repository;
  readonly client: RegistryClient;
}

/**
 * Reads a base image's configuration and list of layers; the layers themselves stay where they are until they are needed.
 *
 * @throws {ImageError} `not-found` when there is no such image, or none for the platform
 * @example
 * await pullBase("gcr.io/distroless/static-debian12", { os: "linux", architecture: "amd64" }, clientFor);
 */
export async function pullBase(
  image: string,
  platform: Platform,
  clientFor: (host: string) => RegistryClient,
): Promise<BaseImage> {
  const reference = parseImage(image);
  const client = clientFor(reference.host);
  const top = await client.manifest(reference.name, reference.digest ?? reference.tag ?? "latest");
  if (!top) throw new ImageError("not-found", `the base image ${image} does not exist`);
  const chosen = choose(top, platform, image);
  const manifest = chosen ? await client.manifest(reference.name, chosen.digest) : top;
  if (!manifest?.document.config || !manifest.document.layers) {
    throw new ImageError("not-found", `the base image ${image} has no manifest for ${formatPlatform(platform)}`);
  }
  const config = parseConfig(await readSmallBlob(client, reference.name, manifest.document.config));
  if (config.os !== platform.os || config.architecture !== platform.architecture) {
    const is = `${config.os}/${config.architecture}`;
    throw new ImageError("not-found", `the base image ${image} is for ${is}, not for ${formatPlatform(platform)}`);
  }
  const layers = manifest.document.layers.map((layer) => withOciType(layer, image));
  return { config, layers, repository: { host: reference.host, name: reference.name }, client };
}

function choose(top: Manifest, platform: Platform, image: string): Descriptor | undefined {
  const manifests = top.document.manifests;
  if (!manifests) return undefined;
  const fitting = manifests.filter(
    (entry) => entry.platform?.os === platform.os && entry.platform.architecture === platform.architecture,
  );
  const exact = fitting.find((entry) => entry.platform?.variant === platform.variant);
  const found = exact ?? (platform.variant === undefined ? fitting[0] : undefined);
  if (found) return found;
  const known = manifests.flatMap((entry) =>
    entry.platform ? [`${entry.platform.os}/${entry.platform.architecture}`] : [],
  );
  throw new ImageError("not-found", `the base image ${image} is not there for ${formatPlatform(platform)}`, {
    hint: `It is there for ${[...new Set(known)].join(", ")}`,
  });
}

function withOciType(layer: Descriptor, image: string): Descriptor {
  const mediaType = LAYER_TYPES[layer.mediaType];
  if (mediaType) return { mediaType, digest: layer.digest, size: layer.size };
  throw new ImageError("build", `the base image ${image} has a layer of type ${layer.mediaType}`, {
    hint: "Build it with --builder docker",
  });
}

/** Configurations are small; more than this is not one (bytes). */
const CONFIG_LIMIT = 4 * 1024 * 1024;

/**
 * Reads an image's configuration into memory, and checks it.
 *
 * @throws {ImageError} `registry` when it is too large or not what its digest says
 */
export async function readSmallBlob(
  client: Pick<RegistryClient, "blob" | "host">,
  name: string,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  if (descriptor.size > CONFIG_LIMIT)
    throw new ImageError("registry", `${descriptor.digest} is too large to be a config`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await client.blob(name, descriptor.digest)) {
    size += chunk.length;
    if (size > descriptor.size) break;
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (size !== descriptor.size || digestOf(bytes) !== descriptor.digest) {
    throw new ImageError("registry", `registry ${client.host} gave other bytes than ${descriptor.digest}`);
  }
  return bytes;
}

/**
 * Fetches a blob into a file and checks it.
 *
 * @throws {ImageError} `registry` when it is not what its digest says
 */
export async function downloadBlob(
  client: RegistryClient,
  name: string,
  descriptor: Descriptor,
  file: string,
): Promise<BlobSource> {
  const hash = createHash("sha256");
  let size = 0;
  const stream = await client.blob(name, descriptor.digest);
  const counted = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      if (size > descriptor.size) throw new ImageError("registry", `${descriptor.digest} is longer than it should be`);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(stream as never), counted, createWriteStream(file));
  if (size !== descriptor.size || `sha256:${hash.digest("hex")}` !== descriptor.digest) {
    throw new ImageError("registry", `registry ${client.host} gave other bytes than ${descriptor.digest}`);
  }
  return fileBlob(file, descriptor.digest, size);
}
