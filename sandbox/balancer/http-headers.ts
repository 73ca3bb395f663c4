import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Raw headers (name, value, name, value, ...) without those of the connection. */
export function endToEnd(message: IncomingMessage, except: readonly string[] = []): string[] {
  const named = (message.headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([...HOP_BY_HOP, ...except, ...named]);
  const kept: string[] = [];
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const [name = "", value = ""] = message.rawHeaders.slice(index, index + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** Whether a body follows; nothing else may be sent twice. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** The headers of the request to the target, with what a load balancer adds. */
export function requestHeaders(request: IncomingMessage, protocol: string, port: number, keepAlive: boolean): string[] {
  const added = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "expect"];
  const headers = endToEnd(request, request.headers["content-length"] === "0" ? [...added, "content-length"] : added);
  const peer = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const before = request.headers["x-forwarded-for"];
  headers.push("X-Forwarded-For", before === undefined ? peer : `${String(before)}, ${peer}`);
  headers.push("X-Forwarded-Proto", protocol, "X-Forwarded-Port", String(port));
  if (request.headers["x-amzn-trace-id"] === undefined) headers.push("X-Amzn-Trace-Id", traceId());
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  else if (!hasBody(request) && !["GET", "HEAD"].includes(request.method ?? "")) headers.push("Content-Length", "0");
  headers.push("Connection", keepAlive ? "keep-alive" : "close");
  return headers;
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")}`;
}
