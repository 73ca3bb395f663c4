/** The sandbox's daemon as seen from here: its own client, loaded when it is needed. */
import type { DaemonInfo } from "../sandbox/client.ts";
import { livingInfo } from "../sandbox/info.ts";
import { SluiceError } from "./errors.ts";
import type { Output } from "./output.ts";
import type { Places } from "./paths.ts";

/** @returns undefined where no daemon runs */
export function daemonAddress({ sandbox }: Pick<Places, "sandbox">): DaemonInfo | undefined {
  return livingInfo(sandbox);
}

/**
 * Starts the daemon unless it runs already, and replaces one that runs other code than this checkout's.
 *
 * @throws SluiceError where it does not start
 */
export async function startDaemon({ sandbox }: Pick<Places, "sandbox">, output: Output): Promise<DaemonInfo> {
  const { start } = await import("../sandbox/client.ts");
  try {
    const daemon = await start(sandbox);
    if (daemon.started) output.say(`started the sandbox (process ${daemon.pid})`);
    return daemon;
  } catch (error) {
    throw new SluiceError((error as Error).message, { cause: error, remedy: "sluice doctor" });
  }
}

export async function installPlugins({ pulumiHome, sandbox }: Places): Promise<void> {
  const { installPlugins: install } = await import("../sandbox/install-plugins.ts");
  install(pulumiHome, sandbox);
}
