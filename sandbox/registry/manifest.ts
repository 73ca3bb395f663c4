/** Media types that the registry takes (OCI image specification 1.1, Docker image manifest version 2 schema 2). */
export const MEDIA_TYPE = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
  platform?: { os?: string; architecture?: string };
  urls?: string[];
}

export interface Manifest {
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  subject?: Descriptor;
  config?: Descriptor;
  layers?: Descriptor[];
  manifests?: Descriptor[];
}

/**
 * Reads the bytes of a manifest.
 *
 * @throws Error saying what is wrong
 */
export function parseManifest(text: string, declared: string | undefined): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error("the manifest is not JSON");
  }
  if (typeof document !== "object" || document === null) throw new Error("the manifest is not an object");
  const manifest = document as Manifest;
  const mediaType = declared ?? manifest.mediaType;
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw new Error(`the manifest says '${manifest.mediaType}', the request '${mediaType}'`);
  }
  const isIndex = mediaType === MEDIA_TYPE.index || mediaType === MEDIA_TYPE.dockerList;
  const isManifest = mediaType === MEDIA_TYPE.manifest || mediaType === MEDIA_TYPE.dockerManifest;
  if (!isIndex && !isManifest) throw new Error(`the media type '${mediaType}' is not supported`);
  if (isIndex && !areDescriptors(manifest.manifests)) throw new Error("the index has no valid list of manifests");
  if (isManifest && !(areDescriptors([manifest.config]) && areDescriptors(manifest.layers))) {
    throw new Error("the manifest has no valid config and layers");
  }
  if (manifest.subject !== undefined && !areDescriptors([manifest.subject]))
    throw new Error("the subject is not valid");
  return { ...manifest, mediaType };
}

function areDescriptors(list: unknown): list is Descriptor[] {
  return (
    Array.isArray(list) &&
    list.every(
      (each) =>
        typeof each?.mediaType === "string" &&
        typeof each.digest === "string" &&
        Number.isInteger(each.size) &&
        /^sha256:[a-f0-9]{64}$/.test(each.digest),
    )
  );
}

/** The blobs that must be there before the manifest; layers with URLs of their own need not be. */
export function blobsOf(manifest: Manifest): Descriptor[] {
  const layers = (manifest.layers ?? []).filter((layer) => !layer.urls?.length);
  return manifest.config === undefined ? layers : [manifest.config, ...layers];
}
