import { spawn } from "node:child_process";
import { join } from "node:path";
import type { LoadResult } from "./load.ts";

/** Starts the load generator as a second process; resolves when it has begun. */
export async function startLoad(
  url: string,
  rate: number,
  seconds: number,
  mode: "keep-alive" | "close",
): Promise<{ result: Promise<LoadResult> }> {
  const script = join(import.meta.dirname, "load.ts");
  const child = spawn(process.execPath, [script, url, String(rate), String(seconds), mode], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await new Promise<void>((resolve) => child.stderr.once("data", () => resolve()));
  const result = new Promise<LoadResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`load ended with ${code}`)),
    );
  });
  return { result };
}

/** Whether a process is there and not just a zombie: the kernel's word, not the sandbox's. */
export async function isRunning(pid: number): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}
