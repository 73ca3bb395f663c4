/** GitHub's REST API, with its own advice on retries and rate limits followed. */
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { ExitCode, SluiceError } from "../errors.ts";

export type GithubClient = Octokit;

export interface GithubClientArgs {
  token: string;
  /** @default "https://api.github.com" */
  baseUrl?: string | undefined;
  /** Ends what is in flight. */
  signal: AbortSignal;
}

const defaultUrl = "https://api.github.com";
/** GitHub asks for waits of up to an hour; a command that waits longer than this has not answered. Seconds. */
const patience = 60;
const attempts = 2;

const Client = Octokit.plugin(retry, throttling);

/**
 * @example
 * const client = createGithubClient({ token, baseUrl: env.GITHUB_API_URL, signal });
 */
export function createGithubClient({ token, baseUrl = defaultUrl, signal }: GithubClientArgs): GithubClient {
  const mayWait = (after: number, _options: object, _client: unknown, count: number) =>
    count < attempts && after <= patience;
  const silent = () => {};
  return new Client({
    auth: token,
    baseUrl,
    userAgent: "sluice",
    request: { signal },
    // What goes wrong is told once, by whoever asked.
    log: { debug: silent, info: silent, warn: silent, error: silent },
    throttle: { onRateLimit: mayWait, onSecondaryRateLimit: mayWait },
  });
}

/** The status of GitHub's answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status === "number" ? status : undefined;
}

/** One line on what GitHub answered. */
export function refusalOf(error: unknown): string {
  const text = error instanceof Error ? (error.message.split("\n")[0] as string) : String(error);
  const status = statusOf(error);
  return status === undefined ? text : `GitHub answered ${status}: ${text}`;
}

/** Statuses that say that the token may not. GitHub hides what one may not see behind 404. */
const denials: readonly (number | undefined)[] = [401, 403, 404];

/** @returns the failure of a command that could not read anything */
export function githubFailure(what: string, error: unknown): SluiceError {
  const denied = denials.includes(statusOf(error));
  return new SluiceError(`cannot read ${what}`, {
    exitCode: denied ? ExitCode.authentication : ExitCode.error,
    details: [refusalOf(error)],
    cause: error,
    ...(denied
      ? { remedy: "use a token that administers the repository, and check sluice:github in the stack file" }
      : {}),
  });
}
