/** Uploads of blobs: in one piece when small, in chunks when large, and anew as a whole when a step fails. */
import { openAsBlob } from "node:fs";
import { ImageError } from "./image-error.ts";
import type { BlobSource } from "./registry-client.ts";
import { type RegistryHttp, RegistryOutage, RegistryRefusal, type RegistryRequest } from "./registry-http.ts";

export interface UploadOptions {
  /** A repository of the same registry that may hold the blob already. */
  readonly mountFrom?: string;
  /** Bytes above which a blob goes up in chunks of this size. @default 33554432 */
  readonly chunkBytes?: number;
}

/** What it took. */
export type UploadResult = "present" | "mounted" | "uploaded";

const OCTETS = "application/octet-stream";
const DEFAULT_CHUNK_BYTES = 32 * 1024 * 1024;
/** Enough for a chunk, or a blob in one piece, over a slow line. */
const TRANSFER_TIMEOUT_MS = 600_000;

/** A file as something to upload; it is read from the disk while it is sent. */
export function fileBlob(file: string, digest: string, size: number): BlobSource {
  return { digest, size, open: () => openAsBlob(file) };
}

/** Bytes as something to upload. */
export function bytesBlob(bytes: Uint8Array<ArrayBuffer>, digest: string): BlobSource {
  return { digest, size: bytes.length, open: async () => new Blob([bytes]) };
}

/** See {@link RegistryClient.uploadBlob}. Each attempt looks first: the last one may have succeeded unheard. */
export function uploadBlob(
  http: RegistryHttp,
  name: string,
  blob: BlobSource,
  options: UploadOptions,
): Promise<UploadResult> {
  return http.retry(async () => {
    const scope = `repository:${name}:pull,push`;
    const url = `/v2/${name}/blobs/${blob.digest}`;
    const there = await http.send({ method: "HEAD", url, scope, accept: [200, 404], retry: false });
    if (there.status === 200) return "present";
    const session = await begin(http, name, blob, options.mountFrom);
    if (session === undefined) return "mounted";
    await transfer(new Upload(http, scope, session), blob, options.chunkBytes ?? DEFAULT_CHUNK_BYTES);
    return "uploaded";
  });
}

/** Opens an upload; undefined when the registry took the blob over instead. */
async function begin(http: RegistryHttp, name: string, blob: BlobSource, mountFrom: string | undefined) {
  const query = mountFrom ? `?${new URLSearchParams({ mount: blob.digest, from: mountFrom })}` : "";
  const others = mountFrom ? ` repository:${mountFrom}:pull` : "";
  const response = await http.send({
    method: "POST",
    url: `/v2/${name}/blobs/uploads/${query}`,
    scope: `repository:${name}:pull,push${others}`,
    accept: [201, 202],
    retry: false,
  });
  await response.body?.cancel();
  return response.status === 201 ? undefined : response;
}

async function transfer(upload: Upload, blob: BlobSource, wanted: number): Promise<void> {
  const content = await blob.open();
  if (content.size !== blob.size) throw new ImageError("build", `blob ${blob.digest} changed before it was sent`);
  const chunkBytes = Math.max(wanted, upload.minimumChunkBytes);
  if (content.size <= chunkBytes) return upload.finish(blob.digest, content);
  for (let start = 0; start < content.size; start += chunkBytes) {
    const end = Math.min(start + chunkBytes, content.size);
    await upload.append(content.slice(start, end), start, end);
  }
  return upload.finish(blob.digest);
}

/** An open upload. Each answer says where the next step goes. */
class Upload {
  readonly minimumChunkBytes: number;
  readonly #http: RegistryHttp;
  readonly #scope: string;
  #location: URL;

  constructor(http: RegistryHttp, scope: string, session: Response) {
    this.#http = http;
    this.#scope = scope;
    this.#location = locationOf(session, session.url);
    this.minimumChunkBytes = Number(session.headers.get("oci-chunk-min-length") ?? 0) || 0;
  }

  /** @param end behind the last byte */
  async append(chunk: Blob, start: number, end: number): Promise<void> {
    const headers = { "content-type": OCTETS, "content-range": `${start}-${end - 1}` };
    const response = await this.#step({ method: "PATCH", url: this.#location, headers, body: chunk, accept: [202] });
    this.#location = locationOf(response, this.#location.href);
  }

  async finish(digest: string, rest?: Blob): Promise<void> {
    const url = new URL(this.#location);
    url.searchParams.set("digest", digest);
    const headers = { "content-type": OCTETS };
    await this.#step({ method: "PUT", url, headers, ...(rest ? { body: rest } : {}), accept: [201] });
  }

  async #step(request: Omit<RegistryRequest, "scope">): Promise<Response> {
    try {
      const options = { scope: this.#scope, retry: false, timeoutMs: TRANSFER_TIMEOUT_MS };
      const response = await this.#http.send({ ...request, ...options });
      await response.body?.cancel();
      return response;
    } catch (error) {
      // The registry forgot the upload, or where it was: a new one may succeed.
      const lost = error instanceof RegistryRefusal && (error.status === 404 || error.status === 416);
      throw lost ? new RegistryOutage(error.message, { cause: error }) : error;
    }
  }
}

function locationOf(response: Response, current: string): URL {
  const location = response.headers.get("location");
  const url = location === null ? null : URL.parse(location, response.url || current);
  if (url === null) throw new ImageError("registry", "the registry opened an upload and did not say where");
  return url;
}
