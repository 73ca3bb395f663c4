import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Cloud } from "../cloud/index.ts";
import { headBlob, readBlob } from "./blob-routes.ts";
import { deleteManifest, putManifest, readManifest } from "./manifest-routes.ts";
import { OciError, ociErrorOf } from "./oci-error.ts";
import { listTags, readReferrers } from "./read-routes.ts";
import { Uploads } from "./uploads.ts";

/** One request, taken apart. */
export interface Exchange {
  cloud: Cloud;
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  /** Repository. */
  name: string;
  /** Tag, digest or id of an upload, as the path ends. */
  reference: string;
}

type Handler = (exchange: Exchange) => Promise<void>;

const NAME = "(?<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)";

/** The HTTP server of the OCI distribution API 1.1 (https://github.com/opencontainers/distribution-spec). */
export function createRegistryServer(cloud: Cloud): Server {
  const uploads = new Uploads(cloud);
  const routes: { path: RegExp; methods: Record<string, Handler> }[] = [
    {
      path: new RegExp(`^/v2/${NAME}/blobs/uploads/?$`),
      methods: { POST: (exchange) => uploads.begin(exchange) },
    },
    {
      path: new RegExp(`^/v2/${NAME}/blobs/uploads/(?<reference>[^/]+)$`),
      methods: {
        GET: (exchange) => uploads.status(exchange),
        PATCH: (exchange) => uploads.append(exchange),
        PUT: (exchange) => uploads.finish(exchange),
        DELETE: (exchange) => uploads.cancel(exchange),
      },
    },
    { path: new RegExp(`^/v2/${NAME}/blobs/(?<reference>[^/]+)$`), methods: { GET: readBlob, HEAD: headBlob } },
    {
      path: new RegExp(`^/v2/${NAME}/manifests/(?<reference>[^/]+)$`),
      methods: { GET: readManifest, HEAD: readManifest, PUT: putManifest, DELETE: deleteManifest },
    },
    { path: new RegExp(`^/v2/${NAME}/tags/list$`), methods: { GET: listTags } },
    { path: new RegExp(`^/v2/${NAME}/referrers/(?<reference>[^/]+)$`), methods: { GET: readReferrers } },
  ];
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    void serve(cloud, routes, request, response);
  });
  return server;
}

async function serve(
  cloud: Cloud,
  routes: readonly { path: RegExp; methods: Record<string, Handler> }[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://registry");
  response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  try {
    if (url.pathname === "/v2/" || url.pathname === "/v2") {
      sendJson(response, 200, "application/json", "{}");
      return;
    }
    for (const route of routes) {
      const match = route.path.exec(decodeURIComponent(url.pathname));
      if (match === null) continue;
      const handler = route.methods[request.method ?? ""];
      if (handler === undefined) throw new OciError(405, "UNSUPPORTED", "The operation is unsupported.");
      const { name = "", reference = "" } = match.groups ?? {};
      await cloud.ecr.describeRepositories({ repositoryNames: [name] });
      await handler({ cloud, request, response, query: url.searchParams, name, reference });
      return;
    }
    throw new OciError(404, "UNSUPPORTED", `${request.method} ${url.pathname} is not supported`);
  } catch (error) {
    fail(cloud, request, response, error);
  }
}

function fail(cloud: Cloud, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known = ociErrorOf(error);
  const dropped = (error as { dropConnection?: boolean }).dropConnection === true;
  // Not `request.destroyed`: a body that was read to its end leaves the request so.
  if (response.headersSent || response.destroyed || dropped) {
    response.destroy();
    return;
  }
  if (known === undefined) cloud.log(`registry: ${request.method} ${request.url}: ${(error as Error).stack ?? error}`);
  const { status, code, message, headers } = known ?? new OciError(500, "UNKNOWN", "internal error of the registry");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // What is left of the body would be taken for the next request.
  if (!request.complete) response.setHeader("Connection", "close");
  const body = JSON.stringify({ errors: [{ code, message }] });
  sendJson(response, status, "application/json", request.method === "HEAD" ? "" : body);
  request.resume();
}

/** Sends a whole document. */
export function sendJson(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
