import assert from "node:assert/strict";
import { type PushOptions, type PushResult, pushImage } from "../../../automation/image/push.ts";
import { ContextFolder, readLayer } from "./context-folder.ts";
import { MemoryRegistry, type MemoryRegistryOptions } from "./memory-registry.ts";

const DOCKERFILE = 'FROM scratch\nARG VERSION\nENV VERSION=$VERSION\nCOPY app.js /\nENTRYPOINT ["node", "/app.js"]\n';

describe("sluice push, without a container engine", () => {
  let registry: MemoryRegistry;
  let context: ContextFolder;

  async function start(options: MemoryRegistryOptions = {}): Promise<void> {
    registry = await MemoryRegistry.start(options);
    context = await ContextFolder.create({ Dockerfile: DOCKERFILE, "app.js": "1" });
  }

  function push(options: Partial<PushOptions> = {}): Promise<PushResult> {
    const repositoryUrl = `${registry.host}/team/api`;
    return pushImage({ context: context.path, repositoryUrl, tag: "v1", environment: {}, ...options });
  }

  function stored(digest: string): Record<string, never> {
    const bytes = registry.manifests.get(`team/api@${digest}`)?.bytes ?? registry.blobs.get(`team/api@${digest}`);
    return JSON.parse(String(bytes));
  }

  afterEach(async () => {
    await registry.stop();
    await context.remove();
  });

  it("puts the whole image there, under its tag", async () => {
    await start();
    const result = await push();
    assert.equal(registry.tags.get("team/api:v1"), result.digest);
    assert.deepEqual(result, {
      digest: result.digest,
      reference: `${registry.host}/team/api@${result.digest}`,
      builder: "oci",
      alreadyThere: false,
    });
    const manifest = stored(result.digest) as unknown as { config: { digest: string }; layers: { digest: string }[] };
    const { config } = stored(manifest.config.digest) as unknown as { config: Record<string, unknown> };
    assert.deepEqual(config, {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "VERSION=v1"],
      Entrypoint: ["node", "/app.js"],
      Labels: { "org.opencontainers.image.version": "v1" },
    });
    const layer = registry.blobs.get(`team/api@${manifest.layers[0]?.digest}`) as Buffer;
    assert.deepEqual(
      (await readLayer(layer)).map(({ name, text }) => [name, text]),
      [["app.js", "1"]],
    );
  });

  it("of the same content under the same tag succeeds, says so, and sends nothing", async () => {
    await start({ immutable: true });
    const first = await push();
    registry.seen.length = 0;
    assert.deepEqual(await push(), { ...first, alreadyThere: true });
    assert.deepEqual(registry.calls, ["GET /v2/team/api/manifests/v1"]);
  });

  it("knows the same content also where another compressor packed it", async () => {
    await start();
    const { digest } = await push();
    const repacked = { ...(stored(digest) as object), annotations: { packed: "elsewhere" } };
    const bytes = Buffer.from(JSON.stringify(repacked));
    const { RegistryClient } = await import("../../../automation/image/registry-client.ts");
    const { MEDIA_TYPES, parseManifest } = await import("../../../automation/image/oci-types.ts");
    const other = parseManifest(new Uint8Array(bytes), MEDIA_TYPES.manifest);
    await new RegistryClient(registry.host).putManifest("team/api", "v1", other);
    const again = await push();
    assert.deepEqual([again.digest, again.alreadyThere], [other.digest, true]);
  });

  it("of other content under a taken tag is refused before anything is sent", async () => {
    await start();
    const first = await push();
    await context.write("app.js", "2");
    registry.seen.length = 0;
    await assert.rejects(push(), (error: Error & { kind: string; exitCode: number }) => {
      assert.deepEqual([error.kind, error.exitCode], ["tag-taken", 1]);
      assert.match(
        error.message,
        new RegExp(`tag v1 .* it is ${first.digest}, this build is sha256:[a-f0-9]{64}.*new one`),
      );
      return true;
    });
    assert.deepEqual(registry.calls, ["GET /v2/team/api/manifests/v1"]);
    assert.equal(registry.tags.get("team/api:v1"), first.digest);
  });

  it("is refused by the registry when someone else was faster", async () => {
    await start({ immutable: true });
    const first = await push();
    await context.write("app.js", "2");
    // The tag looks free at first, as it does to the slower of two.
    registry.faults.push({ method: "GET", path: /manifests\/v1$/, status: 404 });
    await assert.rejects(push(), { kind: "tag-taken", message: new RegExp(`it is ${first.digest}`) });
    assert.equal(registry.tags.get("team/api:v1"), first.digest);
  });

  it("succeeds when the faster one pushed the same", async () => {
    await start();
    const first = await push();
    registry.faults.push(
      { method: "GET", path: /manifests\/v1$/, status: 404 },
      { method: "PUT", path: /manifests\/v1$/, status: 400 },
    );
    assert.equal((await push()).digest, first.digest);
  });

  it("notices that its tag was moved by another while it pushed", async () => {
    await start();
    const pushed = await push();
    await context.write("app.js", "2");
    registry.faults.push({ method: "GET", path: /manifests\/v1$/, status: 404 });
    registry.faults.push({ method: "PUT", path: /manifests\/v1$/, status: 201 });
    await assert.rejects(push(), { kind: "tag-taken", message: new RegExp(`it is ${pushed.digest}`) });
  });

  it("refuses a bad tag or repository before it builds or asks", async () => {
    await start();
    await assert.rejects(push({ tag: "a b", context: "/none" }), { kind: "usage", message: /not a valid tag/ });
    await assert.rejects(push({ repositoryUrl: "api", context: "/none" }), {
      kind: "usage",
      message: /not an address/,
    });
    await assert.rejects(push({ platform: ["amd64"] }), { kind: "usage", message: /not os\/architecture/ });
    assert.deepEqual(registry.seen, []);
  });

  it("tells of a repository that does not exist", async () => {
    await start();
    registry.faults.push({ method: "POST", path: /uploads/, status: 404 });
    await assert.rejects(push(), { message: /HTTP 404 to POST \/v2\/team\/api\/blobs\/uploads/ });
  });

  it("labels the commit in CI, and stays reproducible elsewhere", async () => {
    await start();
    const ci = { GITHUB_SHA: "abc", GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "o/r" };
    const { digest } = await push({ environment: ci });
    const manifest = stored(digest) as unknown as { config: { digest: string } };
    const config = stored(manifest.config.digest) as unknown as { config: { Labels: object } };
    assert.deepEqual(config.config.Labels, {
      "org.opencontainers.image.revision": "abc",
      "org.opencontainers.image.source": "https://github.example/o/r",
      "org.opencontainers.image.version": "v1",
    });
    await assert.rejects(push({ environment: { SOURCE_DATE_EPOCH: "soon" } }), { kind: "usage" });
  });

  it("of several platforms puts an index under the tag", async () => {
    await start();
    const { digest } = await push({ platform: ["linux/amd64", "linux/arm64"] });
    const index = stored(digest) as unknown as { manifests: { digest: string }[] };
    assert.equal(index.manifests.length, 2);
    for (const child of index.manifests) assert.ok(registry.manifests.has(`team/api@${child.digest}`));
    assert.equal((await push({ platform: ["linux/amd64", "linux/arm64"] })).alreadyThere, true);
  });

  describe("over a base image", () => {
    async function withBase(extra = ""): Promise<PushResult> {
      await start();
      await context.write(
        "Dockerfile",
        'FROM scratch\nENV PATH=/base ONE=1\nWORKDIR /home\nCOPY app.js /base.js\nCMD ["x"]\n',
      );
      const base = await push({ repositoryUrl: `${registry.host}/base`, platform: ["linux/amd64", "linux/arm64"] });
      await context.write("Dockerfile", `FROM ${base.reference}\nENV PATH=/mine:$PATH\nCOPY app.js .\n${extra}`);
      await context.write("app.js", "2");
      return base;
    }

    it("brings its layers, variables and command along", async () => {
      await withBase();
      const { digest } = await push({ base: "pull", platform: ["linux/arm64"] });
      const manifest = stored(digest) as unknown as { config: { digest: string }; layers: { digest: string }[] };
      const config = stored(manifest.config.digest) as unknown as Record<string, never> & { config: object };
      assert.equal(config.architecture, "arm64");
      assert.deepEqual(config.config, {
        Env: ["PATH=/mine:/base", "ONE=1"],
        Cmd: ["x"],
        WorkingDir: "/home",
        Labels: { "org.opencontainers.image.version": "v1" },
      });
      const names = await Promise.all(
        manifest.layers.map(async (layer) => {
          const entries = await readLayer(registry.blobs.get(`team/api@${layer.digest}`) as Buffer);
          return entries.filter(({ type }) => type === "file").map(({ name, text }) => `${name}=${text}`);
        }),
      );
      assert.deepEqual(names, [["base.js=1"], ["home/app.js=2"]]);
    });

    it("drops its command where the Dockerfile sets an entrypoint", async () => {
      await withBase('ENTRYPOINT ["e"]\n');
      const { digest } = await push({ base: "pull" });
      const manifest = stored(digest) as unknown as { config: { digest: string } };
      const { config } = stored(manifest.config.digest) as unknown as { config: Record<string, unknown> };
      assert.deepEqual([config.Entrypoint, config.Cmd], [["e"], undefined]);
    });

    it("does not replace the base's own folders", async () => {
      await withBase("COPY app.js /tmp/x\n");
      const { digest } = await push({ base: "pull" });
      const manifest = stored(digest) as unknown as { layers: { digest: string }[] };
      const last = registry.blobs.get(`team/api@${manifest.layers.at(-1)?.digest}`) as Buffer;
      assert.deepEqual(
        (await readLayer(last)).map(({ name }) => name),
        ["tmp/x"],
      );
    });

    it("says that it was left out, when it was", async () => {
      const base = await withBase();
      const told: string[] = [];
      const result = await push({ base: "omit", onProgress: (line) => told.push(line) });
      assert.equal(result.omittedBase, base.reference);
      assert.ok(told.includes(`left out the base image ${base.reference}`));
    });

    it("refuses one that is not there, or not for the platform", async () => {
      await withBase();
      const pull = { base: "pull", platform: ["linux/s390x"] } as const;
      await assert.rejects(push(pull), {
        kind: "not-found",
        message: /not there for linux\/s390x. It is there for linux\/amd64/,
      });
      await context.write("Dockerfile", `FROM ${registry.host}/none:1\n`);
      await assert.rejects(push({ base: "pull" }), { kind: "not-found", message: /does not exist/ });
    });

    it("is never left out for a registry that others pull from", async () => {
      await start();
      const repositoryUrl = "registry.example/api";
      await assert.rejects(push({ repositoryUrl, base: "omit", builder: "oci" }), {
        kind: "usage",
        message: /without its base/,
      });
    });
  });
});
