import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Cloud } from "../cloud/index.ts";
import { isDigest } from "./digest.ts";
import { OciError } from "./oci-error.ts";
import type { Exchange } from "./server.ts";

const KIND = "registry-upload";

/** Uploads of blobs: whole, in chunks, or mounted from another repository. */
export class Uploads {
  readonly #cloud: Cloud;
  /** Uploads that a request is writing to at this moment. */
  readonly #busy = new Set<string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** `POST /v2/<name>/blobs/uploads/`, also with `digest` (the whole blob) or `mount` and `from`. */
  async begin(exchange: Exchange): Promise<void> {
    const { name, query } = exchange;
    const mount = query.get("mount");
    const from = query.get("from");
    const { index, blobs } = this.#cloud.ecrImages;
    if (
      mount !== null &&
      from !== null &&
      isDigest(mount) &&
      index.hasBlob(from, mount) &&
      (await blobs.size(mount)) !== undefined
    ) {
      index.linkBlob(name, mount);
      created(exchange, mount);
      return;
    }
    const id = randomUUID();
    await writeFile(blobs.unfinished(id), "");
    this.#cloud.store.put(KIND, id, { id, name, begunAt: Date.now() });
    if (query.get("digest") !== null) {
      await this.finish({ ...exchange, reference: id });
      return;
    }
    this.#accepted(exchange, id, 0);
  }

  /** `GET` of an upload: how much is there. */
  async status(exchange: Exchange): Promise<void> {
    const size = await this.#size(exchange);
    this.#accepted(exchange, exchange.reference, size, 204);
  }

  /** `PATCH`: the next chunk. */
  async append(exchange: Exchange): Promise<void> {
    await this.#writing(exchange, async () => {
      await this.#take(exchange);
      this.#accepted(exchange, exchange.reference, await this.#size(exchange));
    });
  }

  /** `PUT` with `digest`: the last chunk, if any, and the end. */
  async finish(exchange: Exchange): Promise<void> {
    await this.#writing(exchange, async () => {
      const { name, reference, query } = exchange;
      const digest = query.get("digest") ?? "";
      if (!isDigest(digest)) throw new OciError(400, "DIGEST_INVALID", `'${digest}' is not a sha256 digest`);
      await this.#take(exchange);
      const { blobs, index } = this.#cloud.ecrImages;
      const whole = await blobs.finish(reference, digest);
      this.#cloud.store.delete(KIND, reference);
      if (!whole) throw new OciError(400, "DIGEST_INVALID", `the content does not have the digest ${digest}`);
      index.linkBlob(name, digest);
      created(exchange, digest);
    });
  }

  /** `DELETE`: give it up. */
  async cancel(exchange: Exchange): Promise<void> {
    await this.#size(exchange);
    await rm(this.#cloud.ecrImages.blobs.unfinished(exchange.reference), { force: true });
    this.#cloud.store.delete(KIND, exchange.reference);
    exchange.response.writeHead(204).end();
  }

  async #writing(exchange: Exchange, body: () => Promise<void>): Promise<void> {
    const { reference } = exchange;
    if (this.#busy.has(reference))
      throw new OciError(409, "BLOB_UPLOAD_INVALID", "another request is writing this upload");
    this.#busy.add(reference);
    try {
      await body();
    } finally {
      this.#busy.delete(reference);
    }
  }

  /** Appends the request's body, which must begin where the upload ends. */
  async #take(exchange: Exchange): Promise<void> {
    const { request, reference } = exchange;
    const size = await this.#size(exchange);
    const start = /^(?:bytes )?(\d+)-\d+/.exec(request.headers["content-range"] ?? "")?.[1];
    if (start !== undefined && Number(start) !== size) {
      throw new OciError(416, "BLOB_UPLOAD_INVALID", `the upload has ${size} bytes, the chunk begins at ${start}`, {
        Range: rangeText(size),
        Location: locationOf(exchange, reference),
      });
    }
    const file = this.#cloud.ecrImages.blobs.unfinished(reference);
    await pipeline(request as IncomingMessage, createWriteStream(file, { flags: "a" }));
  }

  async #size({ name, reference }: Exchange): Promise<number> {
    const upload = this.#cloud.store.get<{ name: string }>(KIND, reference);
    if (upload?.name !== name) throw new OciError(404, "BLOB_UPLOAD_UNKNOWN", `upload ${reference} is unknown`);
    return (await stat(this.#cloud.ecrImages.blobs.unfinished(reference))).size;
  }

  #accepted(exchange: Exchange, id: string, size: number, status = 202): void {
    exchange.response
      .writeHead(status, {
        Location: locationOf(exchange, id),
        Range: rangeText(size),
        "Docker-Upload-UUID": id,
        ...(status === 202 ? { "Content-Length": 0 } : {}),
      })
      .end();
  }
}

/** Forgets uploads that nobody will finish: those that a dead daemon or client left behind. */
export async function sweepUploads(cloud: Cloud, olderThanMs: number): Promise<void> {
  for (const upload of cloud.store.list<{ id: string; begunAt: number }>(KIND)) {
    if (Date.now() - upload.begunAt < olderThanMs) continue;
    await rm(cloud.ecrImages.blobs.unfinished(upload.id), { force: true });
    cloud.store.delete(KIND, upload.id);
  }
}

function created({ response, name }: Exchange, digest: string): void {
  const headers = { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest, "Content-Length": 0 };
  response.writeHead(201, headers).end();
}

function locationOf({ name }: Exchange, id: string): string {
  return `/v2/${name}/blobs/uploads/${id}`;
}

function rangeText(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}
