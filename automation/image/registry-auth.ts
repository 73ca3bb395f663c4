/** Credentials for a registry: sent only when it asks, and only over TLS or to this machine. */
import { z } from "zod";
import { ImageError } from "./image-error.ts";
import { isLoopback } from "./reference.ts";

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** Asked at most once, when the registry first wants credentials; undefined stands for "none to be had". */
export type CredentialSource = () => Promise<RegistryCredentials | undefined>;

/** https://distribution.github.io/distribution/spec/auth/token/ */
const TOKEN_ANSWER = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
});

/** What the token specification assumes when the answer names no time, in seconds. */
const DEFAULT_TOKEN_SECONDS = 60;
/** A token is renewed this long before its end, in milliseconds, so that it holds for the request that it is put on. */
const TOKEN_MARGIN_MS = 10_000;

interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
}

/** Answers a registry's challenges (Basic, Bearer) and remembers what it was given. */
export class RegistryAuth {
  readonly #host: string;
  readonly #source: CredentialSource;
  #credentials: Promise<RegistryCredentials | undefined> | undefined;
  #basic: string | undefined;
  readonly #tokens = new Map<string, { token: string; endsAt: number }>();

  constructor(host: string, source: CredentialSource = async () => undefined) {
    this.#host = host;
    this.#source = source;
  }

  /** The Authorization header to send, as far as it is known already. */
  header(scope: string): string | undefined {
    const token = this.#tokens.get(scope);
    if (token && token.endsAt > Date.now()) return `Bearer ${token.token}`;
    return this.#basic;
  }

  /**
   * Takes a 401's challenge and gets what it wants.
   *
   * @param scope `repository:team/api:pull,push`, several separated by blanks
   * @throws {ImageError} `auth` when there are no credentials, or the token service refuses them
   */
  async answer(challenges: string | null, scope: string): Promise<void> {
    const known = parseChallenges(challenges ?? "");
    const bearer = known.find((challenge) => challenge.scheme === "bearer");
    if (bearer) {
      this.#tokens.set(scope, await this.#fetchToken(bearer.parameters, scope));
    } else if (known.some((challenge) => challenge.scheme === "basic")) {
      const credentials = await this.#load();
      if (!credentials) throw new ImageError("auth", `registry ${this.#host} wants credentials, and there are none`);
      this.#basic = basicHeader(credentials);
    } else {
      throw new ImageError("auth", `registry ${this.#host} wants a kind of login that is not known: ${challenges}`);
    }
  }

  #load(): Promise<RegistryCredentials | undefined> {
    this.#credentials ??= this.#source();
    return this.#credentials;
  }

  async #fetchToken(parameters: Record<string, string>, scope: string): Promise<{ token: string; endsAt: number }> {
    const url = URL.parse(parameters.realm ?? "");
    const safe = url && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.host)));
    if (!safe) {
      throw new ImageError("auth", `registry ${this.#host} names ${parameters.realm} for tokens, which is not https`);
    }
    if (parameters.service) url.searchParams.set("service", parameters.service);
    for (const part of scope.split(" ")) url.searchParams.append("scope", part);
    const credentials = await this.#load();
    const headers: Record<string, string> = credentials ? { authorization: basicHeader(credentials) } : {};
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(url, { headers, signal }).catch((error: Error) => {
      throw new ImageError("registry", `the token service ${url.host} did not answer`, { cause: error });
    });
    const body = TOKEN_ANSWER.safeParse(await response.json().catch(() => undefined));
    const token = body.data?.token ?? body.data?.access_token;
    if (!response.ok || token === undefined) {
      throw new ImageError("auth", `the token service ${url.host} gave no token (HTTP ${response.status})`, {
        hint: credentials ? "Check the credentials and what they allow" : "The registry may want credentials",
      });
    }
    const seconds = body.data?.expires_in ?? DEFAULT_TOKEN_SECONDS;
    return { token, endsAt: Date.now() + seconds * 1000 - TOKEN_MARGIN_MS };
  }
}

function basicHeader({ username, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/**
 * Reads a WWW-Authenticate header.
 *
 * @example
 * parseChallenges('Bearer realm="https://a/token",service="a"')[0]?.parameters.service; // "a"
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const part = /(?<key>[\w-]+)\s*=\s*(?:"(?<quoted>(?:\\.|[^"\\])*)"|(?<plain>[^\s,"]+))|(?<scheme>[\w-]+)/g;
  for (const { groups } of header.matchAll(part)) {
    if (groups?.scheme) challenges.push({ scheme: groups.scheme.toLowerCase(), parameters: {} });
    else if (groups?.key) {
      const value = groups.quoted?.replace(/\\(.)/g, "$1") ?? groups.plain ?? "";
      const last = challenges.at(-1);
      if (last) last.parameters[groups.key.toLowerCase()] = value;
    }
  }
  return challenges;
}
