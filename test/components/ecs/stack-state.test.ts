import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { StackState } from "../../../components/ecs/stack-state.ts";

const rule = "urn:pulumi:prod::sluice::sluice:ecs:Service$aws:lb/listenerRule:ListenerRule::api-traffic";

describe("StackState.read", function () {
  this.timeout(10_000);

  /** @param errors what the engine answers before it answers with the state */
  async function read(errors: string[]): Promise<{ names: string[]; asked: number }> {
    let asked = 0;
    const call = () => {
      const error = errors[asked++];
      // As gRPC hands it over.
      if (error !== undefined) throw Object.assign(new Error(error), { code: 2, details: error });
      return { outputs: { [rule]: { outputs: { priority: 40_000 } } } };
    };
    const newResource = () => ({ id: "x", state: {} });
    await pulumi.runtime.setMocks({ newResource, call }, "sluice", "prod", false, "organization");
    try {
      return { names: (await StackState.read()).servicesWithTraffic(), asked };
    } catch (error) {
      throw Object.assign(error as Error, { asked });
    }
  }

  const torn = "invocation of … returned an error: failed to load checkpoint: EOF";

  it("reads again what the engine was writing just then", async () =>
    assert.deepEqual(await read([torn, torn]), { names: ["api"], asked: 3 }));

  it("gives up on what stays unreadable: that is never an empty stack", () =>
    assert.rejects(read(Array(9).fill(torn)), { message: /failed to load checkpoint/, asked: 6 } as never));

  it("takes no other error for that", () => assert.rejects(read(["access denied"]), { asked: 1 } as never));
});
