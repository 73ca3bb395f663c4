import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "./store.ts";

export const PORT_NAMES = ["api", "registry", "aws", "github", "kubernetes", "random"] as const;
export type Ports = Record<(typeof PORT_NAMES)[number], number>;

/** Below the range that Linux gives to outgoing connections (32768 on), which would take a port while we are down. */
const RANGE = { first: 15_000, last: 31_999 };
/** A killed daemon that was starting a task leaves a child that has its sockets for some milliseconds more. */
const PATIENCE_MS = 2_000;

/**
 * Ports of the daemon: those of last time where they are free, so that image names and URLs stay what they were.
 * All are held until all are known, so no two are the same.
 */
export async function choosePorts(store: Store): Promise<Ports> {
  const known = store.get<Partial<Ports>>("daemon", "ports") ?? {};
  const servers: Server[] = [];
  const entries: [string, number][] = [];
  for (const name of PORT_NAMES) {
    const server = (await holdKnown(known[name])) ?? (await holdNew());
    servers.push(server);
    const address = server.address();
    entries.push([name, typeof address === "object" && address ? address.port : 0]);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const ports = Object.fromEntries(entries) as Ports;
  store.put("daemon", "ports", ports);
  return ports;
}

/**
 * Listens on a loopback port, and waits a moment where the last daemon has not quite let go of it.
 *
 * @throws Error with code EADDRINUSE where somebody else has it
 * @example
 * await listenPatiently(server, 15000);
 */
export async function listenPatiently(server: Server, port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await listen(server, port);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

/** A server on the port of last time; undefined when there is none, or somebody else has it. */
async function holdKnown(port: number | undefined): Promise<Server | undefined> {
  if (port === undefined) return undefined;
  const server = createServer();
  return listenPatiently(server, port).then(
    () => server,
    () => undefined,
  );
}

async function holdNew(): Promise<Server> {
  for (let tries = 0; tries < 100; tries++) {
    const server = createServer();
    const port = randomInt(RANGE.first, RANGE.last + 1);
    const held = await listen(server, port).then(
      () => true,
      () => false,
    );
    if (held) return server;
  }
  throw new Error(`no free port on 127.0.0.1 from ${RANGE.first} to ${RANGE.last}`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
