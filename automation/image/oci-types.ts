/** The documents of the OCI image specification 1.1, as far as they are read or written here. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { ImageError } from "./image-error.ts";

export const MEDIA_TYPES = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

/** Everything that may stand under a tag. */
export const MANIFEST_TYPES = [
  MEDIA_TYPES.manifest,
  MEDIA_TYPES.index,
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.dockerIndex,
];

const DIGEST = z.string().regex(/^sha256:[a-f0-9]{64}$/, "is not a SHA-256 digest");

const PLATFORM = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).loose();

const DESCRIPTOR = z
  .object({
    mediaType: z.string(),
    digest: DIGEST,
    size: z.number().int().nonnegative(),
    platform: PLATFORM.optional(),
    artifactType: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  })
  .loose();

const MANIFEST = z
  .object({
    schemaVersion: z.literal(2),
    mediaType: z.string().optional(),
    artifactType: z.string().optional(),
    config: DESCRIPTOR.optional(),
    layers: z.array(DESCRIPTOR).optional(),
    manifests: z.array(DESCRIPTOR).optional(),
    subject: DESCRIPTOR.optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  })
  .loose();

const STRINGS = z.array(z.string()).nullish();

const CONFIG = z
  .object({
    architecture: z.string(),
    os: z.string(),
    variant: z.string().optional(),
    config: z
      .object({
        User: z.string().optional(),
        ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
        Env: STRINGS,
        Entrypoint: STRINGS,
        Cmd: STRINGS,
        WorkingDir: z.string().optional(),
        Labels: z.record(z.string(), z.string()).nullish(),
      })
      .loose()
      .nullish(),
    rootfs: z.object({ type: z.string(), diff_ids: z.array(DIGEST) }),
    history: z.array(z.record(z.string(), z.unknown())).optional(),
  })
  .loose();

export type Descriptor = z.infer<typeof DESCRIPTOR>;
export type ManifestDocument = z.infer<typeof MANIFEST>;
export type ImageConfig = z.infer<typeof CONFIG>;

/** A manifest or index with the very bytes that its digest stands for. */
export interface Manifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  readonly digest: string;
  readonly document: ManifestDocument;
}

/**
 * @throws {ImageError} `registry` when the bytes are no manifest
 * @example
 * parseManifest(bytes, MEDIA_TYPES.manifest).document.layers;
 */
export function parseManifest(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Manifest {
  return { bytes, mediaType, digest: digestOf(bytes), document: parse(MANIFEST, bytes, "manifest") };
}

/** @throws {ImageError} `registry` when the bytes are no image configuration */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  return parse(CONFIG, bytes, "image configuration");
}

/** @example digestOf(Buffer.from("")); // "sha256:e3b0c442..." */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A document's bytes. Keys stand in the order in which the caller wrote them, so equal input gives an equal digest. */
export function encodeDocument(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ImageError("registry", `what the registry holds as ${what} ${digestOf(bytes)} is not JSON`, {
      cause: error,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; ");
  throw new ImageError("registry", `what the registry holds as ${what} ${digestOf(bytes)} is none: ${fields}`);
}
