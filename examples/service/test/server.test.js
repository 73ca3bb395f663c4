import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const server = fileURLToPath(new URL("../server.js", import.meta.url));
let child;

/** Starts the service on a free port, and returns its address. */
async function start(environment = {}) {
  const env = { ...process.env, HOST: "127.0.0.1", PORT: "0", VERSION: "v1.2.3", ...environment };
  child = spawn(process.execPath, [server], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { message, port } = JSON.parse(line);
    if (message !== "listening") continue;
    child.stdout.resume();
    return `http://127.0.0.1:${port}`;
  }
  throw new Error("it ended before it listened");
}

/** @returns the exit code */
async function ended() {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

describe("the service", function () {
  // Each test starts a process, and machines are busy at times.
  this.timeout(20_000);
  afterEach(async () => {
    // In order, so that it counts in the coverage.
    child.kill("SIGTERM");
    await ended();
  });

  it("answers with its version, its page and its health", async () => {
    const url = await start();
    assert.deepEqual(await (await fetch(`${url}/version`)).json(), { version: "v1.2.3" });
    assert.deepEqual(await (await fetch(`${url}/health`)).json(), { status: "ok", version: "v1.2.3" });
    const page = await fetch(url);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    assert.match(await page.text(), /v1\.2\.3/);
  });

  it("answers slowly when asked, within limits", async () => {
    const url = await start();
    assert.deepEqual(await (await fetch(`${url}/slow?ms=5`)).json(), { sleptMs: 5, version: "v1.2.3" });
    assert.equal((await fetch(`${url}/slow?ms=55001`)).status, 400);
    assert.equal((await fetch(`${url}/slow?ms=soon`)).status, 400);
  });

  it("knows what it does not have, and what it does not do", async () => {
    const url = await start();
    assert.equal((await fetch(`${url}/nothing`)).status, 404);
    const refused = await fetch(url, { method: "POST" });
    assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    assert.equal(await (await fetch(url, { method: "HEAD" })).text(), "");
  });

  it("works below a path that a balancer sends it", async () => {
    const url = await start({ BASE_PATH: "/api", LATENCY_MS: "1" });
    assert.deepEqual(await (await fetch(`${url}/api/version`)).json(), { version: "v1.2.3" });
  });

  it("fails on request, evenly", async () => {
    const url = await start({ ERROR_RATE: "0.5", FAIL_HEALTH: "1" });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await fetch(`${url}/version`)).status);
    assert.deepEqual(statuses, [200, 500, 200, 500]);
    assert.equal((await fetch(`${url}/health`)).status, 503);
  });

  it("ends with 0 when it is told to stop, and lets what is in flight finish", async () => {
    const url = await start();
    const slow = fetch(`${url}/slow?ms=200`);
    // The request is in flight as soon as a later one has been answered.
    await fetch(`${url}/version`);
    child.kill("SIGTERM");
    assert.equal((await slow).status, 200);
    assert.equal(await ended(), 0);
  });

  it("ends with 1 when told to crash, and with 2 on settings that cannot be right", async () => {
    await start({ CRASH_AFTER_MS: "500" });
    assert.equal(await ended(), 1);
    await assert.rejects(start({ PORT: "http" }), /before it listened/);
    assert.equal(await ended(), 2);
  });
});
