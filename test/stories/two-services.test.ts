import assert from "node:assert/strict";
import { Checkout, until, versionAt } from "./checkout.ts";

describe("story: two services, one of which fails in mid-update", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  const health = { interval: 5, timeout: 2, gracePeriod: 0 };
  const configure = (web: Record<string, string>) =>
    checkout.configure("local", (config) => {
      config["sluice:services"] = {
        api: { count: { min: 1, max: 2 }, deregistrationDelay: 2, health, route: { paths: ["/*"] } },
        web: {
          repository: "api",
          count: { min: 1, max: 2 },
          deregistrationDelay: 2,
          health,
          route: { hosts: ["web.example"] },
          environment: web,
        },
      };
    });
  before(async () => {
    checkout.create();
    configure({});
    await checkout.done("quickstart");
    for (const tag of ["v1.1.0", "v1.2.0", "v1.3.0"]) await checkout.push(tag);
    await checkout.done("up", "--stack", "local", "--service", "web", "--image-tag", "v1.0.0");
  });
  after(() => checkout.remove());

  /** The service that a task belongs to. */
  const ownerOf = (pid: number) => checkout.variable(pid, "SLUICE_SANDBOX_TASK")?.split("|").at(-1) ?? "";

  /** Pids of the tasks on colours that carry traffic: nothing may ever end them but a later, finished switch. */
  async function serving(): Promise<Map<number, string>> {
    const active = await liveTags();
    return new Map([...checkout.tasks()].filter(([pid, version]) => active[ownerOf(pid)] === version));
  }

  async function liveTags(): Promise<Record<string, string | undefined>> {
    return Object.fromEntries(
      await Promise.all(
        ["api", "web"].map(async (name) => {
          const service = await checkout.service(name);
          return [name, service[service.active ?? "blue"]?.tag];
        }),
      ),
    );
  }

  it("each service has its own release", async () => {
    assert.deepEqual(await liveTags(), { api: "v1.0.0", web: "v1.0.0" });
    await checkout.done("up", "--stack", "local", "--service", "web", "--image-tag", "v1.1.0");
    await checkout.done("up", "--stack", "local", "--service", "web", "--image-tag", "v1.0.0");
    assert.deepEqual(await liveTags(), { api: "v1.0.0", web: "v1.0.0" });
  });

  it("the second fails: nobody who carried traffic is touched", async () => {
    configure({ CRASH_AFTER_MS: "300" });
    const before = await serving();
    const { code, stderr } = await checkout.sluice("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.equal(code, 4, stderr);
    for (const pid of before.keys()) assert.ok(checkout.tasks().has(pid), `task ${pid} was serving`);
  });

  it("then an update refused by policy, one with --target, and one that is killed: still nobody is touched", async () => {
    const before = await serving();
    checkout.configure("local", (config) =>
      Object.assign(config["sluice:services"].api ?? {}, { environment: { API_SECRET_KEY: "AKIAIOSFODNN7EXAMPLE" } }),
    );
    const refused = await checkout.sluice("up", "--stack", "local", "--service", "api", "--image-tag", "v1.1.0");
    assert.equal(refused.code, 5, refused.stderr);
    configure({});
    await checkout.pulumi("up", "-s", "local", "--yes", "--target", "**api-blue**", "--config", "imageTag=v1.1.0");
    const killed = checkout.start("up", "--stack", "local", "--service", "web", "--image-tag", "v1.3.0");
    const engine = await until(() => checkout.engines().find(({ command }) => /\/pulumi up /.test(command)));
    await until(() => [...checkout.tasks().values()].includes("v1.3.0") || undefined);
    process.kill(engine.pid, "SIGKILL");
    await killed.finished;
    for (const pid of before.keys()) assert.ok(checkout.tasks().has(pid), `task ${pid} was serving`);
  });

  it("then another release, and a rollback: each service ends where it was asked to", async () => {
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.2.0");
    assert.deepEqual(await liveTags(), { api: "v1.2.0", web: "v1.2.0" });
    const { url } = await checkout.service("api");
    assert.equal(await versionAt(url), "v1.2.0");
    await checkout.done("up", "--stack", "local", "--image-tag", "v1.1.0");
    await checkout.done("rollback", "--stack", "local", "--to", "previous");
    assert.deepEqual(await liveTags(), { api: "v1.2.0", web: "v1.2.0" });
    await checkout.done("rollback", "--stack", "local", "--to", "previous", "--service", "web");
    assert.deepEqual(await liveTags(), { api: "v1.2.0", web: "v1.1.0" });
  });

  it("one that goes missing stays until it is retired, and the other is not touched", async () => {
    const withoutWeb = (retire: string[]) =>
      checkout.configure("local", (config) => {
        config["sluice:services"] = { api: config["sluice:services"].api ?? {} };
        config["sluice:retire"] = retire;
      });
    const before = [...checkout.tasks().keys()].filter((pid) => ownerOf(pid) === "api");
    assert.ok(before.length > 0);
    withoutWeb([]);
    const refused = await checkout.pulumi("up", "-s", "local", "--yes");
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout + refused.stderr, /services\.web: .*retired; got nothing; .*add web to sluice:retire/);
    assert.equal((await liveTags()).web, "v1.1.0");
    withoutWeb(["web"]);
    await checkout.done("up", "--stack", "local");
    await until(() => ![...checkout.tasks().keys()].some((pid) => ownerOf(pid) === "web"));
    for (const pid of before) assert.ok(checkout.tasks().has(pid), `task ${pid} of api`);
  });
});
