import { startBalancers } from "./balancer/index.ts";
import { createCloud } from "./cloud/create.ts";
import type { Cloud, Part } from "./cloud/index.ts";
import { startRegistry } from "./registry/index.ts";
import { startRuntime } from "./runtime/index.ts";
import type { Store } from "./store.ts";

/** The cloud with everything that makes it move. A reset ends one world and opens the next. */
export interface World {
  cloud: Cloud;
  /** What each part says of itself. */
  status(): Record<string, unknown>;
  /** Ends all parts. `final`: tasks too. */
  close(final: boolean): Promise<void>;
}

export interface WorldOptions {
  home: string;
  store: Store;
  registryPort: number;
  log: (line: string) => void;
}

/** Opens the world that the store describes: tasks that live are adopted, dead ones are replaced. */
export async function openWorld({ home, store, registryPort, log }: WorldOptions): Promise<World> {
  const { inner, outer } = createCloud({ home, store, registryHost: `127.0.0.1:${registryPort}`, log });
  const parts = new Map<string, Part>();
  const close = async (final: boolean) => {
    for (const [name, part] of [...parts].reverse()) {
      await part.close(final).catch((error: unknown) => log(`cannot close ${name}: ${error}`));
    }
  };
  try {
    parts.set("registry", await startRegistry(outer, registryPort));
    parts.set("runtime", await startRuntime(inner));
    parts.set("balancers", await startBalancers(inner));
  } catch (error) {
    await close(false);
    throw error;
  }
  const status = () => Object.fromEntries([...parts].map(([name, part]) => [name, part.status?.() ?? {}]));
  return { cloud: outer, status, close };
}
