import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { startTimeOf } from "./runtime/processes.ts";

/** What `daemon.json` says: written when everything listens, taken away when the daemon stops by itself. */
export interface DaemonInfo {
  pid: number;
  /** See `startTimeOf`. */
  startTime: string;
  apiPort: number;
  registryPort: number;
  providerPorts: { aws: number; github: number; kubernetes: number; random: number };
  /** Version of the package. */
  version: string;
  /** Hash of the daemon's own source: another one means that it runs older (or newer) code than this. */
  code: string;
}

/** Exit status of a daemon that lost a port between choosing and using it (`EX_TEMPFAIL`): another try may do. */
export const PORT_TAKEN = 75;

const FILE = "daemon.json";

export function writeInfo(home: string, info: DaemonInfo): void {
  const file = join(home, FILE);
  const temporary = `${file}.${process.pid}`;
  // One field a line: the plugins' shell scripts read it with sed.
  writeFileSync(temporary, `${JSON.stringify(info, null, 2)}\n`);
  renameSync(temporary, file);
}

/** Takes `daemon.json` away, if it is ours still. */
export function removeInfo(home: string): void {
  if (readInfo(home)?.pid === process.pid) rmSync(join(home, FILE), { force: true });
}

/** What `daemon.json` says, whether the daemon lives or not; undefined when there is none, or it cannot be read. */
export function readInfo(home: string): DaemonInfo | undefined {
  try {
    return JSON.parse(readFileSync(join(home, FILE), "utf8")) as DaemonInfo;
  } catch {
    return undefined;
  }
}

/** The living daemon; undefined when there is none, even where a dead one has left its file behind. */
export function livingInfo(home: string): DaemonInfo | undefined {
  const info = readInfo(home);
  return info && startTimeOf(info.pid) === info.startTime ? info : undefined;
}

/** Hash of all source files of the sandbox. */
export function codeHash(folder: string = import.meta.dirname): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(relative(folder, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}
