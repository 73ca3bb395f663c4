import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import { codeHash, type DaemonInfo, livingInfo, PORT_TAKEN } from "./info.ts";
import { startTimeOf } from "./runtime/processes.ts";
import { tail } from "./runtime/task-logs.ts";

export type { DaemonInfo } from "./info.ts";

const START_MS = 30_000;
/** Tasks get up to their stop timeout (30 s by default, 120 s at most) to end by themselves. */
const STOP_MS = 150_000;
const POLL_MS = 25;
/** What the daemon, and so every task, sees of the caller's environment. */
const ENVIRONMENT = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "XDG_CACHE_HOME"];

/** The daemon does not run; `start` helps. */
export class NotRunning extends Error {
  override readonly name = "NotRunning";

  constructor(home: string) {
    super(`the sandbox does not run (${home}); start it with: npx sluice sandbox start`);
  }
}

/**
 * Starts the daemon of this home, unless it runs; safe when two do it at once. A dead one is replaced, and so is one that runs
 * other code than this, unless it is at work; tasks live on either way.
 *
 * @param home folder of the daemon (`<SLUICE_HOME>/sandbox`)
 * @throws when the daemon is not ready within 30 s; the message holds the end of its log
 * @example
 * const { apiPort } = await start(join(sluiceHome, "sandbox"));
 */
export async function start(home: string): Promise<DaemonInfo & { started: boolean }> {
  const running = await answering(home);
  if (running !== undefined) {
    if (running.code === codeHash() || running.busy > 0) return { ...running.info, started: false };
    await stop(home, { keepTasks: true });
  }
  mkdirSync(home, { recursive: true });
  let child = launch(home);
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const ready = await answering(home);
    if (ready !== undefined) return { ...ready.info, started: ready.info.pid === child.pid };
    // Status 0 says that another daemon was faster: that one is waited for.
    if (child.exitCode === PORT_TAKEN) child = launch(home);
    else if (child.exitCode || child.signalCode) break;
    await setTimeout(POLL_MS);
  }
  const log = tail(join(home, "daemon.log"), 15).join("\n");
  throw new Error(
    `the sandbox did not start (${child.signalCode ?? `status ${child.exitCode ?? "unknown"}`}); the end of its log:\n${log}`,
  );
}

function launch(home: string): ChildProcess {
  const log = openSync(join(home, "daemon.log"), "a");
  const script = join(import.meta.dirname, "daemon.ts");
  const env = Object.fromEntries(
    ENVIRONMENT.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  const args = ["--disable-warning=ExperimentalWarning", script, "--home", home];
  const child = spawn(process.execPath, args, { cwd: home, detached: true, stdio: ["ignore", log, log], env });
  closeSync(log);
  child.on("error", () => {});
  child.unref();
  return child;
}

/** The daemon, if it lives and answers. */
async function answering(home: string): Promise<{ info: DaemonInfo; code: string; busy: number } | undefined> {
  const info = livingInfo(home);
  if (info === undefined) return undefined;
  try {
    const status = (await call(info, "GET", "status")) as { code: string; busy: number };
    return { info, code: status.code, busy: status.busy };
  } catch {
    return undefined;
  }
}

/**
 * Stops the daemon, and all tasks with it.
 *
 * @param options.keepTasks tasks live on, and the next daemon adopts them. @default false
 * @returns whether there was one to stop
 */
export async function stop(home: string, options: { keepTasks?: boolean } = {}): Promise<boolean> {
  const info = livingInfo(home);
  if (info === undefined) return false;
  await call(info, "POST", "stop", { keepTasks: options.keepTasks ?? false }).catch(() => {
    // It lives but does not answer.
    process.kill(info.pid, "SIGTERM");
  });
  const deadline = Date.now() + STOP_MS;
  while (startTimeOf(info.pid) === info.startTime) {
    if (Date.now() > deadline) throw new Error(`the sandbox (process ${info.pid}) does not stop`);
    await setTimeout(POLL_MS);
  }
  return true;
}

/** What runs and where it answers; `running: false` when there is no daemon. */
export async function status(home: string): Promise<{ running: boolean } & Record<string, unknown>> {
  const info = livingInfo(home);
  if (info === undefined) return { running: false, home };
  return { running: true, ...((await call(info, "GET", "status")) as object) };
}

/** Ends all tasks and forgets everything; ports stay. @throws NotRunning */
export async function reset(home: string): Promise<void> {
  await call(need(home), "POST", "reset");
}

/** The last lines that the daemon has logged; works without a daemon too. */
export function logs(home: string, lines = 200): string[] {
  return tail(join(home, "daemon.log"), lines);
}

/** Asks for a fault; see `faults.ts`. @throws NotRunning */
export async function addFault(home: string, fault: Omit<Fault, "id">): Promise<Fault> {
  return (await call(need(home), "POST", "faults", fault)) as Fault;
}

/** @throws NotRunning */
export async function listFaults(home: string): Promise<Fault[]> {
  return (await call(need(home), "GET", "faults")) as Fault[];
}

/** Removes one fault, or all. @throws NotRunning */
export async function clearFaults(home: string, id = ""): Promise<void> {
  await call(need(home), "DELETE", id === "" ? "faults" : `faults/${id}`);
}

/** Counts of write calls since the daemon began or `markCalls`, e.g. `{"ecs.createService": 1}`. @throws NotRunning */
export async function calls(home: string): Promise<Record<string, number>> {
  return (await call(need(home), "GET", "calls")) as Record<string, number>;
}

/** Counts write calls from zero again. @throws NotRunning */
export async function markCalls(home: string): Promise<void> {
  await call(need(home), "DELETE", "calls");
}

function need(home: string): DaemonInfo {
  const info = livingInfo(home);
  if (info === undefined) throw new NotRunning(home);
  return info;
}

async function call(info: DaemonInfo, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${info.apiPort}/_sandbox/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const answer = (await response.json()) as { error?: string };
  if (!response.ok) throw new Error(answer.error ?? `the sandbox answered ${response.status}`);
  return answer;
}
