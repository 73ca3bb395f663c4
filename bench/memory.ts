/** Memory of a command and of all processes that it starts. Linux only, as the sandbox is. */
import { readdirSync, readFileSync } from "node:fs";
import { type CommandOptions, command } from "./command.ts";

/** Between two looks (ms): a preview takes seconds, and looking must not slow it. */
const INTERVAL = 100;

/**
 * Runs a command to its end.
 *
 * @returns the most memory that it and its descendants held at one time, in MiB: PSS, so that what they share counts once
 * @throws {Error} as {@link command} does
 * @example
 * await peakMemory("pulumi", ["preview"], { cwd });
 */
export async function peakMemory(file: string, args: readonly string[], options: CommandOptions = {}): Promise<number> {
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  const started = (root: number) => {
    timer = setInterval(() => {
      peak = Math.max(peak, memoryOf(treeOf(root)));
    }, INTERVAL);
  };
  try {
    await command(file, args, { ...options, started });
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** A process and its descendants. */
function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** The fourth field of `stat`; the second is a name in brackets that may hold anything. */
function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function memoryOf(pids: readonly number[]): number {
  const kibibytes = pids.map((pid) => Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return kibibytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** Empty where the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
