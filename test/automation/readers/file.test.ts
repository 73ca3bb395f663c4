import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { maximumBytes, readReportFile } from "../../../automation/readers/file.ts";
import { ReportError } from "../../../automation/readers/reader.ts";

describe("reading report files", () => {
  let folder: string;
  let root: string;
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "sluice-reports-")));
    root = path.join(folder, "root");
    mkdirSync(root);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const put = (name: string, content: string | Buffer): string => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const refused = async (file: string, reason: RegExp) =>
    assert.rejects(readReportFile(file, { root }), (error: Error) => {
      assert.ok(error instanceof ReportError, error.stack);
      assert.ok(error.message.startsWith(`${file}: `), error.message);
      assert.match(error.message, reason);
      return true;
    });

  it("gives the text and the hash of its bytes", async () => {
    const bytes = Buffer.from("\ufeff{}\n");
    const file = put("root/bom.json", bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.deepEqual(await readReportFile(file, { root }), { file, text: "{}\n", sha256 });
  });

  const contents: [string, string | Buffer, RegExp][] = [
    ["nothing", "", /is empty/],
    ["blank space", " \n\t\r\n", /is empty/],
    ["a byte order mark alone", "\ufeff", /is empty/],
    ["a NUL byte", '{"a":"\u0000"}', /has a NUL byte at 6/],
    ["half a character", Buffer.from([0x7b, 0xc3, 0x7d]), /is not UTF-8/],
    ["Latin-1", Buffer.from("<a>\xe9</a>", "latin1"), /is not UTF-8/],
    ["UTF-16, little endian", Buffer.from("\ufeff<a/>", "utf16le"), /is UTF-16/],
    ["UTF-16, big endian", Buffer.from("\ufeff<a/>", "utf16le").swap16(), /is UTF-16/],
  ];
  for (const [what, content, reason] of contents)
    it(`refuses ${what}`, async () => refused(put("root/content", content), reason));

  it("refuses what is absent, a folder, and a symlink to a folder", async () => {
    await refused(path.join(root, "none.xml"), /does not exist/);
    await refused(root, /is a folder/);
    symlinkSync(root, path.join(root, "around"));
    await refused(path.join(root, "around"), /is a folder/);
  });

  it("refuses a FIFO at once, though nobody writes to it", async () => {
    const fifo = path.join(root, "fifo");
    execFileSync("mkfifo", [fifo]);
    const start = performance.now();
    await refused(fifo, /is no regular file/);
    assert.ok(performance.now() - start < 2000);
  });

  it("refuses a device", async () => refused("/dev/zero", /is no regular file/));

  it("refuses 500 MB without reading them", async () => {
    const file = put("root/huge.xml", "<testsuite>");
    truncateSync(file, 500 * 1024 * 1024);
    const [start, memory] = [performance.now(), process.memoryUsage().rss];
    await refused(file, /has 524288000 bytes, more than the 67108864 that are read/);
    assert.ok(performance.now() - start < 500, "fast");
    assert.ok(process.memoryUsage().rss - memory < 100 * 1024 * 1024, "in little memory");
  });

  it("reads what is exactly as large as is read, and refuses a byte more", async () => {
    const file = put("root/large.txt", Buffer.alloc(maximumBytes, "x"));
    assert.equal((await readReportFile(file, { root })).text.length, maximumBytes);
    truncateSync(file, maximumBytes + 1);
    await refused(file, /has 67108865 bytes/);
    rmSync(file);
  });

  it("follows no symlink out of the repository, unless the user names it from outside", async () => {
    const outside = put("outside.xml", "<secret/>");
    symlinkSync(outside, path.join(root, "out.xml"));
    await refused(path.join(root, "out.xml"), /is a symlink that leads out of the repository/);
    mkdirSync(path.join(folder, "elsewhere"));
    put("elsewhere/in.xml", "<secret/>");
    symlinkSync(path.join(folder, "elsewhere"), path.join(root, "reports"));
    await refused(path.join(root, "reports", "in.xml"), /is a symlink that leads out of the repository/);
    assert.equal((await readReportFile(outside, { root })).text, "<secret/>");
    symlinkSync(outside, path.join(folder, "chosen.xml"));
    assert.equal((await readReportFile(path.join(folder, "chosen.xml"), { root })).text, "<secret/>");
  });

  it("follows a symlink that stays inside", async () => {
    put("root/real.xml", "<a/>");
    symlinkSync("real.xml", path.join(root, "latest.xml"));
    assert.equal((await readReportFile(path.join(root, "latest.xml"), { root })).text, "<a/>");
  });

  it("refuses a symlink that leads to itself", async () => {
    symlinkSync("loop", path.join(root, "loop"));
    await refused(path.join(root, "loop"), /is a symlink that leads nowhere/);
  });
});
