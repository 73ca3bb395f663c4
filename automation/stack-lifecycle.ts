/** Whether a stack exists, and how it comes into being without a committed file being written. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { folderBackend, readFolderState, type StackState } from "./backend.ts";
import type { EngineContext } from "./engine-context.ts";
import { emptyLog } from "./engine-events.ts";
import { failureOf } from "./engine-failure.ts";
import { ExitCode, SluiceError } from "./errors.ts";
import type { Output } from "./output.ts";
import { type TruthfulOutputs, truthfulOutputs } from "./service-outputs.ts";
import { knownStacks, project, readStackFile } from "./stack-file.ts";

/** Runs a short command of the CLI that has no events. */
export async function runCli(context: EngineContext, args: readonly string[], cwd = context.root) {
  const result = await execa(context.pulumi, [...args, "--non-interactive", "--color", "never"], {
    cwd,
    env: context.env,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  return { code: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr };
}

/**
 * The whole state of a stack, its secrets still encrypted.
 *
 * @returns undefined where the stack does not exist
 * @throws SluiceError where the backend cannot be read
 */
export async function readState(context: EngineContext, stack: string): Promise<StackState | undefined> {
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root);
  if (folder !== undefined && !isCompressed(folder.stateFile(stack))) return readFolderState(folder, stack);
  const exported = await runCli(context, ["stack", "export", "--stack", stack]);
  if (exported.code === ExitCode.noStack || exported.stderr.includes("no stack named")) return undefined;
  if (exported.code !== 0) throw failureOf({ ...exported, log: emptyLog() });
  return (JSON.parse(exported.stdout).deployment ?? {}) as StackState;
}

/** PULUMI_DIY_BACKEND_GZIP and _ZSTD: only the CLI reads those. */
function isCompressed(stateFile: string): boolean {
  return [".gz", ".zst"].some((suffix) => existsSync(stateFile + suffix));
}

export interface EnsureStackArgs {
  context: EngineContext;
  stack: string;
  /** Whether it may be created. */
  create: boolean;
  sandbox: boolean;
  output: Output;
}

/**
 * @returns the state, empty for a stack that was just created
 * @throws SluiceError (6) where the stack does not exist and may not be created
 */
export async function ensureStack({ context, stack, create, sandbox, output }: EnsureStackArgs): Promise<StackState> {
  const state = await readState(context, stack);
  if (state !== undefined) return state;
  if (!create) {
    throw new SluiceError(`stack ${stack} does not exist in this backend`, {
      exitCode: ExitCode.noStack,
      remedy: `sluice up --stack ${stack} ${sandbox ? "--sandbox" : "--create"}`,
    });
  }
  await createStack(context, stack, sandbox);
  output.say(`created stack ${stack}`);
  return {};
}

/**
 * The CLI writes the salt of a new stack into its file, so it gets a folder of its own; the state keeps the salt, and
 * from there every later run has it.
 */
async function createStack(context: EngineContext, stack: string, sandbox: boolean): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sluice-stack-"));
  try {
    await writeFile(path.join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    const salt = sandbox ? sandboxSalt(context) : undefined;
    if (salt !== undefined) await writeFile(path.join(folder, `Pulumi.${stack}.yaml`), `encryptionsalt: ${salt}\n`);
    const provider = readStackFile(context.root, stack).document.get("secretsprovider");
    const flags = !sandbox && typeof provider === "string" ? ["--secrets-provider", provider] : [];
    const made = await runCli(context, ["stack", "init", stack, "--no-select", ...flags], folder);
    if (made.code !== 0 && !made.stderr.includes("already exists")) throw failureOf({ ...made, log: emptyLog() });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The salt of the sandbox's other stacks, which share their passphrase anyway. The CLI derives a key per salt, a quarter of
 * a second each (PBKDF2, a million rounds), and an environment's run reads the foundation's state beside its own.
 */
function sandboxSalt({ env, root }: EngineContext): string | undefined {
  const folder = folderBackend(env.PULUMI_BACKEND_URL, root);
  if (folder === undefined) return undefined;
  for (const stack of knownStacks(root)) {
    const { secrets_providers } = (readFolderState(folder, stack) ?? {}) as {
      secrets_providers?: { state?: { salt?: string } };
    };
    if (secrets_providers?.state?.salt !== undefined) return secrets_providers.state.salt;
  }
  return undefined;
}

/**
 * @returns the outputs, secrets masked, and the services whose outputs the resources contradict; these are told as the
 *   resources have them
 * @throws SluiceError (6) where the stack does not exist
 */
export async function readOutputs(context: EngineContext, stack: string, sandbox: boolean): Promise<TruthfulOutputs> {
  const state = await readState(context, stack);
  if (state !== undefined) return truthfulOutputs(state);
  throw new SluiceError(`stack ${stack} does not exist in this backend`, {
    exitCode: ExitCode.noStack,
    remedy: `bring it up first: sluice up --stack ${stack}${sandbox && stack !== "local" ? " --sandbox" : ""}`,
  });
}
