/** The stack that a command works on, and the environment that the engine gets for it. */
import { commonEnvironment, type EngineContext, locateEngine, policyPackOf } from "./engine-context.ts";
import { sandboxPack } from "./gates/sandbox-pack.ts";
import type { Output } from "./output.ts";
import { type Places, places, repositoryRoot } from "./paths.ts";
import { sandboxEnvironment } from "./sandbox.ts";
import { readStackFile } from "./stack-file.ts";

export interface Target {
  stack: string;
  /** Whether the stack lives in the sandbox: always for `local`, for others when asked for. */
  sandbox: boolean;
  places: Places;
  context: EngineContext;
}

export interface TargetArgs {
  /** @default "local" */
  stack?: string | undefined;
  /** @default false */
  sandbox?: boolean | undefined;
  output: Output;
  /**
   * Whether the sandbox must be running; it is then started if it is not.
   * @default true
   */
  running?: boolean;
}

/** The stack of somebody's own machine. It never reaches a real cloud. */
export const localStack = "local";

/** @returns whether a stack lives in the sandbox */
export function livesInSandbox(
  stack: string,
  asked: boolean | undefined,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return stack === localStack || asked === true || env.SLUICE_SANDBOX === "1";
}

/**
 * @throws SluiceError (2) where there is no such stack file
 * @example
 * const target = await openTarget({ stack: "local", output });
 */
export async function openTarget({ stack = localStack, sandbox, output, running = true }: TargetArgs): Promise<Target> {
  const stackFile = readStackFile(repositoryRoot, stack);
  const here = places();
  const inSandbox = livesInSandbox(stack, sandbox);
  const [engine, own] = await Promise.all([
    locateEngine(),
    inSandbox ? sandboxEnvironment({ places: here, region: regionOf(stackFile), running, output }) : {},
  ]);
  const env = { ...process.env, ...commonEnvironment(engine), ...own };
  const pack = policyPackOf(repositoryRoot);
  const policyPack = inSandbox && pack !== undefined ? sandboxPack(pack, here) : pack;
  return {
    stack,
    sandbox: inSandbox,
    places: here,
    context: { pulumi: engine.pulumi, root: repositoryRoot, env, policyPack },
  };
}

function regionOf({ document }: ReturnType<typeof readStackFile>): string | undefined {
  const region = document.getIn(["config", "aws:region"]);
  return typeof region === "string" ? region : undefined;
}

/** Lets the AWS clients of this process reach the cloud that the engine reaches. */
export function adoptCloudEnvironment({ context }: Pick<Target, "context">): void {
  for (const [name, value] of Object.entries(context.env)) {
    if (!name.startsWith("AWS_")) continue;
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
