/** Evidence beside the image itself: what refers to it in its registry, as cosign attaches attestations and finds them. */
import { bundleType } from "../../evidence/bundle.ts";
import { fileKey } from "../../evidence/file-name.ts";
import type { EvidenceStore } from "../../evidence/store.ts";
import { bytesBlob } from "../image/blob-upload.ts";
import { credentialsFor } from "../image/ecr-credentials.ts";
import { ImageError } from "../image/image-error.ts";
import {
  type Descriptor,
  digestOf,
  encodeDocument,
  type Manifest,
  MEDIA_TYPES,
  parseManifest,
} from "../image/oci-types.ts";
import { checkDigest, parseRepository } from "../image/reference.ts";
import { linkReferrer } from "../image/referrers.ts";
import type { CredentialSource } from "../image/registry-auth.ts";
import { RegistryClient } from "../image/registry-client.ts";

export interface AttachArgs {
  /** `host[:port]/name`, as the registry's `repositoryUrl` output gives it. */
  repositoryUrl: string;
  /** The image's, `sha256:` and 64 hex digits. */
  digest: string;
  store: EvidenceStore;
  /** Names, as `writeEvidence` and `writeCollection` returned them. */
  files: readonly string[];
  /** @default what `credentialsFor` finds: ECR's token, or none */
  credentials?: CredentialSource | undefined;
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidance-for-an-empty-descriptor */
const emptyType = "application/vnd.oci.empty.v1+json";
const empty = new TextEncoder().encode("{}");

/**
 * Attaches files of evidence to an image, each as a manifest of its own. The store is what judges read; this is for whoever
 * has only the image. Attaching the same file again changes nothing.
 *
 * @returns the digests of the manifests, in the order of the files
 * @throws {ImageError} `not-found` without the image, else as the registry refuses
 * @throws EvidenceError where the store cannot be read
 * @example
 * await attachEvidence({ repositoryUrl, digest, store, files });
 */
export async function attachEvidence({ repositoryUrl, digest, store, files, ...args }: AttachArgs): Promise<string[]> {
  const { host, name } = parseRepository(repositoryUrl);
  const credentials = args.credentials ?? credentialsFor(host);
  const registry = new RegistryClient(host, credentials ? { credentials } : {});
  const image = await registry.manifest(name, checkDigest(digest));
  if (image === undefined) throw new ImageError("not-found", `${repositoryUrl} holds no image ${digest}`);
  await registry.uploadBlob(name, bytesBlob(empty, digestOf(empty)));
  const attached: string[] = [];
  for (const file of files) {
    const content = await store.read(fileKey(digest, file));
    if (content === undefined) throw new ImageError("not-found", `${store.url} holds no file ${file} about ${digest}`);
    const bytes = new Uint8Array(content);
    await registry.uploadBlob(name, bytesBlob(bytes, digestOf(bytes)));
    const manifest = manifestOf(bytes, image);
    await registry.putManifest(name, manifest.digest, manifest);
    await linkReferrer({ registry, name }, digest, { ...descriptorOf(manifest), artifactType: bundleType });
    attached.push(manifest.digest);
  }
  return attached;
}

/** https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md */
function manifestOf(bundle: Uint8Array<ArrayBuffer>, image: Manifest): Manifest {
  const { dsseEnvelope } = JSON.parse(new TextDecoder().decode(bundle));
  const { predicateType } = JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString());
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: bundleType,
    config: { mediaType: emptyType, digest: digestOf(empty), size: empty.length },
    layers: [{ mediaType: bundleType, digest: digestOf(bundle), size: bundle.length }],
    subject: descriptorOf(image),
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": predicateType,
    },
  };
  return parseManifest(encodeDocument(document), MEDIA_TYPES.manifest);
}

function descriptorOf({ mediaType, digest, bytes }: Manifest): Descriptor {
  return { mediaType, digest, size: bytes.length };
}
