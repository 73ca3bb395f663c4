import { spawn } from "node:child_process";
import path from "node:path";

/** What a load has seen. */
export interface Tally {
  sent: number;
  answered: number;
  versions: Record<string, number>;
  failures: Record<string, number>;
  seconds: number;
}

/**
 * Starts a constant load on a service's `version` in a second process.
 *
 * @param host what requests name as their host; that of the URL by default
 * @returns what ends it
 */
export function startLoad(
  url: string,
  perSecond: number,
  mode: "keep-alive" | "close",
  host?: string,
): { end(): Promise<Tally> } {
  const script = path.join(import.meta.dirname, "load.mjs");
  const child = spawn(
    process.execPath,
    [script, new URL("version", url).href, String(perSecond), mode, ...(host === undefined ? [] : [host])],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<Tally>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      try {
        resolve(JSON.parse(text.trim().split("\n").at(-1) ?? "") as Tally);
      } catch {
        reject(new Error(`the load ended without a result: ${text}`));
      }
    });
  });
  return {
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

export const seconds = (count: number): Promise<void> => new Promise((done) => setTimeout(done, count * 1000));
