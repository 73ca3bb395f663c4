import assert from "node:assert/strict";
import { lstatSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { Clone } from "./clone.ts";
import { run } from "./commands.ts";
import { allGone, descendants, eventually } from "./processes.ts";

const ONE = { version: "1.0.0", integrity: "sha512-one" };

describe("launcher", function () {
  this.timeout(30_000);
  let clone: Clone;

  beforeEach(() => {
    clone = new Clone();
    clone.write("hello.mjs", 'console.log("hello", ...process.argv.slice(2));');
  });
  afterEach(() => clone.remove());

  const hello = (): ReturnType<Clone["launch"]> => clone.launch("node", "hello.mjs", "you");

  describe("and node_modules", () => {
    it("installs what the lock file names before anything runs, and only once", async () => {
      const first = await hello();
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.stdout, "hello you\n");
      assert.match(first.stderr, /installing node_modules/);
      const second = await hello();
      assert.equal(second.stdout, "hello you\n");
      assert.equal(second.stderr, "");
      assert.equal(clone.npmCalls().length, 1);
      assert.match(clone.npmCalls()[0] ?? "", /^ci .*--cache .*cache\/sluice\/npm/);
    });

    it("installs again when only the lock file has changed", async () => {
      await hello();
      clone.lock({ packages: { "": {}, "node_modules/one": { ...ONE, version: "1.0.1" } } });
      await hello();
      assert.equal(clone.npmCalls().length, 2);
    });

    it("leaves alone what someone has installed by hand", async () => {
      clone.lock({
        packages: { "": {}, "node_modules/one": ONE, "node_modules/windows": { version: "1.0.0", optional: true } },
      });
      clone.installed({ packages: { "node_modules/one": ONE, "node_modules/extra": { version: "1.0.0" } } });
      assert.equal((await hello()).stdout, "hello you\n");
      assert.deepEqual(clone.npmCalls(), []);
    });

    for (const [what, installed] of [
      ["another version", { ...ONE, version: "0.9.0" }],
      ["other content", { ...ONE, integrity: "sha512-other" }],
    ] as const) {
      it(`replaces ${what} that someone has installed by hand`, async () => {
        clone.installed({ packages: { "node_modules/one": installed } });
        await hello();
        assert.equal(clone.npmCalls().length, 1);
      });
    }

    it("installs once when two start at the same time", async () => {
      clone.npm("sleep 1");
      const both = await Promise.all([hello(), hello()]);
      for (const { stdout, stderr } of both) assert.equal(stdout, "hello you\n", stderr);
      assert.equal(clone.npmCalls().length, 1);
    });

    it("shows what npm complained about, and runs nothing", async () => {
      clone.npm('echo "npm error notarget No matching version" >&2; exit 1');
      const { code, stdout, stderr } = await hello();
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /cannot install node_modules: [\s\S]*No matching version/);
      assert.doesNotMatch(stderr, /at .*\.mjs:/);
    });

    it("makes the command known to npx", async () => {
      await hello();
      assert.ok(lstatSync(path.join(clone.root, "node_modules", ".bin", "sluice")).isSymbolicLink());
    });
  });

  describe("and its command", () => {
    it("passes the exit code on", async () => {
      clone.write("seven.mjs", "process.exit(7);");
      assert.equal((await clone.launch("node", "seven.mjs")).code, 7);
    });

    it("runs it where the CLI and the pinned Node are found", async () => {
      clone.write("path.mjs", "console.log(process.env.PATH);");
      for (const _ of ["the first time", "every other time"]) {
        const { stdout } = await clone.launch("node", "path.mjs");
        const folders = stdout.trim().split(":");
        assert.equal(folders[0], path.join(clone.folder, "bin"));
        assert.match(folders[1] ?? "", /node_modules\/node-.*\/bin$/);
        assert.equal(folders.at(-1), path.dirname(process.execPath), "a folder of the user's PATH is gone");
      }
    });

    it("explains itself when asked for something unknown", async () => {
      const { code, stderr } = await clone.launch("dance");
      assert.equal(code, 2);
      assert.match(stderr, /usage: node engine\/run\.mjs/);
      assert.deepEqual(clone.npmCalls(), []);
    });

    for (const [what, target] of [
      ["the launcher", (pid: number) => pid],
      ["the launcher's process group", (pid: number) => -pid],
    ] as const) {
      it(`gets one SIGINT when ${what} gets one`, async () => {
        const running = await startCounter();
        process.kill(target(running.child.pid ?? 0), "SIGINT");
        assert.equal((await running.result).stdout, "ready\nsignals: 1\n");
      });
    }

    it("is asked to stop when the launcher is killed", async () => {
      const running = await startCounter();
      const processes = descendants(running.child.pid ?? 0);
      running.child.kill("SIGKILL");
      await allGone(processes);
      assert.equal(running.output().stdout, "ready\nsignals: 1\n");
    });
  });

  /** A command that counts what it gets in the half second after the first signal. */
  async function startCounter() {
    clone.write(
      "counter.mjs",
      `let signals = 0;
       process.on("SIGINT", () => {
         if (++signals === 1) setTimeout(() => { console.log("signals:", signals); process.exit(); }, 500);
       });
       setInterval(() => {}, 1000);
       console.log("ready");`,
    );
    await hello();
    const running = clone.startInGroup("node", "counter.mjs");
    await eventually(() => running.output().stdout.includes("ready"), "the command");
    return running;
  }
});

describe("bin/sluice", function () {
  this.timeout(30_000);
  let clone: Clone;

  beforeEach(() => {
    clone = new Clone();
    clone.write("automation/cli.mjs", "console.log(process.version, ...process.argv.slice(2));");
  });
  afterEach(() => clone.remove());

  it("runs the pinned Node, also through a link", async () => {
    clone.installed({ packages: {} });
    const link = path.join(clone.folder, "linked");
    symlinkSync("repository/bin/sluice", link);
    for (const command of [link, path.join(clone.root, "bin", "sluice")]) {
      const { stdout, stderr } = await run(command, ["up", "a b"], { env: clone.environment, cwd: "/" });
      assert.equal(stdout, `${process.version} up a b\n`, stderr);
    }
  });

  it("says what to run when node_modules is missing", async () => {
    rmSync(path.join(clone.root, "node_modules"), { recursive: true, force: true });
    const { code, stderr } = await run(path.join(clone.root, "bin", "sluice"), [], { env: clone.environment });
    assert.equal(code, 1);
    assert.match(stderr, /run `npm run up`/);
  });

  it("is the command that package.json names", () => {
    const manifest = JSON.parse(readFileSync(path.join(clone.root, "package.json"), "utf8")) as {
      bin: Record<string, string>;
    };
    assert.equal(manifest.bin.sluice, "bin/sluice");
  });
});
