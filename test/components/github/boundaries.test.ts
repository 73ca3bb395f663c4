import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Environment } from "../../../components/environment.ts";
import { readFoundation } from "../../../components/foundation.ts";

/** Reads from a foundation with these outputs; says how often it was asked for. */
async function read<T>(outputs: Record<string, unknown>, body: () => Promise<T>): Promise<{ answer: T; read: number }> {
  let references = 0;
  const newResource = ({ inputs, name }: pulumi.runtime.MockResourceArgs) => {
    references++;
    return { id: name, state: { ...inputs, outputs } };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "sluice", "prod", false, "organization");
  const answer = await body();
  await pulumi.runtime.disconnect();
  return { answer, read: references };
}

describe("the boundary of an environment's roles", () => {
  const boundaries = { prod: "arn:aws:iam::123456789012:policy/sluice-foundation-github-boundary-prod" };
  const registry = { api: { name: "api", url: "registry.test/api", arn: "arn:x", registryId: "123456789012" } };
  const place = { project: "sluice", stack: "prod", name: "prod", region: "eu-west-1" };

  it("is the one that the foundation made for the stack", async () => {
    const { answer } = await read({ boundaries }, () => readFoundation("foundation").boundary("prod"));
    assert.equal(answer, boundaries.prod);
    const { roleBounds } = new Environment({ ...place, permissionsBoundary: answer });
    assert.deepEqual(roleBounds, { permissionsBoundary: boundaries.prod });
  });

  it("is none for a stack that the foundation knows nothing of, or where it has no section github", async () => {
    for (const outputs of [{ boundaries }, {}]) {
      const { answer } = await read(outputs, () => readFoundation("foundation").boundary("preview-pr-1"));
      assert.equal(answer, undefined);
      assert.deepEqual(new Environment({ ...place, permissionsBoundary: answer }).roleBounds, {});
    }
  });

  it("is read through the one reference that repositories are read through", async () => {
    const { read: references } = await read({ boundaries, registry }, async () => {
      const foundation = readFoundation("foundation");
      return [await foundation.boundary("prod"), await foundation.repository("api")];
    });
    assert.equal(references, 1);
  });
});
