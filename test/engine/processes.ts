/** Oracles that read the process table itself. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process for ever: numbers are given out again, start times are not. */
export interface Process {
  pid: number;
  parent: number;
  startTime: string;
  command: string;
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; only its parent has not asked yet.
    if (state === "Z") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(parent), startTime: rest[17] ?? "", command };
  } catch {
    return undefined;
  }
}

/** All processes that descend from `pid`, without itself. */
export function descendants(pid: number): Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found: Process[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

export function isAlive({ pid, startTime }: Process): boolean {
  return readProcess(pid)?.startTime === startTime;
}

/**
 * Polls until `probe` gives something.
 *
 * @param probe undefined or false means not yet
 * @param what said in the error
 */
export async function eventually<T>(probe: () => T | undefined | false, what: string, deadlineMs = 15_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`still waiting for ${what} after ${deadlineMs} ms`);
    await sleep(25);
  }
}

/** Waits until none of them is left. */
export async function allGone(processes: Process[]): Promise<void> {
  const left = (): Process[] => processes.filter(isAlive);
  try {
    await eventually(() => left().length === 0, "processes to end");
  } catch (error) {
    throw new Error(
      left()
        .map(({ command }) => `still there: ${command}`)
        .join("\n"),
      { cause: error },
    );
  }
}
