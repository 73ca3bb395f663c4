import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** What it has said so far. */
  output(): Pick<Result, "stdout" | "stderr">;
  result: Promise<Result>;
}

/** Starts a command; its output is kept. */
export function start(file: string, args: string[], options: SpawnOptions = {}): Running {
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  const result = new Promise<Result>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, output: () => said, result };
}

/** Runs a command to its end. */
export function run(file: string, args: string[], options: SpawnOptions = {}): Promise<Result> {
  return start(file, args, options).result;
}
