import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** The end of a log that is read for its last lines, in bytes. */
const TAIL_BYTES = 64 * 1024;

/** File with everything that a container has printed. */
export function logFile(home: string, taskId: string, container: string): string {
  return join(home, "tasks", taskId, `${container}.log`);
}

/** What one call reads from the head, in bytes: GetLogEvents answers with at most 1 MB. */
const PAGE_BYTES = 1024 * 1024;

/**
 * The lines from a place in a file on, at most a page of them, and the place behind them.
 *
 * @example
 * page(file, 0).next // where the next page begins; the same place again at the end
 */
export function page(file: string, from: number): { lines: string[]; next: number } {
  const fd = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(PAGE_BYTES);
    const read = buffer.subarray(0, readSync(fd, buffer, 0, PAGE_BYTES, from));
    // A line that goes on behind the page belongs to the next one, unless it fills this one.
    const end = read.length < PAGE_BYTES ? read.length : read.lastIndexOf("\n") + 1 || read.length;
    const lines = read.toString("utf8", 0, end).split("\n");
    if (lines.at(-1) === "") lines.pop();
    return { lines, next: from + end };
  } finally {
    closeSync(fd);
  }
}

/** The last lines of a file; none when there is no file. */
export function tail(file: string, lines: number): string[] {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    const all = buffer.toString("utf8").split("\n");
    if (all[all.length - 1] === "") all.pop();
    return all.slice(-lines);
  } catch {
    return [];
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
