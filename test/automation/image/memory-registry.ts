/** A registry in memory for unit tests: strict where the specification is, and failing on request. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  status: number;
}

/** Answers in place of the registry, once; `after` lets the request take effect first. */
export interface Fault {
  method: string;
  path: RegExp;
  status: number | "reset";
  headers?: Record<string, string>;
  after?: boolean;
}

export interface MemoryRegistryOptions {
  immutable?: boolean;
  referrers?: boolean;
  /** Wanted user and password, and how they are asked for. */
  auth?: { scheme: "basic" | "bearer"; username: string; password: string };
  minimumChunkBytes?: number;
  mounts?: boolean;
}

interface Stored {
  bytes: Buffer;
  type: string;
}

export class MemoryRegistry {
  readonly seen: Seen[] = [];
  readonly faults: Fault[] = [];
  /** `name@digest`. */
  readonly blobs = new Map<string, Buffer>();
  /** `name@digest`. */
  readonly manifests = new Map<string, Stored>();
  /** `name:tag` to digest. */
  readonly tags = new Map<string, string>();
  readonly #options: MemoryRegistryOptions;
  readonly #uploads = new Map<string, Buffer>();
  readonly #server = http.createServer((request, response) => void this.#receive(request, response));
  #tokens = new Set<string>();

  private constructor(options: MemoryRegistryOptions) {
    this.#options = options;
  }

  static async start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry(options);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests as `METHOD /path`, without queries and identifiers of uploads. */
  get calls(): string[] {
    return this.seen.map(({ method, url }) => `${method} ${url.split("?")[0]?.replace(/uploads\/u\d+/, "uploads/U")}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, status: 0 };
    this.seen.push(seen);
    response.on("finish", () => {
      seen.status = response.statusCode;
    });
    const index = this.faults.findIndex((fault) => fault.method === seen.method && fault.path.test(seen.url));
    const [fault] = index < 0 ? [] : this.faults.splice(index, 1);
    const answer = fault && !fault.after ? undefined : this.#answer(seen, Buffer.concat(chunks));
    if (fault?.status === "reset") {
      request.socket.destroy();
    } else if (fault) {
      response.writeHead(fault.status, fault.headers).end();
    } else if (answer) {
      response.writeHead(answer.status, answer.headers).end(seen.method === "HEAD" ? undefined : answer.body);
    }
  }

  #answer(request: Seen, body: Buffer): Answer {
    const url = new URL(request.url, `http://${this.host}`);
    if (url.pathname === "/token") return this.#token(request, url);
    const refused = this.#checkAuth(request, url);
    if (refused) return refused;
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.+)$/.exec(url.pathname);
    const [, name = "", kind, reference = ""] = match ?? [];
    if (kind === "manifests") return this.#manifest(request, name, reference, body);
    if (kind === "blobs" && reference.startsWith("uploads/")) return this.#upload(request, url, name, body);
    if (kind === "blobs") return this.#blob(name, reference);
    if (kind === "tags") return this.#tagList(name, url);
    if (kind === "referrers" && this.#options.referrers) return this.#referrers(name, reference);
    return { status: 404, body: "404 page not found" };
  }

  #checkAuth({ headers }: Seen, url: URL): Answer | undefined {
    const { auth } = this.#options;
    if (!auth) return undefined;
    const basic = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
    const scope = `repository:${/^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname)?.[1]}:pull,push`;
    if (auth.scheme === "basic") {
      return headers.authorization === basic ? undefined : unauthorized('Basic realm="test"');
    }
    const token = headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (this.#tokens.has(token)) return undefined;
    return unauthorized(`Bearer realm="http://${this.host}/token",service="test",scope="${scope}"`);
  }

  #token({ headers }: Seen, url: URL): Answer {
    const auth = this.#options.auth;
    const basic = `Basic ${Buffer.from(`${auth?.username}:${auth?.password}`).toString("base64")}`;
    if (headers.authorization !== basic) return { status: 401, body: "{}" };
    const token = `token-for-${url.searchParams.getAll("scope").join("+")}`;
    this.#tokens.add(token);
    return { status: 200, body: JSON.stringify({ token }) };
  }

  /** As if every token had run out. */
  expireTokens(): void {
    this.#tokens = new Set();
  }

  #manifest({ method, headers }: Seen, name: string, reference: string, body: Buffer): Answer {
    const digest = reference.startsWith("sha256:") ? reference : this.tags.get(`${name}:${reference}`);
    if (method !== "PUT") {
      const stored = this.manifests.get(`${name}@${digest}`);
      if (!stored || !digest) return problem(404, "MANIFEST_UNKNOWN", "manifest unknown");
      return { status: 200, headers: typed(stored.type, digest), body: stored.bytes };
    }
    const actual = digestOf(body);
    if (reference.startsWith("sha256:") && reference !== actual) return problem(400, "DIGEST_INVALID", "no match");
    const isTag = !reference.startsWith("sha256:");
    if (this.#options.immutable && isTag && digest !== undefined && digest !== actual) {
      return problem(400, "TAG_INVALID", "The image tag already exists and cannot be overwritten");
    }
    const missing = this.#missingParts(name, JSON.parse(body.toString()) as Parts);
    if (missing) return problem(400, "MANIFEST_BLOB_UNKNOWN", missing);
    this.manifests.set(`${name}@${actual}`, { bytes: body, type: headers["content-type"] ?? "" });
    if (isTag) this.tags.set(`${name}:${reference}`, actual);
    return { status: 201, headers: { "docker-content-digest": actual } };
  }

  #missingParts(name: string, { config, layers = [], manifests = [] }: Parts): string | undefined {
    const blob = [...(config ? [config] : []), ...layers].find((part) => !this.blobs.has(`${name}@${part.digest}`));
    return (blob ?? manifests.find((part) => !this.manifests.has(`${name}@${part.digest}`)))?.digest;
  }

  #upload({ method, headers }: Seen, url: URL, name: string, body: Buffer): Answer {
    const location = (id: string) => ({ location: `/v2/${name}/blobs/uploads/${id}?state=x` });
    if (method === "POST") {
      const source = this.blobs.get(`${url.searchParams.get("from")}@${url.searchParams.get("mount")}`);
      if (source && this.#options.mounts !== false) {
        this.blobs.set(`${name}@${url.searchParams.get("mount")}`, source);
        return { status: 201 };
      }
      const id = `u${this.#uploads.size}`;
      this.#uploads.set(id, Buffer.alloc(0));
      const { minimumChunkBytes: least } = this.#options;
      return { status: 202, headers: { ...location(id), ...(least ? { "oci-chunk-min-length": String(least) } : {}) } };
    }
    const id = url.pathname.split("/").at(-1) ?? "";
    const before = this.#uploads.get(id);
    if (!before || url.searchParams.get("state") !== "x") return problem(404, "BLOB_UPLOAD_UNKNOWN", "unknown upload");
    const content = Buffer.concat([before, body]);
    if (method === "PATCH") {
      const range = `${before.length}-${content.length - 1}`;
      if (headers["content-range"] !== range) return { status: 416 };
      this.#uploads.set(id, content);
      return { status: 202, headers: { ...location(id), range: `0-${content.length - 1}` } };
    }
    const digest = url.searchParams.get("digest");
    if (digest !== digestOf(content)) return problem(400, "DIGEST_INVALID", "provided digest did not match");
    this.#uploads.delete(id);
    this.blobs.set(`${name}@${digest}`, content);
    return { status: 201, headers: { "docker-content-digest": digest } };
  }

  #blob(name: string, digest: string): Answer {
    const body = this.blobs.get(`${name}@${digest}`);
    return body ? { status: 200, body } : problem(404, "BLOB_UNKNOWN", "blob unknown");
  }

  /** Two a page, so that a client which reads one page only is found out. */
  #tagList(name: string, url: URL): Answer {
    const all = [...this.tags.keys()].filter((key) => key.startsWith(`${name}:`)).map((key) => key.split(":")[1] ?? "");
    const start = all.indexOf(url.searchParams.get("last") ?? "") + 1;
    const tags = all.slice(start, start + 2);
    const next = start + 2 < all.length ? { link: `</v2/${name}/tags/list?last=${tags.at(-1)}>; rel="next"` } : {};
    return { status: 200, headers: next, body: JSON.stringify({ name, tags }) };
  }

  #referrers(name: string, digest: string): Answer {
    const manifests = [...this.manifests].flatMap(([key, { bytes, type }]) => {
      const { subject } = JSON.parse(bytes.toString()) as { subject?: { digest: string } };
      const own = key.startsWith(`${name}@`) && subject?.digest === digest;
      return own ? [{ mediaType: type, digest: digestOf(bytes), size: bytes.length }] : [];
    });
    const type = "application/vnd.oci.image.index.v1+json";
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests });
    return { status: 200, headers: { "content-type": type }, body };
  }
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface Parts {
  config?: { digest: string };
  layers?: { digest: string }[];
  manifests?: { digest: string }[];
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function typed(type: string, digest: string): Record<string, string> {
  return { "content-type": type, "docker-content-digest": digest };
}

function problem(status: number, code: string, message: string): Answer {
  return { status, body: JSON.stringify({ errors: [{ code, message, detail: {} }] }) };
}

function unauthorized(challenge: string): Answer {
  return { ...problem(401, "UNAUTHORIZED", "authentication required"), headers: { "www-authenticate": challenge } };
}
