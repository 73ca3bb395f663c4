import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { keepAt, madeOnce } from "../../automation/private-file.ts";

describe("private files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sluice-private-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const mode = (file: string) => statSync(file).mode & 0o777;

  it("are made once, below folders that are not there yet, and are their owner's alone", () => {
    const file = path.join(folder, "a/b/key");
    assert.equal(
      madeOnce(file, () => "first"),
      "first",
    );
    assert.equal(
      madeOnce(file, () => assert.fail("made twice")),
      "first",
    );
    assert.equal(mode(file), 0o600);
    assert.deepEqual(readdirSync(path.dirname(file)), ["key"]);
  });

  it("that two make at once hold what the first of them wrote, for both", () => {
    const file = path.join(folder, "key");
    const found = madeOnce(file, () => {
      madeOnce(file, () => "the other's");
      return "mine";
    });
    assert.equal(found, "the other's");
    assert.deepEqual(readdirSync(folder), ["key"]);
  });

  it("that cannot be read are no missing files", () => {
    assert.throws(() => madeOnce(folder, () => "x"), /EISDIR/);
  });

  it("are replaced where they differ, and left alone where they do not", () => {
    const file = path.join(folder, "config.json");
    keepAt(file, "one");
    const { ino } = statSync(file);
    keepAt(file, "one");
    assert.equal(statSync(file).ino, ino);
    keepAt(file, "two");
    assert.equal(readFileSync(file, "utf8"), "two");
    assert.notEqual(statSync(file).ino, ino);
    assert.deepEqual(readdirSync(folder), ["config.json"]);
  });

  it("that others could read are closed to them", () => {
    const file = path.join(folder, "config.json");
    writeFileSync(file, "one");
    chmodSync(file, 0o644);
    keepAt(file, "one");
    assert.equal(mode(file), 0o600);
  });
});
