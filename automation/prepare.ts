/** The configuration of a run, checked before any engine starts. */
import { checkConfig } from "../model/config/config.ts";
import { folderBackend, outputsOf, readFolderState } from "./backend.ts";
import { configurationError, ExitCode, SluiceError } from "./errors.ts";
import type { Output } from "./output.ts";
import { createRunConfig, type Overrides, type RunConfig } from "./run-config.ts";
import type { Target } from "./target.ts";

/**
 * The private configuration of a run, checked before any engine starts.
 *
 * @throws SluiceError (2) with every problem of the configuration at once
 */
export function prepareConfig(target: Target, overrides: Overrides, output: Output): RunConfig {
  const { stack, sandbox, context, places } = target;
  const config = createRunConfig({ stack, root: context.root, runs: places.runs, sandbox, overrides });
  try {
    for (const name of config.replacedSecrets) {
      output.warn(`${name} is encrypted for another cloud: the sandbox uses the word "sandbox" in its place`);
    }
    const { problems } = checkConfig(config.settings);
    if (problems.length > 0) {
      throw configurationError("configuration error", {
        details: problems.map(({ field, rule, value, remedy }) => `${field}: ${rule}; got ${value}; ${remedy}`),
      });
    }
    requireFoundation(target, config.settings);
    return config;
  } catch (error) {
    config.remove();
    throw error;
  }
}

/** Services take their images from the foundation's registry. Where the backend is a folder, that is known at once. */
function requireFoundation({ stack, sandbox, context }: Target, settings: Record<string, unknown>): void {
  const foundation = typeof settings.foundation === "string" ? settings.foundation : "foundation";
  const needed = Object.keys((settings.services ?? {}) as object).length > 0 && foundation !== stack;
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root);
  if (!needed || folder === undefined) return;
  const state = readFolderState(folder, foundation);
  if (state !== undefined && outputsOf(state).registry !== undefined) return;
  throw new SluiceError(`stack ${stack} takes its images from stack ${foundation}, which has not been brought up`, {
    exitCode: ExitCode.noStack,
    remedy: `sluice up --stack ${foundation}${sandbox ? " --sandbox" : " --create"}`,
  });
}
