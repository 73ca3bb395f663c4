// A lock between processes of one machine: a file that names its owner. An owner that is gone (or whose process number now belongs to
// another process) owns nothing.
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;
/** Breaking a lock takes microseconds; a marker older than this was left by a process that died in between. */
const BREAKER_MS = 10_000;

/** Field 22 of /proc/<pid>/stat: with the pid it names one process for ever. Elsewhere than on Linux the pid has to do. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function isAlive(owner) {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const started = startTime(owner.pid);
  return started === undefined || owner.startTime === undefined || started === owner.startTime;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Linking a complete file makes the lock appear with its owner in it, or not at all. */
function tryTake(file, owner) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(owner));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Only one process may break a given dead owner's lock; the marker's name is the owner's, so it can never hit a later owner's lock. */
function breakLock(file, dead) {
  const marker = `${file}.dead-${dead.pid}-${dead.startTime ?? 0}`;
  try {
    writeFileSync(marker, "", { flag: "wx" });
  } catch {
    const age = Date.now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > BREAKER_MS) rmSync(marker, { force: true });
    return;
  }
  const current = read(file);
  if (current?.pid === dead.pid && current?.startTime === dead.startTime) rmSync(file, { force: true });
  rmSync(marker, { force: true });
}

/**
 * Runs `work` while holding the lock. A second process waits.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(ownerPid: number) => void} onWait called once, when another process holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(path.dirname(file), { recursive: true });
  const owner = { pid: process.pid, startTime: startTime(process.pid) };
  let told = false;
  while (!tryTake(file, owner)) {
    const other = read(file);
    if (other && !isAlive(other)) {
      breakLock(file, other);
      continue;
    }
    if (other && !told) onWait(other.pid);
    told = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
