/** One operation of the engine, as one process: started, watched, and turned into a result or into one clear error. */
import path from "node:path";
import { folderBackend } from "./backend.ts";
import type { EngineContext } from "./engine-context.ts";
import { type EngineLog, EngineLogReader } from "./engine-events.ts";
import { deferredMessage, failureOf, isLockConflict } from "./engine-failure.ts";
import { type EngineExit, runEngineProcess } from "./engine-process.ts";
import type { Interruption } from "./interruption.ts";
import { waitForLocks } from "./locks.ts";
import type { Output } from "./output.ts";
import { createProgress } from "./progress.ts";
import { type RunConfig, runFile } from "./run-config.ts";

/** `drift` is a refresh that changes nothing, the state neither: it only tells what it would have seen. */
export type Operation = "up" | "preview" | "destroy" | "refresh" | "drift";

export interface EngineRunArgs {
  operation: Operation;
  stack: string;
  context: EngineContext;
  config: Pick<RunConfig, "file">;
  output: Output;
  interruption: Interruption;
  /**
   * Seconds to wait for another update of the stack.
   * @default 60
   */
  lockTimeout?: number;
  /** Further flags for the CLI. @default [] */
  flags?: readonly string[];
  /**
   * Show steps while they happen.
   * @default true
   */
  progress?: boolean;
}

export interface EngineResult {
  log: EngineLog;
  /** What the program says when it undid a split first and left the release for the next update. */
  deferred: string | undefined;
}

/** Operations that run the program, and so are judged by the policy pack. */
const judged: readonly Operation[] = ["up", "preview"];
/** Operations that change nothing, and so need no consent. */
const looking: readonly Operation[] = ["preview", "drift"];
/** Operations that change state, and so take the stack's lock. */
const locking: readonly Operation[] = ["up", "destroy", "refresh"];

/**
 * Runs one operation to its end. `up` previews with the policy pack before it updates, so that a refusal changes nothing.
 *
 * @throws SluiceError with the exit code that belongs to what went wrong
 * @example
 * const { log } = await runEngine({ operation: "up", stack: "local", context, config, output, interruption });
 */
export async function runEngine(args: EngineRunArgs): Promise<EngineResult> {
  const { operation, stack, context, output, interruption, lockTimeout = 60 } = args;
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root)?.lockFolder(stack);
  const deadline = Date.now() + lockTimeout * 1000;
  for (;;) {
    if (folder !== undefined && locking.includes(operation)) {
      await waitForLocks({ stack, folder, deadline, output, signal: interruption.signal });
    }
    interruption.check();
    const { log, exit } = await runOnce(args);
    // Two that saw the stack free at the same moment: the engine refused one of them before it did anything.
    if (folder !== undefined && exit.code !== 0 && isLockConflict(exit) && Date.now() < deadline) continue;
    const deferred = deferredMessage(log);
    if (exit.code === 0 || deferred !== undefined) return { log, deferred };
    const why = interruption.why();
    const failure = failureOf({ ...exit, log, ...(why === undefined ? {} : { ended: why }) });
    failure.log = log;
    throw failure;
  }
}

async function runOnce(args: EngineRunArgs): Promise<{ log: EngineLog; exit: EngineExit }> {
  const { operation, stack, context, config, output, interruption, flags = [], progress = true } = args;
  const reader = new EngineLogReader(flags.includes("--skip-preview") ? "update" : "preview");
  const show = progress ? createProgress(output, operation) : undefined;
  const ending = () => output.say("ending: what is in flight is completed, and nothing new is begun");
  interruption.signal.addEventListener("abort", ending, { once: true });
  try {
    const exit = await runEngineProcess({
      command: context.pulumi,
      args: [...engineArguments(operation, stack, config.file, context), ...flags],
      cwd: context.root,
      env: { ...context.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
      output: runFile(path.dirname(config.file), stack, ""),
      onLine: (line) => {
        for (const happening of reader.read(line)) show?.see(happening);
      },
      signal: interruption.signal,
    });
    return { log: reader.log, exit };
  } finally {
    interruption.signal.removeEventListener("abort", ending);
    show?.end();
  }
}

/**
 * The command line of an operation.
 *
 * @example
 * engineArguments("preview", "prod", copy, context).join(" ")
 */
export function engineArguments(
  operation: Operation,
  stack: string,
  configFile: string,
  { policyPack }: Pick<EngineContext, "policyPack">,
): string[] {
  const command = operation === "drift" ? ["refresh", "--preview-only"] : [operation];
  const args: string[] = [...command, "--stack", stack, "--config-file", configFile, "--non-interactive", "--json"];
  if (!looking.includes(operation)) args.push("--yes");
  if (judged.includes(operation) && policyPack !== undefined) {
    args.push("--policy-pack", policyPack.folder);
    if (policyPack.config !== undefined) args.push("--policy-pack-config", policyPack.config);
  }
  return [...args, "--color", "never"];
}
