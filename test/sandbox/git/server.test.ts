import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "../../../sandbox/cloud/create.ts";
import type { Rule, RulesetFields } from "../../../sandbox/cloud/github-documents.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { handleGit } from "../../../sandbox/git/server.ts";
import { createGithubHandler } from "../../../sandbox/github-api/index.ts";
import { Store } from "../../../sandbox/store.ts";

const repository = "acme/shop";
const person = "User:11";
const bot = "User:4242+Integration:4242";

describe("pushes to a repository with rulesets", function () {
  this.timeout(60_000);
  let folder: string;
  let clone: string;
  let store: Store;
  let cloud: Cloud;
  let server: Server;
  let port: number;

  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: clone, encoding: "utf8", env: environment() }).trim();
  const environment = () => ({
    PATH: process.env.PATH,
    HOME: folder,
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.test",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.test",
  });

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "sluice-git-"));
    clone = path.join(folder, "clone");
    store = new Store(path.join(folder, "state.db"));
    cloud = createCloud({ home: folder, store, registryHost: "127.0.0.1:1" }).outer;
    const github = createGithubHandler(cloud);
    server = createServer((request, response) => {
      if (request.url?.startsWith("/git/")) handleGit(folder, request, response);
      else void github(request, response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    execFileSync("git", ["init", "--quiet", "--initial-branch", "main", clone]);
    commit("first");
    await push(person, "main");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function commit(text: string): string {
    writeFileSync(path.join(clone, "file"), text);
    git("add", "file");
    git("commit", "--quiet", "-m", text);
    return git("rev-parse", "HEAD");
  }

  /** What git says of a push: everything, and whether it was taken. Not in this process: it is the server. */
  function push(who: string, ...what: string[]): Promise<{ taken: boolean; said: string }> {
    const url = `http://x:${encodeURIComponent(who)}@127.0.0.1:${port}/git/${repository}.git`;
    return new Promise((resolve) => {
      execFile("git", ["push", url, ...what], { cwd: clone, env: environment() }, (error, _stdout, stderr) =>
        resolve({ taken: error === null, said: stderr }),
      );
    });
  }

  async function protect(rules: Rule[], more: Partial<RulesetFields> = {}): Promise<void> {
    await cloud.github.createRuleset({
      repository,
      name: `r${Math.random()}`,
      target: "branch",
      enforcement: "active",
      bypass_actors: [],
      conditions: { ref_name: { include: ["refs/heads/main"], exclude: [] } },
      rules,
      ...more,
    });
  }

  async function refused(what: string[], says: RegExp, who = person): Promise<void> {
    const { taken, said } = await push(who, ...what);
    assert.equal(taken, false, said);
    assert.match(said, /GH013: Repository rule violations found/);
    assert.match(said, says);
  }
  const live = async () => (await lsRemote()).get("refs/heads/main");
  async function lsRemote(): Promise<Map<string, string>> {
    const url = `http://127.0.0.1:${port}/git/${repository}.git`;
    const text = await new Promise<string>((resolve, reject) => {
      execFile("git", ["ls-remote", url], { env: environment() }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
    return new Map(
      text
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split("\t").reverse() as [string, string]),
    );
  }

  it("are taken where no rule is broken, and read back", async () => {
    const head = commit("second");
    assert.deepEqual((await push(person, "main")).taken, true);
    assert.equal(await live(), head);
  });

  it("are refused without a name, and where there is no such repository", async () => {
    commit("second");
    const url = `http://127.0.0.1:${port}/git/${repository}.git`;
    const status = async (address: string) => (await fetch(address)).status;
    assert.equal(await status(`${url}/info/refs?service=git-receive-pack`), 401);
    assert.equal(await status(`http://127.0.0.1:${port}/git/..%2f..%2fetc/info/refs?service=git-upload-pack`), 404);
    const page = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers: { origin: "http://evil.test" } });
    assert.equal(page.status, 403);
  });

  it("may not rewrite history", async () => {
    await protect([{ type: "non_fast_forward" }]);
    const before = await live();
    git("commit", "--quiet", "--amend", "-m", "rewritten");
    await refused(["--force", "main"], /Cannot force-push/);
    assert.equal(await live(), before);
    commit("on top of it");
    git("reset", "--quiet", "--hard", String(before));
    commit("on top of what is there");
    assert.ok((await push(person, "main")).taken);
  });

  it("may not delete the branch", async () => {
    await protect([{ type: "deletion" }]);
    await refused([":main"], /Cannot delete/);
    assert.ok(await live());
  });

  it("come by pull request, but for the automation", async () => {
    const actor = { actor_id: 4242, actor_type: "Integration", bypass_mode: "always" };
    await protect([{ type: "pull_request", parameters: { required_approving_review_count: 1 } }], {
      bypass_actors: [actor],
    });
    const head = commit("second");
    await refused(["main"], /must be made through a pull request/);
    assert.ok((await push(bot, "main")).taken);
    assert.equal(await live(), head);
  });

  it("have no merge commits where history is linear", async () => {
    await protect([{ type: "required_linear_history" }]);
    git("checkout", "--quiet", "-b", "side");
    commit("side");
    git("checkout", "--quiet", "main");
    git("merge", "--quiet", "--no-ff", "-m", "merge", "side");
    await refused(["main"], /merge commits/);
    git("reset", "--quiet", "--hard", "side");
    assert.ok((await push(person, "main")).taken);
  });

  it("need checks that the right app has reported of that very commit", async () => {
    const parameters = { required_status_checks: [{ context: "ci", integration_id: 15_368 }] };
    await protect([{ type: "required_status_checks", parameters }]);
    const sha = commit("second");
    await refused(["main"], /"ci" is expected/);
    const send = (token: string, route: string, body: object) =>
      fetch(`http://127.0.0.1:${port}/github/repos/${repository}/${route}`, {
        method: "POST",
        headers: { authorization: `token ${token}` },
        body: JSON.stringify(body),
      });
    assert.equal(
      (await send("User:11", "check-runs", { name: "ci", head_sha: sha, conclusion: "success" })).status,
      403,
    );
    await send("User:11", `statuses/${sha}`, { context: "ci", state: "success" });
    await send("Integration:7", "check-runs", { name: "ci", head_sha: sha, conclusion: "success" });
    await refused(["main"], /"ci" is expected/);
    await send("Integration:15368", "check-runs", { name: "ci", head_sha: sha, conclusion: "failure" });
    await refused(["main"], /"ci" is expected/);
    await send("Integration:15368", "check-runs", { name: "ci", head_sha: sha, conclusion: "success" });
    assert.ok((await push(person, "main")).taken);
    commit("third");
    await refused(["main"], /"ci" is expected/);
  });

  it("neither move nor delete a release, and only the automation makes one", async () => {
    const tags = { target: "tag", conditions: { ref_name: { include: ["refs/tags/v*"], exclude: [] } } };
    await protect([{ type: "update" }, { type: "deletion" }, { type: "non_fast_forward" }], tags);
    const actor = { actor_id: 4242, actor_type: "Integration", bypass_mode: "always" };
    await protect([{ type: "creation" }], { ...tags, bypass_actors: [actor] });
    git("tag", "v1");
    await refused(["v1"], /creations being restricted/);
    assert.ok((await push(bot, "v1")).taken);
    commit("second");
    git("tag", "--force", "v1");
    await refused(["--force", "v1"], /Cannot update this protected ref/, bot);
    await refused([":v1"], /Cannot delete/, bot);
    git("tag", "nightly");
    assert.ok((await push(person, "nightly")).taken, "other tags are free");
  });

  it("are refused as a whole, and branches without rules are free", async () => {
    await protect([{ type: "update" }]);
    git("checkout", "--quiet", "-b", "feat/x");
    commit("feature");
    await refused(["feat/x", "feat/x:main"], /Cannot update this protected ref/);
    assert.ok(!(await lsRemote()).has("refs/heads/feat/x"));
    assert.ok((await push(person, "feat/x")).taken);
    git("commit", "--quiet", "--amend", "-m", "rewritten");
    assert.ok((await push(person, "--force", "feat/x")).taken);
    assert.ok((await push(person, ":feat/x")).taken);
  });
});
