/** The sandbox's daemon as seen from here: found by the file that it writes, started through its own client. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Output } from "./output.ts";
import type { Places } from "./paths.ts";
import { isAlive } from "./process.ts";

/** What `daemon.json` says; written when the daemon is ready. */
export interface DaemonAddress {
  pid: number;
  apiPort: number;
  registryPort: number;
}

/** @returns undefined where no daemon runs */
export function daemonAddress({ sandbox }: Pick<Places, "sandbox">): DaemonAddress | undefined {
  try {
    const address = JSON.parse(readFileSync(path.join(sandbox, "daemon.json"), "utf8")) as DaemonAddress;
    return isAlive(address.pid) ? address : undefined;
  } catch {
    return undefined;
  }
}

export async function startDaemon(places: Places, output: Output): Promise<void> {
  if (daemonAddress(places) !== undefined) return;
  output.say("starting the sandbox");
  const { start } = (await import(new URL("../sandbox/client.ts", import.meta.url).href)) as {
    start(home: string): Promise<unknown>;
  };
  await start(places.sandbox);
}

export async function installPlugins({ pulumiHome, sandbox }: Places): Promise<void> {
  const module = new URL("../sandbox/install-plugins.ts", import.meta.url).href;
  const { installPlugins: install } = (await import(module)) as {
    installPlugins(pulumiHome: string, sandbox: string): Promise<void>;
  };
  await install(pulumiHome, sandbox);
}
