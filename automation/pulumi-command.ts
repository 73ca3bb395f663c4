/**
 * What `npm run pulumi -- ...` and the `pulumi` of a `sluice env` shell run: the plain CLI, with a private copy of the stack
 * file for the operations that write to it, the policy pack, and the sandbox where the stack lives there.
 */
import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { folderBackend } from "./backend.ts";
import { commonEnvironment, locateEngine, packVariables, policyPackOf } from "./engine-context.ts";
import { exitCodeOf } from "./errors.ts";
import { createInterruption } from "./interruption.ts";
import { waitForLocks } from "./locks.ts";
import { createOutput } from "./output.ts";
import { repositoryRoot } from "./paths.ts";
import { type PulumiInvocation, parseInvocation } from "./pulumi-arguments.ts";
import { createRunConfig, type RunConfig } from "./run-config.ts";
import { findStackFile } from "./stack-file.ts";
import { ensureStack } from "./stack-lifecycle.ts";
import { livesInSandbox, openTarget, type Target } from "./target.ts";

/** Operations that take configuration, and so get a copy. */
const copying = new Set(["up", "preview", "refresh", "destroy", "watch"]);
/** Operations that take the lock, and so break those of dead owners first. */
const locking = new Set(["up", "refresh", "destroy", "watch"]);

const output = createOutput();

async function main(argv: readonly string[]): Promise<number> {
  const invocation = parseInvocation(argv);
  const { stack, command, sandbox } = invocation;
  if (stack !== undefined && (copying.has(command) || livesInSandbox(stack, sandbox))) {
    return runOnStack(invocation, await openTarget({ stack, sandbox, output, running: copying.has(command) }));
  }
  if (stack === undefined && livesInSandbox("", sandbox)) {
    const target = await openTarget({ stack: "local", sandbox: true, output, running: copying.has(command) });
    return runCommand(target.context.pulumi, invocation.args, judgedEnvironment(target));
  }
  const engine = await locateEngine();
  const attached = packVariables(policyPackOf(repositoryRoot));
  const env = { ...process.env, ...commonEnvironment(engine), ...elsewhere(invocation), ...attached };
  return runCommand(engine.pulumi, invocation.args, env);
}

/** The CLI looks for stack files beside `Pulumi.yaml` only: `config set` on an example's would make another one there. */
function elsewhere({ stack, configFile }: PulumiInvocation): NodeJS.ProcessEnv {
  const file = stack === undefined || configFile ? undefined : findStackFile(repositoryRoot, stack);
  return file === undefined || path.dirname(file) === repositoryRoot ? {} : { PULUMI_OPTION_CONFIG_FILE: file };
}

async function runOnStack(invocation: PulumiInvocation, target: Target): Promise<number> {
  const { command, args, configFile } = invocation;
  const { context, sandbox, stack } = target;
  const env = judgedEnvironment(target);
  if (!copying.has(command)) return runCommand(context.pulumi, args, { ...env, ...elsewhere(invocation) });
  if (sandbox) await ensureStack({ context, stack, create: true, sandbox, output });
  if (locking.has(command)) await freeLocks(target);
  if (configFile) return runCommand(context.pulumi, args, env);
  using config: RunConfig = createRunConfig({ stack, root: context.root, runs: target.places.runs, sandbox });
  return await runCommand(context.pulumi, args, { ...env, PULUMI_OPTION_CONFIG_FILE: config.file });
}

function judgedEnvironment({ context }: Target): NodeJS.ProcessEnv {
  return { ...context.env, ...packVariables(context.policyPack) };
}

/** Locks of the dead are broken, and the living waited for; what is in flight is the CLI's to end from then on. */
async function freeLocks({ context, stack }: Target): Promise<void> {
  using interruption = createInterruption();
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root)?.lockFolder(stack);
  if (folder === undefined) return;
  await waitForLocks({ stack, folder, deadline: Date.now() + 60_000, output, signal: interruption.signal });
  interruption.check();
}

/** On a terminal, the terminal signals the CLI itself; else what reaches us is passed on, once. */
function runCommand(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const terminal = process.stdin.isTTY === true;
  const child = spawn(file, args, { env, cwd: process.cwd(), stdio: "inherit", detached: !terminal });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!terminal || signal === "SIGTERM") child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + os.constants.signals[signal as NodeJS.Signals]));
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    output.fail(error);
    process.exit(exitCodeOf(error));
  },
);
