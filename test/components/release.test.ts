import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Release } from "../../components/release.ts";
import { declare } from "./harness.ts";

const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:${"a1".repeat(32)}`;
const one = { service: "api", colour: "blue", repository: "api", image, tag: "v1" };
const releaseType = "sluice:release:Release";

describe("Release", () => {
  after(() => pulumi.runtime.setAllConfig({}));

  it("hands plain values to whoever judges it, and creates nothing", async () => {
    const gates = { lint: { tools: [] } } as never;
    const { all } = await declare(async () => {
      const urn = await new Release("release", { environment: "prod", images: [one], gates }).registered();
      assert.match(urn, /::sluice:release:Release::release$/);
    });
    assert.deepEqual(all, [
      { type: releaseType, name: "release", inputs: { environment: "prod", images: [one], gates } },
    ]);
  });

  it("of a stack without gates of its own says nothing of gates", async () => {
    const { all } = await declare(() => new Release("release", { environment: "prod", images: [], gates: undefined }));
    assert.deepEqual(all[0]?.inputs, { environment: "prod", images: [] });
  });

  /** Runs the program; the engine takes as long to answer for the release as a slow judge would, or refuses it. */
  async function program(config: Record<string, string>, refuse = false): Promise<string[]> {
    const registered: string[] = [];
    const url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api";
    const api = { name: "api", url, arn: "arn:aws:ecr:eu-west-1:123456789012:repository/api", registryId: "1" };
    const newResource = async ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      if (type === releaseType) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (refuse) throw new Error("refused");
      }
      registered.push(type);
      const outputs = type === "pulumi:pulumi:StackReference" ? { outputs: { registry: { api } } } : {};
      return { id: name, state: { arn: `arn:aws:x:eu-west-1:123456789012:${name}`, name, ...inputs, ...outputs } };
    };
    const call = ({ token }: pulumi.runtime.MockCallArgs) => ({
      ...(token.endsWith("getImage") ? { imageDigest: image.split("@")[1] } : {}),
      ...(token.endsWith("getAvailabilityZones") ? { names: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] } : {}),
      ...(token.endsWith("readStackResourceOutputs") ? { outputs: {} } : {}),
    });
    await pulumi.runtime.setMocks({ newResource, call }, "sluice", "prod", false, "organization");
    const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
    // The mocks claim to support resource hooks and lack the call that registers one.
    monitor.registerResourceHook = (_: unknown, done: (error: null, answer: object) => void) => done(null, {});
    pulumi.runtime.setAllConfig({ "aws:region": "eu-west-1", ...config });
    const { default: run } = (await import("../../index.ts")) as { default: () => Promise<unknown> };
    if (!refuse) await run();
    // It never ends: the engine ends the program where it refuses something in an update.
    else await Promise.race([run().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 500))]);
    await pulumi.runtime.disconnect().catch((error: Error) => refuse || assert.fail(error));
    return registered;
  }

  const services = {
    "sluice:network": "{}",
    "sluice:cluster": "{}",
    "sluice:services": '{"api":{}}',
    "sluice:imageTag": "v1",
  };

  it("is the first thing that the program registers, and nothing else before it has been judged", async () => {
    const registered = await program(services);
    assert.deepEqual(registered.slice(0, 2), ["pulumi:pulumi:StackReference", releaseType]);
    assert.ok(registered.includes("aws:ecs/taskDefinition:TaskDefinition"));
  });

  it("that is refused is the last thing as well", async () => {
    assert.deepEqual(await program(services, true), ["pulumi:pulumi:StackReference"]);
  });

  it("is not there where a stack has no services", async () => {
    assert.ok(!(await program({ "sluice:network": "{}" })).includes(releaseType));
  });
});
