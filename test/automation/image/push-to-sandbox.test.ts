import assert from "node:assert/strict";
import path from "node:path";
import { copyImage } from "../../../automation/image/copy.ts";
import { inspectImage } from "../../../automation/image/inspection.ts";
import { type Manifest, MEDIA_TYPES, parseManifest } from "../../../automation/image/oci-types.ts";
import { pushImage } from "../../../automation/image/push.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { openTestWorld, type TestWorld } from "../../sandbox/dataplane/support/world.ts";

const SERVICE = path.join(import.meta.dirname, "../../../examples/service");

describe("sluice push, to the sandbox's registry", () => {
  let world: TestWorld;

  beforeEach(async () => {
    world = await openTestWorld();
    for (const repositoryName of ["api", "live"]) {
      await world.cloud.ecr.createRepository({ repositoryName, imageTagMutability: "IMMUTABLE" });
    }
  });

  afterEach(() => world.close());

  function push(args: Record<string, string> = {}) {
    const target = { repositoryUrl: `${world.registry}/api`, tag: "v1", environment: {} };
    return pushImage({ context: SERVICE, args, ...target });
  }

  it("leaves an image that the cloud knows by its tag", async () => {
    const { digest, omittedBase } = await push();
    assert.match(omittedBase ?? "", /distroless/);
    const { imageDetails } = await world.cloud.ecrImages.describeImages({
      repositoryName: "api",
      imageIds: [{ imageTag: "v1" }],
    });
    assert.equal(imageDetails?.[0]?.imageDigest, digest);
    assert.equal((await push()).alreadyThere, true);
  });

  it("leaves an image that can be looked into", async () => {
    const { digest } = await push();
    const { result } = await inspectImage({ client: new RegistryClient(world.registry), name: "api", digest });
    assert.deepEqual(result.users, ["65532:65532"]);
    assert.equal(result.distroless, true);
    assert.match(result.platforms.join(), /^linux\/[a-z0-9]+$/);
  });

  it("is refused with other content, by us and by the registry itself", async () => {
    const { digest } = await push();
    await assert.rejects(push({ VERSION: "other" }), { kind: "tag-taken", message: new RegExp(digest) });
    const registry = new RegistryClient(world.registry);
    const { document } = (await registry.manifest("api", digest)) as Manifest;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...document, annotations: { other: "content" } }));
    const other = parseManifest(bytes, MEDIA_TYPES.manifest);
    await assert.rejects(registry.putManifest("api", "v1", other), { status: 400, codes: ["TAG_INVALID"] });
    assert.equal((await registry.manifest("api", "v1"))?.digest, digest);
  });

  it("is promoted by digest", async () => {
    const { digest } = await push();
    const from = { repositoryUrl: `${world.registry}/api`, digest };
    const to = { repositoryUrl: `${world.registry}/live`, tag: "v1" };
    assert.equal((await copyImage({ from, to })).alreadyThere, false);
    assert.equal((await copyImage({ from, to })).alreadyThere, true);
  });

  it("says that the repository does not exist", async () => {
    const target = { repositoryUrl: `${world.registry}/none`, tag: "v1", environment: {} };
    await assert.rejects(pushImage({ context: SERVICE, ...target }), {
      message: /NAME_UNKNOWN .*'none' does not exist/,
    });
  });
});
