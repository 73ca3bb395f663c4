import type { Server } from "node:http";

/** How long requests in flight may go on when a listener is closed, in milliseconds. */
const CLOSE_MS = 10_000;

/**
 * Binds the first of the ports that can be had. 0 means any free one; it is not tried after another reason than a port
 * that is taken or not allowed.
 *
 * @returns the port bound
 */
export async function listen(server: Server, host: string, ports: readonly number[]): Promise<number> {
  let problem: unknown;
  for (const port of ports) {
    problem = await tryListen(server, host, port);
    const address = server.address();
    if (problem === undefined && typeof address === "object" && address !== null) return address.port;
    const { code } = problem as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EADDRINUSE") break;
  }
  throw problem;
}

function tryListen(server: Server, host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve(error);
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", failed);
      resolve(undefined);
    });
  });
}

/**
 * Takes no new connections, lets requests in flight end, and cuts off those that take too long. A connection that is kept alive
 * ends with its next answer (see `createFrontend`), else a busy client would hold the server open.
 */
export function closeServer(server: Server, limitMs: number = CLOSE_MS): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.emit("closing");
    server.closeIdleConnections();
  });
}
