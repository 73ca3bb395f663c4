/** A client of the OCI distribution API 1.1: what pushing, promoting and reading images takes, and no more. */
import { z } from "zod";
import { type UploadOptions, type UploadResult, uploadBlob } from "./blob-upload.ts";
import { ImageError } from "./image-error.ts";
import { type Descriptor, MANIFEST_TYPES, type Manifest, parseManifest } from "./oci-types.ts";
import { RegistryHttp, type RegistryOptions, RegistryOutage } from "./registry-http.ts";

/** Larger manifests are refused by registries too (distribution's limit, bytes). */
const MANIFEST_LIMIT = 4 * 1024 * 1024;

const TAGS = z.object({ tags: z.array(z.string()).nullish() });

/** Bytes of a known digest that can be read more than once. */
export interface BlobSource {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly open: () => Promise<Blob>;
}

/**
 * Speaks to one registry.
 *
 * @example
 * const registry = new RegistryClient("127.0.0.1:5000");
 * const image = await registry.manifest("team/api", "v1.2.3");
 */
export class RegistryClient {
  readonly #http: RegistryHttp;

  constructor(host: string, options: RegistryOptions = {}) {
    this.#http = new RegistryHttp(host, options);
  }

  get host(): string {
    return this.#http.host;
  }

  /**
   * Reads a manifest by tag or digest; undefined when there is none.
   *
   * @throws {ImageError} `registry` when the bytes are not what the digest says
   */
  async manifest(name: string, reference: string): Promise<Manifest | undefined> {
    const read = await this.#http.retry(() => this.#readManifest(name, reference));
    if (read === undefined) return undefined;
    const { response, bytes } = read;
    const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
    const manifest = parseManifest(bytes, mediaType);
    const promised = reference.startsWith("sha256:") ? reference : response.headers.get("docker-content-digest");
    if (promised !== null && promised !== manifest.digest) {
      throw new ImageError("registry", `registry ${this.host} calls ${manifest.digest} ${promised}: not to be trusted`);
    }
    return manifest;
  }

  /** The body is part of the attempt: a connection may break after the headers. */
  async #readManifest(name: string, reference: string) {
    const response = await this.#http.send({
      method: "GET",
      url: `/v2/${name}/manifests/${reference}`,
      scope: pull(name),
      headers: { accept: MANIFEST_TYPES.join(", ") },
      accept: [200, 404],
      retry: false,
    });
    if (response.status === 200) {
      return { response, bytes: await readLimited(response, MANIFEST_LIMIT, `the manifest ${name}:${reference}`) };
    }
    await response.body?.cancel();
    return undefined;
  }

  /**
   * Stores a manifest under a tag or its digest.
   *
   * @throws {RegistryRefusal} for example when the tag is taken and immutable
   */
  async putManifest(name: string, reference: string, manifest: Manifest): Promise<void> {
    const response = await this.#http.send({
      method: "PUT",
      url: `/v2/${name}/manifests/${reference}`,
      scope: push(name),
      headers: { "content-type": manifest.mediaType },
      body: manifest.bytes,
    });
    await response.body?.cancel();
    const digest = response.headers.get("docker-content-digest");
    if (digest !== null && digest !== manifest.digest) {
      throw new ImageError("registry", `registry ${this.host} stored ${digest}, not ${manifest.digest}`);
    }
  }

  async hasBlob(name: string, digest: string): Promise<boolean> {
    const url = `/v2/${name}/blobs/${digest}`;
    const response = await this.#http.send({ method: "HEAD", url, scope: pull(name), accept: [200, 404] });
    return response.status === 200;
  }

  /**
   * Opens a blob. The caller checks the digest of what it reads.
   *
   * @throws {ImageError} `not-found`
   */
  async blob(name: string, digest: string): Promise<ReadableStream<Uint8Array>> {
    const url = `/v2/${name}/blobs/${digest}`;
    const timeoutMs = 600_000;
    const response = await this.#http.send({ method: "GET", url, scope: pull(name), accept: [200, 404], timeoutMs });
    if (response.status === 200 && response.body) return response.body;
    await response.body?.cancel();
    throw new ImageError("not-found", `registry ${this.host} has no blob ${digest} in ${name}`);
  }

  /** Stores a blob unless it is there; tries to take it over from another repository of the registry first. */
  uploadBlob(name: string, blob: BlobSource, options: UploadOptions = {}): Promise<UploadResult> {
    return uploadBlob(this.#http, name, blob, options);
  }

  /** All tags, sorted. An unknown repository has none. */
  async tags(name: string): Promise<string[]> {
    const tags: string[] = [];
    let url: string | undefined = `/v2/${name}/tags/list`;
    while (url !== undefined) {
      const response: Response = await this.#http.send({ method: "GET", url, scope: pull(name), accept: [200, 404] });
      const page = TAGS.safeParse(response.status === 200 ? await response.json() : { tags: [] });
      if (!page.success) throw new ImageError("registry", `registry ${this.host} lists no tags for ${name}`);
      tags.push(...(page.data.tags ?? []));
      url = nextPage(response, url);
    }
    return tags.toSorted();
  }

  /**
   * What refers to a manifest (signatures, bills of materials), by the referrers API, or where the registry has none, by
   * the tag that stands in for it.
   */
  async referrers(name: string, digest: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    let url: string | undefined = `/v2/${name}/referrers/${digest}`;
    while (url !== undefined) {
      const scope = pull(name);
      const response: Response = await this.#http.send({ method: "GET", url, scope, accept: [200, 400, 404, 405] });
      const type = response.headers.get("content-type") ?? "";
      if (response.status !== 200 || !type.startsWith("application/vnd.oci.image.index.v1+json")) {
        await response.body?.cancel();
        return (await this.manifest(name, referrersTag(digest)))?.document.manifests ?? [];
      }
      const bytes = await readLimited(response, MANIFEST_LIMIT, `the referrers of ${digest}`);
      found.push(...(parseManifest(bytes, type).document.manifests ?? []));
      url = nextPage(response, url);
    }
    return found;
  }
}

/**
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
 *
 * @example
 * referrersTag("sha256:abc"); // "sha256-abc"
 */
export function referrersTag(digest: string): string {
  return digest.replace(":", "-");
}

function pull(name: string): string {
  return `repository:${name}:pull`;
}

function push(name: string): string {
  return `repository:${name}:pull,push`;
}

/** The address behind `Link: <...>; rel="next"`. */
function nextPage(response: Response, current: string): string | undefined {
  const next = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(response.headers.get("link") ?? "")?.[1];
  if (next === undefined) return undefined;
  const url = new URL(next, new URL(current, response.url || "http://localhost"));
  return `${url.pathname}${url.search}`;
}

async function readLimited(response: Response, limit: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > limit) throw new ImageError("registry", `${what} is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new RegistryOutage(`${what} broke off while it was read`, { cause: error });
  }
  return new Uint8Array(Buffer.concat(chunks));
}
