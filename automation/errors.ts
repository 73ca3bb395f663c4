import type { EngineLog } from "./engine-events.ts";

/**
 * Exit codes of every command: Pulumi's documented ones where they exist, our own from 20 on.
 * Source of 0-9: https://www.pulumi.com/docs/iac/cli/ ("Exit codes"); 7 (no changes) is kept free.
 */
export const ExitCode = {
  ok: 0,
  error: 1,
  configuration: 2,
  authentication: 3,
  resource: 4,
  policy: 5,
  noStack: 6,
  cancelled: 8,
  timeout: 9,
  waiting: 20,
  rolledBack: 21,
  held: 22,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What a failure says: the message is one line, `details` are lines below it, `remedy` says how to mend it. */
export interface SluiceErrorArgs {
  /** @default ExitCode.error */
  exitCode?: ExitCode;
  /** @default none */
  details?: readonly string[];
  /** @default none */
  remedy?: string;
  /** @default none */
  cause?: unknown;
}

/**
 * A failure that the user can understand and act on. Everything else that is thrown is a defect of ours.
 *
 * @example
 * throw new SluiceError("stack prod does not exist", { exitCode: ExitCode.noStack, remedy: "sluice up --stack prod --create" });
 */
export class SluiceError extends Error {
  readonly exitCode: ExitCode;
  readonly details: readonly string[];
  readonly remedy: string | undefined;
  /** What the engine did until then, where an engine ran. */
  log?: EngineLog;

  constructor(message: string, args: SluiceErrorArgs = {}) {
    super(message, args.cause === undefined ? undefined : { cause: args.cause });
    this.name = "SluiceError";
    this.exitCode = args.exitCode ?? ExitCode.error;
    this.details = args.details ?? [];
    this.remedy = args.remedy;
  }
}

/** A failed update left a state that is not true; a refresh mends it, and then the update goes on. */
export class StaleStateError extends SluiceError {}

/** The short form for the most frequent failure: something that the user wrote is wrong. */
export function configurationError(message: string, args: Omit<SluiceErrorArgs, "exitCode"> = {}): SluiceError {
  return new SluiceError(message, { ...args, exitCode: ExitCode.configuration });
}

/** Errors of other parts say the same of themselves as ours, without being of our kind. */
function saidBy(error: Error): { details: readonly string[]; remedy: string | undefined } {
  const { details, remedy } = error as { details?: unknown; remedy?: unknown };
  return {
    details: Array.isArray(details) ? details.map(String) : [],
    remedy: typeof remedy === "string" ? remedy : undefined,
  };
}

/** The lines that a failure prints on stderr, without colour. */
export function errorLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [`error: ${String(error)}`];
  const { details, remedy } = saidBy(error);
  const mend = remedy === undefined ? [] : [`  to mend it: ${remedy}`];
  return [`error: ${error.message}`, ...details.map((line) => `  ${line}`), ...mend];
}

/** What `--json` prints of a failure. */
export function errorDocument(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  const { details, remedy } = error instanceof Error ? saidBy(error) : { details: [], remedy: undefined };
  return { code: exitCodeOf(error), message, details, ...(remedy === undefined ? {} : { remedy }) };
}

/** @returns the exit code for anything thrown; parts with errors of their own say theirs in `exitCode` */
export function exitCodeOf(error: unknown): number {
  const own = error instanceof Error && "exitCode" in error ? error.exitCode : undefined;
  return typeof own === "number" && own > 0 ? own : ExitCode.error;
}
