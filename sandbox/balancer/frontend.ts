import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TargetDoc } from "../cloud/elb-model.ts";
import type { Connections } from "./connections.ts";
import { answer, errorPage, type Outcome, proxy } from "./proxy.ts";
import { redirectTo } from "./redirect.ts";
import type { Group, ListenerRoutes, Route } from "./routing.ts";
import { viewOf } from "./rule-match.ts";
import { stickyCookie, stickyGroup } from "./stickiness.ts";
import { proxyUpgrade } from "./upgrade.ts";

/** One request as metrics count it. `targetGroup` is undefined when the load balancer answered by itself. */
export interface RequestRecord extends Outcome {
  loadBalancer: string;
  targetGroup: string | undefined;
}

export interface FrontendOptions {
  /** The routes in force at this moment. */
  routes(): ListenerRoutes | undefined;
  connections: Connections;
  record(record: RequestRecord): void;
}

/** Requests that take longer than this to send their headers are cut off, in milliseconds. */
const HEADERS_MS = 60_000;
/** What an application load balancer takes in one request's headers, in bytes. */
const MAX_HEADERS = 65_536;

/** The HTTP server of one listener; every request is routed by the routes of its own moment. */
export function createFrontend(options: FrontendOptions): Server {
  const server = createServer({ maxHeaderSize: MAX_HEADERS, headersTimeout: HEADERS_MS, requestTimeout: 0 });
  server.keepAliveTimeout = (options.routes()?.loadBalancer.idleSeconds ?? 60) * 1000;
  const open = new Set<ServerResponse>();
  server.on("request", (request, response) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    response.shouldKeepAlive &&= server.listening;
    serve(request, response, options);
  });
  server.on("closing", () => {
    for (const response of open) response.shouldKeepAlive = false;
  });
  // "Expect: 100-continue" is answered here; bodies then stream on as they come.
  server.on("checkContinue", (request, response) => {
    response.writeContinue();
    serve(request, response, options);
  });
  server.on("upgrade", (request, socket, head) => serveUpgrade(request, socket, head, options));
  return server;
}

function serve(request: IncomingMessage, response: ServerResponse, options: FrontendOptions): void {
  const routes = options.routes();
  const route = routes === undefined ? undefined : routeOf(routes, request);
  if (routes === undefined || route === undefined) unavailable(response);
  else if (route.kind === "redirect") redirectTo(request, response, route.config, listenerOf(routes));
  else if (route.kind === "forward") forward(request, response, routes, route, options);
  else {
    const { StatusCode: status, MessageBody: body = "", ContentType: type } = route.config;
    answer(response, Number(status), body, type ?? "text/plain");
  }
}

function unavailable(response: ServerResponse): void {
  answer(response, 503, errorPage(503, "Service Temporarily Unavailable"));
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ListenerRoutes,
  route: Route & { kind: "forward" },
  options: FrontendOptions,
): void {
  const loadBalancer = routes.loadBalancer.dimension;
  const chosen = choose(route, request);
  if (chosen.target === undefined) {
    options.record({ loadBalancer, targetGroup: undefined, ownStatus: 503, milliseconds: 0 });
    unavailable(response);
    return;
  }
  const { group, target } = chosen;
  proxy({
    request,
    response,
    target,
    connections: options.connections,
    listener: { ...listenerOf(routes), idleSeconds: routes.loadBalancer.idleSeconds },
    extraHeaders: route.stickySeconds === undefined ? [] : stickyCookie(group, route.stickySeconds),
    report: (outcome) => options.record({ ...outcome, loadBalancer, targetGroup: group.dimension }),
  });
}

function serveUpgrade(request: IncomingMessage, client: Duplex, head: Buffer, options: FrontendOptions): void {
  const routes = options.routes();
  const route = routes === undefined ? undefined : routeOf(routes, request);
  const chosen = route?.kind === "forward" ? choose(route, request) : undefined;
  if (routes === undefined || chosen?.target === undefined) {
    client.end("HTTP/1.1 503 Service Temporarily Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  const loadBalancer = routes.loadBalancer.dimension;
  const targetGroup = chosen.group.dimension;
  proxyUpgrade(request, client, head, chosen.target, options.connections, listenerOf(routes), (status, own) => {
    options.record({
      loadBalancer,
      targetGroup,
      milliseconds: 0,
      ...(own ? { ownStatus: status } : { targetStatus: status }),
    });
  });
}

function routeOf(routes: ListenerRoutes, request: IncomingMessage): Route {
  const peer = request.socket.remoteAddress ?? "";
  return routes.routeOf(viewOf(request.method ?? "GET", request.url ?? "/", request.headers, peer));
}

function choose(
  route: Route & { kind: "forward" },
  request: IncomingMessage,
): { group: Group; target: TargetDoc } | { group?: undefined; target?: undefined } {
  const sticky = route.stickySeconds === undefined ? undefined : stickyGroup(request, route.groups);
  const group = sticky ?? route.next();
  const target = group?.next();
  return group === undefined || target === undefined ? {} : { group, target };
}

function listenerOf(routes: ListenerRoutes): { protocol: string; port: number } {
  return { protocol: (routes.doc.shape.Protocol ?? "HTTP").toLowerCase(), port: routes.doc.shape.Port };
}
