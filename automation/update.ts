/** An update from end to end: private configuration, checks, engine, and the proof that what is live is what was asked. */
import { outputsOf } from "./backend.ts";
import { recordFailure, recordMoves } from "./deployment-outcome.ts";
import { type EngineResult, runEngine } from "./engine.ts";
import type { EngineLog } from "./engine-events.ts";
import { ExitCode, SluiceError, StaleStateError } from "./errors.ts";
import { explainFailedTasks } from "./failed-tasks.ts";
import type { Interruption } from "./interruption.ts";
import type { Output } from "./output.ts";
import { prepareConfig } from "./prepare.ts";
import { readBack } from "./read-back.ts";
import { adoptCreated, recover } from "./recovery.ts";
import { requireTags } from "./registry-tags.ts";
import type { Overrides } from "./run-config.ts";
import { ensureStack, readState } from "./stack-lifecycle.ts";
import { type RepairContext, refreshState } from "./state-repair.ts";
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
  /**
   * Whether everything is read again first: what was changed by hand is then seen, and changed back.
   * @default false
   */
  refresh?: boolean;
  /** Seconds. @default 60 */
  lockTimeout?: number | undefined;
  /** What the audit log calls it. @default "deployment" */
  action?: "deployment" | "rollback";
}

export interface UpdateResult {
  outputs: Record<string, unknown>;
  log: EngineLog;
  /** Whether any resource was touched. */
  changed: boolean;
}

/**
 * @throws SluiceError with the exit code of what went wrong; what is live afterwards is said in its details
 * @example
 * const { outputs } = await update({ target, output, interruption, overrides: { all: { imageTag: "v1.1.0" } } });
 */
export async function update(args: UpdateArgs): Promise<UpdateResult> {
  const { target, output, interruption, overrides = {}, create = false, refresh = false, lockTimeout = 60 } = args;
  const { stack, sandbox, context } = target;
  using config = prepareConfig(target, overrides, output);
  await requireTags(target, config.settings, overrides);
  const state = await ensureStack({ context, stack, create: create || sandbox, sandbox, output });
  const repair: RepairContext = { target, config, output, interruption, lockTimeout };
  await recover(repair, state);
  if (refresh) await refreshState(repair);
  const about = { target, settings: config.settings, before: state, output, action: args.action ?? "deployment" };
  try {
    const result = await updateAndReadBack(repair);
    await recordMoves(about, overrides, result.outputs);
    return result;
  } catch (error) {
    await recordFailure(about, overrides, error);
    throw error;
  }
}

/** An abort takes two updates: the first brings all traffic back, the second deploys. */
async function updateAndReadBack(repair: RepairContext): Promise<UpdateResult> {
  const { target, output } = repair;
  const { stack, context } = target;
  const attempt = () => attemptUpdate(repair);
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

/** One update; where the state or an earlier run stands in its way, that is mended and it is tried once more. */
async function attemptUpdate(repair: RepairContext): Promise<EngineResult> {
  const { target, config, output, interruption, lockTimeout } = repair;
  const { stack, context } = target;
  const began = Date.now();
  const run = () => runEngine({ operation: "up", stack, context, config, output, interruption, lockTimeout });
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    if (error instanceof StaleStateError) {
      output.say(`the state is out of date after a failed update; refreshing it first (${error.details.join("; ")})`);
      await refreshState(repair);
      return await run();
    }
    if (error.exitCode !== ExitCode.resource || interruption.why() !== undefined) throw error;
    if (error.log !== undefined && (await adoptCreated(repair, error.log))) return await run();
    throw await explained(repair, error, began);
  }
}

/** A failed resource says what the cloud refused; the tasks say why. */
async function explained({ target, config }: RepairContext, error: SluiceError, since: number): Promise<SluiceError> {
  adoptCloudEnvironment(target);
  const region = String(config.setting("aws:region") ?? target.context.env.AWS_REGION ?? "");
  const state = await readState(target.context, target.stack).catch(() => undefined);
  // What explains an error must not hide it.
  const told = await explainFailedTasks({ state: state ?? {}, region, since }).catch(() => []);
  const known = error.details.join("\n");
  const news = told.filter(({ id }) => !known.includes(id)).flatMap(({ lines }) => lines);
  const { exitCode, remedy } = error;
  const details = [...error.details, ...news];
  return new SluiceError(error.message, {
    exitCode,
    details,
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
