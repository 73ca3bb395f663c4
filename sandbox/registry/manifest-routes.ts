import type { ImageDoc } from "../cloud/ecr-image-index.ts";
import { CloudError } from "../cloud/error.ts";
import { digestOf, isDigest } from "./digest.ts";
import { OciError } from "./oci-error.ts";
import type { Exchange } from "./server.ts";

/** The size that every registry must take (distribution specification), and ours takes no more; in bytes. */
const MAX_MANIFEST = 4 * 1024 * 1024;

/** `GET` and `HEAD /v2/<name>/manifests/<tag or digest>` */
export async function readManifest(exchange: Exchange): Promise<void> {
  const { cloud, request, response } = exchange;
  const image = find(exchange);
  response.writeHead(200, {
    "Content-Type": image.mediaType,
    "Content-Length": image.manifestSize,
    "Docker-Content-Digest": image.digest,
    ETag: `"${image.digest}"`,
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  cloud.ecrImages.index.notePull(image.repository, image.digest);
  response.end(await cloud.ecrImages.blobs.read(image.digest));
}

/** `PUT /v2/<name>/manifests/<tag or digest>` */
export async function putManifest(exchange: Exchange): Promise<void> {
  const { cloud, request, response, name, reference } = exchange;
  const bytes = await readAll(exchange);
  const text = bytes.toString("utf8");
  const digest = digestOf(bytes);
  if (digestOf(Buffer.from(text)) !== digest) throw new OciError(400, "MANIFEST_INVALID", "the manifest is not UTF-8");
  const byDigest = reference.includes(":");
  try {
    await cloud.ecrImages.putImage({
      repositoryName: name,
      imageManifest: text,
      imageManifestMediaType: request.headers["content-type"]?.split(";")[0]?.trim(),
      ...(byDigest ? { imageDigest: reference } : { imageTag: reference }),
    });
  } catch (error) {
    // The registry's API is idempotent where the SDK's is not.
    if (!(error instanceof CloudError && error.code === "ImageAlreadyExistsException")) throw error;
  }
  const subject = cloud.ecrImages.index.image(name, digest)?.subject;
  response.writeHead(201, {
    Location: `/v2/${name}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
    "Content-Length": 0,
    ...(subject === undefined ? {} : { "OCI-Subject": subject }),
  });
  response.end();
}

/** `DELETE /v2/<name>/manifests/<tag or digest>`: a tag alone goes by its tag, an image with all tags by its digest. */
export async function deleteManifest(exchange: Exchange): Promise<void> {
  const { cloud, response, name, reference } = exchange;
  find(exchange);
  const id = isDigest(reference) ? { imageDigest: reference } : { imageTag: reference };
  const { failures } = await cloud.ecrImages.batchDeleteImage({ repositoryName: name, imageIds: [id] });
  const [failure] = failures ?? [];
  if (failure !== undefined) throw new OciError(405, "UNSUPPORTED", failure.failureReason ?? "");
  response.writeHead(202, { "Content-Length": 0 }).end();
}

function find({ cloud, name, reference }: Exchange): ImageDoc {
  const { index } = cloud.ecrImages;
  const digest = reference.includes(":") ? reference : index.digestOfTag(name, reference);
  const image = digest === undefined ? undefined : index.image(name, digest);
  if (image === undefined) throw new OciError(404, "MANIFEST_UNKNOWN", "Requested image not found");
  return image;
}

async function readAll({ request }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_MANIFEST)
      throw new OciError(413, "MANIFEST_INVALID", `a manifest has at most ${MAX_MANIFEST} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
