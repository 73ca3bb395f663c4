import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Store } from "../../../sandbox/store.ts";

describe("store", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-store-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps every acknowledged write of a process that was killed", async () => {
    const file = join(folder, "state.db");
    const module = JSON.stringify(join(import.meta.dirname, "../../../sandbox/store.ts"));
    const writer = `
      import { Store } from ${module};
      import { writeSync } from "node:fs";
      const store = new Store(${JSON.stringify(file)});
      for (let i = 0; ; i += 1) { store.put("n", String(i), { i }); writeSync(1, i + "\\n"); }`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", writer], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      output += chunk;
      if (output.length > 2000) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    assert.equal(child.signalCode, "SIGKILL");
    const acknowledged = output.split("\n").filter((line) => line !== "").length - (output.endsWith("\n") ? 0 : 1);
    const store = new Store(file);
    const kept = store.list<{ i: number }>("n").map(({ i }) => i);
    assert.ok(acknowledged > 100);
    assert.ok(kept.length >= acknowledged, `${kept.length} kept of ${acknowledged}`);
    assert.deepEqual(
      kept,
      kept.toSorted((a, b) => a - b),
    );
    store.close();
  });

  it("takes back all writes of a transaction that fails, and an inner one alone", () => {
    const store = new Store(join(folder, "state.db"));
    assert.throws(() =>
      store.transaction(() => {
        store.put("a", "1", 1);
        throw new Error("no");
      }),
    );
    assert.deepEqual(store.list("a"), []);
    store.transaction(() => {
      store.put("a", "outer", 1);
      assert.throws(() =>
        store.transaction(() => {
          store.put("a", "inner", 2);
          throw new Error("no");
        }),
      );
    });
    assert.equal(store.get("a", "outer"), 1);
    assert.equal(store.get("a", "inner"), undefined);
    store.close();
  });

  it("lists the oldest first, also after a change", () => {
    const store = new Store(":memory:");
    for (const id of ["c", "a", "b"]) store.put("k", id, id);
    store.put("k", "c", "c2");
    assert.deepEqual(store.list("k"), ["c2", "a", "b"]);
    store.close();
  });

  it("forgets all but the daemon's own at a wipe", () => {
    const store = new Store(":memory:");
    store.put("daemon", "ports", { api: 1 });
    store.put("role", "x", {});
    store.wipe();
    assert.deepEqual(store.get("daemon", "ports"), { api: 1 });
    assert.equal(store.get("role", "x"), undefined);
    store.close();
  });

  it("refuses what is no document, and transactions that are not over when they return", () => {
    const store = new Store(":memory:");
    assert.throws(() => store.put("k", "id", undefined), /not a document/);
    assert.throws(() => store.transaction(async () => 1), /synchronous/);
    store.put("k", "after", 1);
    assert.equal(store.get("k", "after"), 1);
    store.close();
  });
});
