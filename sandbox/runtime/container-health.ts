import { spawn } from "node:child_process";
import type { HealthCheck } from "@aws-sdk/client-ecs";
import { type Launch, rewriteArgv } from "./command.ts";

/** The sandbox checks at least this often, in milliseconds, whatever the interval declared. */
const MAX_INTERVAL_MS = 1000;

export type ContainerHealth = "HEALTHY" | "UNHEALTHY";

/**
 * Runs a container's health command until `stop` is called, and tells of every change.
 *
 * Defaults and limits: API reference, HealthCheck.
 */
export function watchContainerHealth(
  check: HealthCheck,
  launch: Launch,
  rootfs: string,
  tell: (health: ContainerHealth) => void,
): { stop(): void } {
  const [kind, ...rest] = check.command ?? [];
  const argv = kind === "CMD-SHELL" ? ["/bin/sh", "-c", rest.join(" ")] : rewriteArgv(rest, rootfs);
  const begin = Date.now();
  let failures = 0;
  let last: ContainerHealth | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async () => {
    const ok = await runOnce(argv, launch, (check.timeout ?? 5) * 1000);
    if (stopped) return;
    const starting = Date.now() - begin < (check.startPeriod ?? 0) * 1000;
    failures = ok || starting ? 0 : failures + 1;
    const health = ok ? "HEALTHY" : failures >= (check.retries ?? 3) ? "UNHEALTHY" : last;
    if (health !== undefined && health !== last) tell(health);
    last = health;
    timer = setTimeout(run, Math.min((check.interval ?? 30) * 1000, MAX_INTERVAL_MS));
  };
  void run();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function runOnce(argv: readonly string[], { cwd, env }: Launch, timeout: number): Promise<boolean> {
  const [command = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: "ignore", timeout, killSignal: "SIGKILL" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
