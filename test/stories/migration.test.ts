import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Checkout, until, versionAt } from "./checkout.ts";
import { startLoad } from "./load.ts";

/** Notes in a ledger when it begins and ends, fails on request, and waits on request. */
const script = `
const { appendFileSync, existsSync } = require("node:fs");
const { LEDGER, VERSION } = process.env;
appendFileSync(LEDGER, VERSION + " begins\\n");
if (existsSync(LEDGER + ".fail")) {
  console.error("relation users does not exist");
  process.exit(3);
}
const wait = setInterval(() => {
  if (existsSync(LEDGER + ".wait")) return;
  clearInterval(wait);
  appendFileSync(LEDGER, VERSION + " ends\\n");
}, 20);
`;

describe("story: database migrations before the switch", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  let url: string;
  let ledger: string;
  const lines = () => (existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : []);
  const up = (tag: string) => checkout.start("up", "--stack", "local", "--image-tag", tag);

  before(async () => {
    checkout.create();
    const { stdout } = await checkout.done("quickstart");
    url = stdout.trim().split("\n").at(-1) ?? "";
    ledger = path.join(checkout.home, "ledger");
    const context = path.join(checkout.root, "examples/migrating");
    cpSync(path.join(checkout.root, "examples/service"), context, { recursive: true });
    const recipe = readFileSync(path.join(context, "Dockerfile"), "utf8")
      .replace('ENTRYPOINT ["node", "server.js"]', 'ENTRYPOINT ["node"]\nCMD ["server.js"]')
      .replace("settings.js ./", "settings.js migrate.cjs ./");
    writeFileSync(path.join(context, "Dockerfile"), recipe);
    writeFileSync(path.join(context, "migrate.cjs"), script);
    appendFileSync(path.join(context, ".dockerignore"), "\n!migrate.cjs\n");
    for (const tag of ["v1.1.0", "v1.2.0"]) {
      await checkout.done("push", context, "--repository", "api", "--tag", tag, "--stack", "local");
    }
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, {
        migration: { command: ["migrate.cjs"], environment: { LEDGER: ledger } },
      }),
    );
  });
  after(() => checkout.remove());

  it("one that fails stops the update before any task starts: the reason is told, nothing has changed", async () => {
    writeFileSync(`${ledger}.fail`, "");
    const [before, tasks] = [await checkout.service(), checkout.tasks()];
    const load = startLoad(url, 50, "close");
    const { code, stderr } = await up("v1.1.0").finished;
    const { failures, sent, answered, versions } = await load.end();
    assert.equal(code, 4, stderr);
    assert.match(stderr, /api v1\.1\.0: its migration failed, so none of its tasks was started: task arn:/);
    assert.match(stderr, /api exited with 3/);
    assert.match(stderr, /relation users does not exist/);
    assert.deepEqual(lines(), ["v1.1.0 begins"]);
    assert.deepEqual(checkout.tasks(), tasks);
    assert.deepEqual((await checkout.service()).weights, before.weights);
    assert.deepEqual([failures, answered, Object.keys(versions)], [{}, sent, ["v1.0.0"]]);
  });

  it("asked for again it runs again, ends before the first task of its release, and then traffic moves", async () => {
    rmSync(`${ledger}.fail`);
    writeFileSync(`${ledger}.wait`, "");
    const running = up("v1.1.0");
    await until(() => lines().length === 2);
    assert.deepEqual([...checkout.tasks().values()].sort(), ["v1.0.0", "v1.1.0"], "the migration and what runs");
    rmSync(`${ledger}.wait`);
    const { code, stderr } = await running.finished;
    assert.equal(code, 0, stderr);
    assert.equal(await versionAt(url), "v1.1.0");
    assert.deepEqual(lines(), ["v1.1.0 begins", "v1.1.0 begins", "v1.1.0 ends"]);
  });

  it("kill -9 in the middle of it: the next run waits for the one that runs, and starts no second one", async () => {
    writeFileSync(`${ledger}.wait`, "");
    const killed = up("v1.2.0");
    await until(() => lines().includes("v1.2.0 begins"));
    const engine = checkout.engines().find(({ command }) => /\/pulumi up /.test(command));
    assert.ok(engine);
    process.kill(engine.pid, "SIGKILL");
    assert.notEqual((await killed.finished).code, 0);
    assert.equal(await versionAt(url), "v1.1.0");
    const again = up("v1.2.0");
    let told = "";
    again.child.stderr?.on("data", (text: string) => {
      told += text;
    });
    await until(() => told.includes("its migration is running already"));
    rmSync(`${ledger}.wait`);
    const { code, stderr } = await again.finished;
    assert.equal(code, 0, stderr);
    assert.equal(await versionAt(url), "v1.2.0");
    assert.deepEqual(lines().slice(3), ["v1.2.0 begins", "v1.2.0 ends"]);
  });

  it("a rollback flips the weights and migrates nothing", async () => {
    const before = lines();
    await checkout.done("rollback", "--stack", "local", "--to", "previous");
    assert.equal(await versionAt(url), "v1.1.0");
    assert.deepEqual(lines(), before);
  });
});
