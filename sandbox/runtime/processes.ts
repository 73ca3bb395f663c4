import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";

/** A process beyond doubt: its id may be given to another, the id with the time of its start not. */
export interface ProcessRef {
  pid: number;
  /** Clock ticks since boot, field 22 of `/proc/<pid>/stat`. */
  startTime: string;
}

/** Environment variable that marks a task's processes, wherever their parents have gone. */
export const MARKER = "SLUICE_SANDBOX_TASK";
/** How often a process that is not our child is looked at, in milliseconds. */
const POLL_MS = 150;

/** @returns undefined when there is no such process, or only what is left of it (a zombie) */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export function isAlive(ref: ProcessRef): boolean {
  return startTimeOf(ref.pid) === ref.startTime;
}

/** Sends a signal to the process and to all of its group. A process that is gone is no error. */
export function signalGroup(ref: ProcessRef, signal: NodeJS.Signals): void {
  if (!isAlive(ref)) return;
  for (const id of [-ref.pid, ref.pid]) {
    try {
      process.kill(id, signal);
      return;
    } catch {
      // ESRCH: the group is gone or was never made; the process itself is tried next.
    }
  }
}

/** How a process has ended; `code` undefined when nobody could ask (it was not our child). */
export interface Exit {
  code: number | undefined;
}

export interface Started {
  ref: ProcessRef;
  exited: Promise<Exit>;
}

/**
 * Starts a program in a process group of its own, so that it outlives the daemon; its output goes straight to the file.
 *
 * @throws Error when it cannot be started
 */
export function start(options: {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  log: string;
}): Promise<Started> {
  const [command = "", ...args] = options.argv;
  const fd = openSync(options.log, "a");
  try {
    const { cwd, env } = options;
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", fd, fd] });
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => {
        resolve({ code: code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)) });
      });
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        child.unref();
        const pid = child.pid ?? 0;
        resolve({ ref: { pid, startTime: startTimeOf(pid) ?? "" }, exited });
      });
    });
  } finally {
    closeSync(fd);
  }
}

/** Watches a process that an earlier daemon started. */
export function adopt(ref: ProcessRef): Started {
  const exited = new Promise<Exit>((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(ref)) return;
      clearInterval(timer);
      resolve({ code: undefined });
    }, POLL_MS);
    timer.unref();
  });
  return { ref, exited };
}

/** Processes whose environment carries a marker that begins so, with the whole marker. */
export function findMarked(prefix: string): { ref: ProcessRef; marker: string }[] {
  const found: { ref: ProcessRef; marker: string }[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const marker = markerOf(name);
    const startTime = marker?.startsWith(prefix) ? startTimeOf(Number(name)) : undefined;
    if (marker !== undefined && startTime !== undefined) found.push({ ref: { pid: Number(name), startTime }, marker });
  }
  return found;
}

function markerOf(pid: string): string | undefined {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return environ.find((line) => line.startsWith(`${MARKER}=`))?.slice(MARKER.length + 1);
  } catch {
    return undefined;
  }
}
