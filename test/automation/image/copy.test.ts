import assert from "node:assert/strict";
import { copyImage } from "../../../automation/image/copy.ts";
import { encodeDocument, MEDIA_TYPES, parseManifest } from "../../../automation/image/oci-types.ts";
import { pushImage } from "../../../automation/image/push.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { ContextFolder } from "./context-folder.ts";
import { MemoryRegistry } from "./memory-registry.ts";

describe("a promotion", () => {
  let staging: MemoryRegistry;
  let prod: MemoryRegistry;
  let context: ContextFolder;

  beforeEach(async () => {
    staging = await MemoryRegistry.start({ referrers: true });
    prod = await MemoryRegistry.start();
    context = await ContextFolder.create({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" });
  });

  afterEach(async () => {
    await staging.stop();
    await prod.stop();
    await context.remove();
  });

  async function push(registry: MemoryRegistry, name: string, platform = ["linux/amd64"]): Promise<string> {
    const repositoryUrl = `${registry.host}/${name}`;
    return (await pushImage({ context: context.path, repositoryUrl, tag: "v1", platform, environment: {} })).digest;
  }

  /** Something that refers to an image, like a signature. */
  async function attach(subject: string): Promise<string> {
    const size = staging.manifests.get(`api@${subject}`)?.bytes.length ?? 0;
    const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] };
    const bytes = encodeDocument({ ...document, subject: { mediaType: MEDIA_TYPES.manifest, digest: subject, size } });
    const manifest = parseManifest(bytes, MEDIA_TYPES.index);
    await new RegistryClient(staging.host).putManifest("api", manifest.digest, manifest);
    return manifest.digest;
  }

  it("copies every byte, for all platforms, and names it", async () => {
    const digest = await push(staging, "api", ["linux/amd64", "linux/arm64"]);
    const to = { repositoryUrl: `${prod.host}/live/api`, tag: "v1" };
    const result = await copyImage({ from: { repositoryUrl: `${staging.host}/api`, digest }, to });
    assert.deepEqual(result, {
      digest,
      reference: `${prod.host}/live/api@${digest}`,
      alreadyThere: false,
      referrers: [],
    });
    assert.equal(prod.tags.get("live/api:v1"), digest);
    for (const [key, { bytes }] of staging.manifests) {
      assert.deepEqual(prod.manifests.get(key.replace("api@", "live/api@"))?.bytes, bytes);
    }
    for (const [key, bytes] of staging.blobs) assert.deepEqual(prod.blobs.get(key.replace("api@", "live/api@")), bytes);
  });

  it("takes blobs over within one registry, and has nothing to do the second time", async () => {
    const digest = await push(staging, "api");
    const options = {
      from: { repositoryUrl: `${staging.host}/api`, digest },
      to: { repositoryUrl: `${staging.host}/live` },
    };
    staging.seen.length = 0;
    assert.equal((await copyImage(options)).alreadyThere, false);
    assert.ok(staging.blobs.size > 0 && !staging.calls.some((call) => call.startsWith("PUT /v2/live/blobs")));
    staging.seen.length = 0;
    assert.equal((await copyImage(options)).alreadyThere, true);
    assert.ok(!staging.calls.some((call) => call.startsWith("PUT")));
  });

  it("brings along what refers to the image, also where the target keeps no list of it", async () => {
    const digest = await push(staging, "api");
    const signatures = [await attach(digest)];
    signatures.push(await attach(signatures[0] as string));
    const options = {
      from: { repositoryUrl: `${staging.host}/api`, digest },
      to: { repositoryUrl: `${prod.host}/api` },
    };
    assert.deepEqual((await copyImage(options)).referrers, signatures);
    const found = await new RegistryClient(prod.host).referrers("api", digest);
    assert.deepEqual(
      found.map((entry) => entry.digest),
      [signatures[0]],
    );
    await copyImage(options);
    assert.equal((await new RegistryClient(prod.host).referrers("api", digest)).length, 1);
  });

  it("never moves a tag", async () => {
    const digest = await push(staging, "api");
    await context.write("a", "2");
    const other = await push(prod, "api");
    const to = { repositoryUrl: `${prod.host}/api`, tag: "v1" };
    const from = { repositoryUrl: `${staging.host}/api`, digest };
    await assert.rejects(copyImage({ from, to }), { kind: "tag-taken", message: new RegExp(other) });
    assert.equal(prod.tags.get("api:v1"), other);
  });

  it("of an image that is not there fails before it writes", async () => {
    const from = { repositoryUrl: `${staging.host}/api`, digest: `sha256:${"0".repeat(64)}` };
    await assert.rejects(copyImage({ from, to: { repositoryUrl: `${prod.host}/api` } }), { kind: "not-found" });
    assert.deepEqual(prod.seen, []);
  });

  it("refuses bytes that are not what their digest says, however they came about", async () => {
    const digest = await push(staging, "api");
    for (const [key, bytes] of staging.blobs) staging.blobs.set(key, Buffer.alloc(bytes.length, "x"));
    const from = { repositoryUrl: `${staging.host}/api`, digest };
    await assert.rejects(
      copyImage({ from, to: { repositoryUrl: `${prod.host}/api` } }),
      /gave other bytes than sha256/,
    );
    assert.equal(prod.manifests.size, 0);
  });
});
