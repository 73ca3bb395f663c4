/** An update from end to end: private configuration, checks, engine, and the proof that what is live is what was asked. */
import { checkConfig } from "../model/config.ts";
import { folderBackend, outputsOf, readFolderState } from "./backend.ts";
import { runEngine } from "./engine.ts";
import type { EngineLog } from "./engine-events.ts";
import { configurationError, ExitCode, SluiceError, StaleStateError } from "./errors.ts";
import { explainFailedTasks } from "./failed-tasks.ts";
import type { Interruption } from "./interruption.ts";
import type { Output } from "./output.ts";
import { resolvePending } from "./pending.ts";
import { readBack } from "./read-back.ts";
import { requireTags } from "./registry-tags.ts";
import { createRunConfig, type Overrides, type RunConfig } from "./run-config.ts";
import { ensureStack, readState } from "./stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

export interface UpdateArgs {
  target: Target;
  output: Output;
  interruption: Interruption;
  /** @default {}: what runs keeps running */
  overrides?: Overrides;
  /**
   * Whether the stack may be created. In the sandbox it always may.
   * @default false
   */
  create?: boolean;
  /** Seconds. @default 60 */
  lockTimeout?: number | undefined;
}

export interface UpdateResult {
  outputs: Record<string, unknown>;
  log: EngineLog;
  /** Whether any resource was touched. */
  changed: boolean;
}

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

/** A failed resource says what the cloud refused; the tasks say why. */
async function explain(target: Target, config: RunConfig, since: number, error: unknown): Promise<never> {
  if (!(error instanceof SluiceError) || error.exitCode !== ExitCode.resource) throw error;
  adoptCloudEnvironment(target);
  const region = String(config.setting("aws:region") ?? target.context.env.AWS_REGION ?? "");
  const state = await readState(target.context, target.stack).catch(() => undefined);
  // What explains an error must not hide it.
  const told = await explainFailedTasks({ state: state ?? {}, region, since }).catch(() => []);
  const known = error.details.join("\n");
  const news = told.filter(({ id }) => !known.includes(id)).flatMap(({ lines }) => lines);
  if (news.length === 0) throw error;
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
  throw new SluiceError(error.message, {
    exitCode: error.exitCode,
    details: [...error.details, ...news],
    cause: error,
    ...remedy,
  });
}

/**
 * @throws SluiceError with the exit code of what went wrong; what is live afterwards is said in its details
 * @example
 * const { outputs } = await update({ target, output, interruption, overrides: { all: { imageTag: "v1.1.0" } } });
 */
export async function update(args: UpdateArgs): Promise<UpdateResult> {
  const { target, output, interruption, overrides = {}, create = false, lockTimeout = 60 } = args;
  const { stack, sandbox, context } = target;
  using config = prepareConfig(target, overrides, output);
  await requireTags(target, config.settings, overrides);
  const state = await ensureStack({ context, stack, create: create || sandbox, sandbox, output });
  await resolvePending({ target, state, config, output, interruption, lockTimeout });
  const began = Date.now();
  const run = () =>
    runEngine({ operation: "up", stack, context, config, output, interruption, lockTimeout }).catch((error: unknown) =>
      explain(target, config, began, error),
    );
  /** What a failed update recorded and did not do would hide from the engine that there is something to do. */
  const attempt = () =>
    run().catch(async (error: unknown) => {
      if (!(error instanceof StaleStateError)) throw error;
      output.say(`the state is out of date after a failed update; refreshing it first (${error.details.join("; ")})`);
      const flags = ["--skip-preview"];
      await runEngine({ operation: "refresh", stack, context, config, output, interruption, lockTimeout, flags });
      return run();
    });
  let result = await attempt();
  if (result.deferred !== undefined) {
    output.say(`${result.deferred.replace(/: run the same update again.*$/, "")}; running the second update now`);
    result = await attempt();
    if (result.deferred !== undefined) throw new SluiceError(result.deferred, { exitCode: ExitCode.rolledBack });
  }
  const outputs = result.log.outputs ?? outputsOf((await readState(context, stack)) ?? {});
  await readBack(target, outputs);
  return { outputs, log: result.log, changed: result.log.steps.update.some(({ custom }) => custom) };
}
