import { isDigest } from "./digest.ts";
import { MEDIA_TYPE } from "./manifest.ts";
import { OciError } from "./oci-error.ts";
import { type Exchange, sendJson } from "./server.ts";

/** `GET /v2/<name>/tags/list`, by pages with `n` and `last`. */
export async function listTags({ cloud, response, query, name }: Exchange): Promise<void> {
  const last = query.get("last");
  const limit = query.get("n") === null ? Number.POSITIVE_INFINITY : Number(query.get("n"));
  if (!(limit >= 0))
    throw new OciError(400, "PAGINATION_NUMBER_INVALID", `n must be a number, not '${query.get("n")}'`);
  const all = cloud.ecrImages.index.tags(name).map((tag) => tag.tag);
  const left = last === null ? all : all.filter((tag) => tag > last);
  const page = left.slice(0, limit);
  if (page.length < left.length && page.length > 0) {
    const next = `/v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(page[page.length - 1] ?? "")}`;
    response.setHeader("Link", `<${next}>; rel="next"`);
  }
  sendJson(response, 200, "application/json", JSON.stringify({ name, tags: page }));
}

/** `GET /v2/<name>/referrers/<digest>`: manifests whose subject is this one. */
export async function readReferrers({ cloud, response, query, name, reference }: Exchange): Promise<void> {
  if (!isDigest(reference)) throw new OciError(400, "DIGEST_INVALID", `'${reference}' is not a sha256 digest`);
  const wanted = query.get("artifactType");
  const manifests = cloud.ecrImages.index
    .images(name)
    .filter((image) => image.subject === reference)
    .map((image) => ({
      mediaType: image.mediaType,
      digest: image.digest,
      size: image.manifestSize,
      artifactType: image.artifactType ?? image.configType,
      annotations: image.annotations,
    }))
    .filter((descriptor) => wanted === null || descriptor.artifactType === wanted);
  if (wanted !== null) response.setHeader("OCI-Filters-Applied", "artifactType");
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests };
  sendJson(response, 200, MEDIA_TYPE.index, JSON.stringify(index));
}
