/** What the engine needs around it: where it is, its environment, its policy pack. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type EngineEnvironment, engineEnvironment, NoEngineError } from "../engine/locate.mjs";
import { SluiceError } from "./errors.ts";
import { repositoryRoot } from "./paths.ts";

/** A `pulumi` that gives every run a private copy of its stack file. */
export const shimFolder = path.join(repositoryRoot, "automation", "shim");

export interface PolicyPack {
  folder: string;
  config: string | undefined;
}

export interface EngineContext {
  /** Path of the Pulumi CLI. */
  pulumi: string;
  /** Folder of the project. */
  root: string;
  env: NodeJS.ProcessEnv;
  policyPack: PolicyPack | undefined;
}

/** Sluice's own pack: every `up` and `preview` is judged by it. */
export function policyPackOf(root: string): PolicyPack | undefined {
  const folder = path.join(root, "policy");
  if (!existsSync(path.join(folder, "PulumiPolicy.yaml"))) return undefined;
  const config = path.join(folder, "config.json");
  return { folder, config: existsSync(config) ? config : undefined };
}

/**
 * Finds the CLI; the first time on a machine this may download or build it, with progress on stderr.
 *
 * @throws SluiceError where none of the ways to get one works
 */
export async function locateEngine(): Promise<EngineEnvironment> {
  // In a shell that `sluice env` has set up, the first `pulumi` on PATH is ours, and would look for the engine in turn.
  const search = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== shimFolder);
  process.env.PATH = search.join(path.delimiter);
  try {
    return await engineEnvironment();
  } catch (error) {
    if (!(error instanceof NoEngineError)) throw error;
    throw new SluiceError(error.message, { cause: error });
  }
}

/** Variables that hold for every run, wherever its stack lives. */
export function commonEnvironment({ path: searchPath, node }: EngineEnvironment): NodeJS.ProcessEnv {
  return {
    PATH: searchPath,
    SLUICE_NODE: node,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Private copies of stack files hold no salt: the engine then takes the secrets provider that the state names.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  };
}

/** The variables that attach the pack to a plain `pulumi`. */
export function packVariables(pack: PolicyPack | undefined): NodeJS.ProcessEnv {
  if (pack === undefined) return {};
  const config = pack.config === undefined ? {} : { PULUMI_OPTION_POLICY_PACK_CONFIG: pack.config };
  return { PULUMI_OPTION_POLICY_PACK: pack.folder, ...config };
}
