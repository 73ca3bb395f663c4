/** Runs one command of a benchmark. A command that fails is no measurement. */
import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Told the process id. */
  readonly started?: (pid: number) => void;
}

/** How much of a failed command's output is worth showing (lines). */
const SHOWN_LINES = 15;

/**
 * Runs a command to its end and returns what it wrote to stdout.
 *
 * @throws {Error} with the end of its output when it fails
 * @example
 * await command(process.execPath, ["-e", "0"]);
 */
export function command(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { started, ...spawning } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...spawning, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let both = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      both += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      both += text;
    });
    child.on("error", reject);
    if (child.pid !== undefined) started?.(child.pid);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(stdout);
      const end = both.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n    ");
      reject(new Error(`${file} ${args.join(" ")} ended with ${code ?? signal}:\n    ${end}`));
    });
  });
}
