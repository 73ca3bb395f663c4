/**
 * The engine's own locks in a self-managed backend: one file per holder, without expiry and without fencing. A lock is
 * broken only when its owner is known to be dead: a process of this machine that no longer exists.
 * Source of the file's shape: pkg/backend/diy/lock.go of Pulumi 3.259.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod/mini";
import { SluiceError } from "./errors.ts";
import { pause } from "./interruption.ts";
import type { Output } from "./output.ts";
import { isAlive, startedAt } from "./process.ts";

const lockSchema = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.string() });

export interface Lock {
  file: string;
  /** Undefined where the file cannot be read: it then counts as held. */
  owner: z.infer<typeof lockSchema> | undefined;
  /** Whether the owner is known to be dead. */
  dead: boolean;
}

/** The clock of the lock and that of /proc differ by rounding only. Milliseconds. */
const slack = 2000;

/**
 * @example
 * readLocks(folder).filter(({ dead }) => !dead)
 */
export function readLocks(folder: string, hostname: string = os.hostname()): Lock[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = path.join(folder, name);
    const text = readText(file);
    if (text === undefined) return [];
    return [lockOf(file, text, hostname)];
  });
}

/** What a lock's file says. */
export function lockOf(file: string, text: string, hostname: string = os.hostname()): Lock {
  const owner = parseOwner(text);
  return { file, owner, dead: owner !== undefined && owner.hostname === hostname && isDead(owner) };
}

/** A process that started after the lock was written is somebody else under the same number. */
function isDead({ pid, timestamp }: z.infer<typeof lockSchema>): boolean {
  if (!isAlive(pid)) return true;
  const started = startedAt(pid);
  return started !== undefined && started > Date.parse(timestamp) + slack;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function parseOwner(text: string): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Who holds a lock, in words. */
export function describeLock({ owner, file }: Lock): string {
  if (owner === undefined) return `an unreadable lock, ${file}`;
  return `process ${owner.pid} of ${owner.username} on ${owner.hostname}, since ${owner.timestamp}`;
}

export interface LockWaitArgs {
  stack: string;
  folder: string;
  /** Moment, in milliseconds since 1970, at which waiting ends. */
  deadline: number;
  output: Output;
  signal: AbortSignal;
}

/**
 * Breaks the locks of dead owners, and waits for live ones.
 *
 * @throws SluiceError (1) when a live owner still holds the stack at the deadline
 */
export async function waitForLocks({ stack, folder, deadline, output, signal }: LockWaitArgs): Promise<void> {
  let said = "";
  while (!signal.aborted) {
    const locks = readLocks(folder);
    for (const lock of locks.filter(({ dead }) => dead)) {
      // The second file is the folder backend's own note about the first.
      for (const file of [lock.file, `${lock.file}.attrs`]) rmSync(file, { force: true });
      output.say(`broke the lock on ${stack} of ${describeLock(lock)}: that process is dead`);
    }
    const live = locks.filter(({ dead }) => !dead).map(describeLock);
    if (live.length === 0) return;
    if (Date.now() >= deadline) throw lockedError(stack, live);
    if (said !== live.join()) output.say(`waiting: ${stack} is locked by ${live.join(" and ")}`);
    said = live.join();
    await pause(250, signal);
  }
}

function lockedError(stack: string, holders: readonly string[]): SluiceError {
  return new SluiceError(`${stack} is locked by another update, which is still running`, {
    details: holders,
    remedy: `wait for it, or give --lock-timeout SECONDS; npm run pulumi -- cancel --stack ${stack} if that machine is gone`,
  });
}
