import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** The end of a log that is read for its last lines, in bytes. */
const TAIL_BYTES = 64 * 1024;

/** File with everything that a container has printed. */
export function logFile(home: string, taskId: string, container: string): string {
  return join(home, "tasks", taskId, `${container}.log`);
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
