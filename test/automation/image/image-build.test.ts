import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, unlink } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LayerEntry } from "../../../automation/image/context-files.ts";
import { type BuildOptions, type BuiltImage, buildImage } from "../../../automation/image/image-build.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { type Content, ContextFolder, readLayer, type TarEntry } from "./context-folder.ts";

const SERVICE = path.join(import.meta.dirname, "../../../examples/service");

describe("an image built without a container engine", () => {
  const contexts: ContextFolder[] = [];
  const folders: string[] = [];

  async function context(files: Record<string, Content>): Promise<ContextFolder> {
    const made = await ContextFolder.create(files);
    contexts.push(made);
    return made;
  }

  async function build(folder: string, options: Partial<BuildOptions> = {}): Promise<BuiltImage> {
    const scratch = await mkdtemp(path.join(tmpdir(), "sluice-build-"));
    folders.push(scratch);
    const platforms = [{ os: "linux", architecture: "amd64" }];
    const clientFor = (host: string) => new RegistryClient(host);
    return buildImage({
      context: folder,
      args: {},
      labels: {},
      platforms,
      base: "omit",
      scratch,
      clientFor,
      ...options,
    });
  }

  async function files(image: BuiltImage): Promise<TarEntry[]> {
    const layers = await Promise.all(image.layers.map(async (layer) => readLayer(await readFile(layer.file))));
    return layers.flat();
  }

  afterEach(async () => {
    for (const made of contexts.splice(0)) await made.remove();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it("has the same digest from another folder, with other rights, times and order of files", async () => {
    const files = {
      Dockerfile: "FROM scratch\nCOPY . /app/\n",
      "b.js": "b",
      "a/c.js": "c",
      "run.sh": { executable: "x" },
    };
    const first = await context(files);
    const second = await context(Object.fromEntries(Object.entries(files).toReversed()));
    await second.unsettle("b.js");
    const digest = (await build(first.path)).root.digest;
    assert.equal((await build(second.path)).root.digest, digest);
    await second.write("b.js", "B");
    assert.notEqual((await build(second.path)).root.digest, digest);
  });

  it("of the example has another digest for another version, and the same for the same", async () => {
    const digests = await Promise.all(
      ["v1", "v1", "v2"].map(async (VERSION) => (await build(SERVICE, { args: { VERSION } })).root.digest),
    );
    assert.equal(digests[0], digests[1]);
    assert.notEqual(digests[0], digests[2]);
  });

  it("holds files of nobody in particular, from no time, with plain rights", async () => {
    const made = await context({
      Dockerfile: "FROM scratch\nWORKDIR /srv/app\nCOPY . .\n",
      ".dockerignore": "Dockerfile\n.dockerignore\n",
      "lib/a.js": "a",
      "run.sh": { executable: "#!" },
      link: { link: "lib/a.js" },
    });
    const level = { owner: "0:0", time: 0 };
    assert.deepEqual(await files(await build(made.path)), [
      { name: "srv/", type: "directory", mode: 0o755, ...level, text: "" },
      { name: "srv/app/", type: "directory", mode: 0o755, ...level, text: "" },
      { name: "srv/app/lib/", type: "directory", mode: 0o755, ...level, text: "" },
      { name: "srv/app/lib/a.js", type: "file", mode: 0o644, ...level, text: "a" },
      { name: "srv/app/link", type: "symlink", mode: 0o777, ...level, link: "lib/a.js", text: "" },
      { name: "srv/app/run.sh", type: "file", mode: 0o755, ...level, text: "#!" },
    ]);
  });

  it("honours .dockerignore, and the one beside a Dockerfile of another name first", async () => {
    const made = await context({
      Dockerfile: "FROM scratch\nCOPY . /\n",
      ".dockerignore": "*\n!keep\nkeep/secret\n",
      "keep/a": "a",
      "keep/secret": "s",
      other: "o",
      "Other.dockerfile": "FROM scratch\nCOPY . /\n",
      "Other.dockerfile.dockerignore": "keep\n*ocker*\n",
    });
    const names = (list: TarEntry[]) => list.map((entry) => entry.name);
    assert.deepEqual(names(await files(await build(made.path))), ["keep/", "keep/a"]);
    const other = await build(made.path, { dockerfile: path.join(made.path, "Other.dockerfile") });
    assert.deepEqual(names(await files(other)), ["other"]);
    await made.write("Dockerfile", "FROM scratch\nCOPY other /\n");
    await assert.rejects(build(made.path), /line 2: COPY other: not found, because .dockerignore leaves it out/);
  });

  it("copies what patterns name, and complains about those that name nothing", async () => {
    const made = await context({
      Dockerfile: "FROM scratch\nCOPY *.js s?b/x /to/\n",
      "a.js": "a",
      "b.js": "b",
      "sub/x": "x",
    });
    const names = (await files(await build(made.path))).map((entry) => entry.name);
    assert.deepEqual(names, ["to/", "to/a.js", "to/b.js", "to/x"]);
    await made.write("Dockerfile", "FROM scratch\nCOPY *.ts /to/\n");
    await assert.rejects(build(made.path), /COPY \*\.ts matches nothing/);
  });

  it("takes very long and strange names as they are", async () => {
    const long = `${"d".repeat(200)}/${"e".repeat(200)}/${"f".repeat(255)}`;
    const odd = "ünï 'quoted' \"name\"\nwith a line";
    const made = await context({
      Dockerfile: "FROM scratch\nCOPY data /data\n",
      [`data/${long}`]: "1",
      [`data/${odd}`]: "2",
    });
    const found = new Map((await files(await build(made.path))).map((entry) => [entry.name, entry.text]));
    assert.equal(found.get(`data/${long}`), "1");
    assert.equal(found.get(`data/${odd}`), "2");
  });

  it("can be empty, and still has a layer", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY . /app\n", ".dockerignore": "*" });
    const copied = await build(made.path);
    assert.deepEqual(
      (await files(copied)).map((entry) => entry.name),
      ["app/"],
    );
    await made.write("Dockerfile", "FROM scratch\nENV A=1\n");
    assert.equal((await build(made.path)).layers.length, 1);
  });

  const escapes: [string, Record<string, Content>, RegExp][] = [
    ["a link to an absolute path", { "app/x": { link: "/etc/passwd" } }, /app\/x is a link that leads out/],
    ["a link that climbs out", { "app/x": { link: "../../x" } }, /app\/x is a link that leads out/],
    ["a folder that is a link out", { app: { link: "/etc" } }, /COPY app is a link that leads out/],
    ["a folder in between that is a link out", { app: { link: ".." } }, /COPY app is a link that leads out/],
  ];
  for (const [what, hostile, message] of escapes) {
    it(`refuses ${what}`, async () => {
      const made = await context({ Dockerfile: "FROM scratch\nCOPY app /app/\n", ...hostile });
      await assert.rejects(build(made.path), { kind: "build", message });
    });
  }

  it("refuses a link to an absolute path of this machine, also one within the context", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY app /app/\n", "app/a": "a" });
    await made.write("app/x", { link: path.join(made.path, "app/a") });
    await assert.rejects(build(made.path), /app\/x is a link that leads out/);
  });

  it("refuses a COPY from above the context", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY ../x /\n" });
    await assert.rejects(build(made.path), /COPY \.\.\/x leads out of the build context/);
  });

  it("follows a link within the context where COPY names it", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY link /to/\n", real: "r", link: { link: "real" } });
    const [, entry] = await files(await build(made.path));
    assert.deepEqual([entry?.name, entry?.type, entry?.text], ["to/link", "file", "r"]);
  });

  it("refuses what no image can hold", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY app /app\n", "app/a": "a" });
    const server = net.createServer().listen(path.join(made.path, "app/socket"));
    await once(server, "listening");
    await assert.rejects(build(made.path), /app\/socket is a socket, pipe or device/);
    server.close();
  });

  it("does not depend on the order in which files were found; of two for one path the last counts", async () => {
    const made = await context({ a: "a", b: "b" });
    const { writeLayer } = await import("../../../automation/image/layers.ts");
    const scratch = await mkdtemp(path.join(tmpdir(), "sluice-build-"));
    folders.push(scratch);
    const entry = (name: string, to = name) =>
      ({ type: "file", path: to, source: path.join(made.path, name), executable: false }) as const;
    const write = (entries: LayerEntry[]) => writeLayer(entries, path.join(scratch, "layer"), { parents: true });
    const first = await write([entry("a"), entry("b")]);
    assert.equal((await write([entry("b"), entry("a")])).digest, first.digest);
    assert.equal((await write([entry("b", "a"), entry("a"), entry("b")])).digest, first.digest);
    assert.notEqual((await write([entry("b", "a"), entry("b")])).digest, first.digest);
  });

  it("says which file vanished, or became another, while it was built", async () => {
    const made = await context({ Dockerfile: "FROM scratch\nCOPY a /\nCOPY b /\n", a: "a", b: "b" });
    const { collectCopy, openContext } = await import("../../../automation/image/context-files.ts");
    const { writeLayer } = await import("../../../automation/image/layers.ts");
    const opened = await openContext(made.path, path.join(made.path, "Dockerfile"));
    const scratch = await mkdtemp(path.join(tmpdir(), "sluice-build-"));
    folders.push(scratch);
    const target = path.join(scratch, "layer");
    const entries = await collectCopy(opened, { line: 2, sources: ["a"], destination: "/" });
    await unlink(path.join(made.path, "a"));
    await assert.rejects(writeLayer(entries, target, { parents: true }), {
      kind: "build",
      message: /\/a vanished while/,
    });
    await made.write("a", { link: "/etc/passwd" });
    await assert.rejects(writeLayer(entries, target, { parents: true }), {
      kind: "build",
      message: /\/a changed while/,
    });
  });

  it("is refused without a context, or without a Dockerfile", async () => {
    const made = await context({ file: "x" });
    await assert.rejects(build(path.join(made.path, "none")), { kind: "usage", message: /is not a folder/ });
    await assert.rejects(build(path.join(made.path, "file")), { kind: "usage", message: /is not a folder/ });
    await assert.rejects(build(made.path), { kind: "usage", message: /no Dockerfile/ });
  });

  it("for several platforms is an index whose images share what is the same", async () => {
    const made = await context({
      Dockerfile: "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY all /\nCOPY bin-$TARGETARCH /bin/\n",
      all: "a",
      "bin-amd64": "x",
      "bin-arm64": "y",
    });
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const image = await build(made.path, { platforms });
    assert.deepEqual(
      image.root.document.manifests?.map(({ platform, digest }) => [platform?.architecture, digest]),
      image.images.map(({ manifest, platform }) => [platform.architecture, manifest.digest]),
    );
    assert.equal(image.layers.length, 3);
    const configs = image.images.map(({ config }) => JSON.parse(new TextDecoder().decode(config)));
    assert.deepEqual(
      configs.map(({ architecture, config }) => [architecture, config.Env.at(-1)]),
      [
        ["amd64", "ARCH=amd64"],
        ["arm64", "ARCH=arm64"],
      ],
    );
  });

  it("records a time only when one is asked for", async () => {
    const made = await context({ Dockerfile: "FROM scratch\n" });
    const read = (image: BuiltImage) => JSON.parse(new TextDecoder().decode(image.images[0]?.config));
    assert.ok(!("created" in read(await build(made.path))));
    assert.equal(read(await build(made.path, { createdSeconds: 86_400 })).created, "1970-01-02T00:00:00.000Z");
  });
});
