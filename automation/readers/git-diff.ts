/** The diff of a change, from git. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ExitCode, SluiceError } from "../errors.ts";
import { cleanText, shorten } from "./text.ts";

const run = promisify(execFile);
const maximumBytes = 128 * 1024 * 1024;

/** What `git rev-parse` takes for a commit, and nothing that could be an option or a range. */
const revision = /^[A-Za-z0-9_][A-Za-z0-9._/@{}^~+-]{0,255}$/;

/** Whatever the repository's or the user's configuration says: the same diff of the same commits. */
const settings = [
  "--unified=0",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--find-renames",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--submodule=short",
  // A change that calls its own sources binary (.gitattributes) would have no lines.
  "--text",
  // Paths as the report has them, where the folder is not the repository's own.
  "--relative",
];

/**
 * The lines that differ between the head and the commit where it left the base.
 *
 * @param root folder inside of the repository; paths are relative to it, and changes outside of it left out
 * @throws SluiceError where git does not know a commit, or what the two have in common
 * @example
 * await gitDiff("/repo", { base: "origin/main", head: "HEAD" }) // "diff --git a/x.ts b/x.ts\n…"
 */
export async function gitDiff(root: string, { base, head }: { base: string; head: string }): Promise<string> {
  const [from, to] = [await commitOf(root, base), await commitOf(root, head)];
  return git(root, ["-c", "core.quotePath=false", "diff", ...settings, "--end-of-options", `${from}...${to}`, "--"]);
}

async function commitOf(root: string, name: string): Promise<string> {
  const clean = shorten(cleanText(name), 80);
  if (!revision.test(name) || name.includes(".."))
    throw new SluiceError(`"${clean}" is no name of a commit`, { exitCode: ExitCode.configuration });
  return (await git(root, ["rev-parse", "--verify", "--end-of-options", `${name}^{commit}`])).trim();
}

async function git(root: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run("git", ["-C", root, ...args], {
      maxBuffer: maximumBytes,
      env: { ...process.env, LC_ALL: "C" },
    });
    return stdout;
  } catch (cause) {
    const { stderr = "", message } = cause as Error & { stderr?: string };
    throw new SluiceError("the change's diff cannot be had from git", {
      exitCode: ExitCode.configuration,
      details: [shorten(cleanText(stderr.trim() || message))],
      remedy: "fetch both commits with their history (in GitHub Actions: fetch-depth: 0)",
      cause,
    });
  }
}
