/** One registry's HTTP: schemes, credentials, retries, and its errors in words. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { ImageError } from "./image-error.ts";
import { isLoopback } from "./reference.ts";
import { type CredentialSource, RegistryAuth } from "./registry-auth.ts";

export interface RegistryOptions {
  /** Where credentials come from. @default none */
  readonly credentials?: CredentialSource;
  /** How often a request is sent at most. @default 5 */
  readonly attempts?: number;
  /** Waits; tests replace it. @default a timer */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the registry (`/v2/...`), or an absolute address that the registry gave. */
  readonly url: string | URL;
  /** What a token must allow. */
  readonly scope: string;
  readonly headers?: Record<string, string>;
  readonly body?: Blob | Uint8Array<ArrayBuffer>;
  /** Statuses that are an answer, not an error. @default any 2xx */
  readonly accept?: readonly number[];
  /** Sent again after a failure; off for a step of an upload, which must begin anew as a whole. @default true */
  readonly retry?: boolean;
  /** @default 60000 ms */
  readonly timeoutMs?: number;
}

/** A registry's refusal, as the distribution specification words it. */
export class RegistryRefusal extends ImageError {
  readonly status: number;
  /** For example `MANIFEST_UNKNOWN`, `TAG_INVALID`. */
  readonly codes: readonly string[];

  constructor(message: string, status: number, codes: readonly string[]) {
    super(status === 401 || status === 403 ? "auth" : "registry", message);
    this.status = status;
    this.codes = codes;
  }
}

/** A failure that may pass: worth the same request, or the same upload, again. */
export class RegistryOutage extends ImageError {
  /** What the registry asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super("registry", message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes; ECR adds its exceptions' names. */
const ERRORS = z.object({
  errors: z.array(z.object({ code: z.string().default(""), message: z.string().default("") }).loose()),
});

const PASSING = new Set([408, 429, 500, 502, 503, 504]);
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/** Speaks to one registry. Plain HTTP only to this machine: a name in a stack's config can never downgrade the rest. */
export class RegistryHttp {
  readonly host: string;
  readonly #base: URL;
  readonly #auth: RegistryAuth;
  readonly #attempts: number;
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(host: string, options: RegistryOptions = {}) {
    this.host = host;
    this.#base = new URL(`${isLoopback(host) ? "http" : "https"}://${host}`);
    this.#auth = new RegistryAuth(host, options.credentials);
    this.#attempts = options.attempts ?? 5;
    this.#sleep = options.sleep ?? delay;
  }

  /**
   * Sends a request, and again when the failure may pass.
   *
   * @throws {RegistryRefusal} when the registry says no
   * @throws {RegistryOutage} when it cannot be reached or fails, also on the last attempt
   */
  async send(request: RegistryRequest): Promise<Response> {
    if (request.retry === false) return this.#once(request);
    return this.retry(() => this.#once(request));
  }

  /** Repeats `action` while its failure may pass, waiting longer each time; a wait is never the same for two clients. */
  async retry<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof RegistryOutage) || attempt >= this.#attempts) throw error;
        const backoff = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        await this.#sleep(Math.min(Math.max(backoff, error.retryAfterMs ?? 0), LONGEST_WAIT_MS));
      }
    }
  }

  async #once(request: RegistryRequest): Promise<Response> {
    let response = await this.#fetch(request);
    if (response.status === 401) {
      await response.body?.cancel();
      await this.#auth.answer(response.headers.get("www-authenticate"), request.scope);
      response = await this.#fetch(request);
    }
    const accepted = request.accept?.includes(response.status) ?? response.ok;
    if (accepted) return response;
    const { text, codes } = await readErrors(response);
    const url = this.#resolve(request.url);
    const message = `registry ${this.host} answered HTTP ${response.status} to ${request.method} ${url.pathname}${text}`;
    if (!PASSING.has(response.status)) throw new RegistryRefusal(message, response.status, codes);
    throw new RegistryOutage(message, { retryAfterMs: retryAfter(response) });
  }

  #resolve(url: string | URL): URL {
    const resolved = new URL(url, this.#base);
    if (resolved.protocol !== "https:" && !isLoopback(resolved.host)) {
      throw new ImageError("registry", `registry ${this.host} sends us to ${resolved.origin}, which is not https`);
    }
    return resolved;
  }

  async #fetch(request: RegistryRequest): Promise<Response> {
    const url = this.#resolve(request.url);
    const authorization = url.origin === this.#base.origin ? this.#auth.header(request.scope) : undefined;
    try {
      return await fetch(url, {
        method: request.method,
        // What is stored is what is hashed: no compression on the way.
        headers: { "accept-encoding": "identity", ...request.headers, ...(authorization ? { authorization } : {}) },
        body: request.body ?? null,
        signal: AbortSignal.timeout(request.timeoutMs ?? 60_000),
      });
    } catch (error) {
      const reason = (error as Error).cause instanceof Error ? (error as { cause: Error }).cause : (error as Error);
      const { code } = reason as NodeJS.ErrnoException;
      throw new RegistryOutage(`registry ${this.host} cannot be reached (${code ?? reason.message})`, { cause: error });
    }
  }
}

async function readErrors(response: Response): Promise<{ text: string; codes: string[] }> {
  const body = await response.text().catch(() => "");
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  const errors = ERRORS.safeParse(parsed).data?.errors ?? [];
  const text = errors.map(({ code, message }) => `${code} ${message}`.trim()).join("; ") || body.slice(0, 200).trim();
  return { text: text ? `: ${text}` : "", codes: errors.map((error) => error.code) };
}

/** Retry-After in seconds or as a date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
