import assert from "node:assert/strict";
import { createStack, type Stack } from "./support/stack.ts";
import { openTestWorld, type TestWorld } from "./support/world.ts";

describe("sandbox balancer", () => {
  let world: TestWorld;
  let stack: Stack;

  before(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
    await stack.createService("api-blue", "blue", await stack.release("v1"));
    await stack.createService("api-green", "green", await stack.release("v2"));
    await stack.steady("api-blue");
    await stack.steady("api-green");
  });
  after(async () => {
    await world?.close();
  });

  it("answers", async () => {
    const answer = await fetch(stack.url);
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as { version: string }).version, "v1");
  });
});
