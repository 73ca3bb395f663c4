import type { IncomingMessage, ServerResponse } from "node:http";
import type { RedirectActionConfig } from "@aws-sdk/client-elastic-load-balancing-v2";

/** Answers with a redirect action; `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}` stand for the request's. */
export function redirectTo(
  request: IncomingMessage,
  response: ServerResponse,
  config: RedirectActionConfig,
  listener: { protocol: string; port: number },
): void {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const values: Record<string, string> = {
    protocol: listener.protocol,
    host: (request.headers.host ?? "").replace(/:\d+$/, ""),
    port: String(listener.port),
    path: (mark < 0 ? url : url.slice(0, mark)).replace(/^\//, ""),
    query: mark < 0 ? "" : url.slice(mark + 1),
  };
  const fill = (text: string | undefined) =>
    (text ?? "").replace(/#\{(\w+)\}/g, (_all, key: string) => values[key] ?? "");
  const protocol = fill(config.Protocol).toLowerCase();
  const query = fill(config.Query);
  const location = `${protocol}://${fill(config.Host)}:${fill(config.Port)}${fill(config.Path)}${query && `?${query}`}`;
  response.writeHead(config.StatusCode === "HTTP_301" ? 301 : 302, {
    Server: "awselb/2.0",
    Location: location,
    "Content-Length": 0,
  });
  response.end();
}
