import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readChange } from "../../../automation/readers/change.ts";
import { ReportError } from "../../../automation/readers/reader.ts";

const ada = { name: "Ada", email: "Ada@Example.org" };
const grace = { name: "Grace", email: "grace@example.org" };

describe("the change, from git", () => {
  let folder: string;
  let actor: string | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "sluice-change-"));
    actor = process.env.GITHUB_ACTOR;
    delete process.env.GITHUB_ACTOR;
    git("init", "-q", "-b", "main");
    write("README.md", "one");
    commit("chore: begin", ada);
  });
  afterEach(() => {
    if (actor !== undefined) process.env.GITHUB_ACTOR = actor;
    rmSync(folder, { recursive: true, force: true });
  });

  function git(...args: string[]): string {
    const settings = ["-c", "commit.gpgSign=false", "-c", "user.name=N", "-c", "user.email=n@example.org"];
    return execFileSync("git", [...settings, ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }
  function write(name: string, text: string): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  function commit(message: string, author = ada, committer = author): string {
    git("add", "--all");
    const env = { ...process.env, GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email };
    const args = [
      "commit",
      "-q",
      "--allow-empty",
      "--allow-empty-message",
      "--author",
      `${author.name} <${author.email}>`,
      "-m",
      message,
    ];
    execFileSync("git", ["-c", "commit.gpgSign=false", ...args], { cwd: folder, env, stdio: "ignore" });
    return git("rev-parse", "HEAD");
  }
  const read = (base: string, head = "HEAD", pusher?: string) => readChange({ cwd: folder, base, head, pusher });
  const refused = (promise: Promise<unknown>, message: RegExp, remedy = /./) =>
    assert.rejects(promise, (error: Error) => {
      assert.ok(error instanceof ReportError, error.stack);
      assert.match(error.message, message);
      assert.match(error.remedy ?? "none", remedy);
      return true;
    });

  it("names everybody who took part, in lower case", async () => {
    const base = git("rev-parse", "HEAD");
    write("src/a.ts", "a");
    commit(
      "feat(api): greet\n\nCo-authored-by: Linus <Linus@Example.org>\nco-authored-BY: mary@example.org",
      ada,
      grace,
    );
    write("src/b.ts", "b");
    const head = commit("fix!: greet politely", grace);
    const { result, ...reading } = await read(base);
    assert.deepEqual(result, {
      base,
      head,
      authors: ["ada@example.org", "grace@example.org", "linus@example.org", "mary@example.org"],
      committers: ["grace@example.org"],
      types: ["breaking", "feat", "fix"],
      paths: ["src/a.ts", "src/b.ts"],
    });
    assert.equal(reading.commit, head);
    assert.match(reading.tool.version ?? "", /^\d+\.\d+/);
  });

  it("names both paths of a renamed file, and one that was removed", async () => {
    write("auth/login.ts", "same content\n".repeat(50));
    write("old.ts", "x");
    const base = commit("chore: files");
    git("mv", "auth/login.ts", "entry.ts");
    git("rm", "-q", "old.ts");
    commit("refactor: move");
    assert.deepEqual((await read(base)).result.paths, ["auth/login.ts", "entry.ts", "old.ts"]);
  });

  it("takes whoever pushed from the argument, else from GITHUB_ACTOR", async () => {
    const base = git("rev-parse", "HEAD");
    commit("docs: x");
    assert.equal((await read(base)).result.pusher, undefined);
    process.env.GITHUB_ACTOR = "ada";
    assert.equal((await read(base)).result.pusher, "ada");
    assert.equal((await read(base, "HEAD", "grace")).result.pusher, "grace");
    delete process.env.GITHUB_ACTOR;
  });

  const messages: [string, string[]][] = [
    ["feat: x", ["feat"]],
    ["Feat(ui): x", ["feat"]],
    ["feat!: x", ["breaking", "feat"]],
    ["refactor: x\n\nBREAKING CHANGE: y", ["breaking", "refactor"]],
    ["fix: x\n\nBREAKING-CHANGE: y", ["breaking", "fix"]],
    ["Update README", ["other"]],
    ["wip: x", ["other", "wip"]],
    ["feat:x", ["other"]],
    ["feat : x", ["other"]],
    ["Merge branch 'x'", ["other"]],
    ["", ["other"]],
    ["see feat: x", ["other"]],
  ];
  for (const [message, types] of messages) {
    it(`takes ${JSON.stringify(message)} for ${types.join(" and ")}`, async () => {
      const base = git("rev-parse", "HEAD");
      commit(message);
      assert.deepEqual((await read(base)).result.types, types);
    });
  }

  it("believes neither a mailmap nor a replaced commit of the change itself", async () => {
    const base = git("rev-parse", "HEAD");
    write(".mailmap", "Grace <grace@example.org> <ada@example.org>\nGrace <grace@example.org> <Ada@Example.org>\n");
    const head = commit("fix: x", ada);
    const decoy = commit("docs: y", grace);
    git("reset", "-q", "--hard", head);
    git("replace", head, decoy);
    git("config", "log.mailmap", "true");
    const { result } = await read(base);
    assert.deepEqual([result.authors, result.types], [["ada@example.org"], ["fix"]]);
  });

  it("is not led astray by names of files", async () => {
    const base = git("rev-parse", "HEAD");
    const names = ["-rf", "a b", "ä.ts", 'quo"te', "$(touch x)", "__proto__"];
    for (const name of names) write(name, "x");
    write("line\nbreak", "x");
    commit("test: names");
    assert.deepEqual((await read(base)).result.paths, [...names, "line break"].sort());
  });

  it("takes names of commits for names alone", async () => {
    for (const name of ["--all", "--output=stolen", "-1", "$(id)", "", "HEAD..main", "README.md"]) {
      await refused(read(name), /there is no commit|git cannot be asked/, /./);
    }
  });

  it("takes the whole history where there is no base", async () => {
    commit("feat: x", grace);
    const { result } = await read("0".repeat(40));
    assert.deepEqual(
      [result.base, result.authors, result.types],
      ["", ["ada@example.org", "grace@example.org"], ["chore", "feat"]],
    );
    assert.deepEqual(result.paths, ["README.md"]);
  });

  it("refuses nothing between both, and an older head", async () => {
    const first = git("rev-parse", "HEAD");
    commit("feat: x");
    await refused(read("HEAD"), /no commit between HEAD and HEAD/);
    await refused(read("HEAD", first), /no commit between/);
  });

  it("refuses an author without an address", async () => {
    const base = git("rev-parse", "HEAD");
    commit("feat: x", { name: "Nobody", email: "" }, ada);
    await refused(read(base), /does not say whose it is/);
  });

  it("refuses what is no repository", () =>
    refused(readChange({ cwd: tmpdir(), base: "HEAD~1", head: "HEAD" }), /git cannot be asked/));

  describe("in a shallow clone", () => {
    function cloned(depth: number): string {
      const clone = path.join(folder, "clone");
      execFileSync("git", ["clone", "-q", "--depth", String(depth), `file://${folder}`, clone], { stdio: "ignore" });
      return clone;
    }

    it("is refused where the base is not there, with what to do", async () => {
      const base = git("rev-parse", "HEAD");
      commit("feat: x");
      commit("feat: y");
      await refused(readChange({ cwd: cloned(1), base, head: "HEAD" }), /has no commit/, /fetch-depth: 0/);
    });

    it("is read where all of the change is there", async () => {
      const base = git("rev-parse", "HEAD");
      commit("feat: x");
      assert.deepEqual((await readChange({ cwd: cloned(2), base, head: "HEAD" })).result.types, ["feat"]);
    });

    it("is refused where the base is there and the history in between is not", async () => {
      const base = git("rev-parse", "HEAD");
      commit("feat: x", grace);
      commit("fix: y");
      const clone = cloned(1);
      execFileSync("git", ["fetch", "-q", "--depth", "1", "origin", base], { cwd: clone, stdio: "ignore" });
      await refused(readChange({ cwd: clone, base, head: "HEAD" }), /is cut off at [0-9a-f]{40}/, /fetch-depth: 0/);
      await refused(readChange({ cwd: clone, base: "0".repeat(40), head: "HEAD" }), /is cut off at/, /fetch-depth: 0/);
    });
  });
});
