import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { cleanCommit } from "../../../automation/gates/git.ts";

/** Real repositories: nothing here is git but git. */
describe("git, asked for a release", () => {
  let root = "";
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);
  function commit(message: string, author = "Ada <Ada@Example.com>", committer = "Grace <grace@example.com>"): string {
    const [, name = "", email = ""] = /^(.*) <(.*)>$/.exec(committer) ?? [];
    git("add", "--all");
    const identity = ["-c", `user.name=${name}`, "-c", `user.email=${email}`];
    git(...identity, "commit", "--quiet", "--allow-empty", "--author", author, "--message", message);
    return git("rev-parse", "HEAD");
  }

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "sluice-git-"));
    git("init", "--quiet", "--initial-branch", "main");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("names the commit of a clean work tree, whatever is ignored", async () => {
    write(".gitignore", "junit.xml\n");
    const head = commit("chore: begin");
    write("junit.xml", "<x/>");
    assert.equal(await cleanCommit(root), head);
  });

  const dirt: [what: string, make: () => void, line: RegExp][] = [
    ["a changed file", () => write("a.txt", "2"), /M a\.txt/],
    ["a new file", () => write("new\u001b[2J.txt", "2"), /\?\? new \[2J\.txt/],
    ["a staged removal", () => git("rm", "--quiet", "a.txt"), /D +a\.txt/],
    ["a removed file", () => rmSync(path.join(root, "a.txt")), /D +a\.txt/],
  ];
  for (const [what, make, line] of dirt) {
    it(`refuses a work tree with ${what}`, async () => {
      write("a.txt", "1");
      commit("chore: begin");
      make();
      await assert.rejects(cleanCommit(root), (error: { details: string[]; exitCode: number }) => {
        assert.equal(error.exitCode, 2);
        assert.match(error.details.join("\n"), line);
        return true;
      });
    });
  }

  it("refuses where there is no commit, and no repository", async () => {
    await assert.rejects(cleanCommit(root), { exitCode: 2 });
    await assert.rejects(cleanCommit(os.tmpdir()), { exitCode: 2 });
    await assert.rejects(cleanCommit(path.join(root, "nowhere")), { exitCode: 2 });
  });

  it("runs nothing that a repository's settings name", async () => {
    write("a.txt", "1");
    const head = commit("chore: begin");
    git("config", "core.fsmonitor", "touch pwned");
    assert.equal(await cleanCommit(root), head, "nothing was run that would have written a file");
  });
});
