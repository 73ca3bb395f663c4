/**
 * A certificate authority, a certificate log and a transparency log of a test's own, over HTTP on loopback: sigstore's mock
 * behind node:http. Keyless signing is proven against these; the public instance is out of a test's reach.
 */
import { createHash, generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  fulcioHandler,
  type HandlerFn,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  rekorHandler,
} from "@sigstore/mock";

export interface SigstoreInstance extends AsyncDisposable {
  url: string;
  /** What a trusted_root.json says of this instance. */
  trustedRoot: object;
  writeTrustedRoot(file: string, change?: (root: TrustedRootFile) => void): Promise<string>;
  /** Whatever the log is to do other than well. */
  faults: { status?: number; dropEntry?: boolean };
}

export interface TrustedRootFile {
  tlogs: object[];
  ctlogs: object[];
  certificateAuthorities: object[];
}

/**
 * @param clock when certificates are made and entries logged
 * @default the time it is
 */
export async function startSigstore(clock?: { authority?: Date; log?: Date }): Promise<SigstoreInstance> {
  const pairs = ["prime256v1", "P-256", "P-256"].map((namedCurve) => generateKeyPairSync("ec", { namedCurve }));
  const [authorityKeys, ctKeys, logKeys] = pairs as [(typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0]];
  const ctLog = await initializeCTLog(ctKeys, clock?.authority);
  const authority = await initializeCA(authorityKeys, ctLog, clock?.authority);
  const faults: SigstoreInstance["faults"] = {};
  const handlers: { path: string; fn: HandlerFn }[] = [fulcioHandler(authority, { subjectClaim: "sub" })];
  const server = createServer(async (request, response) => {
    const handler = handlers.find(({ path }) => path === request.url);
    const body = await text(request);
    const {
      statusCode,
      response: answer,
      contentType,
    } = handler ? await handler.fn(body) : { statusCode: 404, response: "", contentType: "text/plain" };
    response.writeHead(faults.status ?? statusCode, { "content-type": contentType ?? "text/plain" });
    response.end(faults.status === undefined ? answer : `{"message":"the test says ${faults.status}"}`);
  });
  const url = await listen(server);
  const log = await initializeTLog(url, logKeys, clock?.log);
  const { path, fn } = rekorHandler(log);
  handlers.push({ path, fn: (body) => fn(canonicalEntry(body)) });
  const trustedRoot = rootOf({ authority: authority.rootCertificate, ct: ctLog.publicKey, log: log.publicKey, url });
  return {
    url,
    trustedRoot,
    faults,
    async writeTrustedRoot(file, change) {
      const root = structuredClone(trustedRoot);
      change?.(root);
      await writeFile(file, JSON.stringify(root));
      return file;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What Rekor makes of a proposal before it logs it, which the mock leaves out: hashes and signatures in place of the envelope. */
function canonicalEntry(body: string): string {
  const { apiVersion, kind, spec } = JSON.parse(body);
  const { envelope, verifiers } = spec.proposedContent;
  const { payload, signatures } = JSON.parse(envelope);
  const hash = (bytes: Buffer | string) => ({
    algorithm: "sha256",
    value: createHash("sha256").update(bytes).digest("hex"),
  });
  return JSON.stringify({
    apiVersion,
    kind,
    spec: {
      envelopeHash: hash(envelope),
      payloadHash: hash(Buffer.from(payload, "base64")),
      signatures: [{ signature: signatures[0].sig, verifier: verifiers[0] }],
    },
  });
}

interface Roots {
  authority: ArrayBufferView;
  ct: Buffer;
  log: Buffer;
  url: string;
}

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto */
function rootOf({
  authority,
  ct,
  log,
  url,
}: Roots): TrustedRootFile & { mediaType: string; timestampAuthorities: object[] } {
  const validFor = { start: "2020-01-01T00:00:00Z" };
  const logOf = (key: Buffer) => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: key.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
    logId: { keyId: createHash("sha256").update(key).digest("base64") },
  });
  const rawBytes = Buffer.from(authority.buffer, authority.byteOffset, authority.byteLength).toString("base64");
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logOf(log)],
    ctlogs: [logOf(ct)],
    certificateAuthorities: [
      ...[
        {
          subject: { organization: "test", commonName: "test" },
          uri: url,
          certChain: { certificates: [{ rawBytes }] },
          validFor,
        },
      ],
    ],
    timestampAuthorities: [],
  };
}

/** An OIDC token as the mock reads it: nobody signs it. */
export function tokenOf(claims: { iss: string; sub: string }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.`;
}
