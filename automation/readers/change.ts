/** What is released, and by whom: from git itself, not from a report. */
import { execa } from "execa";
import { type CommitFacts, factsOf } from "./commit-facts.ts";
import { type Reading, ReportError } from "./reader.ts";
import { cleanText, cleanTexts, shorten } from "./text.ts";

/** More is no change of anybody's: 100,000 paths of 640 characters. */
const maximumOutput = 64 * 1024 * 1024;
const maximumPaths = 100_000;
const longestPath = 4096;
/** What GitHub gives as the commit before a branch's first push. */
const nothing = /^0{40}(?:0{24})?$/;

export interface ChangeArgs {
  /** A folder of the repository. */
  cwd: string;
  /** Commit that the change starts from: what runs now. Zeros alone stand for none: the whole history is the change. */
  base: string;
  /** Commit that is released. */
  head: string;
  /** Login of whoever pushed. @default GITHUB_ACTOR, where it is set */
  pusher?: string | undefined;
}

/**
 * Reads the commits that are in `head` and not in `base`: everybody who wrote, committed or is named as co-author, their
 * types by Conventional Commits, and the paths in which both trees differ (a renamed file's old and new one). Mailmaps,
 * replaced objects and grafts are left aside: whoever makes a change must not say who made it.
 *
 * @throws ReportError where a commit is absent, the clone is too shallow to tell, or there is no commit in between
 * @example
 * await readChange({ cwd: ".", base: "v1.2.2", head: "HEAD" })
 */
export async function readChange(args: ChangeArgs): Promise<Reading<"change">> {
  const git = gitIn(args.cwd);
  const head = await resolve(git, args.head);
  const base = nothing.test(args.base) ? undefined : await resolve(git, args.base);
  const range = base === undefined ? [head] : [`^${base}`, head];
  await checkWhole(git, range);
  const commits = await readCommits(git, range);
  if (commits.length === 0)
    throw refusal(
      `there is no commit between ${args.base} and ${args.head}`,
      "name the commit that runs now as the base",
    );
  const paths = await readPaths(git, base, head);
  if (paths.length > maximumPaths)
    throw refusal(`${paths.length} paths differ, more than the ${maximumPaths} that are read`);
  if (paths.some((path) => path.length > longestPath)) throw refusal(`a path is longer than ${longestPath} characters`);
  const pusher = args.pusher ?? process.env.GITHUB_ACTOR;
  const reading: Reading<"change"> = {
    tool: { name: "git", version: await versionOf(git) },
    commit: head,
    result: {
      base: base ?? "",
      head,
      authors: sorted(commits.flatMap(({ authors }) => authors)),
      committers: sorted(commits.map(({ committer }) => committer)),
      ...(pusher === undefined || pusher === "" ? {} : { pusher }),
      types: sorted(commits.flatMap(({ types }) => types)),
      paths,
    },
  };
  return cleanTexts(reading) as Reading<"change">;
}

type Git = (...args: string[]) => Promise<string>;

function gitIn(cwd: string): Git {
  return async (...args) => {
    const { stdout, exitCode, stderr, code, isMaxBuffer } = await execa("git", ["--no-replace-objects", ...args], {
      cwd,
      env: { LC_ALL: "C", GIT_GRAFT_FILE: "/dev/null", GIT_NO_LAZY_FETCH: "1" },
      stdin: "ignore",
      maxBuffer: maximumOutput,
      stripFinalNewline: false,
      reject: false,
    });
    if (exitCode === 0 && !isMaxBuffer) return stdout;
    const reason = isMaxBuffer
      ? "says more than can be read"
      : (stderr.trim().split("\n")[0] ?? "") || (code ?? "failed");
    throw refusal(`git cannot be asked: ${reason}`);
  };
}

async function resolve(git: Git, name: string): Promise<string> {
  try {
    return (await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`)).trim();
  } catch (cause) {
    if ((await git("rev-parse", "--is-shallow-repository")).trim() === "true")
      throw tooShallow(`has no commit ${name}`);
    throw cause instanceof ReportError ? refusal(`there is no commit ${name}`, "git fetch, or name another") : cause;
  }
}

/** A shallow clone ends somewhere and says nothing of what it leaves out: no commit of the change may be such an end. */
async function checkWhole(git: Git, range: readonly string[]): Promise<void> {
  if ((await git("rev-parse", "--is-shallow-repository")).trim() !== "true") return;
  // Parents as the commits themselves name them; the history, as it was cut, has none for its ends.
  const listed = await git("rev-list", "--parents", "--end-of-options", ...range);
  for (const line of listed.trimEnd().split("\n")) {
    const [commit = "", ...parents] = line.split(" ");
    if (commit === "" || parents.length > 0) continue;
    const raw = await git("cat-file", "commit", commit);
    if (/^parent /m.test(raw.split("\n\n", 1)[0] ?? "")) throw tooShallow(`is cut off at ${commit}, within the change`);
  }
}

async function readCommits(git: Git, range: readonly string[]): Promise<CommitFacts[]> {
  const format = ["%H", "%ae", "%ce", "%B"].join("%x00");
  const settings = ["-c", "log.showSignature=false", "-c", "log.mailmap=false"];
  const options = ["-z", `--format=tformat:${format}`, "--encoding=UTF-8", "--no-notes", "--no-color", "--no-patch"];
  const text = await git(...settings, "log", ...options, "--end-of-options", ...range);
  const fields = text === "" ? [] : text.replace(/\0$/, "").split("\0");
  if (fields.length % 4 !== 0) throw refusal("git log: what it says cannot be read");
  const commits: CommitFacts[] = [];
  for (let at = 0; at < fields.length; at += 4) {
    const [hash = "", author = "", committer = "", message = ""] = fields.slice(at, at + 4);
    const facts = factsOf({ author, committer, message });
    if (facts === undefined) throw refusal(`commit ${hash} does not say whose it is`);
    commits.push(facts);
  }
  return commits;
}

/** Without detection of renames, a renamed file is one removed and one added: both paths count. */
async function readPaths(git: Git, base: string | undefined, head: string): Promise<string[]> {
  const options = ["-r", "-z", "--name-only", "--no-renames", "--ignore-submodules=none"];
  const text =
    base === undefined
      ? await git("ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", head)
      : await git("diff-tree", ...options, "--end-of-options", base, head);
  return sorted(text.split("\0").filter((path) => path !== ""));
}

async function versionOf(git: Git): Promise<string | undefined> {
  return /\d+(?:\.\d+)+/.exec(await git("version"))?.[0];
}

function tooShallow(reason: string): ReportError {
  return refusal(
    `the clone ${reason}`,
    "fetch the whole history: `fetch-depth: 0` for actions/checkout, or git fetch --unshallow",
  );
}

function refusal(reason: string, remedy?: string): ReportError {
  return new ReportError({ file: "git" }, "", shorten(cleanText(reason)), remedy);
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
