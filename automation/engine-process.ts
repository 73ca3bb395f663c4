/**
 * Runs the engine's CLI as one process in a process group of its own. Its output goes to files, which are read while
 * they grow: an engine that outlives us (kill -9) then ends its update in order, instead of dying of a broken pipe in
 * the middle of it.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

export interface EngineProcessArgs {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Path without suffix for the output files; they are removed afterwards. */
  output: string;
  onLine(line: string): void;
  /** Ends the engine in order: it finishes what is in flight and starts nothing new. */
  signal: AbortSignal;
  /**
   * Milliseconds that an engine that was asked to end gets before its process group is killed.
   * @default 120_000
   */
  killAfter?: number;
}

export interface EngineExit {
  /** 128 + number for a signal, as shells count. */
  code: number;
  stderr: string;
}

/** How often the output is looked at, in milliseconds: often enough to look live, seldom enough to cost nothing. */
const pollInterval = 50;

/**
 * @throws Error where the program cannot be started
 * @example
 * const { code } = await runEngineProcess({ command: "pulumi", args: ["preview", "--json"], ... });
 */
export async function runEngineProcess(args: EngineProcessArgs): Promise<EngineExit> {
  const files = { out: `${args.output}.events`, err: `${args.output}.stderr` };
  const out = openSync(files.out, "ax+", 0o600);
  const err = openSync(files.err, "ax+", 0o600);
  const tail = new Tail(out, args.onLine);
  const timer = setInterval(() => tail.read(), pollInterval);
  try {
    const code = await exitOf(args, out, err);
    tail.end();
    return { code, stderr: readAll(err) };
  } finally {
    clearInterval(timer);
    for (const fd of [out, err]) closeSync(fd);
    for (const file of Object.values(files)) rmSync(file, { force: true });
  }
}

function exitOf({ command, args, cwd, env, signal, killAfter = 120_000 }: EngineProcessArgs, out: number, err: number) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", out, err], detached: true });
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill("SIGINT");
    killer = setTimeout(() => killGroup(child.pid), killAfter);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve(code ?? 128 + (name === "SIGKILL" ? 9 : 15)));
  }).finally(() => {
    clearTimeout(killer);
    signal.removeEventListener("abort", stop);
    // Whatever the engine started ends with it; a plugin that did not is not left behind.
    killGroup(child.pid);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

/** Reads whole lines off a file that another process appends to. */
class Tail {
  readonly #fd: number;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  readonly #buffer = Buffer.alloc(64 * 1024);
  #position = 0;
  #rest = "";

  constructor(fd: number, onLine: (line: string) => void) {
    this.#fd = fd;
    this.#onLine = onLine;
  }

  read(): void {
    for (;;) {
      const count = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#position);
      if (count === 0) return;
      this.#position += count;
      const lines = (this.#rest + this.#decoder.write(this.#buffer.subarray(0, count))).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#onLine(line);
    }
  }

  end(): void {
    this.read();
    if (this.#rest !== "") this.#onLine(this.#rest);
  }
}

function readAll(fd: number): string {
  let text = "";
  const tail = new Tail(fd, (line) => {
    text += `${line}\n`;
  });
  tail.end();
  return text.trimEnd();
}
