import { pipeline } from "node:stream/promises";
import { isDigest } from "./digest.ts";
import { OciError } from "./oci-error.ts";
import type { Exchange } from "./server.ts";

/** `HEAD /v2/<name>/blobs/<digest>` */
export async function headBlob(exchange: Exchange): Promise<void> {
  const { response, reference } = exchange;
  const size = await sizeOf(exchange);
  response.writeHead(200, { ...headersOf(reference), "Content-Length": size });
  response.end();
}

/** `GET /v2/<name>/blobs/<digest>`, with one range if asked. */
export async function readBlob(exchange: Exchange): Promise<void> {
  const { cloud, request, response, reference } = exchange;
  const size = await sizeOf(exchange);
  const range = rangeOf(request.headers.range, size);
  if (range === "unsatisfiable") {
    throw new OciError(416, "SIZE_INVALID", `the range is outside of ${size} bytes`, {
      "Content-Range": `bytes */${size}`,
    });
  }
  const length = range === undefined ? size : range.end - range.start + 1;
  const partial = range === undefined ? {} : { "Content-Range": `bytes ${range.start}-${range.end}/${size}` };
  const headers = { ...headersOf(reference), "Content-Length": length, ...partial };
  if (size === 0) {
    response.writeHead(200, headers).end();
    return;
  }
  const stream = cloud.ecrImages.blobs.stream(reference, range);
  response.writeHead(range === undefined ? 200 : 206, headers);
  await pipeline(stream, response);
}

async function sizeOf({ cloud, name, reference }: Exchange): Promise<number> {
  if (!isDigest(reference)) throw new OciError(400, "DIGEST_INVALID", `'${reference}' is not a sha256 digest`);
  const { index, blobs } = cloud.ecrImages;
  const size = index.hasBlob(name, reference) ? await blobs.size(reference) : undefined;
  if (size === undefined) throw new OciError(404, "BLOB_UNKNOWN", `blob ${reference} is unknown to repository ${name}`);
  return size;
}

function headersOf(digest: string) {
  return {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    ETag: `"${digest}"`,
  };
}

function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const start = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === "" || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}
