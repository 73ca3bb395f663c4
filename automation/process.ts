import { readFileSync } from "node:fs";

/**
 * Whether a process of this machine exists. A process of another user counts (EPERM), a zombie does not: it only waits
 * to be read.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return stat(pid)?.state !== "Z";
}

/** When a process started, in milliseconds since 1970; undefined where /proc does not say. */
export function startedAt(pid: number): number | undefined {
  const ticks = stat(pid)?.startTicks;
  const boot = /^btime (\d+)$/m.exec(read("/proc/stat") ?? "")?.[1];
  // USER_HZ is 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)).
  return ticks === undefined || boot === undefined ? undefined : Number(boot) * 1000 + ticks * 10;
}

/** proc(5): the second field is in parentheses and may hold anything, so fields are counted from its end. */
function stat(pid: number): { state: string; startTicks: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : { state: fields[0] ?? "", startTicks: Number(fields[19]) };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
