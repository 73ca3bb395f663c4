import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { SluiceError } from "../../../automation/errors.ts";
import { addedLines } from "../../../automation/readers/diff-coverage.ts";
import { gitDiff } from "../../../automation/readers/git-diff.ts";
import { readReport } from "../../../automation/readers/index.ts";

describe("the diff of a change", () => {
  let root: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=ada", "-c", "user.email=ada@example.com", ...args], {
      encoding: "utf8",
    });
  const put = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  const commit = () => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "change");
  };
  const added = async (base = "main", head = "change") =>
    Object.fromEntries(
      [...addedLines(await gitDiff(root, { base, head }))].map(([file, found]) => [file, [...found.keys()]]),
    );

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "sluice-diff-"));
    git("init", "--quiet", "--initial-branch", "main");
    put("src/a.js", "one\ntwo\nthree\n");
    commit();
    git("checkout", "--quiet", "-b", "change");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("has what the change adds, and not what the base got meanwhile", async () => {
    put("src/a.js", "one\nnew\ntwo\nthree, too\n");
    put("src/b.js", "b\n");
    commit();
    git("checkout", "--quiet", "main");
    put("src/c.js", "c\n");
    commit();
    assert.deepEqual(await added(), { "src/a.js": [2, 4], "src/b.js": [1] });
  });

  it("shows no lines of a file that was only moved", async () => {
    git("mv", "src/a.js", "src/moved.js");
    commit();
    assert.deepEqual(await added(), {});
  });

  it("has paths with letters of every language, spaces and git's prefixes as they are", async () => {
    for (const name of ["src/größe.js", "a b.js", "b/b.js", "日本.js"]) put(name, "x\n");
    commit();
    assert.deepEqual(await added(), { "src/größe.js": [1], "a b.js": [1], "b/b.js": [1], "日本.js": [1] });
  });

  it("is not bent by attributes or configuration", async () => {
    put(".gitattributes", "*.js -diff binary diff=secret\n");
    put("src/a.js", "one\ntwo\nthree\nfour\n");
    put("b/x.js", "x\n");
    put("nul.js", "// \u0000\nevil()\n");
    commit();
    const settings = {
      "diff.secret.textconv": "true",
      "diff.secret.command": "true",
      "diff.external": "true",
      "diff.noprefix": "true",
      "color.ui": "always",
      "diff.mnemonicPrefix": "true",
      "diff.context": "9",
    };
    for (const [name, value] of Object.entries(settings)) git("config", name, value);
    assert.deepEqual(await added(), { ".gitattributes": [1], "b/x.js": [1], "nul.js": [1, 2], "src/a.js": [4] });
  });

  it("has paths relative to the folder, where that is not the repository's", async () => {
    put("services/api/src/x.js", "x\n");
    commit();
    root = path.join(root, "services", "api");
    try {
      assert.deepEqual(await added(), { "src/x.js": [1] });
    } finally {
      root = path.join(root, "..", "..");
    }
  });

  for (const name of ["--output=/tmp/x", "-p", "main..change", "main change", "", "$(id)", "main\n", ":/text"])
    it(`takes ${JSON.stringify(name)} for no commit`, () =>
      assert.rejects(gitDiff(root, { base: name, head: "change" }), (error: Error) => {
        assert.ok(error instanceof SluiceError);
        assert.match(error.message, /is no name of a commit/);
        return true;
      }));

  it("is refused where git does not know a commit, with what helps", () =>
    assert.rejects(gitDiff(root, { base: "origin/main", head: "change" }), (error: Error) => {
      assert.ok(error instanceof SluiceError);
      assert.match(error.message, /cannot be had from git/);
      assert.match(error.remedy ?? "", /fetch-depth: 0/);
      return true;
    }));

  it("is refused where two commits have nothing in common", async () => {
    git("checkout", "--quiet", "--orphan", "other");
    put("other.js", "other\n");
    commit();
    await assert.rejects(gitDiff(root, { base: "main", head: "other" }), /cannot be had from git/);
  });

  it("gives a report's coverage of new lines", async () => {
    put("src/a.js", "one\nnew\ntwo\nthree, too\n");
    put("src/forgotten.js", "a\nb\n");
    put("lcov.info", `SF:${path.join(root, "src/a.js")}\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nLF:4\nLH:3\nend_of_record\n`);
    commit();
    const file = path.join(root, "lcov.info");
    const diff = { base: "main", head: "HEAD" };
    const { result } = await readReport({ kind: "coverage", file, root, diff });
    assert.deepEqual(result.newLines, { covered: 1, total: 4 });
    assert.equal((await readReport({ kind: "coverage", file, root })).result.newLines, undefined);
  });
});
