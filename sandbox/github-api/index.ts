import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { CloudError } from "../cloud/error.ts";
import type { Cloud } from "../cloud/index.ts";
import { readBody } from "../wire/request.ts";
import { type Answer, findRoute } from "./routes.ts";

/** Where the API stands on the daemon's port. */
export const GITHUB_PATH = "/github";

/** A token that begins so may read; every other one administers all repositories. Real tokens are never asked for. */
const READER = "read-only";
const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 30;

/**
 * Serves `/github/repos/OWNER/NAME/...` as GitHub's REST API does: rulesets, environments and their branch policies, with pages by
 * `Link`, and without bypass actors for callers who may not write.
 *
 * @example http.createServer((req, res) => void createGithubHandler(cloud)(req, res))
 */
export function createGithubHandler(
  cloud: Pick<Cloud, "github" | "log">,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const { status, headers = {}, body } = await respond(cloud, request);
      const type = { "content-type": "application/json; charset=utf-8" };
      response.writeHead(status, body === undefined ? headers : { ...type, ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    } catch (error) {
      if (error instanceof CloudError && error.dropConnection) {
        response.destroy();
        return;
      }
      const { status, headers, message } = refusal(error);
      if (status >= 500 && !(error instanceof CloudError)) cloud.log(`github: ${message}`);
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
      response.end(
        JSON.stringify({ message, status: String(status), documentation_url: "https://docs.github.com/rest" }),
      );
    }
  };
}

interface Sent {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

async function respond(cloud: Pick<Cloud, "github">, request: IncomingMessage): Promise<Sent> {
  const { method = "GET", headers } = request;
  // A page in the user's browser can reach loopback too.
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  if (headers.origin !== undefined || !["127.0.0.1", "localhost"].includes(host)) {
    throw new CloudError("403", "only local clients, and no web pages", 403);
  }
  const token = /^(?:token|bearer) (\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) throw new CloudError("401", "Requires authentication", 401);
  const admin = !token.startsWith(READER);
  if (method !== "GET" && !admin) throw new CloudError("403", "Must have admin rights to Repository.", 403);
  const base = `http://${headers.host}${GITHUB_PATH}`;
  const url = new URL((request.url ?? "").slice(GITHUB_PATH.length), "http://127.0.0.1");
  const [, repos, owner, name, ...parts] = url.pathname.split("/").map(decodeURIComponent);
  const route = findRoute(method, parts);
  if (repos !== "repos" || !owner || !name || route === undefined) throw new CloudError("404", "Not Found", 404);
  const text = await readBody(request);
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const asked = {
    github: cloud.github,
    base,
    repository: `${owner}/${name}`,
    path: route.path,
    body,
    admin,
    app: appOf(token),
  };
  return paged(await route.run(asked), url, base);
}

/** A token says which app its bearer is, as a password does in a push. */
function appOf(token: string): number | null {
  return Number(/(?:^|\+)Integration:(\d+)/.exec(token)?.[1]) || null;
}

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function paged(answer: Answer, url: URL, base: string): Sent {
  if (!("items" in answer)) return answer;
  const { items, key } = answer;
  const asked = (name: string, fallback: number) => Math.max(1, Number(url.searchParams.get(name)) || fallback);
  const size = Math.min(MAX_PER_PAGE, asked("per_page", DEFAULT_PER_PAGE));
  const page = asked("page", 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string) => {
    const query = new URLSearchParams(url.searchParams);
    query.set("page", String(to));
    return `<${base}${url.pathname}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, "prev")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  const shown = items.slice((page - 1) * size, page * size);
  return {
    status: 200,
    headers: links.length > 0 ? { link: links.join(", ") } : {},
    body: key === undefined ? shown : { total_count: items.length, [key]: shown },
  };
}

/** An error as GitHub words it. Too many requests are refused with 403 or 429 and a time to wait. */
function refusal(error: unknown): { status: number; headers: Record<string, string>; message: string } {
  if (error instanceof z.ZodError) return { status: 422, headers: {}, message: z.prettifyError(error) };
  if (error instanceof SyntaxError) return { status: 400, headers: {}, message: "Problems parsing JSON" };
  if (!(error instanceof CloudError)) return { status: 500, headers: {}, message: String(error) };
  if (error.code === "ThrottlingException") {
    const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    return { status: 403, headers: { "retry-after": "1" }, message };
  }
  return { status: error.httpStatus, headers: {}, message: error.message };
}
