/**
 * The hook of the sandbox's repositories: `node pre-receive.ts HOME OWNER/NAME`, started by git with the refs of a push on stdin and the new
 * objects in quarantine. Refused as a whole or not at all. Who pushes is in REMOTE_USER, which the sandbox's server sets.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { CommitCheck, Ruleset } from "../cloud/github-documents.ts";
import { Store } from "../store.ts";
import { type CheckResult, judgePush, type RefUpdate } from "./push-rules.ts";

const NOTHING = /^0+$/;

function git(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync("git", args, { encoding: "utf8" });
}

/** Commits that a ref would get, and did not have; for a new ref those that no other has. */
function commits(old: string, now: string, ...flags: string[]): string[] {
  const range = NOTHING.test(old) ? [now, "--not", "--all"] : [now, `^${old}`];
  const { status, stdout } = git("rev-list", ...flags, ...range);
  if (status !== 0) throw new Error(`git rev-list failed for ${now}`);
  return stdout.split("\n").filter(Boolean);
}

function factsOf(line: string, checksOf: (commit: string) => CheckResult[]): RefUpdate {
  const [old = "", now = "", ref = ""] = line.split(" ");
  if (NOTHING.test(now)) {
    return { ref, change: "deletion", fastForward: false, merges: false, signed: true, checks: [] };
  }
  const change = NOTHING.test(old) ? "creation" : "update";
  return {
    ref,
    change,
    fastForward: change === "creation" || git("merge-base", "--is-ancestor", old, now).status === 0,
    merges: commits(old, now, "--merges").length > 0,
    signed: commits(old, now).every((commit) => git("verify-commit", commit).status === 0),
    checks: checksOf(git("rev-parse", `${now}^{commit}`).stdout.trim()),
  };
}

const [home = "", repository = ""] = process.argv.slice(2);
const store = new Store(join(home, "state.db"));
const here = (one: { repository: string }) => one.repository.toLowerCase() === repository.toLowerCase();
const known = store.list<CommitCheck>("github-check").filter(here);
const checksOf = (commit: string) => known.filter(({ sha }) => sha === commit);
const lines = (await text(process.stdin)).split("\n").filter(Boolean);
const refusals = judgePush({
  rulesets: store.list<Ruleset>("github-ruleset").filter(here),
  pusher: { actors: (process.env.REMOTE_USER ?? "").split("+").filter(Boolean) },
  updates: lines.map((line) => factsOf(line, checksOf)),
  defaultBranch: git("symbolic-ref", "HEAD").stdout.trim(),
});
store.close();
for (const ref of new Set(refusals.map((one) => one.ref))) {
  console.error(`error: GH013: Repository rule violations found for ${ref}.`);
  for (const { ruleset, rule, reason } of refusals.filter((one) => one.ref === ref)) {
    console.error(`- ${reason} (${rule}, ruleset ${ruleset})`);
  }
}
process.exit(refusals.length > 0 ? 1 : 0);
