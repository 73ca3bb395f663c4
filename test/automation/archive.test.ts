import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { ArchiveError, type ArchiveLimits, type Compression, walkArchive } from "../../automation/archive.ts";

const limits: ArchiveLimits = { bytes: 10_000_000, entries: 100 };

type Entry = Parameters<ReturnType<typeof pack>["entry"]>[0] & { content?: string };

async function tar(...entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? "");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function walk(bytes: Buffer, compression: Compression = "gzip", bounds = limits): Promise<string[]> {
  const seen: string[] = [];
  await walkArchive(Readable.from([bytes]), { compression, limits: bounds }, async (entry, content) => {
    let size = 0;
    for await (const chunk of content) size += chunk.length;
    seen.push(`${entry.path} ${entry.type} ${size}${entry.executable ? " x" : ""}`);
  });
  return seen;
}

const two: Entry[] = [
  { name: "./a/b.txt", content: "hello".repeat(1000) },
  { name: "a/run", mode: 0o755, content: "x" },
];
const seen = ["a/b.txt file 5000", "a/run file 1 x"];

describe("archives", () => {
  it("are read in each compression", async () => {
    const plain = await tar(...two);
    assert.deepEqual(await walk(plain, "none"), seen);
    assert.deepEqual(await walk(gzipSync(plain), "gzip"), seen);
    assert.deepEqual(await walk(zstdCompressSync(plain), "zstd"), seen);
  });

  it("are refused cut off anywhere", async () => {
    const plain = await tar(...two);
    for (const [compression, bytes] of [
      ["gzip", gzipSync(plain)],
      ["zstd", zstdCompressSync(plain)],
    ] as const) {
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * tenth) / 10));
        // Nothing at all is an empty zstd stream to zlib; whoever reads one compares its digest.
        if (compression === "zstd" && cut.length === 0) continue;
        await assert.rejects(walk(cut, compression), ArchiveError, `${compression} ${tenth}0 %`);
      }
    }
  });

  it("are refused where they are none", async () => {
    for (const compression of ["gzip", "zstd", "none"] as const) {
      await assert.rejects(walk(Buffer.from("text ".repeat(1000)), compression), /is no archive/);
    }
  });

  it("are refused where they hold more than they may, without holding it in memory", async () => {
    const bomb = gzipSync(
      Buffer.concat([(await tar({ name: "zeros", size: 0 })).subarray(0, 512), Buffer.alloc(100_000_000)]),
    );
    assert.ok(bomb.length < 200_000);
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(walk(bomb, "gzip", { bytes: 20_000_000, entries: 10 }), /holds more than 20000000 bytes/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 60_000_000);
    await assert.rejects(
      walk(gzipSync(await tar(...two)), "gzip", { bytes: 100_000, entries: 1 }),
      /has more than 1 entries/,
    );
  });

  it("are refused where a long name is a bomb", async () => {
    const header = (await tar({ name: "pax", size: 0 })).subarray(0, 512);
    header.write("x", 156);
    header.write("77777777777", 124);
    header.write("        ", 148);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    await assert.rejects(walk(Buffer.concat([header, Buffer.alloc(5_000_000)]), "none"), ArchiveError);
  });

  it("name no path above themselves", async () => {
    const plain = await tar({ name: "../../etc/passwd" }, { name: "/a/./b/../c//d" }, { name: ".." });
    assert.deepEqual(await walk(plain, "none"), ["etc/passwd file 0", "a/c/d file 0", " file 0"]);
  });

  it("are refused where a link has content, which some readers skip and others do not", async () => {
    const plain = await tar({ name: "a", type: "symlink", linkname: "b" });
    plain.write("00000001000", 124);
    plain.write("        ", 148);
    const sum = plain.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    plain.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    await assert.rejects(walk(plain, "none"), /has a link with content: "a"/);
  });

  it("end with a visitor's own error, and with a source's", async () => {
    const bytes = gzipSync(await tar(...two));
    const failing = walkArchive(Readable.from([bytes]), { compression: "gzip", limits }, ({ path }) => {
      if (path === "a/run") throw new RangeError("enough");
    });
    await assert.rejects(failing, new RangeError("enough"));
    const source = async function* () {
      yield bytes.subarray(0, 20);
      throw new TypeError("the network");
    };
    const broken = walkArchive(Readable.from(source()), { compression: "gzip", limits }, () => {});
    await assert.rejects(broken, new TypeError("the network"));
  });

  it("need not be read by whoever looks at names alone", async () => {
    const names: string[] = [];
    await walkArchive(
      Readable.from([await tar(...two)]),
      { compression: "none", limits },
      ({ path }) => void names.push(path),
    );
    assert.deepEqual(names, ["a/b.txt", "a/run"]);
  });
});
