import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("./child-start.cjs", import.meta.url));
/** After a polite signal a child has this long. The engine gives the host 5 s for everything. */
const GRACE_MS = 1500;

/** What a child becomes: the module to run, its arguments and its surroundings. */
export interface Task {
  /** Absolute path of the module to run. */
  run: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** How a child ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set when it could not even be started. */
  failure?: Error;
}

/** The processes that run programs and policy packs. None outlives this process (see child-start.cjs). */
export class Children {
  readonly #live = new Set<ChildProcess>();

  /**
   * Starts a process that loads `warm` (a module path) and waits for its task.
   *
   * @param options.nodeArgs flags for Node
   * @param options.piped true to read its output here; else it writes to ours
   */
  start(options: { nodeArgs?: string[]; warm?: string; env?: NodeJS.ProcessEnv; piped?: boolean } = {}): ChildProcess {
    const output = options.piped ? "pipe" : "inherit";
    const args = [...(options.nodeArgs ?? []), START, ...(options.warm ? [options.warm] : [])];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", output, output, "ipc"],
      env: options.env ?? process.env,
    });
    this.#live.add(child);
    const forget = (): void => void this.#live.delete(child);
    child.once("exit", forget).once("error", forget);
    return child;
  }

  /** Asks every child to end, and waits for them; those that do not are killed. */
  async terminate(): Promise<void> {
    await Promise.all([...this.#live].map((child) => stop(child, "SIGTERM")));
  }

  /** Ends every child at once. */
  kill(): void {
    for (const child of this.#live) child.kill("SIGKILL");
  }
}

/** Hands the child its task, and resolves when it has ended and its output has been read. */
export function perform(child: ChildProcess, task: Task): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("error", (failure) => resolve({ code: null, signal: null, failure }));
    child.once("close", (code, signal) => resolve({ code, signal }));
    // A child that died before it could be told reports through "close"; the failed write says nothing more.
    child.send(task, () => undefined);
  });
}

/** Sends a signal, and SIGKILL when that has not ended it in time. */
export function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}
