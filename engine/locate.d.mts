/** None of the ways to get a Pulumi CLI worked. The message says, for each, why not, and what to do. */
export class NoEngineError extends Error {}

/** What a process needs to use the engine. */
export interface EngineEnvironment {
  /** Path of the Pulumi CLI. */
  pulumi: string;
  /** Value for PATH: the CLI, its language host and the Node that runs programs come first. */
  path: string;
  /** The Node that runs programs. */
  node: string;
}

/**
 * Finds a Pulumi CLI, or gets one, with progress on stderr. Takes milliseconds when it is there.
 *
 * @throws NoEngineError
 * @example
 * const { pulumi, path } = await engineEnvironment();
 * spawn(pulumi, ["preview"], { env: { ...process.env, PATH: path } });
 */
export function engineEnvironment(): Promise<EngineEnvironment>;
