import { type ChildProcess, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { openRepository } from "./repositories.ts";

/** Where repositories stand on the daemon's port: `/git/OWNER/NAME.git`. */
export const GIT_PATH = "/git";

/** Room for the headers of git's answer. */
const MAX_HEAD = 64 * 1024;

/**
 * Serves git's smart HTTP protocol by git's own `http-backend`. The password says who pushes, by the actors that rulesets know, joined by `+`:
 * `http://x:User:11+Team:7@127.0.0.1:PORT/git/acme/shop.git` (a colon in a URL's password is written `%3A`).
 *
 * @example http.createServer((req, res) => handleGit(home, req, res))
 */
export function handleGit(home: string, request: IncomingMessage, response: ServerResponse): void {
  const refusal = refusalOf(request);
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const found = /^\/git\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname);
  const name = refusal === undefined ? found?.[1] : undefined;
  const folder = name === undefined ? undefined : openRepository(home, decodeURIComponent(name));
  const actors = passwordOf(request.headers.authorization);
  if (refusal !== undefined) {
    response.writeHead(403).end(`${refusal}\n`);
  } else if (folder === undefined) {
    response.writeHead(404).end("no such repository\n");
  } else if (actors === "" && `${url.pathname}${url.search}`.includes("git-receive-pack")) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="sandbox"' }).end("say who pushes\n");
  } else {
    const asked = { path: `/${found?.[2]}`, query: url.search.slice(1), actors };
    serve(startBackend(folder, request, asked), request, response);
  }
}

/** A page in the user's browser can reach loopback too. */
function refusalOf({ headers }: IncomingMessage): string | undefined {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  const local = headers.origin === undefined && ["127.0.0.1", "localhost"].includes(host);
  return local ? undefined : "only local clients, and no web pages";
}

function passwordOf(authorization = ""): string {
  const encoded = /^basic (\S+)$/i.exec(authorization)?.[1] ?? "";
  return Buffer.from(encoded, "base64")
    .toString("utf8")
    .replace(/^[^:]*:?/, "");
}

function startBackend(
  folder: string,
  { method = "GET", headers }: IncomingMessage,
  { path, query, actors }: { path: string; query: string; actors: string },
): ChildProcess {
  const header = (name: string) => String(headers[name] ?? "");
  return spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROJECT_ROOT: folder,
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: method,
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_USER: actors,
      CONTENT_TYPE: header("content-type"),
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: header("content-length") }),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
    },
  });
}

/** RFC 3875: headers, an empty line, the body. */
function serve(backend: ChildProcess, request: IncomingMessage, response: ServerResponse): void {
  const { stdin, stdout } = backend;
  if (stdin === null || stdout === null) throw new Error("git http-backend has no pipes");
  const fail = () => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  };
  let head = Buffer.alloc(0);
  const begin = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (head.length > MAX_HEAD) backend.kill();
      return;
    }
    const fields = head
      .subarray(0, end)
      .toString("latin1")
      .split("\r\n")
      .map((line) => line.split(/:\s*/, 2));
    const status = Number(fields.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== "Status")));
    response.write(head.subarray(end + 4));
    stdout.off("data", begin);
    stdout.pipe(response);
  };
  stdout.on("data", begin);
  backend.on("error", fail);
  backend.on("close", () => {
    if (!response.headersSent) fail();
  });
  stdin.on("error", () => {});
  request.pipe(stdin);
  response.on("close", () => backend.kill());
}
