import assert from "node:assert/strict";
import path from "node:path";
import { attachEvidence } from "../../../automation/gates/attach.ts";
import { copyImage } from "../../../automation/image/copy.ts";
import { pushImage } from "../../../automation/image/push.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { fileKey } from "../../../evidence/file-name.ts";
import { writeCollection, writeEvidence } from "../../../evidence/write.ts";
import {
  approvalStatement,
  collectedAt,
  commit,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "../../evidence/evidence-fixture.ts";
import { openTestWorld, type TestWorld } from "../../sandbox/dataplane/support/world.ts";

const context = path.join(import.meta.dirname, "../../../examples/service");
const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

describe("attaching evidence to an image in the sandbox's registry", () => {
  let world: TestWorld;
  let fixture: Fixture;
  beforeEach(async () => {
    [world, fixture] = await Promise.all([openTestWorld(), makeFixture()]);
    for (const repositoryName of ["api", "live"]) {
      await world.cloud.ecr.createRepository({ repositoryName, imageTagMutability: "IMMUTABLE" });
    }
  });
  afterEach(async () => {
    await world.close();
    await fixture[Symbol.asyncDispose]();
  });

  async function pushed() {
    const repositoryUrl = `${world.registry}/api`;
    const { digest } = await pushImage({ context, repositoryUrl, tag: "v1", environment: {} });
    const { store, signer } = fixture;
    const files = await writeEvidence({
      store,
      signer,
      statements: [releaseStatement({ digest }), approvalStatement({ digest })],
    });
    const collection = { store, signer, digest, commit, repository: "api", files: files.slice(0, 1), collectedAt };
    files.push(await writeCollection(collection));
    return { repositoryUrl, digest, store, files };
  }

  it("leaves each file, byte for byte, as what refers to the image", async () => {
    const args = await pushed();
    const attached = await attachEvidence(args);
    const registry = new RegistryClient(world.registry);
    const referrers = await registry.referrers("api", args.digest);
    assert.deepEqual(referrers.map(({ digest }) => digest).sort(), attached.toSorted());
    assert.ok(referrers.every(({ artifactType }) => artifactType === bundleType));
    for (const [index, file] of args.files.entries()) {
      const document = (await registry.manifest("api", attached[index] ?? ""))?.document;
      const blob = await registry.blob("api", document?.layers?.[0]?.digest ?? "");
      assert.deepEqual(
        Buffer.from(await new Response(blob).arrayBuffer()),
        await args.store.read(fileKey(args.digest, file)),
      );
      assert.equal(document?.subject?.digest, args.digest);
    }
    const kinds = referrers.map(({ annotations }) => annotations?.["dev.sigstore.bundle.predicateType"]);
    assert.deepEqual(
      kinds.sort(),
      ["approval", "collection", "release"].map((kind) => `https://sluice.dev/evidence/${kind}/v1`),
    );
  });

  it("changes nothing the second time, and goes along when the image is promoted", async () => {
    const args = await pushed();
    assert.deepEqual(await attachEvidence(args), await attachEvidence(args));
    const registry = new RegistryClient(world.registry);
    assert.equal((await registry.referrers("api", args.digest)).length, 3);
    await copyImage({ from: args, to: { repositoryUrl: `${world.registry}/live`, tag: "v1" } });
    assert.equal((await registry.referrers("live", args.digest)).length, 3);
  });

  it("says that the image, or the file, is not there", async () => {
    const args = await pushed();
    await assert.rejects(attachEvidence({ ...args, digest: otherDigest }), {
      kind: "not-found",
      message: /holds no image sha256:b2/,
    });
    const gone = `release-${"0".repeat(64)}.json`;
    await assert.rejects(attachEvidence({ ...args, files: [gone] }), { kind: "not-found", message: new RegExp(gone) });
    await assert.rejects(attachEvidence({ ...args, files: ["../secret"] }), RangeError);
  });
});
