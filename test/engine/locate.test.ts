import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { engineEnvironment } from "../../engine/locate.mjs";
import { engineVersion, PLATFORM, ROOT } from "../../engine/places.mjs";
import { run } from "./commands.ts";
import { Machine } from "./machine.ts";
import { archive, checksums, type Mirror, serve } from "./mirror.ts";
import { allGone, descendants, eventually } from "./processes.ts";

const VERSION = engineVersion();
const [MAJOR, MINOR] = VERSION.split(".").map(Number) as [number, number];
const ARCHIVE = `pulumi-v${VERSION}-${PLATFORM}.tar.gz`;
const HOST = "pulumi-language-nodejs";

describe("locating the engine", function () {
  this.timeout(60_000);
  let machine: Machine;
  let mirror: Mirror | undefined;

  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => {
    mirror?.close();
    mirror = undefined;
    machine.remove();
  });

  const cached = (): string => path.join(machine.cache, "sluice", "engine", `v${VERSION}-${PLATFORM}`, "pulumi");
  const answering = (version: string): string => `echo v${version}`;
  const publish = async (files: Record<string, string | Buffer | undefined>): Promise<void> => {
    mirror = await serve(files);
    machine.mirror = mirror.url;
  };

  describe("on PATH", () => {
    it("takes a CLI of the same major version and a later minor, and asks it once", async () => {
      const cli = machine.install("pulumi", answering(`${MAJOR}.${MINOR + 7}.1`));
      machine.install(HOST, "");
      const found = await machine.find();
      assert.equal(found.pulumi, cli);
      assert.equal((await machine.find()).pulumi, cli);
      assert.deepEqual(machine.calls(), ["pulumi version"]);
    });

    it("asks again when the file has changed", async () => {
      machine.install(HOST, "");
      machine.install("pulumi", answering(`${MAJOR}.${MINOR}.0`));
      await machine.find();
      machine.install("pulumi", `${answering(`${MAJOR}.${MINOR}.0`)} # replaced`);
      await machine.find();
      assert.equal(machine.calls().length, 2);
    });

    for (const [what, version] of [
      ["an older minor version", `${MAJOR}.${MINOR - 1}.99`],
      ["another major version", `${MAJOR + 1}.${MINOR}.0`],
    ] as const) {
      it(`ignores ${what}`, async () => {
        machine.install("pulumi", answering(version));
        machine.install(HOST, "");
        machine.installGo("1.25.11");
        assert.equal((await machine.find()).pulumi, cached());
      });
    }

    it("ignores one that does not work", async () => {
      machine.install("pulumi", "exit 1");
      const { code, stderr } = await machine.locate();
      assert.equal(code, 1);
      assert.match(stderr, /bin\/pulumi does not answer `pulumi version`/);
    });

    it("gives a CLI that came without a language host ours, in a place where the engine takes it without a warning", async () => {
      const { pulumi } = await engineEnvironment();
      machine.installCopy("pulumi", pulumi);
      const found = await machine.find();
      assert.ok(found.pulumi.startsWith(machine.cache), found.pulumi);
      assert.ok(existsSync(path.join(path.dirname(found.pulumi), HOST)));
      assert.ok(found.path.startsWith(path.dirname(found.pulumi)));
      const again = await machine.find();
      assert.equal(again.pulumi, found.pulumi);
    });

    it("leaves a script where it is, and puts our language host on PATH", async () => {
      const cli = machine.install("pulumi", answering(VERSION));
      const found = await machine.find();
      assert.equal(found.pulumi, cli);
      assert.ok(found.path.split(":").includes(path.join(ROOT, "engine", "bin")));
    });
  });

  describe("by download", () => {
    const good = { "pulumi/pulumi": "#!/bin/sh\necho downloaded\n", [`pulumi/${HOST}`]: "theirs" };

    it("unpacks what the vendor's checksum vouches for, with the vendor's language host", async () => {
      const content = await archive({ ...good, "pulumi/pulumi-language-go": "not wanted" });
      await publish({ [ARCHIVE]: content, SHA512SUMS: checksums(ARCHIVE, content) });
      const found = await machine.find();
      assert.equal(found.pulumi, cached());
      assert.equal((await run(found.pulumi, [])).stdout, "downloaded\n");
      assert.equal(readFileSync(path.join(path.dirname(cached()), HOST), "utf8"), "theirs");
      assert.deepEqual(readdirSync(path.dirname(cached())).sort(), ["pulumi", HOST]);
    });

    it("is fast the next time: nothing is fetched", async () => {
      const content = await archive(good);
      await publish({ [ARCHIVE]: content, SHA512SUMS: checksums(ARCHIVE, content) });
      await machine.find();
      mirror?.close();
      assert.equal((await machine.find()).pulumi, cached());
    });

    it("refuses an archive whose checksum is another", async () => {
      const content = await archive(good);
      await publish({ [ARCHIVE]: content, SHA512SUMS: checksums(ARCHIVE, Buffer.from("something else")) });
      const { code, stderr } = await machine.locate();
      assert.equal(code, 1);
      assert.match(stderr, /does not have the SHA-512 that the vendor published/);
      assert.ok(!existsSync(cached()));
    });

    it("refuses an archive without a published checksum", async () => {
      await publish({ [ARCHIVE]: await archive(good), SHA512SUMS: "" });
      assert.match((await machine.locate()).stderr, /names no SHA-512 for/);
    });

    it("unpacks files of every size", async () => {
      const sizes = [0, 1, 511, 512, 513, 300_000];
      const files = Object.fromEntries(sizes.map((size) => [`pulumi/other-${size}`, "x".repeat(size)]));
      const content = await archive({ ...files, ...good });
      await publish({ [ARCHIVE]: content, SHA512SUMS: checksums(ARCHIVE, content) });
      assert.equal((await run((await machine.find()).pulumi, [])).stdout, "downloaded\n");
    });
  });

  describe("by building", () => {
    it("keeps Go's caches inside ours, and removes them afterwards", async () => {
      machine.installGo("1.25.11");
      const found = await machine.find();
      assert.equal(found.pulumi, cached());
      const own = path.join(machine.cache, "sluice") + path.sep;
      const folders = machine.read("go-folders").trim().split("\n");
      assert.equal(folders.length, 5);
      for (const folder of folders) assert.ok(folder.startsWith(own), folder);
      assert.ok(!existsSync(path.join(own, "go")));
      assert.deepEqual(readdirSync(machine.home), []);
      assert.equal(machine.read("go-settings").trim(), "off local -modcacherw https://modules.example 0");
    });

    it("puts our language host beside the CLI", async () => {
      machine.installGo("1.26.0");
      await machine.find();
      assert.ok(statSync(path.join(path.dirname(cached()), HOST)).mode & 0o100);
    });

    it("needs a Go that is new enough", async () => {
      machine.installGo("1.25.9");
      assert.match((await machine.locate()).stderr, /go1\.25\.9, and 1\.25\.11 or later is needed/);
    });

    it("says what Go complained about, and leaves nothing that looks like a CLI", async () => {
      machine.installGo("1.26.0", 'echo "verifying module: checksum mismatch" >&2; exit 1');
      const { code, stderr } = await machine.locate();
      assert.equal(code, 1);
      assert.match(stderr, /checksum mismatch/);
      assert.deepEqual(readdirSync(path.join(machine.cache, "sluice", "engine")), []);
    });

    it("happens once when two start at the same time", async () => {
      machine.installGo("1.26.0", "sleep 1");
      const results = await Promise.all([machine.locate(), machine.locate()]);
      for (const { code, stdout, stderr } of results) {
        assert.equal(code, 0, stderr);
        assert.equal((JSON.parse(stdout) as { pulumi: string }).pulumi, cached());
      }
      assert.equal(machine.calls().filter((call) => call.startsWith("go build")).length, 1);
      assert.equal(results.filter(({ stderr }) => /waiting for process \d+/.test(stderr)).length, 1);
    });

    it("goes on when the process that was building has been killed", async () => {
      machine.installGo("1.26.0", `[ -e "${machine.folder}/second" ] || sleep 60`);
      const first = machine.startLocate();
      await eventually(() => machine.calls().some((call) => call.startsWith("go build")), "the first build");
      const builders = descendants(first.child.pid ?? 0);
      first.child.kill("SIGKILL");
      await allGone(builders);
      machine.install("second", "", machine.folder);
      const found = await machine.find();
      assert.equal(found.pulumi, cached());
      assert.deepEqual(readdirSync(path.join(machine.cache, "sluice", "engine")), [`v${VERSION}-${PLATFORM}`]);
    });
  });

  it("says, when no way works, why each does not, and what to do; a silent server is given up", async () => {
    await publish({ SHA512SUMS: undefined });
    machine.install("pulumi", answering("3.1.0"));
    machine.installGo("1.20.1");
    const { code, stdout, stderr } = await machine.locate();
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      new RegExp(`on PATH +.*bin/pulumi is v3\\.1\\.0; ${MAJOR}\\.${MINOR} or a later ${MAJOR}\\.x is needed`),
    );
    assert.match(stderr, /download +http:.*SHA512SUMS: no answer within 10 s/);
    assert.match(stderr, /build +.*go1\.20\.1, and 1\.25\.11 or later is needed/);
    assert.match(stderr, /install the Pulumi CLI.*\n +install Go.*\n +set SLUICE_ENGINE_MIRROR/);
  });

  it("uses one version for the SDK, the CLI and its Go module", () => {
    const module = readFileSync(path.join(ROOT, "engine", "cli", "go.mod"), "utf8");
    assert.match(module, new RegExp(`github.com/pulumi/pulumi/pkg/v3 v${VERSION.replaceAll(".", "\\.")}\\b`));
    assert.match(module, /^go 1\.25\.11$/m);
  });
});
