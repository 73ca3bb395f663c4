import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { cleanCommit, publicUrl, readChange, sourceOf, typesOf } from "../../../automation/gates/git.ts";

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
    ["a staged removal", () => git("rm", "--quiet", "a.txt"), /D a\.txt/],
    ["a removed file", () => rmSync(path.join(root, "a.txt")), /D a\.txt/],
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

  it("tells authors, co-authors, committers, types and paths of a change", async () => {
    write("old name.txt", "1\n2\n3\n4\n");
    const base = commit("chore: begin", "Zoe <zoe@example.com>");
    git("mv", "old name.txt", "nü\nname.txt");
    commit("feat(api)!: move\n\nCo-authored-by: Mary <Mary@Example.com>\nCo-Authored-By: <bob@example.com>");
    write("b.txt", "1");
    const head = commit("fix: b\n\nBREAKING CHANGE: b", "Grace <grace@example.com>", "Bot <bot@example.com>");
    assert.deepEqual(await readChange({ root, range: `${base}..HEAD`, commit: head, pusher: "ada" }), {
      base,
      head,
      authors: ["ada@example.com", "bob@example.com", "grace@example.com", "mary@example.com"],
      committers: ["bot@example.com", "grace@example.com"],
      pusher: "ada",
      types: ["breaking", "feat", "fix"],
      paths: ["b.txt", "nü\nname.txt", "old name.txt"],
    });
  });

  it("starts where BASE and HEAD part", async () => {
    write("a.txt", "1");
    const fork = commit("chore: begin");
    git("checkout", "--quiet", "-b", "work");
    write("b.txt", "1");
    const head = commit("feat: b");
    git("checkout", "--quiet", "main");
    write("c.txt", "1");
    commit("feat: c");
    const change = await readChange({ root, range: "main..work", commit: head });
    assert.deepEqual([change.base, change.paths, change.pusher], [fork, ["b.txt"], undefined]);
  });

  it("is not misled by a repository's own settings", async () => {
    write("a.txt", "1");
    const base = commit("chore: begin");
    write(".mailmap", "Nobody <nobody@example.com> <ada@example.com>\n");
    write(".gitattributes", "* diff=evil\n");
    const head = commit("feat: a");
    for (const setting of ["diff.external=touch pwned", "diff.evil.textconv=touch pwned", "core.fsmonitor=touch pwned"])
      git("config", ...(setting.split("=") as [string, string]));
    git("config", "log.showSignature", "true");
    git("config", "format.pretty", "oneline");
    const change = await readChange({ root, range: `${base}..HEAD`, commit: head });
    assert.deepEqual([change.authors, change.types], [["ada@example.com"], ["feat"]]);
    assert.equal(await cleanCommit(root), head, "nothing was run that would have written a file");
  });

  const refused: [what: string, range: (base: string) => string, rule: RegExp][] = [
    ["no range", () => "HEAD", /BASE\.\.HEAD/],
    ["an open range", (base) => `${base}..`, /BASE\.\.HEAD/],
    ["two ranges", (base) => `${base}..HEAD..HEAD`, /BASE\.\.HEAD/],
    ["an unknown commit", () => "nowhere..HEAD", /there is no commit nowhere/],
    ["an option in its place", () => "--output=pwned..HEAD", /there is no commit --output=pwned/],
    ["an empty range", () => "HEAD..HEAD", /holds no commit/],
    ["a range that ends elsewhere", (base) => `${base}..${base}`, /it ends at/],
    ["a base of another history", () => "other..HEAD", /no commit in common/],
  ];
  for (const [what, range, rule] of refused) {
    it(`refuses ${what}`, async () => {
      commit("chore: another");
      git("branch", "other");
      git("checkout", "--quiet", "--orphan", "mine");
      const base = commit("chore: begin");
      const head = commit("feat: a");
      await assert.rejects(readChange({ root, range: range(base), commit: head }), (error: Error) => {
        assert.match(error.message, rule);
        assert.equal((error as { exitCode?: number }).exitCode, 2);
        return true;
      });
    });
  }

  it("refuses a history that is cut off", async () => {
    commit("chore: begin");
    commit("feat: a");
    const head = commit("feat: b");
    const copy = mkdtempSync(path.join(os.tmpdir(), "sluice-git-"));
    try {
      execFileSync("git", ["clone", "--quiet", "--depth", "2", `file://${root}`, copy]);
      await assert.rejects(
        readChange({ root: copy, range: "HEAD~1..HEAD", commit: head }),
        /the history here is cut off/,
      );
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it("knows where the commits come from, without credentials", async () => {
    commit("chore: begin");
    assert.equal(await sourceOf(root), undefined);
    git("remote", "add", "origin", "https://x-access-token:secret@github.com/acme/shop.git");
    assert.equal(await sourceOf(root), "https://github.com/acme/shop");
  });
});

describe("a remote's URL", () => {
  const cases: [remote: string, shown: string | undefined][] = [
    ["git@github.com:acme/shop.git", "https://github.com/acme/shop"],
    ["ssh://git@github.com:22/acme/shop.git", "https://github.com/acme/shop"],
    ["https://github.com/acme/shop/", "https://github.com/acme/shop"],
    ["https://user:token@git.example:8443/acme/shop.git?x=secret#y", "https://git.example:8443/acme/shop"],
    ["/srv/git/shop.git", undefined],
    ["file:///srv/git/shop.git", undefined],
    ["", undefined],
  ];
  for (const [remote, shown] of cases)
    it(`${remote || "(none)"} is ${shown}`, () => assert.equal(publicUrl(remote), shown));
});

describe("the types of a commit", () => {
  const cases: [message: string, types: string[]][] = [
    ["feat: a", ["feat"]],
    ["Fix(ui): a", ["fix"]],
    ["feat!: a", ["feat", "breaking"]],
    ["refactor(a b)!: c", ["refactor", "breaking"]],
    ["chore: a\n\nBREAKING-CHANGE: b", ["chore", "breaking"]],
    ["Merge pull request #1", ["other"]],
    ["feat:no space", ["other"]],
    ["feat : a", ["other"]],
    ["", ["other"]],
    ["docs: say that BREAKING CHANGE: is a footer", ["docs"]],
  ];
  for (const [message, types] of cases) {
    it(`${JSON.stringify(message)} are ${types.join(", ")}`, () => assert.deepEqual(typesOf(message), types));
  }
});
