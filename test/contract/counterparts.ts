/** The real cloud's counterpart that contract tests hold the sandbox against: moto, started on a free port. */
import path from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { installPython } from "../support/tools.ts";

const here = import.meta.dirname;
/** Long enough for Python to import moto on a busy machine with two cores. */
const startMs = 60_000;

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts moto's server on a free port of loopback. It ends with the process that started it.
 *
 * @throws Error with moto's own output, when it does not come up
 */
export async function startMoto(): Promise<Moto> {
  const python = await installPython(path.join(here, "moto"));
  const child = execa(python, [path.join(here, "moto", "serve.py"), "-H", "127.0.0.1", "-p", "0"], {
    stdin: "pipe",
    stderr: "pipe",
    stdout: "ignore",
    reject: false,
    // Answers of the account that the sandbox has, in which AWS's own policies are known.
    env: { MOTO_ACCOUNT_ID: "000000000000", MOTO_IAM_LOAD_MANAGED_POLICIES: "true", PYTHONUNBUFFERED: "1" },
  });
  const stop = async () => {
    child.kill();
    await child;
  };
  const lines: string[] = [];
  const timer = setTimeout(() => child.kill(), startMs);
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      const endpoint = /Running on (http:\/\/\S+)/.exec(line)?.[1];
      if (endpoint !== undefined) {
        child.stderr.resume();
        return { endpoint, stop };
      }
      lines.push(line);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`moto did not start within ${startMs / 1000} s:\n${lines.join("\n")}`);
}
