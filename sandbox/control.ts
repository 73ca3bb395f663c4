import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import type { Cloud } from "./cloud/index.ts";
import { FAULT_KINDS, type Fault } from "./faults.ts";
import { tail } from "./runtime/task-logs.ts";

/** What the control API needs of the daemon. */
export interface Controlled {
  readonly home: string;
  readonly cloud: Cloud;
  status(): Record<string, unknown>;
  reset(): Promise<void>;
  stop(final: boolean): Promise<void>;
}

const MAX_BODY = 1024 * 1024;
const DEFAULT_LINES = 200;

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS as [Fault["kind"], ...Fault["kind"][]]),
  match: z
    .strictObject({
      service: z.string().optional(),
      operation: z.string().optional(),
      type: z.string().optional(),
      name: z.string().optional(),
    })
    .default({}),
  times: z.int().min(1).optional(),
  ms: z.int().min(0).optional(),
  value: z.unknown().optional(),
});

const stopSchema = z.strictObject({ keepTasks: z.boolean().default(false) });

type Answer = { status: number; body: unknown };
type Handle = (
  daemon: Controlled,
  input: { body: unknown; query: URLSearchParams; rest: string },
) => Answer | Promise<Answer>;

const ok = (body: unknown = {}): Answer => ({ status: 200, body });

const ROUTES: Record<string, Handle> = {
  "GET status": (daemon) => ok(daemon.status()),
  "POST reset": async (daemon) => {
    await daemon.reset();
    return ok();
  },
  "POST stop": (daemon, { body }) => {
    const { keepTasks } = stopSchema.parse(body);
    // After the answer is out, as the server closes too.
    setTimeout(() => void daemon.stop(!keepTasks), 20);
    return ok();
  },
  "GET logs": (daemon, { query }) => {
    const lines = Number(query.get("lines") ?? DEFAULT_LINES);
    return ok({ lines: tail(join(daemon.home, "daemon.log"), lines) });
  },
  "GET faults": ({ cloud }) => ok(cloud.faults.list()),
  "POST faults": ({ cloud }, { body }) => ok(cloud.faults.add(faultSchema.parse(body) as Omit<Fault, "id">)),
  "DELETE faults": ({ cloud }, { rest }) => {
    cloud.faults.clear(rest || undefined);
    return ok();
  },
  "GET calls": ({ cloud }) => ok(cloud.faults.calls()),
  "DELETE calls": ({ cloud }) => {
    cloud.faults.mark();
    return ok();
  },
};

/**
 * Serves `/_sandbox/...`: `GET status`, `POST reset`, `POST stop` (`{"keepTasks": true}` for a restart), `GET logs?lines=200`,
 * `GET | POST | DELETE faults[/id]`, and `GET | DELETE calls` (counts of write calls since the start or the last DELETE).
 */
export function handleControl(daemon: Controlled, request: IncomingMessage, response: ServerResponse): void {
  respond(daemon, request)
    .catch((error: unknown) => {
      const refused = error instanceof z.ZodError || error instanceof SyntaxError;
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return { status: refused ? 400 : 500, body: { error: message } };
    })
    .then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body, null, 2)}\n`);
    });
}

async function respond(daemon: Controlled, request: IncomingMessage): Promise<Answer> {
  // A web page in the user's browser can reach loopback too; it must not be able to reset anything.
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (request.headers.origin !== undefined || !["127.0.0.1", "localhost"].includes(host)) {
    return { status: 403, body: { error: "only local clients, and no web pages" } };
  }
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const [, , name = "", rest = ""] = url.pathname.split("/");
  const handle = ROUTES[`${request.method} ${name}`];
  if (handle === undefined)
    return { status: 404, body: { error: `no such request: ${request.method} ${url.pathname}` } };
  return handle(daemon, { body: await bodyOf(request), query: url.searchParams, rest });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_BODY) throw new SyntaxError("the request is too long");
  }
  return text === "" ? {} : JSON.parse(text);
}
