/**
 * A backend of files. Layout and locks: pkg/backend/diy/store.go and lock.go of Pulumi 3.259. A lock of the engine is a
 * file that says who holds the stack; every CLI looks for it before it updates, so ours keeps updates out as well.
 */
import { randomUUID } from "node:crypto";
import os from "node:os";
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { SluiceError } from "../errors.ts";
import { describeLock, lockOf } from "../locks.ts";
import { project } from "../stack-file.ts";
import type { ObjectStore } from "./object-store.ts";
import type { BackendStack, Hold, StateBackend } from "./state-backend.ts";

const stateKey = /^stacks\/((?:[^/]+\/)?[^/]+)\.json(?:\.gz|\.zst)?$/;
const historyKey = /-(\d+)\.history\.json(?:\.gz|\.zst)?$/;
/** How many states of a history are read at once. */
const batch = 8;

interface Entry {
  key: string;
  time: string;
}

export class SelfManagedBackend implements StateBackend {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async stacks(): Promise<BackendStack[]> {
    const keys = await this.#store.list("stacks/");
    const foreign = keys.filter((key) => /\.ya?ml(?:\.gz|\.zst)?$/.test(key));
    if (foreign.length > 0) throw new SluiceError(`states in YAML cannot be read: ${foreign.join(", ")}`);
    return keys.flatMap((id) => {
      const name = stateKey.exec(id)?.[1];
      return name === undefined ? [] : [{ id, name: name.replace(`${project}/`, "") }];
    });
  }

  async state({ id, name }: BackendStack): Promise<unknown> {
    return checkpointOf(await this.#read(id), `the state of stack ${name}`);
  }

  async *successes(stack: BackendStack): AsyncGenerator<unknown> {
    const entries = await this.#history(stack);
    const keys = new Set(await this.#store.list(historyFolder(stack)));
    for (let start = 0; start < entries.length; start += batch) {
      const states = entries.slice(start, start + batch).map((entry) => this.#success(stack, entry, keys));
      // One that is read ahead and is broken matters only to whoever gets that far.
      for (const read of await Promise.allSettled(states)) {
        if (read.status === "rejected") throw read.reason;
        if (read.value !== undefined) yield read.value;
      }
    }
  }

  async wasUpdated(stack: BackendStack): Promise<boolean> {
    for (const { key } of await this.#history(stack)) {
      if (((await this.#read(key)) as { kind?: unknown }).kind === "update") return true;
    }
    return false;
  }

  busy(): Promise<string[]> {
    return this.#busy(new Set());
  }

  async hold(stacks: readonly BackendStack[]): Promise<Hold> {
    const [username, hostname] = [userName(), os.hostname()];
    const content = { pid: process.pid, username, hostname, timestamp: new Date().toISOString() };
    const own = new Set(stacks.map((stack) => `${lockFolder(stack)}${randomUUID()}.json`));
    const release = async () => {
      await Promise.all([...own].map((key) => this.#store.remove(key)));
    };
    const check = () => this.#checkHold(stacks, own);
    try {
      await Promise.all([...own].map((key) => this.#store.write(key, JSON.stringify(content))));
      // As the engine does it: of two that come at the same moment, each sees the other and gives way.
      await check();
    } catch (error) {
      await release();
      throw error;
    }
    return { check, [Symbol.asyncDispose]: release };
  }

  async #checkHold(stacks: readonly BackendStack[], own: ReadonlySet<string>): Promise<void> {
    const [locks, now] = await Promise.all([this.#store.list("locks/"), this.stacks()]);
    const [present, known] = [new Set(locks), new Set(stacks.map(({ id }) => id))];
    const lost = [...own]
      .filter((key) => !present.has(key))
      .map((key) => `${key} was removed: pulumi cancel does that`);
    const fresh = now.filter(({ id }) => !known.has(id)).map(({ name }) => `${name} is a new stack`);
    const reasons = [...lost, ...fresh, ...(await this.#busy(own))];
    if (reasons.length > 0) throw busyError(reasons);
  }

  async #busy(own: ReadonlySet<string>): Promise<string[]> {
    const [locks, journals] = await Promise.all([this.#store.list("locks/"), this.#store.list("journal/")]);
    const others = locks.filter((key) => key.endsWith(".json") && !own.has(key));
    const held = await Promise.all(
      others.map(async (key) => {
        const text = await this.#store.read(key);
        const lock = text && lockOf(key, String(text));
        // Nobody goes on with the update of a dead process: it starts again, and looks for its image again.
        return lock === undefined || lock.dead ? [] : [`${stackOfLock(key)} is held by ${describeLock(lock)}`];
      }),
    );
    const ended = new Set(journals.map((key) => key.split("/").slice(1, -1).join("/")));
    return [...held.flat(), ...[...ended].map((name) => `${name} has an update that was not ended: bring it up first`)];
  }

  /** Newest first. */
  async #history(stack: BackendStack): Promise<Entry[]> {
    const keys = await this.#store.list(historyFolder(stack));
    const entries = keys.flatMap((key) => {
      const time = historyKey.exec(key)?.[1];
      return time === undefined ? [] : [{ key, time: time.padStart(20, "0") }];
    });
    return entries.sort((a, b) => (a.time < b.time ? 1 : -1));
  }

  async #success(stack: BackendStack, { key }: Entry, keys: ReadonlySet<string>): Promise<unknown> {
    const { kind, result } = (await this.#read(key)) as { kind?: unknown; result?: unknown };
    if (kind !== "update" || result !== "succeeded") return undefined;
    const base = key.replace(/\.history\.json(?:\.gz|\.zst)?$/, ".checkpoint.json");
    const checkpoint = ["", ".gz", ".zst"].map((suffix) => base + suffix).find((name) => keys.has(name));
    const what = `what stack ${stack.name} was after an update that succeeded, ${base},`;
    if (checkpoint === undefined) throw unreadable(what, "it is not in the backend");
    return checkpointOf(await this.#read(checkpoint), what);
  }

  async #read(key: string): Promise<unknown> {
    const bytes = await this.#store.read(key);
    if (bytes === undefined) throw unreadable(key, "it went away in the meantime");
    try {
      return JSON.parse(String(await decompress(key, bytes)));
    } catch (error) {
      throw unreadable(key, (error as Error).message);
    }
  }
}

/** In a container a process may run under a number that has no name. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

async function decompress(key: string, bytes: Buffer): Promise<Buffer> {
  if (key.endsWith(".gz")) return await promisify(gunzip)(bytes);
  return key.endsWith(".zst") ? await promisify(zstdDecompress)(bytes) : bytes;
}

/** A file without a manifest is no state, and would be taken for a stack that needs nothing. */
function checkpointOf(document: unknown, what: string): unknown {
  const { checkpoint } = (document ?? {}) as { checkpoint?: { latest?: { manifest?: unknown } | null } };
  const manifest = checkpoint?.latest?.manifest;
  if (manifest === null || typeof manifest !== "object") throw unreadable(what, "it holds no checkpoint");
  return checkpoint?.latest;
}

const pathOf = ({ id }: BackendStack) => stateKey.exec(id)?.[1] as string;
const historyFolder = (stack: BackendStack) => `history/${pathOf(stack)}/`;

/** Without projects, as backends had it before 2023, a stack is locked by its bare name. */
function lockFolder(stack: BackendStack): string {
  const path = pathOf(stack);
  return path.includes("/") ? `locks/organization/${path}/` : `locks/${path}/`;
}

function stackOfLock(key: string): string {
  return key
    .split("/")
    .slice(1, -1)
    .join("/")
    .replace(/^organization\//, "")
    .replace(`${project}/`, "");
}

/** The error for what must be read and cannot be. */
export function unreadable(what: string, why: string): SluiceError {
  return new SluiceError(`${what} cannot be read; nothing was deleted`, {
    details: [why, "what a stack needs is not known without it"],
    remedy: "mend it, or remove the stack if nothing of it is left",
  });
}

/** The error for stacks that are being changed. */
export function busyError(reasons: readonly string[]): SluiceError {
  return new SluiceError("stacks are being updated, and may be about to run any image", {
    details: reasons,
    remedy: "wait until they are done; npm run pulumi -- cancel --stack NAME if that machine is gone",
  });
}
