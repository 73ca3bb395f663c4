/** What git says of a work tree: which commit an image was built from. */
import { execa } from "execa";
import { configurationError, SluiceError } from "../errors.ts";
import { plain } from "./plain.ts";

interface GitResult {
  code: number;
  stdout: string;
  stderr: string;
}

async function git(root: string, ...args: string[]): Promise<GitResult> {
  const result = await execa("git", ["-c", "core.fsmonitor=false", ...args], {
    cwd: root,
    env: { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0", GIT_NO_REPLACE_OBJECTS: "1" },
    stdin: "ignore",
    reject: false,
    stripFinalNewline: false,
  });
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== undefined) return { code: exitCode, stdout, stderr };
  throw configurationError(`git cannot be run in ${root}`, { remedy: "install git, or mend --root", cause: result });
}

/**
 * The commit that the work tree holds, and nothing else: what is changed or new there is in no commit, and a report about
 * it proves nothing of an image that was built from one.
 *
 * @throws SluiceError (2) where there is no commit, or the work tree differs from it
 */
export async function cleanCommit(root: string): Promise<string> {
  const head = await git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
  const remedy = "name the commit that the image was built from: --commit SHA";
  if (head.code !== 0) throw configurationError(`there is no commit in ${root}`, { remedy });
  const commit = head.stdout.trim();
  const status = await git(root, "status", "--porcelain", "-z", "--no-renames");
  if (status.code !== 0) throw new SluiceError(`git status failed in ${root}`, { details: [plain(status.stderr)] });
  const changed = status.stdout.split("\0").filter((line) => line !== "");
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
