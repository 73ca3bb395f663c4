/** What git says of a work tree: which commit an image was built from, and what a release changes. */
import { execa } from "execa";
import type { Result } from "../../model/gates/results.ts";
import { configurationError, SluiceError } from "../errors.ts";
import { plain } from "./plain.ts";

/** Settings of a repository that would run a program of its own, or write what we read in another way. */
const harmless = [
  "core.fsmonitor=false",
  "core.quotePath=false",
  "log.showSignature=false",
  "i18n.logOutputEncoding=UTF-8",
];

interface GitResult {
  code: number;
  stdout: string;
  stderr: string;
}

async function git(root: string, ...args: string[]): Promise<GitResult> {
  const settings = harmless.flatMap((setting) => ["-c", setting]);
  const env = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_REPLACE_OBJECTS: "1" };
  const options = { cwd: root, env, stdin: "ignore", reject: false, stripFinalNewline: false } as const;
  const {
    exitCode,
    stdout,
    stderr,
    code,
    message = "",
  } = (await execa("git", [...settings, ...args], options)) as {
    exitCode?: number;
    stdout: string;
    stderr: string;
    code?: string;
    message?: string;
  };
  if (exitCode !== undefined) return { code: exitCode, stdout, stderr };
  if (code === "ENOENT")
    throw configurationError(`git cannot be run in ${root}`, { remedy: "install git, or mend --root" });
  throw new SluiceError(`git ended early: ${plain(message)}`);
}

async function gitOutput(root: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await git(root, ...args);
  if (code === 0) return stdout;
  throw new SluiceError(`git ${args[0]} failed in ${root}`, { details: [plain(stderr)] });
}

/** @returns undefined where nothing is called so */
async function commitOf(root: string, name: string): Promise<string | undefined> {
  const { code, stdout } = await git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  return code === 0 ? stdout.trim() : undefined;
}

/**
 * The commit that the work tree holds, and nothing else: what is changed or new there is in no commit, and a report about
 * it proves nothing of an image that was built from one.
 *
 * @throws SluiceError (2) where there is no commit, or the work tree differs from it
 */
export async function cleanCommit(root: string): Promise<string> {
  const commit = await commitOf(root, "HEAD");
  const remedy = "name the commit that the image was built from: --commit SHA";
  if (commit === undefined) throw configurationError(`there is no commit in ${root}`, { remedy });
  const status = await gitOutput(root, "status", "--porcelain", "-z", "--no-renames");
  const changed = status.split("\0").filter((line) => line !== "");
  if (changed.length === 0) return commit;
  throw configurationError(
    `the work tree differs from its commit ${commit.slice(0, 12)}: reports may speak of another state`,
    {
      details: [
        ...changed.slice(0, 10).map((line) => plain(line)),
        ...(changed.length > 10 ? [`and ${changed.length - 10} more`] : []),
      ],
      remedy: `commit it, let git ignore what tools write; or ${remedy}`,
    },
  );
}

/**
 * Where the commits come from, as others name it: the remote `origin`, without credentials.
 *
 * @returns undefined where there is none
 */
export async function sourceOf(root: string): Promise<string | undefined> {
  const { code, stdout } = await git(root, "config", "--get", "remote.origin.url");
  return code === 0 ? publicUrl(stdout.trim()) : undefined;
}

/**
 * A remote's URL without what is secret in it.
 *
 * @example
 * publicUrl("git@github.com:acme/shop.git") // "https://github.com/acme/shop"
 */
export function publicUrl(remote: string): string | undefined {
  const short = /^(?:[^@/]+@)?(?<host>[A-Za-z0-9.-]+):(?!\/)(?<path>.+)$/.exec(remote)?.groups;
  const written = short === undefined ? remote : `https://${short.host}/${short.path}`;
  if (!URL.canParse(written)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(written);
  if (!["https:", "http:", "ssh:", "git:"].includes(protocol) || hostname === "") return undefined;
  const shown = protocol === "http:" || protocol === "https:" ? host : hostname;
  return `https://${shown}${pathname.replace(/\/$/, "").replace(/\.git$/, "")}`;
}

export interface ChangeArgs {
  root: string;
  /** `BASE..HEAD`, in git's words. */
  range: string;
  /** Commit that the image was built from: the range must end there. */
  commit: string;
  /** Login of whoever pushed, where known. */
  pusher?: string | undefined;
}

/**
 * What a release changes, and by whom: everything from where BASE and HEAD part.
 *
 * @throws SluiceError (2) where the range names nothing, ends elsewhere, is empty, or history is cut off
 */
export async function readChange({ root, range, commit, pusher }: ChangeArgs): Promise<Result<"change">> {
  const [base, head] = await endsOf(root, range);
  const problem = (rule: string, remedy: string) => configurationError(`--change ${plain(range)}: ${rule}`, { remedy });
  if (head !== commit) {
    throw problem(
      `it ends at ${head.slice(0, 12)}, the image was built from ${commit.slice(0, 12)}`,
      `name the commits up to the image's own: --change BASE..${commit}`,
    );
  }
  const shallow = (await gitOutput(root, "rev-parse", "--is-shallow-repository")).trim() !== "false";
  if (shallow)
    throw problem("the history here is cut off: authors would be missing", "fetch all of it (fetch-depth: 0)");
  const forked = await git(root, "merge-base", base, head);
  if (forked.code !== 0) throw problem("its ends have no commit in common", "name a BASE that HEAD was made from");
  const from = forked.stdout.trim();
  const commits = await commitsBetween(root, from, head);
  if (commits.length === 0) throw problem("it holds no commit", "name as BASE the commit that was released before");
  const diff = await gitOutput(root, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", from, head);
  return {
    base: from,
    head,
    authors: unique(commits.flatMap(({ authors }) => authors)),
    committers: unique(commits.map(({ committer }) => committer)),
    ...(pusher === undefined ? {} : { pusher }),
    types: unique(commits.flatMap(({ types }) => types)),
    paths: diff.split("\0").filter((path) => path !== ""),
  };
}

async function endsOf(root: string, range: string): Promise<[base: string, head: string]> {
  const [from = "", to = "", ...more] = range.split(/\.{2,3}/);
  const wrong = (rule: string) =>
    configurationError(`--change: ${rule}; got ${JSON.stringify(plain(range, 200))}`, {
      remedy: "e.g. --change origin/main..HEAD",
    });
  if (from === "" || to === "" || more.length > 0) throw wrong("BASE..HEAD, both named");
  const [base, head] = await Promise.all([commitOf(root, from), commitOf(root, to)]);
  if (base === undefined || head === undefined) {
    throw wrong(`there is no commit ${plain(base === undefined ? from : to, 100)} in ${root}`);
  }
  return [base, head];
}

interface Commit {
  authors: string[];
  committer: string;
  types: string[];
}

async function commitsBetween(root: string, base: string, head: string): Promise<Commit[]> {
  const format = "--format=%ae%n%ce%n%B";
  const log = await gitOutput(
    root,
    "log",
    "-z",
    "--no-color",
    "--no-notes",
    "--no-mailmap",
    format,
    `${base}..${head}`,
  );
  return log
    .split("\0")
    .filter((record) => record !== "")
    .map(readCommit);
}

function readCommit(record: string): Commit {
  const [author = "", committer = "", ...message] = record.split("\n");
  return {
    authors: [author, ...coAuthors(message)].map(emailOf),
    committer: emailOf(committer),
    types: typesOf(message.join("\n")),
  };
}

const emailOf = (text: string): string => text.trim().toLowerCase();
const unique = (values: readonly string[]): string[] => [...new Set(values)].filter((value) => value !== "").sort();

/** https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors */
function coAuthors(message: readonly string[]): string[] {
  return message.flatMap((line) => /^co-authored-by:[^<]*<([^<>\s]+)>\s*$/i.exec(line)?.[1] ?? []);
}

/**
 * Types of a conventional commit; `other` where it is none.
 *
 * @see https://www.conventionalcommits.org/en/v1.0.0/
 * @example
 * typesOf("feat(api)!: drop v1") // ["feat", "breaking"]
 */
export function typesOf(message: string): string[] {
  const { type, mark } =
    /^(?<type>[A-Za-z][A-Za-z-]{0,30})(?:\([^()\n]*\))?(?<mark>!)?: +\S/.exec(message.trimStart())?.groups ?? {};
  const breaking = mark !== undefined || /^BREAKING[ -]CHANGE: /m.test(message);
  return [type?.toLowerCase() ?? "other", ...(breaking ? ["breaking"] : [])];
}
