import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cloud } from "../../../../sandbox/cloud/index.ts";
import { Store } from "../../../../sandbox/store.ts";
import { openWorld, type World } from "../../../../sandbox/world.ts";

/** A sandbox without the daemon around it: real ports, real processes, a folder of its own. */
export interface TestWorld {
  cloud: Cloud;
  home: string;
  registry: string;
  logs: string[];
  /** Ends all parts and opens them again on the same folder, as a restarted daemon does. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export async function openTestWorld(): Promise<TestWorld> {
  const home = await mkdtemp(join(tmpdir(), "sluice-dataplane-"));
  const registryPort = await freePort();
  const logs: string[] = [];
  let store: Store;
  let world: World;
  const open = async () => {
    store = new Store(join(home, "state.db"));
    world = await openWorld({ home, store, registryPort, log: (line) => logs.push(line) });
    made.cloud = world.cloud;
  };
  const made = {
    home,
    registry: `127.0.0.1:${registryPort}`,
    logs,
    async reopen() {
      await world.close(false);
      store.close();
      await open();
    },
    async close() {
      await world.close(true);
      store.close();
      await rm(home, { recursive: true, force: true });
    },
  } as TestWorld;
  await open();
  return made;
}

/** Waits until `look` gives something, and gives it; fails after the limit with what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 15_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let problem: unknown;
  while (Date.now() < end) {
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never happened: ${what}${problem === undefined ? "" : ` (${problem})`}`);
}
