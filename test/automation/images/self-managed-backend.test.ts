import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import os from "node:os";
import { locateEngine } from "../../../automation/engine-context.ts";
import { BackendFolder, digestOf, stateOf } from "./backend-folder.ts";

describe("a self-managed backend, looked into", () => {
  let backend: BackendFolder;
  beforeEach(() => {
    backend = new BackendFolder();
  });
  afterEach(() => backend.remove());

  const names = async () => (await backend.open().stacks()).map(({ name }) => name).sort();
  const successes = async (name: string) => {
    const [stack] = (await backend.open().stacks()).filter((one) => one.name === name);
    const states: unknown[] = [];
    if (stack !== undefined) for await (const state of backend.open().successes(stack)) states.push(state);
    return states;
  };

  it("has the stacks of every project, compressed ones and those without a project", async () => {
    backend.stack("sluice/prod", stateOf());
    backend.stack("sluice/any-name.at-all_1", stateOf(), ".gz");
    backend.stack("shop/prod", stateOf(), ".zst");
    backend.stack("old", stateOf());
    for (const key of ["prod.json.bak", "prod.json.attrs", "prod.json.1790000000000000000"]) {
      backend.write(`stacks/sluice/${key}`, "{}");
    }
    assert.deepEqual(await names(), ["any-name.at-all_1", "old", "prod", "shop/prod"]);
  });

  it("reads states whole, however they are compressed", async () => {
    for (const suffix of ["", ".gz", ".zst"] as const) backend.stack(`p/s${suffix}`, stateOf({ blue: "x" }), suffix);
    for (const stack of await backend.open().stacks()) {
      assert.deepEqual(await backend.open().state(stack), stateOf({ blue: "x" }));
    }
  });

  it("is empty where nothing was ever brought up", async () => {
    assert.deepEqual(await names(), []);
    assert.deepEqual(await backend.open().busy(), []);
  });

  const broken: [string, string, RegExp][] = [
    ["half a file", '{"version":3,"checkpoint":{"latest":{"manifest":{', /stacks\/sluice\/prod\.json cannot be read/],
    ["an empty file", "", /cannot be read; nothing was deleted/],
    ["a file without a checkpoint", '{"version":3}', /the state of stack prod cannot be read/],
    ["a checkpoint without a manifest", '{"version":3,"checkpoint":{"latest":{}}}', /stack prod cannot be read/],
    ["a checkpoint without a state", '{"version":3,"checkpoint":{"latest":null}}', /stack prod cannot be read/],
    ["something else altogether", "[]", /stack prod cannot be read/],
  ];
  for (const [title, content, says] of broken) {
    it(`refuses ${title} for a state`, async () => {
      backend.write("stacks/sluice/prod.json", content);
      const [stack] = await backend.open().stacks();
      assert.ok(stack);
      await assert.rejects(backend.open().state(stack), says);
    });
  }

  it("refuses states in YAML, which it would otherwise not see", async () => {
    backend.write("stacks/sluice/prod.yaml", "version: 3");
    await assert.rejects(names(), /YAML.*prod\.yaml/);
  });

  it("refuses a state that went away after it was listed", async () => {
    backend.stack("sluice/prod", stateOf());
    const [stack] = await backend.open().stacks();
    assert.ok(stack);
    backend.remove();
    await assert.rejects(backend.open().state(stack), /cannot be read/);
  });

  it("has the states that successful updates left, newest first", async () => {
    backend.evolve(
      "sluice/prod",
      { state: stateOf({ blue: "1" }) },
      { state: stateOf({ blue: "2" }), result: "failed" },
      { state: stateOf({ blue: "3" }), kind: "refresh" },
      { state: stateOf({ blue: "4" }), kind: "destroy" },
      ...Array.from({ length: 20 }, (_, n) => ({ state: stateOf({ blue: String(10 + n) }) })),
    );
    const states = await successes("prod");
    const order = [...Array.from({ length: 20 }, (_, n) => stateOf({ blue: String(29 - n) })), stateOf({ blue: "1" })];
    assert.deepEqual(states, order);
  });

  it("refuses a success whose state is gone: what ran then is not known", async () => {
    backend.evolve("sluice/prod", { state: stateOf(), checkpoint: false });
    await assert.rejects(successes("prod"), /what stack prod was after an update that succeeded.* cannot be read/);
  });

  it("keeps the histories of stacks apart whose names begin alike", async () => {
    backend.evolve("sluice/prod", { state: stateOf({ blue: "1" }) });
    backend.evolve("sluice/prod-2", { state: stateOf({ blue: "2" }) });
    backend.evolve("shop/prod", { state: stateOf({ blue: "3" }) });
    assert.deepEqual(await successes("prod"), [stateOf({ blue: "1" })]);
    assert.deepEqual(await successes("shop/prod"), [stateOf({ blue: "3" })]);
  });

  describe("says who is changing a stack", () => {
    it("on any machine, of any project", async () => {
      backend.lock("shop/live");
      const [line = ""] = await backend.open().busy();
      assert.match(line, /^shop\/live is held by process 1 of ann on elsewhere/);
    });

    it("where the lock cannot be read", async () => {
      backend.write("locks/organization/sluice/prod/x.json", "{");
      assert.match((await backend.open().busy())[0] ?? "", /^prod is held by an unreadable lock/);
    });

    it("but not those of this machine that are dead", async () => {
      const { pid } = spawnSync("true");
      backend.lock("sluice/prod", { pid, hostname: os.hostname(), timestamp: new Date().toISOString() });
      assert.deepEqual(await backend.open().busy(), []);
    });

    it("and those that were killed and left a journal", async () => {
      backend.write("journal/sluice/prod/0001.json", "{}");
      assert.match((await backend.open().busy())[0] ?? "", /^sluice\/prod has an update that was not ended/);
    });
  });

  describe("while it is held", () => {
    beforeEach(() => {
      for (const name of ["sluice/prod", "shop/prod", "old"]) backend.stack(name, stateOf({ blue: digestOf(1) }));
    });

    const hold = async () => backend.open().hold(await backend.open().stacks());

    it("has a lock on every stack, and none afterwards", async () => {
      {
        await using held = await hold();
        assert.equal(backend.locks().length, 3);
        await held.check();
      }
      assert.deepEqual(backend.locks(), []);
    });

    it("refuses a second hold, which leaves nothing behind", async () => {
      await using held = await hold();
      const before = backend.locks();
      await assert.rejects(hold(), /are being updated/);
      assert.deepEqual(backend.locks(), before);
      await held.check();
    });

    it("is not to be had while somebody updates", async () => {
      backend.lock("shop/prod");
      await assert.rejects(hold(), (error: { details?: string[] }) => {
        assert.match(error.details?.join() ?? "", /shop\/prod is held by process 1 of ann/);
        return true;
      });
      assert.equal(backend.locks().length, 1, "only the other's is left");
    });

    const breaches: [string, () => void, RegExp][] = [
      ["there is a new stack", () => backend.stack("sluice/new", stateOf()), /new is a new stack/],
      ["a lock of ours was removed", () => backend.removeLocks(), /was removed: pulumi cancel does that/],
      ["somebody took a lock all the same", () => backend.lock("sluice/prod"), /prod is held by process 1/],
    ];
    for (const [title, breach, says] of breaches) {
      it(`says so when ${title}`, async () => {
        await using held = await hold();
        breach();
        await assert.rejects(held.check(), (error: { details?: string[] }) => says.test(error.details?.join() ?? ""));
      });
    }

    it("keeps the real engine out", async function () {
      this.timeout(120_000);
      const { pulumi } = await locateEngine();
      const env = {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${backend.root}`,
        PULUMI_HOME: `${backend.root}/home`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      };
      backend.writeProject();
      const run = (...args: string[]) => spawnSync(pulumi, args, { cwd: backend.root, env, encoding: "utf8" });
      const made = run("stack", "init", "fresh", "--non-interactive");
      assert.equal(made.status, 0, made.stderr);
      const destroy = () => run("destroy", "--stack", "fresh", "--yes", "--non-interactive");
      {
        await using _ = await hold();
        const { status, stdout, stderr } = destroy();
        assert.notEqual(status, 0);
        assert.match(stdout + stderr, /the stack is currently locked by 1 lock/);
      }
      assert.equal(destroy().status, 0, "and lets it in again");
    });
  });
});
