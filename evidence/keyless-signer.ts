/** Signing without a key of one's own: an OIDC token, a certificate for ten minutes, an entry in a public log. */
import { z } from "zod";
import { EvidenceError } from "./error.ts";
import type { EvidenceSigner } from "./signer.ts";

export interface KeylessArgs {
  /** Certificate authority. @default sigstore's public one */
  fulcioUrl?: string | undefined;
  /** Transparency log, version 1 of its API. @default sigstore's public one */
  rekorUrl?: string | undefined;
  /** @returns an OIDC token for the audience `sigstore` */
  token(): Promise<string>;
}

/** Milliseconds that the authority, the log and the issuer of tokens have for an answer; each is asked three times at most. */
const timeout = 10_000;
const retries = 2;

/**
 * Signs as whoever the token names: in GitHub Actions, the workflow. Sigstore's client is loaded with the first signature.
 *
 * @example
 * const signer = keylessSigner({ token: async () => process.env.SIGSTORE_ID_TOKEN ?? "" });
 */
export function keylessSigner({ fulcioUrl, rekorUrl, token }: KeylessArgs): EvidenceSigner {
  return {
    async sign(payload, payloadType) {
      const identityToken = checkToken(await token());
      const { DSSEBundleBuilder, FulcioSigner, RekorWitness, DEFAULT_FULCIO_URL, DEFAULT_REKOR_URL } = await import(
        "@sigstore/sign"
      );
      const { bundleToJSON } = await import("@sigstore/bundle");
      const [fulcioBaseURL, rekorBaseURL] = [fulcioUrl ?? DEFAULT_FULCIO_URL, rekorUrl ?? DEFAULT_REKOR_URL];
      const asked = { retry: { retries }, timeout };
      const builder = new DSSEBundleBuilder({
        signer: new FulcioSigner({
          fulcioBaseURL,
          identityProvider: { getToken: async () => identityToken },
          ...asked,
        }),
        witnesses: [new RekorWitness({ rekorBaseURL, ...asked })],
      });
      try {
        return bundleToJSON(await builder.create({ data: payload, type: payloadType }));
      } catch (error) {
        throw signingError(error, { fulcioBaseURL, rekorBaseURL });
      }
    },
  };
}

/**
 * The signer that the environment offers.
 *
 * @param env GitHub Actions' ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN (with `permissions: id-token: write`), else SIGSTORE_ID_TOKEN;
 *   SLUICE_FULCIO_URL and SLUICE_REKOR_URL for an instance of one's own
 * @returns undefined where it offers none
 * @example
 * const signer = keylessSignerFrom(process.env);
 */
export function keylessSignerFrom(env: Readonly<Record<string, string | undefined>>): EvidenceSigner | undefined {
  const token = tokenFrom(env);
  return token && keylessSigner({ token, fulcioUrl: serviceUrl(env, "FULCIO"), rekorUrl: serviceUrl(env, "REKOR") });
}

function serviceUrl(env: Readonly<Record<string, string | undefined>>, service: string): string | undefined {
  const name = `SLUICE_${service}_URL`;
  const url = env[name] || undefined;
  if (url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? "")) return url?.replace(/\/+$/, "");
  throw new EvidenceError(`${name} is no URL`, { exitCode: 2, remedy: "write it as https://HOST" });
}

function tokenFrom(env: Readonly<Record<string, string | undefined>>): (() => Promise<string>) | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer, SIGSTORE_ID_TOKEN: given } = env;
  if (url && bearer) return () => githubToken(url, bearer);
  return given ? async () => given : undefined;
}

const githubAnswer = z.object({ value: z.string().min(1) });

/** https://docs.github.com/en/actions/reference/security/oidc */
async function githubToken(url: string, bearer: string): Promise<string> {
  const asked = new URL(url);
  asked.searchParams.set("audience", "sigstore");
  for (let attempt = 0; ; attempt++) {
    try {
      const headers = { accept: "application/json", authorization: `Bearer ${bearer}` };
      const answer = await fetch(asked, { headers, signal: AbortSignal.timeout(timeout) });
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      return githubAnswer.parse(await answer.json()).value;
    } catch (cause) {
      if (attempt < retries) continue;
      // Neither the URL nor the answer: both are secrets.
      throw new EvidenceError("GitHub Actions gave no OIDC token", {
        exitCode: 3,
        details: [cause instanceof z.ZodError ? "its answer holds none" : (cause as Error).message],
        remedy: "give the job `permissions: id-token: write`",
      });
    }
  }
}

const claims = z.object({ email: z.string().optional(), sub: z.string().optional() });

/** The library's own error would print the token. */
function checkToken(token: string): string {
  try {
    const { email, sub } = claims.parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
    if (email ?? sub) return token;
  } catch {
    // The message below says it, and says nothing of the token.
  }
  throw new EvidenceError("the OIDC token is none", { exitCode: 3, remedy: "ask for one with the audience sigstore" });
}

function signingError(error: unknown, urls: { fulcioBaseURL: string; rekorBaseURL: string }): EvidenceError {
  const { code, message, cause } = error as Error & { code?: string };
  const [who, url] = code?.startsWith("TLOG_")
    ? ["the transparency log", urls.rekorBaseURL]
    : ["the certificate authority", urls.fulcioBaseURL];
  const details = [message, ...(cause instanceof Error && !message.includes(cause.message) ? [cause.message] : [])];
  return new EvidenceError(`evidence could not be signed: ${who} at ${url} failed`, { details, cause: error });
}
