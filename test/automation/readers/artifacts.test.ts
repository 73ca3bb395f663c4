import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { readReport } from "../../../automation/readers/index.ts";
import { ReportError } from "../../../automation/readers/reader.ts";

const dist = path.join(import.meta.dirname, "fixtures", "sha256sum", "dist");
const linux = "punchtrunk-linux-amd64";
const bundle = "punchtrunk-offline-linux-amd64.tar.gz";
const health = "punchtrunk-offline-linux-amd64.tool-health.json";

describe("artifacts of a release", () => {
  let outer: string;
  let folder: string;
  beforeEach(() => {
    outer = fs.mkdtempSync(path.join(tmpdir(), "sluice-artifacts-"));
    folder = path.join(outer, "dist");
    fs.cpSync(dist, folder, { recursive: true });
  });
  afterEach(() => fs.rmSync(outer, { recursive: true, force: true }));

  const at = (name: string) => path.join(folder, name);
  const hashOf = (name: string) =>
    createHash("sha256")
      .update(fs.readFileSync(at(name)))
      .digest("hex");

  /** Writes a file and names it in checksums.txt, in the place of one of that name. */
  function put(name: string, content: string | Buffer): void {
    fs.writeFileSync(at(name), content);
    const lines = fs
      .readFileSync(at("checksums.txt"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.endsWith(`  ${name}`));
    fs.writeFileSync(at("checksums.txt"), [...lines, `${hashOf(name)}  ${name}`, ""].join("\n"));
  }

  async function read() {
    const { result } = await readReport({ kind: "artifacts", file: at("checksums.txt"), root: outer });
    return { ...result, unverified: result.files.filter(({ verified }) => !verified).map(({ name }) => name) };
  }

  const refused = (message: RegExp) =>
    assert.rejects(read(), (error: Error) => {
      assert.ok(error instanceof ReportError, error.stack);
      assert.match(error.message, message);
      return true;
    });

  interface Content {
    manifest?: object | string;
    checksums?: string;
    files?: Record<string, string>;
    top?: string;
    /** One of the files, once more. */
    twice?: string;
  }

  async function bundleOf({
    manifest,
    checksums,
    files = { "bin/app": "app" },
    top = "app-offline/",
    twice,
  }: Content): Promise<Buffer> {
    const archive = pack();
    for (const [name, text] of Object.entries(files)) archive.entry({ name: `${top}${name}` }, text);
    if (twice !== undefined) archive.entry({ name: `${top}${twice}` }, files[twice] ?? "");
    const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
    if (manifest !== undefined) archive.entry({ name: `${top}manifest.json` }, text);
    if (checksums !== undefined) archive.entry({ name: `${top}checksums.txt` }, checksums);
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    return gzipSync(Buffer.concat(chunks));
  }

  it("are verified, every one, with platforms and bundles", async () => {
    const { files, platforms, bundles, unverified } = await read();
    assert.deepEqual([files.length, unverified], [9, []]);
    assert.deepEqual(platforms, ["darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64"]);
    assert.deepEqual(bundles, [
      { name: bundle, hydrationStatus: "complete", warnings: 0, toolsHealthy: true },
      { name: "punchtrunk-offline-windows-amd64.tar.gz", hydrationStatus: "complete", warnings: 0, toolsHealthy: true },
    ]);
  });

  it("are not verified where a byte differs, and no platform counts by such a file", async () => {
    fs.appendFileSync(at(linux), "x");
    const { unverified, platforms } = await read();
    assert.deepEqual(unverified, [linux]);
    assert.ok(!platforms.includes("linux/amd64"));
  });

  it("leave a bundle out that differs by one byte", async () => {
    const bytes = fs.readFileSync(at(bundle));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    fs.writeFileSync(at(bundle), bytes);
    const { unverified, bundles } = await read();
    assert.deepEqual([unverified, bundles.length], [[bundle], 1]);
  });

  it("are not verified where they are absent, or named by nobody", async () => {
    fs.renameSync(at(linux), at("punchtrunk-renamed"));
    fs.mkdirSync(at("more"));
    fs.writeFileSync(at("more/extra.bin"), "x");
    assert.deepEqual((await read()).unverified, ["more/extra.bin", linux, "punchtrunk-renamed"].sort());
  });

  it("may have signatures beside them, but only of what is named", async () => {
    fs.writeFileSync(at(`${linux}.sigstore.json`), "{}");
    fs.writeFileSync(at("other.sig"), "x");
    assert.deepEqual((await read()).unverified, ["other.sig"]);
  });

  it("are not read through symlinks, wherever those lead", async () => {
    fs.writeFileSync(path.join(outer, "secret"), fs.readFileSync(at(linux)));
    fs.rmSync(at(linux));
    fs.symlinkSync(path.join(outer, "secret"), at(linux));
    fs.rmSync(at("punchtrunk-darwin-amd64"));
    fs.symlinkSync("punchtrunk-darwin-arm64", at("punchtrunk-darwin-amd64"));
    fs.symlinkSync(outer, at("up"));
    fs.appendFileSync(
      at("checksums.txt"),
      `${createHash("sha256")
        .update(fs.readFileSync(path.join(outer, "secret")))
        .digest("hex")}  up/secret\n`,
    );
    assert.deepEqual((await read()).unverified, ["punchtrunk-darwin-amd64", linux, "up", "up/secret"]);
  });

  it("are refused empty", async () => {
    fs.truncateSync(at(linux));
    await refused(/punchtrunk-linux-amd64: is empty/);
  });

  it("are not named by a checksums.txt that was cut off", async () => {
    const text = fs.readFileSync(at("checksums.txt"), "utf8");
    for (let tenth = 1; tenth < 10; tenth += 1) {
      fs.writeFileSync(at("checksums.txt"), text.slice(0, (text.length * tenth) / 10));
      await refused(/has no end|is no report of artifacts/);
    }
    fs.writeFileSync(at("checksums.txt"), text.slice(0, text.indexOf("\n") + 1));
    assert.equal((await read()).unverified.length, 8);
  });

  describe("in bundles", () => {
    const complete = { hydrate_status: "success", hydrate_warnings: [] };
    const only = async (content: Content) => {
      put(bundle, await bundleOf(content));
      const { bundles, unverified } = await read();
      return { ...bundles.find(({ name }) => name === bundle), verified: !unverified.includes(bundle) };
    };

    it("say how complete they are, under either name, and how often they warn", async () => {
      const partial = await only({
        manifest: { hydrate_status: "partial", hydrate_warnings: ["trunk install failed"] },
      });
      assert.deepEqual([partial.hydrationStatus, partial.warnings], ["partial", 1]);
      const named = await only({
        manifest: { hydration_status: "complete", warnings: ["a", "b"], hydration_warnings: ["c"] },
        top: "",
      });
      assert.deepEqual([named.hydrationStatus, named.warnings], ["complete", 3]);
    });

    it("hold what their own checksums say", async () => {
      const manifest = JSON.stringify(complete);
      const line = (name: string, text: string) => `${createHash("sha256").update(text).digest("hex")}  ${name}\n`;
      const right = line("bin/app", "app") + line("manifest.json", manifest);
      assert.equal((await only({ manifest, checksums: right })).verified, true);
      assert.equal((await only({ manifest, checksums: right, files: { "bin/app": "other" } })).verified, false);
      assert.equal(
        (await only({ manifest, checksums: right, files: { "bin/app": "app", more: "x" } })).verified,
        false,
      );
      assert.equal((await only({ manifest, checksums: right + line("lib", "x") })).verified, false);
      assert.equal((await only({ manifest, checksums: right, twice: "bin/app" })).verified, false);
    });

    const wrong: [string, Content, RegExp][] = [
      ["no manifest", {}, /tar\.gz: has no manifest\.json/],
      ["a manifest that is deeper", { manifest: complete, top: "a/b/" }, /has no manifest\.json/],
      ["a manifest without a status", { manifest: { warnings: [] } }, /manifest\.json: hydration_status: is absent/],
      [
        "a manifest that says two things",
        { manifest: { hydration_status: "complete", hydrate_status: "partial", warnings: [] } },
        /hydration_status: is not what/,
      ],
      [
        "a manifest that keeps its warnings to itself",
        { manifest: { hydrate_status: "success" } },
        /manifest\.json: warnings: are absent/,
      ],
      [
        "a manifest with a number of warnings",
        { manifest: { hydrate_status: "success", warnings: 0 } },
        /manifest\.json: warnings/,
      ],
      ["a manifest that is no JSON", { manifest: "status: success" }, /manifest\.json: .*JSON/],
    ];
    for (const [what, content, reason] of wrong) {
      it(`are refused with ${what}`, async () => {
        put(bundle, await bundleOf(content));
        await refused(reason);
      });
    }

    it("are refused where they are no archive, cut off, or packed otherwise", async () => {
      put(bundle, "text");
      await refused(/tar\.gz: is no archive/);
      const whole = await bundleOf({ manifest: complete });
      put(bundle, whole.subarray(0, whole.length / 2));
      await refused(/tar\.gz: ends too early/);
      put(bundle, whole);
      put("punchtrunk-offline-darwin-arm64.zip", "PK");
      await refused(/\.zip: is not read/);
    });

    it("are refused where their manifest is a bomb", async () => {
      put(bundle, await bundleOf({ manifest: " ".repeat(20_000_000) }));
      await refused(/has a app-offline\/manifest\.json of 20000000 bytes/);
    });
  });

  describe("with reports of their tools", () => {
    it("say nothing where there is no report, or one that is not named in the checksums", async () => {
      fs.appendFileSync(at(health), "\n");
      assert.equal((await read()).bundles[0]?.toolsHealthy, undefined);
      fs.rmSync(at(health));
      assert.equal((await read()).bundles[0]?.toolsHealthy, undefined);
    });

    it("say what the report says", async () => {
      const report = JSON.parse(fs.readFileSync(at(health), "utf8"));
      put(health, JSON.stringify({ ...report, warnings: ["cache was not included"] }));
      assert.equal((await read()).bundles[0]?.toolsHealthy, false);
    });

    it("are refused where they are none", async () => {
      put(health, "{}");
      await refused(/tool-health\.json: t/);
    });
  });
});
