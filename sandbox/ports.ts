import { createServer, type Server } from "node:net";
import type { Store } from "./store.ts";

export const PORT_NAMES = ["api", "registry", "aws", "github", "random"] as const;
export type Ports = Record<(typeof PORT_NAMES)[number], number>;

/**
 * Ports of the daemon: those of last time where they are free, so that image names and URLs stay what they were.
 * All are held until all are known, so no two are the same.
 */
export async function choosePorts(store: Store): Promise<Ports> {
  const known = store.get<Partial<Ports>>("daemon", "ports") ?? {};
  const servers: Server[] = [];
  const entries: [string, number][] = [];
  for (const name of PORT_NAMES) {
    const server = (await hold(known[name] ?? 0)) ?? (await hold(0));
    if (server === undefined) throw new Error("no free port on 127.0.0.1");
    servers.push(server);
    const address = server.address();
    entries.push([name, typeof address === "object" && address ? address.port : 0]);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const ports = Object.fromEntries(entries) as Ports;
  store.put("daemon", "ports", ports);
  return ports;
}

/** A server on the port; undefined when somebody else has it. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
