/**
 * A load of a constant rate, in a process of its own: `node load.ts <url> <requests per second> <seconds> <keep-alive|close>`.
 * Requests are sent by the clock, whether or not earlier ones were answered; the result is one line of JSON.
 */
import { Agent, get } from "node:http";

export interface LoadResult {
  sent: number;
  failures: string[];
  /** Answers by the version in their body, and the time of the first and last of each. */
  versions: Record<string, { count: number; first: number; last: number }>;
}

if (process.argv[1]?.endsWith("load.ts")) {
  const [url = "", rate = "200", seconds = "1", mode = "keep-alive"] = process.argv.slice(2);
  const result = await load(url, Number(rate), Number(seconds), mode === "keep-alive");
  process.stdout.write(JSON.stringify(result));
  process.exit(0);
}

async function load(url: string, rate: number, seconds: number, keepAlive: boolean): Promise<LoadResult> {
  const result: LoadResult = { sent: 0, failures: [], versions: {} };
  const agent = new Agent({ keepAlive });
  const open: Promise<void>[] = [];
  const begin = performance.now();
  process.stderr.write("started\n");
  for (let index = 0; index < rate * seconds; index += 1) {
    const wait = begin + (index * 1000) / rate - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    result.sent += 1;
    open.push(one(url, agent, result));
  }
  await Promise.all(open);
  return result;
}

function one(url: string, agent: Agent, result: LoadResult): Promise<void> {
  return new Promise((resolve) => {
    const failed = (why: string) => {
      result.failures.push(why);
      resolve();
    };
    const request = get(url, { agent, timeout: 30_000 }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("error", (error) => failed(`body: ${error.message}`));
      response.on("end", () => {
        if (response.statusCode !== 200) return failed(`status ${response.statusCode}`);
        const { version } = JSON.parse(body) as { version: string };
        const now = Date.now();
        const seen = result.versions[version] ?? { count: 0, first: now, last: now };
        result.versions[version] = { ...seen, count: seen.count + 1, last: now };
        resolve();
      });
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error: NodeJS.ErrnoException) => failed(`${error.code ?? error.message}`));
  });
}
