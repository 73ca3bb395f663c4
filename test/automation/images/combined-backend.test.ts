import assert from "node:assert/strict";
import { openStateBackend } from "../../../automation/images/state-backend.ts";
import { BackendFolder, digestOf, stateOf } from "./backend-folder.ts";

describe("several backends, looked into as one", () => {
  let [own, other] = [new BackendFolder(), new BackendFolder()];
  beforeEach(() => {
    [own, other] = [new BackendFolder(), new BackendFolder()];
    own.evolve("sluice/prod", { state: stateOf({ blue: digestOf(1) }) });
    other.evolve("sluice/prod", { state: stateOf({ blue: digestOf(2) }) });
  });
  afterEach(() => {
    own.remove();
    other.remove();
  });
  const open = () => {
    const env = { PULUMI_BACKEND_URL: `file://${own.root}` };
    return openStateBackend({ pulumi: "pulumi", root: own.root, env, policyPack: undefined }, [`file://${other.root}`]);
  };

  it("has the stacks of all of them, told apart, each with its own state and history", async () => {
    const backend = open();
    const stacks = await backend.stacks();
    assert.deepEqual(
      stacks.map(({ name }) => name),
      ["prod", `prod (file://${other.root})`],
    );
    for (const [index, stack] of stacks.entries()) {
      const state = stateOf({ blue: digestOf(index + 1) });
      assert.deepEqual(await backend.state(stack), state);
      for await (const past of backend.successes(stack)) assert.deepEqual(past, state);
      assert.equal(await backend.wasUpdated(stack), true);
    }
  });

  it("does not take a wrong URL for a backend that needs nothing", async () => {
    other.remove();
    await assert.rejects(open().stacks(), /the backend file:\/\/.* has no stacks; nothing was deleted/);
  });

  it("is busy where any of them is", async () => {
    other.lock("sluice/prod");
    assert.equal((await open().busy()).length, 1);
  });

  it("holds all of them, or none", async () => {
    {
      await using hold = await open().hold(await open().stacks());
      assert.deepEqual([own.locks().length, other.locks().length], [1, 1]);
      await hold.check();
      other.removeLocks();
      await assert.rejects(hold.check(), /are being updated/);
    }
    other.lock("sluice/prod");
    await assert.rejects(open().hold(await open().stacks()), /are being updated/);
    assert.deepEqual(own.locks(), []);
  });
});
