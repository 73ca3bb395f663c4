import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

const SERVER = path.join(import.meta.dirname, "../../examples/service/server.js");

interface LogLine {
  level: string;
  message: string;
  version: string;
  port?: number;
  status?: number;
  url?: string;
}

interface Service {
  child: ChildProcess;
  logs: LogLine[];
  port: number;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

const running = new Set<ChildProcess>();

/** Starts the service and, unless `ready` is false, waits until it says that it listens. */
async function start(environment: Record<string, string>, ready = true): Promise<Service> {
  const env = { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", ...environment };
  const child = spawn(process.execPath, [SERVER], { env, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const logs: LogLine[] = [];
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  const port = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const entry = JSON.parse(line) as LogLine;
      logs.push(entry);
      if (entry.message === "listening") resolve(entry.port as number);
    });
    ended.then(() => reject(new Error("the service ended before it listened")));
  });
  if (!ready) port.catch(() => {});
  return { child, logs, port: ready ? await port : 0, ended };
}

function get(port: number, url: string, options: http.RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: url, agent: false, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end();
  });
}

describe("the example service", () => {
  afterEach(async () => {
    for (const child of running) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "close");
      }
    }
    running.clear();
  });

  describe("its routes", () => {
    it("say which version answers", async () => {
      const { port } = await start({ VERSION: "v1.2.3" });
      assert.deepEqual(JSON.parse((await get(port, "/version")).body), { version: "v1.2.3" });
      assert.deepEqual(JSON.parse((await get(port, "/health")).body), { status: "ok", version: "v1.2.3" });
      const page = await get(port, "/");
      assert.equal(page.status, 200);
      assert.match(page.body, /<p class="version">v1\.2\.3<\/p>/);
    });

    it("work below the path that a balancer sends here, health checks above it", async () => {
      const { port } = await start({ VERSION: "v1", BASE_PATH: "/api" });
      assert.equal((await get(port, "/api/version")).body, (await get(port, "/version")).body);
      assert.equal((await get(port, "/api/")).status, 200);
      assert.equal((await get(port, "/apis/version")).status, 404);
      assert.equal((await get(port, "/health")).status, 200);
    });

    it("escape a hostile version in the page, and allow nothing but its own style", async () => {
      const { port } = await start({ VERSION: `<script>alert("1")</script>&'` });
      const { body, headers } = await get(port, "/");
      assert.ok(!body.includes("<script"), body);
      assert.ok(body.includes("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"));
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'; style-src 'sha256-[\w+/]{43}='/);
      assert.ok(!/(?:src|href)="https?:/.test(body), "the page fetches something from elsewhere");
    });

    it("wait as long as asked on /slow, and refuse what is no such number", async () => {
      const { port } = await start({ VERSION: "v1" });
      assert.deepEqual(JSON.parse((await get(port, "/slow?ms=20")).body), { sleptMs: 20, version: "v1" });
      for (const query of ["ms=-1", "ms=x", "ms=55001", "ms=1e3", "ms="]) {
        assert.equal((await get(port, `/slow?${query}`)).status, 400, query);
      }
    });

    it("refuse other paths and methods, and answer HEAD without a body", async () => {
      const { port } = await start({});
      assert.equal((await get(port, "/nope")).status, 404);
      const post = await get(port, "/", { method: "POST" });
      assert.deepEqual([post.status, post.headers.allow], [405, "GET, HEAD"]);
      const head = await get(port, "/version", { method: "HEAD" });
      assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", "22"]);
    });

    it("keep a connection open longer than a balancer's 60 s", async () => {
      const { port } = await start({});
      const agent = new http.Agent({ keepAlive: true });
      const { headers } = await get(port, "/version", { agent });
      agent.destroy();
      assert.equal(headers["keep-alive"], "timeout=65");
    });
  });

  describe("its faults", () => {
    it("fail the health check only", async () => {
      const { port } = await start({ FAIL_HEALTH: "1" });
      assert.equal((await get(port, "/health")).status, 503);
      assert.equal((await get(port, "/version")).status, 200);
    });

    it("fail the asked share of requests, never the health check", async () => {
      const { port } = await start({ ERROR_RATE: "0.25" });
      const statuses: number[] = [];
      for (let index = 0; index < 40; index += 1) {
        statuses.push((await get(port, "/version")).status);
        assert.equal((await get(port, "/health")).status, 200);
      }
      assert.equal(statuses.filter((status) => status === 500).length, 10);
      assert.equal(statuses.filter((status) => status === 200).length, 30);
    });

    it("crash after the asked time, with code 1 and a word", async () => {
      const { ended, logs } = await start({ CRASH_AFTER_MS: "50" }, false);
      assert.equal(await ended, 1);
      assert.match(logs.at(-1)?.message ?? "", /CRASH_AFTER_MS/);
    });

    it("delay the start: it can be stopped before it ever listened", async () => {
      const { child, ended, logs } = await start({ START_DELAY_MS: "60000" }, false);
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill("SIGTERM");
      assert.equal(await ended, 0);
      assert.ok(!logs.some((entry) => entry.message === "listening"));
    });

    it("slow down requests, not health checks", async () => {
      const { port } = await start({ LATENCY_MS: "60000" });
      let answered = false;
      const waiting = get(port, "/version").finally(() => {
        answered = true;
      });
      waiting.catch(() => {});
      for (let index = 0; index < 5; index += 1) assert.equal((await get(port, "/health")).status, 200);
      assert.equal(answered, false);
    });

    it("name every bad value before it listens", async () => {
      const { ended, logs } = await start(
        { PORT: "70000", ERROR_RATE: "2", FAIL_HEALTH: "yes", LATENCY_MS: "1.5", BASE_PATH: "api" },
        false,
      );
      assert.equal(await ended, 2);
      const named = logs.map((entry) => entry.message.split(" ")[0]);
      assert.deepEqual(named.toSorted(), ["BASE_PATH", "ERROR_RATE", "FAIL_HEALTH", "LATENCY_MS", "PORT"]);
    });

    it("say that the port is taken", async () => {
      const { port } = await start({});
      const second = await start({ PORT: String(port) }, false);
      assert.equal(await second.ended, 1);
      assert.equal(second.logs.at(-1)?.message, "cannot listen");
    });
  });

  describe("its stop", () => {
    it("finishes a request in flight, refuses new connections, and exits with 0", async () => {
      const { child, port, ended, logs } = await start({ VERSION: "v1" });
      const slow = get(port, "/slow?ms=1500", { agent: new http.Agent({ keepAlive: true }) });
      await until(async () => (await get(port, "/health")).status === 200);
      child.kill("SIGTERM");
      await until(() => logs.some((entry) => entry.message === "stopping"));
      await assert.rejects(get(port, "/health"), { code: "ECONNREFUSED" });
      const answer = await slow;
      assert.deepEqual(JSON.parse(answer.body), { sleptMs: 1500, version: "v1" });
      assert.equal(answer.headers.connection, "close");
      assert.equal(await ended, 0);
      assert.equal(logs.at(-1)?.message, "stopped");
    });

    it("is not held by idle or silent connections", async () => {
      const { child, port, ended } = await start({});
      const agent = new http.Agent({ keepAlive: true });
      await get(port, "/version", { agent });
      const silent = net.connect(port, "127.0.0.1");
      await once(silent, "connect");
      const half = net.connect(port, "127.0.0.1");
      half.on("error", () => {});
      half.write("GET / HTTP/1.1\r\nHost: x\r\n");
      child.kill("SIGTERM");
      assert.equal(await ended, 0);
      agent.destroy();
      silent.destroy();
      half.destroy();
    });

    it("is immediate on a second signal", async () => {
      const { child, port, ended, logs } = await start({});
      const slow = get(port, "/slow?ms=50000").catch((error: Error) => error);
      await until(async () => (await get(port, "/health")).status === 200);
      child.kill("SIGTERM");
      await until(() => logs.some((entry) => entry.message === "stopping"));
      child.kill("SIGTERM");
      assert.equal(await ended, 1);
      assert.ok((await slow) instanceof Error);
    });
  });

  it("logs requests as JSON, and healthy health checks not at all", async () => {
    const { child, port, ended, logs } = await start({ VERSION: "v7" });
    await get(port, "/health");
    await get(port, "/version?x=1");
    child.kill("SIGTERM");
    await ended;
    const requests = logs.filter((entry) => entry.message === "request");
    assert.deepEqual(
      requests.map(({ level, version, status, url }) => ({ level, version, status, url })),
      [{ level: "info", version: "v7", status: 200, url: "/version?x=1" }],
    );
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
