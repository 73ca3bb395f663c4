/** A small HTTP service that shows which version answers, fails on request, and stops without losing a request. */
import { createServer } from "node:http";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { renderPage } from "./page.js";
import { readSettings } from "./settings.js";

/** Longest answer of /slow: below a balancer's usual idle timeout (60 s), which would cut it off. */
const SLOW_LIMIT_MS = 55_000;
/** A balancer reuses idle connections for up to 60 s: it, not we, must be the side that closes them. */
const KEEP_ALIVE_MS = 65_000;
/** A request may be on its way down a new connection while we stop: it gets so long to arrive. */
const SILENT_GRACE_MS = 1000;

const { settings, errors } = readSettings(process.env);
const started = Date.now();
let stopping = false;
let owedErrors = 0;

/** One JSON object a line on stdout. */
function log(level, message, fields = {}) {
  const time = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ time, level, message, version: settings.version, ...fields })}\n`);
}

function json(status, value, headers = {}) {
  const type = "application/json; charset=utf-8";
  return { status, headers: { "content-type": type, ...headers }, body: `${JSON.stringify(value)}\n` };
}

function health() {
  if (settings.failHealth) return json(503, { status: "failing", reason: "FAIL_HEALTH is set" });
  if (stopping) return json(503, { status: "stopping" });
  return json(200, { status: "ok", version: settings.version });
}

function page() {
  const upSeconds = Math.floor((Date.now() - started) / 1000);
  const facts = { version: settings.version, host: hostname(), upSeconds, node: process.version };
  const { html, policy } = renderPage(facts);
  return {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    body: html,
  };
}

async function slow(query) {
  const raw = query.get("ms") ?? "1000";
  const ms = /^\d{1,5}$/.test(raw) ? Number(raw) : Number.NaN;
  if (!(ms <= SLOW_LIMIT_MS)) return json(400, { error: `ms must be a whole number from 0 to ${SLOW_LIMIT_MS}` });
  await sleep(ms);
  return json(200, { sleptMs: ms, version: settings.version });
}

/** Spreads the errors evenly: a rate of 0.1 fails each tenth request, so that a test of it needs no luck. */
function failsNow() {
  owedErrors += settings.errorRate;
  if (owedErrors < 1 - 1e-9) return false;
  owedErrors -= 1;
  return true;
}

async function answer(request) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return json(405, { error: "only GET and HEAD are answered" }, { allow: "GET, HEAD" });
  }
  const [asked, search = ""] = (request.url ?? "/").split("?", 2);
  const path = asked.startsWith(`${settings.basePath}/`) ? asked.slice(settings.basePath.length) : asked;
  if (path === "/health") return health();
  if (settings.latencyMs > 0) await sleep(settings.latencyMs);
  if (failsNow()) return json(500, { error: "failed on request: ERROR_RATE is set", version: settings.version });
  if (path === "/") return page();
  if (path === "/version") return json(200, { version: settings.version });
  if (path === "/slow") return slow(new URLSearchParams(search));
  return json(404, { error: "nothing here; try /, /health, /version, /slow?ms=1000" });
}

async function handle(request, response) {
  const begun = performance.now();
  const { status, headers, body } = await answer(request);
  response.writeHead(status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // Tells the peer not to send its next request down a connection that is about to close.
    ...(stopping ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  // Health checks come every few seconds for ever: only a failing one is news.
  if (request.url === "/health" && status === 200) return;
  const ms = Math.round((performance.now() - begun) * 10) / 10;
  log(status >= 500 ? "error" : "info", "request", { method: request.method, url: request.url, status, ms });
}

const server = createServer(
  { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: KEEP_ALIVE_MS + 1000 },
  (request, response) => {
    handle(request, response).catch((error) => {
      log("error", "request failed", { url: request.url, error: String(error?.stack ?? error) });
      response.destroy();
    });
  },
);

/** Connections, and whether a request is being answered on each. */
const connections = new Map();

server.on("connection", (socket) => {
  connections.set(socket, false);
  socket.once("close", () => connections.delete(socket));
});
server.on("request", (request, response) => {
  connections.set(request.socket, true);
  response.once("close", () => connections.has(request.socket) && connections.set(request.socket, false));
});

/** Stops accepting, lets requests in flight finish; the platform's SIGKILL bounds the wait, a second signal ends it. */
function stop(signal) {
  if (stopping) {
    log("error", "stopped at once", { signal });
    process.exit(1);
  }
  stopping = true;
  log("info", "stopping", { signal });
  if (!server.listening) process.exit(0);
  // Closes idle connections too; the busy ones close with their answer ("connection: close").
  server.close(() => {
    log("info", "stopped");
    process.exit(0);
  });
  // A connection that never sent a request is not idle for Node, and would hold the stop for ever.
  setTimeout(() => {
    for (const [socket, busy] of connections) if (!busy) socket.destroy();
  }, SILENT_GRACE_MS);
}

async function main() {
  if (errors.length > 0) {
    for (const error of errors) log("error", error);
    process.exit(2);
  }
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (settings.crashAfterMs !== undefined) {
    setTimeout(() => {
      log("error", "crashed on request: CRASH_AFTER_MS is set");
      process.exit(1);
    }, settings.crashAfterMs);
  }
  if (settings.startDelayMs > 0) await sleep(settings.startDelayMs);
  server.on("error", (error) => {
    log("error", "cannot listen", { host: settings.host, port: settings.port, error: error.message });
    process.exit(1);
  });
  server.listen(settings.port, settings.host, () => {
    const { address, port } = server.address();
    log("info", "listening", { host: address, port });
  });
}

await main();
