import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { TargetDoc } from "../cloud/elb-model.ts";
import type { Connections } from "./connections.ts";
import { endToEnd, hasBody, requestHeaders } from "./http-headers.ts";

/** The time that a target has to accept a connection (ELB documentation, "HTTP 504"). */
const CONNECT_MS = 10_000;

/** What is told about each request when its answer has begun or has failed. */
export interface Outcome {
  /** Of the target's answer; undefined when there was none. */
  targetStatus?: number;
  /** Of the load balancer's own answer. */
  ownStatus?: number;
  /** From sending the request to the first byte of the answer. */
  milliseconds: number;
}

export interface ProxyOptions {
  request: IncomingMessage;
  response: ServerResponse;
  target: TargetDoc;
  connections: Connections;
  listener: { protocol: string; port: number; idleSeconds: number };
  /** Headers put on the answer, e.g. cookies. */
  extraHeaders: readonly string[];
  /** Called once. */
  report(outcome: Outcome): void;
}

/** The load balancer's own answer. */
export function answer(response: ServerResponse, status: number, body: string, type = "text/html"): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { Server: "awselb/2.0", "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

export function errorPage(status: number, title: string): string {
  const name = `${status} ${title}`;
  return `<html>\r\n<head><title>${name}</title></head>\r\n<body>\r\n<center><h1>${name}</h1></center>\r\n</body>\r\n</html>\r\n`;
}

/**
 * Passes one request to its target and the answer back, both as streams.
 *
 * Requests without a body use kept connections: a target may close one at the very moment it is used, so a reset before
 * any byte of an answer is tried once more on a new connection. Requests with a body cannot be sent twice and get a new
 * connection from the start.
 */
export function proxy(options: ProxyOptions): void {
  const { request, response, target, connections } = options;
  const { agent, done } = connections.enter(target);
  const begin = performance.now();
  const body = hasBody(request);
  let upstream: ClientRequest | undefined;
  let settled = false;
  const report = (outcome: Omit<Outcome, "milliseconds">) => {
    if (settled) return;
    settled = true;
    options.report({ ...outcome, milliseconds: performance.now() - begin });
  };
  const fail = (status: number, title: string) => {
    report({ ownStatus: status });
    upstream?.destroy();
    answer(response, status, errorPage(status, title));
  };
  response.once("close", () => {
    // The client went away, or everything was sent: either way nobody waits for this target any more.
    if (!response.writableFinished) upstream?.destroy();
    done();
  });

  const send = (kept: boolean) => {
    const { protocol, port } = options.listener;
    const attempt = httpRequest({
      host: target.ip,
      port: target.port,
      method: request.method ?? "GET",
      path: request.url ?? "/",
      headers: requestHeaders(request, protocol, port, kept),
      agent: kept ? agent : false,
      setHost: false,
    });
    upstream = attempt;
    limitTime(attempt, options.listener.idleSeconds, () => fail(504, "Gateway Time-out"));
    attempt.once("response", (answered) => {
      report({ targetStatus: answered.statusCode ?? 502 });
      passBack(answered, response, options.extraHeaders);
    });
    attempt.on("error", (error: NodeJS.ErrnoException) => {
      if (response.destroyed || settled) {
        // An answer cut off in the middle must not look complete.
        if (!response.writableEnded) response.destroy();
        return;
      }
      const reset = error.code === "ECONNRESET" || error.code === "EPIPE";
      if (kept && reset && attempt.reusedSocket) send(false);
      else fail(502, "Bad Gateway");
    });
    if (body) request.pipe(attempt);
    else attempt.end();
  };
  send(!body);
}

function limitTime(attempt: ClientRequest, idleSeconds: number, expired: () => void): void {
  attempt.once("socket", (socket) => {
    if (socket.connecting) {
      const timer = setTimeout(expired, CONNECT_MS);
      socket.once("connect", () => clearTimeout(timer));
      socket.once("close", () => clearTimeout(timer));
    }
  });
  attempt.setTimeout(idleSeconds * 1000, expired);
}

function passBack(answered: IncomingMessage, response: ServerResponse, extraHeaders: readonly string[]): void {
  const headers = [...endToEnd(answered), ...extraHeaders];
  response.writeHead(answered.statusCode ?? 502, answered.statusMessage ?? "", headers);
  // Headers go out at once: an event stream may send its first byte much later.
  response.flushHeaders();
  answered.once("error", () => response.destroy());
  answered.once("aborted", () => response.destroy());
  answered.pipe(response);
}
