// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles write their variables so
/**
 * Holds the image builder and the registry client against what others wrote: Debian's docker-registry as the registry,
 * skopeo as another client, buildah as another reader of Dockerfiles.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { bytesBlob } from "../../automation/image/blob-upload.ts";
import { copyImage } from "../../automation/image/copy.ts";
import { digestOf, encodeDocument, MEDIA_TYPES, parseManifest } from "../../automation/image/oci-types.ts";
import { type PushOptions, pushImage } from "../../automation/image/push.ts";
import { RegistryClient } from "../../automation/image/registry-client.ts";
import { type Content, ContextFolder, readLayer } from "../automation/image/context-folder.ts";
import { requireTool } from "../support/tools.ts";

const SERVICE = path.join(import.meta.dirname, "../../examples/service");

const run = promisify(execFile);

/** A name and password, as htpasswd stores them (bcrypt). */
const LOGIN = { username: "user", password: "secret" };
const HTPASSWD = "user:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Debian's registry in a folder of its own. */
class RealRegistry {
  readonly host: string;
  readonly #child: ChildProcess;

  private constructor(host: string, child: ChildProcess) {
    this.host = host;
    this.#child = child;
  }

  static async start(folder: string, htpasswd?: string): Promise<RealRegistry> {
    const host = `127.0.0.1:${await freePort()}`;
    const auth = htpasswd ? { auth: { htpasswd: { realm: "test", path: htpasswd } } } : {};
    const storage = { filesystem: { rootdirectory: path.join(folder, `data-${host}`) } };
    const config = { version: "0.1", log: { level: "error" }, storage, http: { addr: host }, ...auth };
    const file = path.join(folder, `config-${host}.yml`);
    await writeFile(file, JSON.stringify(config));
    await using log = await open(path.join(folder, `log-${host}`), "w");
    const child = spawn("docker-registry", ["serve", file], { stdio: ["ignore", log.fd, log.fd] });
    const registry = new RealRegistry(host, child);
    await registry.#ready();
    return registry;
  }

  async #ready(): Promise<void> {
    while (this.#child.exitCode === null) {
      const up = await fetch(`http://${this.host}/v2/`).then(
        ({ status }) => [200, 401].includes(status),
        () => false,
      );
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`docker-registry ended at its start with ${this.#child.exitCode}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}

describe("pushed images, as others see them", function () {
  this.timeout(120_000);
  let folder: string;
  let registry: RealRegistry;
  const contexts: ContextFolder[] = [];

  before(async function () {
    for (const tool of ["docker-registry", "skopeo", "buildah"]) await requireTool(this, tool);
    folder = await mkdtemp(path.join(tmpdir(), "sluice-contract-"));
    registry = await RealRegistry.start(folder);
  });

  after(async () => {
    await registry?.stop();
    for (const context of contexts) await context.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function context(files: Record<string, Content>): Promise<string> {
    const made = await ContextFolder.create(files);
    contexts.push(made);
    return made.path;
  }

  function push(name: string, options: Partial<PushOptions> = {}) {
    const target = { context: SERVICE, repositoryUrl: `${registry.host}/${name}`, tag: "v1", environment: {} };
    return pushImage({ ...target, ...options });
  }

  async function skopeo(...args: string[]): Promise<string> {
    const flags = { inspect: ["--tls-verify=false"], copy: ["--src-tls-verify=false", "--dest-tls-verify=false"] };
    const [command = "", ...rest] = args;
    const { stdout } = await run("skopeo", [command, ...(flags[command as "copy"] ?? []), ...rest]);
    return stdout;
  }

  const docker = (name: string) => `docker://${registry.host}/${name}`;

  it("have the digest, the layers and the configuration that skopeo reads", async () => {
    const { digest } = await push("api");
    const seen = JSON.parse(await skopeo("inspect", docker("api:v1")));
    assert.equal(seen.Digest, digest);
    assert.equal(seen.Labels["org.opencontainers.image.version"], "v1");
    assert.ok(seen.Env.includes("VERSION=v1"));
    const config = JSON.parse(await skopeo("inspect", "--config", docker("api:v1")));
    assert.deepEqual([config.os, config.architecture], ["linux", "amd64"]);
    assert.deepEqual(config.config.Entrypoint, ["node", "server.js"]);
    assert.deepEqual(config.rootfs.diff_ids.length, seen.Layers.length);
  });

  it("are complete: skopeo copies them, checks every digest, and unpacks what was in the folder", async () => {
    const { digest } = await push("api");
    const layout = path.join(folder, "layout");
    await skopeo("copy", docker("api:v1"), `oci:${layout}:v1`);
    const index = JSON.parse(await readFile(path.join(layout, "index.json"), "utf8"));
    assert.equal(index.manifests[0].digest, digest);
    const blob = (name: string) => readFile(path.join(layout, "blobs/sha256", name.replace("sha256:", "")));
    const manifest = JSON.parse(String(await blob(digest)));
    const files = await readLayer(await blob(manifest.layers[0].digest));
    const text = files.find(({ name }) => name === "app/server.js")?.text;
    assert.equal(text, await readFile(path.join(SERVICE, "server.js"), "utf8"));
  });

  it("of several platforms are whole for each", async () => {
    const { digest } = await push("multi", { platform: ["linux/amd64", "linux/arm64"] });
    const layout = path.join(folder, "multi");
    await skopeo("copy", "--all", docker("multi:v1"), `oci:${layout}:v1`);
    const index = JSON.parse(await readFile(path.join(layout, "index.json"), "utf8"));
    assert.equal(index.manifests[0].digest, digest);
    const arm = JSON.parse(await skopeo("inspect", "--override-arch", "arm64", "--config", docker("multi:v1")));
    assert.equal(arm.architecture, "arm64");
  });

  it("keep their tag: other content is refused, the same is welcome", async () => {
    const first = await push("kept");
    await assert.rejects(push("kept", { args: { VERSION: "other" } }), { kind: "tag-taken" });
    assert.equal((await push("kept")).alreadyThere, true);
    assert.equal(JSON.parse(await skopeo("inspect", docker("kept:v1"))).Digest, first.digest);
  });

  it("stand on a base that another tool pushed, in docker's own format too", async () => {
    const base = await push("base", {
      context: await context({ Dockerfile: "FROM scratch\nENV A=1\nCOPY f /f\n", f: "f" }),
    });
    await skopeo("copy", "--format", "v2s2", docker("base:v1"), docker("base:docker"));
    const top = await context({ Dockerfile: `FROM ${registry.host}/base:docker\nENV B=$A\nCOPY g /g\n`, g: "g" });
    await push("top", { context: top, base: "pull" });
    const seen = JSON.parse(await skopeo("inspect", docker("top:v1")));
    assert.ok(seen.Env.includes("A=1") && seen.Env.includes("B=1"));
    assert.equal(seen.Layers.length, 2);
    await skopeo("copy", docker("top:v1"), `oci:${path.join(folder, "top")}:v1`);
    assert.notEqual(base.digest, JSON.parse(await skopeo("inspect", docker("base:docker"))).Digest);
  });

  it("go up in chunks too", async () => {
    const client = new RegistryClient(registry.host);
    const bytes = new Uint8Array(randomBytes(2_500_000));
    const blob = bytesBlob(bytes, digestOf(bytes));
    assert.equal(await client.uploadBlob("chunks", blob, { chunkBytes: 1_000_000 }), "uploaded");
    assert.equal(await client.uploadBlob("chunks", blob), "present");
    const stored = await new Response(await client.blob("chunks", blob.digest)).arrayBuffer();
    assert.equal(digestOf(new Uint8Array(stored)), blob.digest);
  });

  it("are promoted byte for byte, with what refers to them", async () => {
    const { digest, reference } = await push("staging/api");
    const client = new RegistryClient(registry.host);
    const config = bytesBlob(encodeDocument({}), digestOf(encodeDocument({})));
    await client.uploadBlob("staging/api", config);
    const part = { mediaType: "application/vnd.oci.empty.v1+json", digest: config.digest, size: config.size };
    const image = (await client.manifest("staging/api", digest)) as { bytes: Uint8Array };
    const subject = { mediaType: MEDIA_TYPES.manifest, digest, size: image.bytes.length };
    const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, artifactType: "application/x.test" };
    const bytes = encodeDocument({ ...document, config: part, layers: [part], subject });
    const signature = parseManifest(bytes, MEDIA_TYPES.manifest);
    await client.putManifest("staging/api", signature.digest, signature);
    const entry = { mediaType: MEDIA_TYPES.manifest, digest: signature.digest, size: bytes.length };
    const list = encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [entry] });
    await client.putManifest("staging/api", digest.replace(":", "-"), parseManifest(list, MEDIA_TYPES.index));

    const from = { repositoryUrl: reference.split("@")[0] as string, digest };
    const to = { repositoryUrl: `${registry.host}/prod/api`, tag: "v1" };
    assert.deepEqual((await copyImage({ from, to })).referrers, [signature.digest]);
    assert.equal(JSON.parse(await skopeo("inspect", docker("prod/api:v1"))).Digest, digest);
    await skopeo("copy", docker(`prod/api@${signature.digest}`), `oci:${path.join(folder, "signature")}:v1`);
    assert.deepEqual(
      (await client.referrers("prod/api", digest)).map((found) => found.digest),
      [signature.digest],
    );
  });

  it("pass a registry that wants a login, and are refused without one", async () => {
    const htpasswd = path.join(folder, "htpasswd");
    await writeFile(htpasswd, HTPASSWD);
    const guarded = await RealRegistry.start(folder, htpasswd);
    try {
      const repositoryUrl = `${guarded.host}/api`;
      await assert.rejects(push("", { repositoryUrl }), { kind: "auth", exitCode: 3 });
      const { digest } = await push("", { repositoryUrl, credentials: async () => LOGIN });
      const args = ["--creds", `${LOGIN.username}:${LOGIN.password}`, `docker://${guarded.host}/api:v1`];
      assert.equal(JSON.parse(await skopeo("inspect", ...args)).Digest, digest);
    } finally {
      await guarded.stop();
    }
  });

  describe("of a Dockerfile that buildah builds too", () => {
    const sources: Record<string, Content> = {
      ".dockerignore": "# none of these\n**/*.log\nsecret\n!secret/keep\n",
      "app/a.js": "a",
      "app/b.log": "b",
      "app/.hidden": "h",
      "app/link": { link: "a.js" },
      "bin/run": { executable: "r" },
      "secret/keep": "k",
      "secret/lose": "l",
      "one.txt": "1",
      "two.txt": "2",
    };
    const dockerfile = [
      "ARG NAME=default",
      "FROM scratch",
      "ARG NAME",
      "ARG VERSION=none",
      "ENV VERSION=${VERSION} PATH=/app/bin:$PATH \\",
      "  # said in between",
      "  QUOTED=\"a 'b' \\\"c\\\" $NAME\" RAW='$NAME \\n' ESCAPED=a\\ b",
      "ENV OLD old $NAME form",
      'LABEL one="1" two="${VERSION:-x}${MISSING:+y}"',
      "WORKDIR /app",
      "COPY app .",
      "WORKDIR deep/er",
      "COPY *.txt ./texts/",
      'COPY ["secret", "/secret/"]',
      "COPY one.txt renamed",
      "COPY bin/run /bin/",
      "EXPOSE 8080 53/udp",
      "USER 1000:1000",
      'ENTRYPOINT ["run", "--flag", "a b"]',
      'CMD ["x"]',
    ].join("\n");

    async function buildah(folderToBuild: string): Promise<void> {
      const store = [
        "--storage-driver",
        "vfs",
        "--root",
        path.join(folder, "store"),
        "--runroot",
        path.join(folder, "run"),
      ];
      const args = ["bud", "--isolation", "chroot", "--build-arg", "VERSION=v1", "--tag", "built", folderToBuild];
      await run("buildah", [...store, ...args]);
      await run("buildah", [...store, "push", "--tls-verify=false", "built", docker("buildah:v1")]);
    }

    async function filesOf(name: string): Promise<Map<string, string>> {
      const layout = path.join(folder, `layout-${name}`);
      await skopeo("copy", docker(`${name}:v1`), `oci:${layout}:v1`);
      const found = new Map<string, string>();
      const blobs = path.join(layout, "blobs/sha256");
      const read = async (digest: string) => readFile(path.join(blobs, digest.replace("sha256:", "")));
      const index = JSON.parse(await readFile(path.join(layout, "index.json"), "utf8"));
      const manifest = JSON.parse(String(await read(index.manifests[0].digest)));
      for (const layer of manifest.layers) {
        for (const entry of await readLayer(await read(layer.digest))) {
          const at = entry.name.replace(/^\.?\/|\/$/g, "");
          if (at !== "") found.set(at, `${entry.type} ${entry.link ?? ""} ${entry.text}`);
        }
      }
      return new Map([...found].toSorted());
    }

    it("say the same, and hold the same", async () => {
      const place = await context({ ...sources, Dockerfile: dockerfile });
      await push("ours", { context: place });
      await buildah(place);
      const theirs = JSON.parse(await skopeo("inspect", "--config", docker("buildah:v1"))).config;
      const ours = JSON.parse(await skopeo("inspect", "--config", docker("ours:v1"))).config;
      for (const config of [theirs, ours]) {
        config.Env.sort();
        delete config.Labels["io.buildah.version"];
        delete config.Labels["org.opencontainers.image.version"];
      }
      assert.deepEqual(ours, theirs);
      const files = await filesOf("ours");
      assert.deepEqual(files, await filesOf("buildah"));
      assert.equal(files.get("secret/keep"), "file  k");
      assert.ok(files.has("app/link") && !files.has("secret/lose") && !files.has("app/b.log"));
    });
  });
});
