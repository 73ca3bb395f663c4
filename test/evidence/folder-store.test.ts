import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, stat, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { EvidenceError, ObjectError } from "../../evidence/error.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import { largestObject } from "../../evidence/store.ts";
import { type Fixture, makeFixture } from "./evidence-fixture.ts";

describe("evidence in a folder", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("writes an object once, whole, and leaves nothing beside it", async () => {
    const { store, folder } = fixture;
    assert.equal(await store.create("audit/1.json", Buffer.from("first")), true);
    assert.equal(await store.create("audit/1.json", Buffer.from("second")), false);
    assert.equal(String(await store.read("audit/1.json")), "first");
    assert.deepEqual(await readdir(path.join(folder, ".unfinished")), []);
    assert.equal((await stat(path.join(folder, "audit/1.json"))).nlink, 1);
  });

  it("lets one of many win", async () => {
    const contents = Array.from({ length: 20 }, (_, number) => Buffer.from(String(number)));
    const won = await Promise.all(contents.map((content) => fixture.store.create("audit/1.json", content)));
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal(String(await fixture.store.read("audit/1.json")), String(won.indexOf(true)));
  });

  it("lists what is below a prefix, and nothing where there is no folder", async () => {
    const { store, folder } = fixture;
    for (const key of ["audit/2.json", "audit/1.json", "auditor/3.json", "audit/below/4.json"]) {
      await store.create(key, Buffer.from("{}"));
    }
    assert.deepEqual(await store.list("audit/"), ["audit/1.json", "audit/2.json", "audit/below/4.json"]);
    assert.deepEqual(await store.list("images/"), []);
    const absent = openEvidenceStore(pathToFileURL(path.join(folder, "absent")).href);
    assert.deepEqual([await absent.list("audit/"), await absent.read("audit/1.json")], [[], undefined]);
  });

  it("normalises a location, and refuses what is none", async () => {
    const { folder, store } = fixture;
    await store.create("audit/1.json", Buffer.from("{}"));
    const around = openEvidenceStore(`${pathToFileURL(folder).href}/a/../b/%2e%2e/`);
    assert.deepEqual(await around.list("audit/"), ["audit/1.json"]);
    for (const url of [
      "file://relative/path",
      "file:relative",
      "file:/srv/evidence",
      "file:///a%2fb",
      "file:///srv/evidence?x=1",
      "s3:///prefix",
      "s3://key:secret@bucket",
      "/srv/evidence",
      "evidence",
      "https://example.com/evidence",
      "",
    ]) {
      assert.throws(() => openEvidenceStore(url), EvidenceError, url);
    }
  });

  it("takes no key that leads elsewhere", async () => {
    for (const key of [
      "../secret",
      "audit/../../secret",
      "/etc/passwd",
      "audit//1",
      "audit/./1",
      "a\\b",
      "audit/%2e%2e/x",
      "",
      "a\0b",
    ]) {
      assert.throws(() => fixture.store.read(key), RangeError, key);
      assert.throws(() => fixture.store.create(key, Buffer.from("{}")), RangeError, key);
      assert.throws(() => fixture.store.list(`${key}/`), RangeError, key);
    }
  });

  it("reads regular files of a bearable size only, and waits for no pipe", async () => {
    const { store, folder } = fixture;
    const at = (name: string) => path.join(folder, "audit", name);
    await mkdir(at("folder"), { recursive: true });
    await writeFile(path.join(folder, "secret"), "secret");
    await symlink(path.join(folder, "secret"), at("link"));
    execFileSync("mkfifo", [at("pipe")]);
    await writeFile(at("big"), "");
    await truncate(at("big"), largestObject + 1);
    for (const name of ["folder", "link", "pipe", "big"])
      await assert.rejects(store.read(`audit/${name}`), ObjectError, name);
    await truncate(at("big"), largestObject);
    assert.equal((await store.read("audit/big"))?.length, largestObject);
  });

  it("says in one line where a file stands in the way", async () => {
    await writeFile(path.join(fixture.folder, "audit"), "");
    const asked = [
      () => fixture.store.list("audit/"),
      () => fixture.store.read("audit/1.json"),
      () => fixture.store.create("audit/1.json", Buffer.alloc(1)),
    ];
    for (const one of asked) {
      await assert.rejects(one(), (error: Error) => {
        assert.ok(error instanceof EvidenceError && !(error instanceof ObjectError));
        return /^the evidence in file:\/\/\S+ cannot be (read|written): a file stands where a folder should be$/.test(
          error.message,
        );
      });
    }
  });

  it("does not take a folder that may not be read for an empty one", async () => {
    const { store, folder } = fixture;
    await store.create("audit/1.json", Buffer.from("{}"));
    await chmod(path.join(folder, "audit"), 0o000);
    // root may read everything, so nobody asks.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const denied = { exitCode: 3, message: `the evidence in ${store.url} cannot be read: permission denied` };
      await assert.rejects(store.list("audit/"), denied);
      await assert.rejects(store.read("audit/1.json"), denied);
      await assert.rejects(store.create("audit/2.json", Buffer.from("{}")), { exitCode: 3 });
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(path.join(folder, "audit"), 0o755);
    }
  });
});
