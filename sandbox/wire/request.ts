import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CloudError } from "../cloud/error.ts";
import { type ServiceDescription, services } from "./services.ts";

/**
 * Largest request body taken, in bytes, before and after decompression. The largest that AWS takes in these protocols is an
 * image manifest (ECR PutImage: `imageManifest` up to 4,194,304 characters).
 */
export const maximumBodyBytes = 5 * 1024 * 1024;

const unzip = promisify(gunzip);

/**
 * Reads a body to its end, or refuses it.
 *
 * @throws CloudError RequestEntityTooLargeException (413), SerializationException (broken gzip, or not UTF-8), and
 *   UnsupportedMediaTypeException for other encodings.
 */
export async function readBody(req: IncomingMessage, limit = maximumBodyBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is still read, and dropped: a client that is cut off while it sends would see a broken pipe, not the answer.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw tooLarge(limit);
  return decodeText(await decompress(Buffer.concat(chunks), req.headers, limit));
}

async function decompress(body: Buffer, headers: IncomingHttpHeaders, limit: number): Promise<Buffer> {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return body;
  // Clients compress large PutMetricData requests.
  if (encoding !== "gzip") {
    throw new CloudError("UnsupportedMediaTypeException", `content-encoding ${encoding} is not understood`, 415);
  }
  try {
    return await unzip(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw new CloudError("SerializationException", "the body is not valid gzip");
  }
}

function decodeText(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new CloudError("SerializationException", "the body is not UTF-8");
  }
}

function tooLarge(limit: number): CloudError {
  return new CloudError("RequestEntityTooLargeException", `the body is larger than ${limit} bytes`, 413);
}

/** Who a request is for. */
export interface Addressee {
  readonly service: ServiceDescription;
  /** Region that signed it. @default the sandbox's own */
  readonly region?: string;
}

/**
 * The service that a request is for: the one that signed it (SigV4 credential scope), else the one that X-Amz-Target names.
 *
 * A request with neither is refused: a web page in a browser can send such forms to a loopback port, but not these headers.
 *
 * @throws CloudError MissingAuthenticationToken (403), or UnknownOperationException naming the service (404)
 */
export function findAddressee(headers: IncomingHttpHeaders): Addressee {
  const scope = credentialScope(headers.authorization);
  const target = targetPrefix(headers);
  if (scope === undefined && target === undefined) {
    throw new CloudError("MissingAuthenticationToken", "the request is not signed and names no X-Amz-Target", 403);
  }
  const service = services.find((one) =>
    scope === undefined ? one.protocol === "json" && one.target === target : one.signingName === scope.service,
  );
  if (service === undefined) {
    const asked = scope?.service ?? target;
    throw new CloudError("UnknownOperationException", `the sandbox serves no service named ${asked}`, 404);
  }
  return scope?.region === undefined ? { service } : { service, region: scope.region };
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, ...`; the asymmetric variant has no region. */
function credentialScope(authorization: string | undefined): { service: string; region?: string } | undefined {
  const scope = /^AWS4-[A-Z0-9-]+ .*?Credential=([^,\s]+)/.exec(authorization ?? "")?.[1]?.split("/");
  const service = scope?.at(-2);
  if (scope === undefined || service === undefined || scope.at(-1) !== "aws4_request") return undefined;
  const region = scope.length >= 5 ? scope.at(-3) : undefined;
  return region !== undefined && /^[a-z]{2}(-[a-z]+)+-\d+$/.test(region) ? { service, region } : { service };
}

function targetPrefix(headers: IncomingHttpHeaders): string | undefined {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? target.split(".")[0] : undefined;
}

/**
 * The operation that a JSON request names in X-Amz-Target.
 *
 * @throws CloudError UnknownOperationException when the header is absent or names another service's target
 */
export function jsonOperation(headers: IncomingHttpHeaders, service: ServiceDescription): string {
  const [prefix, operation, ...rest] = String(headers["x-amz-target"] ?? "").split(".");
  if (prefix !== service.target || !operation || rest.length > 0) {
    const got = headers["x-amz-target"] === undefined ? "is absent" : `is ${headers["x-amz-target"]}`;
    throw new CloudError("UnknownOperationException", `X-Amz-Target ${got}, not ${service.target}.<operation>`);
  }
  return operation;
}
