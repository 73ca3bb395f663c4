/** Puts an image's documents together: configuration, manifest, and an index when it has several platforms. */
import { ImageError } from "./image-error.ts";
import type { Layer } from "./layers.ts";
import {
  type Descriptor,
  digestOf,
  encodeDocument,
  type ImageConfig,
  type Manifest,
  MEDIA_TYPES,
  parseManifest,
} from "./oci-types.ts";
import { DEFAULT_PATH, type Recipe } from "./recipe.ts";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What a base image brings into the new one. */
export interface BaseContent {
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
}

export interface ImageContent {
  readonly platform: Platform;
  readonly recipe: Recipe;
  readonly layers: readonly { readonly layer: Layer; readonly createdBy: string }[];
  /** Set on top of the Dockerfile's, as `docker build --label` does. */
  readonly labels: Readonly<Record<string, string>>;
  readonly base?: BaseContent;
  /** Seconds since 1970. @default none is recorded, so that equal content has an equal digest */
  readonly createdSeconds?: number;
}

export interface AssembledImage {
  readonly platform: Platform;
  readonly manifest: Manifest;
  readonly config: Uint8Array<ArrayBuffer>;
}

/**
 * @throws {ImageError} `usage` when `text` is no platform
 * @example
 * parsePlatform("linux/arm64"); // { os: "linux", architecture: "arm64" }
 */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9_-]+)\/([a-z0-9_-]+)(?:\/([a-z0-9_.-]+))?$/.exec(text);
  const [, os, architecture, variant] = match ?? [];
  if (os && architecture) return { os, architecture, ...(variant ? { variant } : {}) };
  throw new ImageError("usage", `platform ${JSON.stringify(text)} is not os/architecture, like linux/amd64`);
}

/** @example formatPlatform({ os: "linux", architecture: "arm64", variant: "v8" }); // "linux/arm64/v8" */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join("/");
}

/**
 * Assembles the image for one platform. Its digest depends on the content alone.
 *
 * @example
 * assembleImage({ platform, recipe, layers, labels: {} }).manifest.digest; // "sha256:..."
 */
export function assembleImage(content: ImageContent): AssembledImage {
  const config = encodeDocument(configOf(content));
  const own = content.layers.map(({ layer }) => ({ mediaType: MEDIA_TYPES.layer, ...sized(layer) }));
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, digest: digestOf(config), size: config.length },
    layers: [...(content.base?.layers ?? []).map((layer) => ({ mediaType: layer.mediaType, ...sized(layer) })), ...own],
  });
  return { platform: content.platform, config, manifest: parseManifest(manifest, MEDIA_TYPES.manifest) };
}

/** Joins the images of several platforms under one digest. */
export function assembleIndex(images: readonly AssembledImage[]): Manifest {
  const manifests = images.map(({ manifest, platform }) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    platform: { architecture: platform.architecture, os: platform.os, ...variantOf(platform) },
  }));
  return parseManifest(
    encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests }),
    MEDIA_TYPES.index,
  );
}

function configOf({ platform, recipe, layers, labels, base, createdSeconds }: ImageContent): ImageConfig {
  const history = layers.map(({ createdBy }) => ({ created_by: createdBy, comment: "sluice" }));
  // A base without a history cannot be given one, and a partial one is worse than none: readers count its entries.
  const before = base ? base.config.history : [];
  return {
    ...(createdSeconds === undefined ? {} : { created: new Date(createdSeconds * 1000).toISOString() }),
    architecture: platform.architecture,
    os: platform.os,
    ...variantOf(platform),
    config: runConfig(recipe, labels, base?.config.config ?? {}, base !== undefined),
    rootfs: {
      type: "layers",
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ layer }) => layer.diffId)],
    },
    ...(before ? { history: [...before, ...history] } : {}),
  };
}

type RunConfig = NonNullable<ImageConfig["config"]>;

function runConfig(recipe: Recipe, labels: Readonly<Record<string, string>>, base: RunConfig, hasBase: boolean) {
  const ports = { ...base.ExposedPorts, ...Object.fromEntries(recipe.ports.map((port) => [port, {}])) };
  const user = recipe.user ?? base.User;
  const workingDirectory = recipe.workingDirectory ?? base.WorkingDir;
  const entrypoint = recipe.entrypoint ?? base.Entrypoint;
  // A new entrypoint makes the base's arguments meaningless: docker drops them too.
  const command = recipe.command ?? (recipe.entrypoint ? undefined : base.Cmd);
  const environment = { ...(hasBase ? {} : { PATH: DEFAULT_PATH }), ...environmentOf(base), ...recipe.environment };
  const merged = sorted({ ...base.Labels, ...recipe.labels, ...labels });
  return {
    ...base,
    ...(user === undefined ? {} : { User: user }),
    ...(Object.keys(ports).length > 0 ? { ExposedPorts: sorted(ports) } : {}),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(entrypoint ? { Entrypoint: [...entrypoint] } : {}),
    Cmd: command ? [...command] : undefined,
    ...(workingDirectory ? { WorkingDir: workingDirectory } : {}),
    ...(Object.keys(merged).length > 0 ? { Labels: merged } : {}),
  };
}

/** An image's variables, as an object. */
export function environmentOf(config: { Env?: readonly string[] | null | undefined }): Record<string, string> {
  return Object.fromEntries((config.Env ?? []).map((entry) => [entry.split("=", 1)[0], entry.replace(/^[^=]*=?/, "")]));
}

function sized({ digest, size }: { digest: string; size: number }) {
  return { digest, size };
}

function variantOf({ variant }: Platform) {
  return variant === undefined ? {} : { variant };
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
