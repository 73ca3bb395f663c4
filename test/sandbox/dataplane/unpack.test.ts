import assert from "node:assert/strict";
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { launchOf } from "../../../sandbox/runtime/command.ts";
import { applyLayer } from "../../../sandbox/runtime/layer.ts";
import { type Entry, MANIFEST, pushBlob, sha256, tarOf } from "./support/image.ts";
import { createStack, type Stack } from "./support/stack.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

describe("layers", () => {
  let folder: string;
  let root: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-layer-"));
    root = join(folder, "rootfs");
    await (await import("node:fs/promises")).mkdir(root);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const apply = async (entries: readonly Entry[]) => applyLayer(root, Readable.from([await tarOf(entries)]));
  const names = async (path = "") => (await readdir(join(root, path))).sort();
  const text = (path: string) => readFile(join(root, path), "utf8");

  it("writes files, folders and links, with their modes but no special bits", async () => {
    await apply([
      { name: "bin/", type: "directory", mode: 0o755 },
      { name: "bin/run", content: "#!/bin/sh\n", mode: 0o4755 },
      { name: "deep/down/file", content: "deep" },
      { name: "link", type: "symlink", linkname: "/bin/run" },
      { name: "hard", type: "link", linkname: "bin/run" },
      { name: "dev/null", type: "character-device" },
    ]);
    assert.equal((await lstat(join(root, "bin/run"))).mode & 0o7777, 0o755);
    assert.equal(await text("deep/down/file"), "deep");
    assert.equal(await readlink(join(root, "link")), "bin/run", "an absolute link stays in the image");
    assert.equal(await text("hard"), "#!/bin/sh\n");
    assert.deepEqual(await names("dev"), []);
  });

  it("follows links of lower layers inside of the root", async () => {
    await apply([
      { name: "usr/bin/", type: "directory" },
      { name: "bin", type: "symlink", linkname: "/usr/bin" },
    ]);
    await apply([{ name: "bin/tool", content: "x" }]);
    assert.deepEqual(await names("usr/bin"), ["tool"]);
  });

  it("takes away what whiteouts name, and only from lower layers", async () => {
    await apply([
      { name: "a/one", content: "1" },
      { name: "a/two", content: "2" },
      { name: "b/old", content: "old" },
      { name: "b/sub/old", content: "old" },
    ]);
    await apply([
      { name: "a/.wh.one", content: "" },
      { name: "b/new", content: "new" },
      { name: "b/sub/new", content: "new" },
      { name: "b/.wh..wh..opq", content: "" },
      { name: "a/two", content: "again" },
      { name: "a/.wh.two", content: "" },
    ]);
    assert.deepEqual(await names("a"), ["two"]);
    assert.deepEqual([await names("b"), await names("b/sub")], [["new", "sub"], ["new"]]);
    await apply([{ name: ".wh.b", content: "" }]);
    assert.deepEqual(await names(), ["a"]);
  });

  const hostile: Record<string, readonly Entry[]> = {
    "a name with ..": [{ name: "../escaped", content: "x" }],
    "a name with .. in the middle": [{ name: "a/../../escaped", content: "x" }],
    "a link upwards": [{ name: "up", type: "symlink", linkname: "../../escaped" }],
    "a hard link to a file of the machine": [
      { name: "passwd", type: "link", linkname: "../../../../../../etc/passwd" },
    ],
    "a hard link to a link": [
      { name: "l", type: "symlink", linkname: "/etc/passwd" },
      { name: "h", type: "link", linkname: "l" },
    ],
    "links that climb one by one": [
      { name: "d/x", type: "symlink", linkname: "." },
      { name: "up", type: "symlink", linkname: "d/x/../.." },
      { name: "up/escaped", content: "x" },
    ],
    "a whiteout upwards": [
      { name: "d/x", type: "symlink", linkname: "." },
      { name: "up", type: "symlink", linkname: "d/x/../.." },
      { name: "up/.wh.victim", content: "" },
    ],
    "links in a circle": [
      { name: "a", type: "symlink", linkname: "b" },
      { name: "b", type: "symlink", linkname: "a" },
      { name: "a/file", content: "x" },
    ],
  };
  for (const [what, entries] of Object.entries(hostile)) {
    it(`refuses ${what}`, async () => {
      const { writeFile } = await import("node:fs/promises");
      await writeFile(join(folder, "victim"), "still here");
      await assert.rejects(apply(entries), { name: "HostileLayer" });
      assert.deepEqual((await readdir(folder)).sort(), ["rootfs", "victim"]);
    });
  }

  it("finds programs in the image, or on the machine where the image has left them out", async () => {
    await apply([{ name: "app/main.mjs", content: "" }]);
    const launch = launchOf({
      definition: {
        name: "c",
        portMappings: [{ containerPort: 8080 }],
        environment: [
          { name: "HOST", value: "0.0.0.0" },
          { name: "A", value: "task" },
        ],
      },
      config: {
        Entrypoint: ["/usr/bin/node"],
        Cmd: ["/app/main.mjs", "/", "/not/there"],
        Env: ["A=image", "B=x=y"],
        WorkingDir: "/app",
      },
      rootfs: root,
      ip: "127.64.0.9",
      marker: "m",
      path: "/usr/bin",
    });
    assert.deepEqual(launch.argv, ["node", join(root, "app/main.mjs"), "/", "/not/there"]);
    assert.equal(launch.cwd, join(root, "app"));
    const { A, B, HOST, PORT, PATH } = launch.env;
    assert.deepEqual({ A, B, HOST, PORT }, { A: "task", B: "x=y", HOST: "127.64.0.9", PORT: "8080" });
    assert.ok(PATH?.endsWith(":/usr/bin"));
  });
});

describe("images that tasks run from", () => {
  let world: TestWorld;
  let stack: Stack;

  before(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
  });
  after(async () => {
    await world?.close();
  });

  /** Runs a task from an image whose only layer is packed so; returns how it stopped and what it printed. */
  async function run(mediaType: string, layer: Buffer, tar: Buffer, diffId = sha256(tar)) {
    const config = Buffer.from(
      JSON.stringify({ config: { Cmd: ["node", "/hello.mjs"] }, rootfs: { type: "layers", diff_ids: [diffId] } }),
    );
    for (const blob of [layer, config]) await pushBlob(world.registry, "api", blob);
    const descriptor = (type: string, bytes: Buffer) => ({
      mediaType: type,
      digest: sha256(bytes),
      size: bytes.length,
    });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: [descriptor(mediaType, layer)],
    });
    const pushed = await fetch(`http://${world.registry}/v2/api/manifests/${sha256(manifest)}`, {
      method: "PUT",
      body: manifest,
      headers: { "content-type": MANIFEST },
    });
    assert.equal(pushed.status, 201);
    const { ecs } = world.cloud;
    await ecs.registerTaskDefinition({
      family: "hello",
      containerDefinitions: [{ name: "hello", image: `${world.registry}/api@${sha256(manifest)}` }],
    });
    const { tasks } = await ecs.runTask({ cluster: "main", taskDefinition: "hello" });
    const arn = tasks?.[0]?.taskArn ?? "";
    return eventually("the task stops", async () => {
      const { tasks: [task] = [] } = await ecs.describeTasks({ cluster: "main", tasks: [arn] });
      return task?.lastStatus === "STOPPED" && { reason: task.stoppedReason, lines: ecs.taskLog(arn, 5)[0]?.lines };
    });
  }

  const layer = "application/vnd.oci.image.layer.v1.tar";
  it("unpacks gzip, zstd and plain layers", async () => {
    for (const [type, pack] of [
      [`${layer}+gzip`, gzipSync],
      [`${layer}+zstd`, zstdCompressSync],
      [layer, (tar: Buffer) => tar],
      ["application/vnd.docker.image.rootfs.diff.tar.gzip", gzipSync],
    ] as const) {
      const tar = await tarOf([{ name: "hello.mjs", content: `console.log("hello from ${type}")` }]);
      const { lines } = await run(type, pack(tar), tar);
      assert.deepEqual(lines, [`hello from ${type}`]);
    }
    assert.equal(stack.world, world);
  });

  it("refuses hostile and damaged ones, and leaves nothing of them", async () => {
    const evil = await tarOf([{ name: "../evil", content: "x" }]);
    assert.match(
      (await run(`${layer}+gzip`, gzipSync(evil), evil)).reason ?? "",
      /^CannotPullContainerError: failed to extract .*leaves the image's root/,
    );
    const good = await tarOf([{ name: "hello.mjs", content: "" }]);
    assert.match((await run(layer, good, good, sha256("other"))).reason ?? "", /CannotPullContainerError.*unpacks to/);
    const cut = gzipSync(good).subarray(0, 40);
    assert.match((await run(`${layer}+gzip`, cut, good)).reason ?? "", /^CannotPullContainerError/);
    const folders = await readdir(join(world.home, "images"));
    assert.equal(folders.filter((name) => name.startsWith("unfinished")).length, 0);
    await assert.rejects(lstat(join(world.home, "evil")));
    await assert.rejects(lstat(join(world.home, "images", "evil")));
  });
});
