import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { inspectImage } from "../../../automation/image/inspection.ts";
import { digestOf, MEDIA_TYPES } from "../../../automation/image/oci-types.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { MemoryRegistry } from "./memory-registry.ts";

const repository = "team/api";
const commit = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
type Document = Record<string, unknown>;

describe("inspection of an image in a registry", () => {
  let registry: MemoryRegistry;
  beforeEach(async () => {
    registry = await MemoryRegistry.start();
  });
  afterEach(() => registry.stop());

  function addBlob(bytes: Buffer): { digest: string; size: number } {
    const digest = digestOf(bytes);
    registry.blobs.set(`${repository}@${digest}`, bytes);
    return { digest, size: bytes.length };
  }

  function addManifest(document: Document, type: string = MEDIA_TYPES.manifest) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...document }));
    const digest = digestOf(bytes);
    registry.manifests.set(`${repository}@${digest}`, { bytes, type });
    return { mediaType: type, digest, size: bytes.length };
  }

  async function addLayer(paths: readonly string[], kind: "gzip" | "zstd" = "gzip") {
    const archive = pack();
    for (const name of paths) archive.entry({ name, mode: 0o755 }, "x");
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    const compress = kind === "gzip" ? gzipSync : zstdCompressSync;
    return { mediaType: `application/vnd.oci.image.layer.v1.tar+${kind}`, ...addBlob(compress(Buffer.concat(chunks))) };
  }

  interface ImageArgs {
    architecture?: string;
    layers?: object[];
    config?: Document;
    annotations?: Record<string, string>;
  }

  function addImage({ architecture = "amd64", layers = [], config = { User: "65532" }, annotations }: ImageArgs = {}) {
    const rootfs = { type: "layers", diff_ids: [] };
    const bytes = Buffer.from(JSON.stringify({ os: "linux", architecture, config, rootfs }));
    return addManifest({ config: { mediaType: MEDIA_TYPES.config, ...addBlob(bytes) }, layers, annotations });
  }

  const addIndex = (manifests: object[], more: Document = {}) => addManifest({ manifests, ...more }, MEDIA_TYPES.index);
  const on = (architecture: string, image: object) => ({ ...image, platform: { os: "linux", architecture } });
  const inspect = ({ digest }: { digest: string }, limits?: { bytes: number; entries: number }) =>
    inspectImage({ client: new RegistryClient(registry.host), name: repository, digest, ...(limits && { limits }) });

  it("says what one image says of itself", async () => {
    const labels = {
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.base.name": "debian:12-slim",
    };
    const layers = [await addLayer(["app/server", "usr/bin/env"])];
    const { result, ...others } = await inspect(addImage({ layers, config: { User: "65532:65532", Labels: labels } }));
    assert.deepEqual(result, {
      platforms: ["linux/amd64"],
      base: "debian:12-slim",
      distroless: true,
      revision: commit,
      users: ["65532:65532"],
    });
    assert.deepEqual(others, { commit, tools: [] });
  });

  it("says what an index holds, and leaves attestations aside", async () => {
    const attestation = addManifest({
      layers: [],
      config: { mediaType: MEDIA_TYPES.config, ...addBlob(Buffer.from("{}")) },
    });
    const index = addIndex([
      on("arm64", { ...addImage({ architecture: "arm64", config: {} }) }),
      on("amd64", addImage()),
      { ...attestation, platform: { os: "unknown", architecture: "unknown" } },
    ]);
    const { result } = await inspect(index);
    assert.deepEqual(result, { platforms: ["linux/amd64", "linux/arm64"], distroless: true, users: ["", "65532"] });
  });

  it("takes revision and base from annotations as well", async () => {
    const annotations = {
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.base.name": "gcr.io/distroless/static",
    };
    assert.equal((await inspect(addImage({ annotations }))).result.base, "gcr.io/distroless/static");
    const { result, commit: named } = await inspect(addIndex([on("amd64", addImage())], { annotations }));
    assert.deepEqual([result.revision, result.base, named], [commit, "gcr.io/distroless/static", commit]);
  });

  it("finds a shell in any layer of any platform, and reads shared layers once", async () => {
    const shell = await addLayer(["bin/", "bin/busybox", "bin/sh"], "zstd");
    const app = await addLayer(["app/server"]);
    const index = addIndex([
      on("amd64", addImage({ layers: [app] })),
      on("arm64", addImage({ architecture: "arm64", layers: [app, shell] })),
    ]);
    const { result, tools } = await inspect(index);
    assert.equal(result.distroless, false);
    assert.deepEqual(tools, ["linux/arm64: bin/busybox", "linux/arm64: bin/sh"]);
    assert.equal(registry.calls.filter((call) => call.endsWith(app.digest)).length, 1);
  });

  it("finds no shell that a later layer took away", async () => {
    const layers = [await addLayer(["bin/sh"]), await addLayer(["bin/.wh.sh", "app/server"])];
    assert.equal((await inspect(addImage({ layers }))).result.distroless, true);
    assert.equal((await inspect(addImage({ layers: layers.toReversed() }))).result.distroless, false);
  });

  describe("refuses", () => {
    const refused = (image: { digest: string }, message: RegExp, limits?: { bytes: number; entries: number }) =>
      assert.rejects(
        inspect(image, limits),
        (error: Error) => error.name === "ImageError" && message.test(error.message),
      );

    it("what is not there", async () => {
      await refused({ digest: `sha256:${"0".repeat(64)}` }, /has no team\/api@sha256:0{64}/);
      await refused({ digest: "v1" }, /is not sha256:/);
    });

    it("an index without an image", async () => {
      await refused(addIndex([]), /has no image for any platform/);
    });

    it("an index within an index", async () => {
      await refused(addIndex([addIndex([on("amd64", addImage())])]), /is no image/);
    });

    it("an index that says another platform than the image", async () => {
      await refused(addIndex([on("arm64", addImage())]), /the index says linux\/arm64, its configuration linux\/amd64/);
    });

    it("what is no image", async () => {
      const config = { mediaType: "application/vnd.cncf.helm.config.v1+json", ...addBlob(Buffer.from("{}")) };
      await refused(addManifest({ config, layers: [] }), /is no image/);
    });

    it("two revisions", async () => {
      const config = { Labels: { "org.opencontainers.image.revision": "0".repeat(40) } };
      const annotations = { "org.opencontainers.image.revision": commit };
      await refused(addImage({ config, annotations }), /names several revisions/);
      const both = addIndex([
        on("amd64", addImage({ config })),
        on("arm64", addImage({ architecture: "arm64", annotations })),
      ]);
      await refused(both, /names several revisions/);
    });

    it("a layer of a kind that is not read", async () => {
      const layer = { ...(await addLayer([])), mediaType: "application/vnd.oci.image.layer.v1.tar+xz" };
      await refused(addImage({ layers: [layer] }), /is of type .*\+xz, which is not read/);
    });

    it("a layer that is absent, has other bytes, is cut off, or longer than said", async () => {
      const layer = await addLayer(["app/server"]);
      const image = addImage({ layers: [layer] });
      const key = `${repository}@${layer.digest}`;
      const bytes = registry.blobs.get(key) as Buffer;
      registry.blobs.set(key, gzipSync(Buffer.alloc(1024)));
      await refused(image, /has other bytes/);
      registry.blobs.set(key, bytes.subarray(0, 40));
      await refused(image, /has other bytes/);
      registry.blobs.set(key, Buffer.concat([bytes, Buffer.alloc(2)]));
      await refused(image, /is longer than/);
      registry.blobs.delete(key);
      await refused(image, /has no blob/);
    });

    it("a layer with something behind its end", async () => {
      const { mediaType, digest } = await addLayer(["app/server"]);
      const more = Buffer.concat([registry.blobs.get(`${repository}@${digest}`) as Buffer, Buffer.alloc(200_000, "x")]);
      await refused(addImage({ layers: [{ mediaType, ...addBlob(more) }] }), /is no archive/);
    });

    it("a layer that is no archive, is cut off, or a bomb", async () => {
      const mediaType = MEDIA_TYPES.layer;
      const { digest } = await addLayer(["app/server"]);
      const whole = registry.blobs.get(`${repository}@${digest}`) as Buffer;
      await refused(addImage({ layers: [{ mediaType, ...addBlob(whole.subarray(0, 60)) }] }), /ends too early/);
      await refused(addImage({ layers: [{ mediaType, ...addBlob(Buffer.from("text")) }] }), /is no archive/);
      const bomb = { mediaType, ...addBlob(gzipSync(Buffer.alloc(20_000_000))) };
      await refused(addImage({ layers: [bomb] }), /holds more than 1000000 bytes/, { bytes: 1_000_000, entries: 10 });
    });
  });
});
