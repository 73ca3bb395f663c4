/** The token that GitHub is asked with. It is never printed, and never an argument of a command. */
import { execa } from "execa";
import { ExitCode, SluiceError } from "../errors.ts";

/**
 * GITHUB_TOKEN, or GH_TOKEN, or the one that GitHub's own command line has.
 *
 * @param env environment of the run; the sandbox's has a token of its own
 * @throws SluiceError (3) where there is none
 * @example
 * const token = await githubToken(process.env);
 */
export async function githubToken(env: NodeJS.ProcessEnv): Promise<string> {
  const given = env.GITHUB_TOKEN || env.GH_TOKEN;
  if (given) return given;
  // execa reports a command that does not exist as a failure like any other.
  const gh = await execa("gh", ["auth", "token"], { env, extendEnv: false, stdin: "ignore", reject: false });
  if (!gh.failed && gh.stdout !== "") return gh.stdout;
  throw new SluiceError("there is no token for GitHub", {
    exitCode: ExitCode.authentication,
    remedy: "set GITHUB_TOKEN to a token that administers the repository, or run: gh auth login",
  });
}
