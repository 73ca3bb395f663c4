/** What a run in the sandbox needs: a running daemon, its provider plugins, and an environment that points at both. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Output } from "./output.ts";
import type { Places } from "./paths.ts";
import { madeOnce } from "./private-file.ts";
import { daemonAddress, installPlugins, startDaemon } from "./sandbox-daemon.ts";

export interface SandboxEnvironmentArgs {
  places: Places;
  /** @default "eu-west-1" */
  region: string | undefined;
  /** Whether the daemon must be running; it is started if it is not. */
  running: boolean;
  output: Output;
}

/** Variables of the caller's shell that could lead a sandbox run to a real account. */
const foreign = /^(?:AWS_|GITHUB_|GH_|PULUMI_ACCESS_TOKEN$|PULUMI_CONFIG_PASSPHRASE$|PULUMI_IGNORE_AMBIENT_PLUGINS$)/;

/**
 * The environment of a run in the sandbox. Nothing in it can reach a real cloud: the plugins, the backend, the secrets
 * provider and the credentials are the sandbox's own.
 *
 * @example
 * const env = await sandboxEnvironment({ places, region: "eu-west-1", running: true, output });
 */
export async function sandboxEnvironment(args: SandboxEnvironmentArgs): Promise<NodeJS.ProcessEnv> {
  const { places, region = "eu-west-1", running, output } = args;
  for (const folder of [places.pulumiHome, places.backend]) mkdirSync(folder, { recursive: true });
  madeOnce(places.passphrase, () => randomBytes(24).toString("base64url"));
  await installPlugins(places);
  const address = running ? await startDaemon(places, output) : daemonAddress(places);
  const api = `http://127.0.0.1:${address?.apiPort ?? 0}`;
  return {
    ...Object.fromEntries(Object.keys(process.env).flatMap((name) => (foreign.test(name) ? [[name, undefined]] : []))),
    PULUMI_HOME: places.pulumiHome,
    PULUMI_BACKEND_URL: `file://${places.backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: places.passphrase,
    AWS_ENDPOINT_URL: api,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: "sandbox",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_EC2_METADATA_DISABLED: "true",
    GITHUB_API_URL: `${api}/github`,
    GITHUB_TOKEN: "sandbox",
  };
}
