import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { Store } from "../../../sandbox/store.ts";
import { openWorld } from "../../../sandbox/world.ts";
import { serve, type WireServer } from "./harness.ts";

/** A whole sandbox inside this process: registry, tasks, balancers, and the wire protocols before them. */
export interface TestWorld extends WireServer {
  readonly cloud: Cloud;
}

/** @param log - @default the sandbox's own log lines are dropped */
export async function serveWorld(log: (line: string) => void = () => {}): Promise<TestWorld> {
  const home = await mkdtemp(path.join(tmpdir(), "sluice-world-"));
  const store = new Store(path.join(home, "state.db"));
  const world = await openWorld({ home, store, registryPort: await freePort(), log });
  const server = await serve(world.cloud);
  return {
    ...server,
    cloud: world.cloud,
    async close() {
      await server.close();
      await world.close(true);
      store.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
