/** What a registry holds under a digest: platforms, users, origin, and whether there is a shell to work in. Nothing is unpacked. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Result } from "../../model/gates/results.ts";
import { type ArchiveEntry, ArchiveError, type ArchiveLimits, type Compression, walkArchive } from "../archive.ts";
import { readSmallBlob } from "./base-image.ts";
import { ImageError } from "./image-error.ts";
import { LayerTools, matters } from "./layer-tools.ts";
import { formatPlatform, type Platform } from "./oci-image.ts";
import {
  type Descriptor,
  type ImageConfig,
  type Manifest,
  type ManifestDocument,
  MEDIA_TYPES,
  parseConfig,
} from "./oci-types.ts";
import { checkDigest } from "./reference.ts";
import type { RegistryClient } from "./registry-client.ts";

const revisionKey = "org.opencontainers.image.revision";
const baseKey = "org.opencontainers.image.base.name";

const configTypes: readonly string[] = [MEDIA_TYPES.config, "application/vnd.docker.container.image.v1+json"];

const compressions: Record<string, Compression> = {
  "application/vnd.oci.image.layer.v1.tar": "none",
  "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
  "application/vnd.docker.image.rootfs.diff.tar": "none",
  "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
};

/** For each layer, decompressed: larger ones exist, but nobody would call them a service's. */
const layerLimits: ArchiveLimits = { bytes: 8 * 1024 ** 3, entries: 1_000_000 };
const maximumLayers = 512;
const maximumPlatforms = 32;

export interface InspectionArgs {
  client: Pick<RegistryClient, "manifest" | "blob" | "host">;
  /** Repository within the registry: `team/api`. */
  name: string;
  /** Of the index, or of the one manifest. */
  digest: string;
  /** For each layer. @default 8 GiB decompressed, a million entries */
  limits?: ArchiveLimits;
}

/** What one platform's image says of itself. */
interface PlatformFacts {
  platform: Platform;
  user: string;
  revision: string | undefined;
  base: string | undefined;
  /** Shells and package managers in it. */
  tools: string[];
}

export interface Inspection {
  result: Result<"image">;
  /** Commit that the image names, where it does. */
  commit: string | undefined;
  /** Shells and package managers, as `PLATFORM: PATH`. */
  tools: readonly string[];
}

/**
 * Reads an image of one platform or several. BuildKit's attestations, which stand in an index as platform
 * `unknown/unknown`, are left aside.
 *
 * @throws ImageError where it does not exist, is no image, its parts contradict each other or are not what their digests
 *   say, or a layer exceeds the limits
 * @example
 * (await inspectImage({ client, name: "team/api", digest })).result.platforms // ["linux/amd64", "linux/arm64"]
 */
export async function inspectImage(args: InspectionArgs): Promise<Inspection> {
  const { client, name } = args;
  const digest = checkDigest(args.digest);
  const top = await read(args, digest);
  const facts: PlatformFacts[] = [];
  // Platforms may share layers, and each is looked into once.
  const layers = new Map<string, ArchiveEntry[]>();
  for (const { manifest, claimed } of await manifestsOf(args, top)) {
    facts.push(await platformFacts({ ...args, layers, annotations: top.document.annotations }, manifest, claimed));
  }
  if (facts.length === 0)
    throw new ImageError("registry", `${client.host}/${name}@${digest} has no image for any platform`);
  const revision = one(
    facts.map((fact) => fact.revision),
    "revisions",
    digest,
  );
  const bases = new Set(facts.map(({ base }) => base));
  const [base] = bases;
  const tools = facts.flatMap((fact) => fact.tools.map((path) => `${formatPlatform(fact.platform)}: ${path}`));
  return {
    commit: revision,
    tools,
    result: {
      platforms: [...new Set(facts.map(({ platform }) => formatPlatform(platform)))].sort(),
      ...(bases.size === 1 && base !== undefined ? { base } : {}),
      distroless: tools.length === 0,
      ...(revision === undefined ? {} : { revision }),
      users: [...new Set(facts.map(({ user }) => user))].sort(),
    },
  };
}

/** The manifests below an index, or the one that the digest names. */
async function manifestsOf(args: InspectionArgs, top: Manifest): Promise<{ manifest: Manifest; claimed?: Platform }[]> {
  const listed = top.document.manifests;
  if (listed === undefined) return [{ manifest: top }];
  const images = listed.filter(({ platform }) => platform?.os !== "unknown" || platform.architecture !== "unknown");
  if (images.length > maximumPlatforms)
    throw new ImageError("registry", `${top.digest} names more than ${maximumPlatforms} images`);
  const found: { manifest: Manifest; claimed?: Platform }[] = [];
  for (const { digest, platform } of images) {
    const manifest = await read(args, digest);
    if (platform === undefined) found.push({ manifest });
    else found.push({ manifest, claimed: platformOf(platform) });
  }
  return found;
}

async function read({ client, name }: InspectionArgs, digest: string): Promise<Manifest> {
  const manifest = await client.manifest(name, digest);
  if (manifest === undefined) throw new ImageError("not-found", `registry ${client.host} has no ${name}@${digest}`);
  return manifest;
}

interface PlatformArgs extends InspectionArgs {
  layers: Map<string, ArchiveEntry[]>;
  /** Of the index. */
  annotations: ManifestDocument["annotations"];
}

async function platformFacts(args: PlatformArgs, manifest: Manifest, claimed?: Platform): Promise<PlatformFacts> {
  const { digest, document } = manifest;
  const { config: descriptor, layers } = document;
  if (descriptor === undefined || layers === undefined || !configTypes.includes(descriptor.mediaType))
    throw new ImageError("registry", `${digest} is no image: it has no configuration of one`);
  if (layers.length > maximumLayers)
    throw new ImageError("registry", `${digest} has more than ${maximumLayers} layers`);
  const config = parseConfig(await readSmallBlob(args.client, args.name, descriptor));
  const platform = platformOf(config);
  if (claimed !== undefined && (claimed.os !== platform.os || claimed.architecture !== platform.architecture)) {
    const claim = `the index says ${formatPlatform(claimed)}, its configuration ${formatPlatform(platform)}`;
    throw new ImageError("registry", `${digest}: ${claim}`);
  }
  const tools = new LayerTools();
  for (const layer of layers) tools.addLayer(await entriesOf(args, layer));
  const said = (key: string) => [config.config?.Labels?.[key], document.annotations?.[key], args.annotations?.[key]];
  return {
    platform: claimed ?? platform,
    user: config.config?.User ?? "",
    revision: one(said(revisionKey), "revisions", digest),
    base: said(baseKey).find((base) => base !== undefined && base !== ""),
    tools: tools.paths,
  };
}

/** A layer's tools and whiteouts; its bytes are held against its digest on the way. */
async function entriesOf(
  { client, name, layers, limits = layerLimits }: PlatformArgs,
  layer: Descriptor,
): Promise<ArchiveEntry[]> {
  const known = layers.get(layer.digest);
  if (known !== undefined) return known;
  const compression = Object.hasOwn(compressions, layer.mediaType) ? compressions[layer.mediaType] : undefined;
  if (compression === undefined)
    throw new ImageError("registry", `layer ${layer.digest} is of type ${layer.mediaType}, which is not read`);
  const entries: ArchiveEntry[] = [];
  const source = Readable.from(checked(await client.blob(name, layer.digest), layer));
  try {
    await walkArchive(source, { compression, limits }, (entry) => {
      if (matters(entry)) entries.push(entry);
    });
  } catch (cause) {
    if (!(cause instanceof ArchiveError)) throw cause;
    throw new ImageError("registry", `layer ${layer.digest} ${cause.message}`, { cause });
  }
  layers.set(layer.digest, entries);
  return entries;
}

async function* checked(blob: AsyncIterable<Uint8Array>, { digest, size }: Descriptor): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let seen = 0;
  for await (const chunk of blob) {
    seen += chunk.length;
    if (seen > size)
      throw new ImageError("registry", `layer ${digest} is longer than the ${size} bytes it should have`);
    hash.update(chunk);
    yield chunk;
  }
  if (`sha256:${hash.digest("hex")}` !== digest)
    throw new ImageError("registry", `layer ${digest} has other bytes than that`);
}

/** What all of them say that say anything. */
function one(texts: readonly (string | undefined)[], what: string, digest: string): string | undefined {
  const [first, ...others] = new Set(texts.filter((text) => text !== undefined && text !== ""));
  if (others.length > 0)
    throw new ImageError("registry", `${digest} names several ${what}: ${[first, ...others].join(", ")}`);
  return first;
}

function platformOf({ os, architecture, variant }: Pick<ImageConfig, "os" | "architecture" | "variant">): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
