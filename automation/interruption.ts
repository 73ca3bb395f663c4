import type { ExitCode } from "./errors.ts";
import { ExitCode as codes, SluiceError } from "./errors.ts";

/** Why a run is being ended before its time. */
export type Why = "signal" | "timeout";

/** One place that turns Ctrl-C, SIGTERM and --timeout into an AbortSignal for everything that waits. */
export interface Interruption {
  signal: AbortSignal;
  why(): Why | undefined;
  /** @throws SluiceError (8 or 9) once the run is being ended */
  check(): void;
  [Symbol.dispose](): void;
}

/**
 * @param timeoutSeconds no limit when absent
 * @example
 * using interruption = createInterruption(600);
 */
export function createInterruption(timeoutSeconds?: number): Interruption {
  const controller = new AbortController();
  const end = (why: Why) => () => controller.abort(why);
  const handlers = { SIGINT: end("signal"), SIGTERM: end("signal"), SIGHUP: end("signal") } as const;
  for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
  const timer = timeoutSeconds === undefined ? undefined : setTimeout(end("timeout"), timeoutSeconds * 1000);
  const why = () => controller.signal.reason as Why | undefined;
  return {
    signal: controller.signal,
    why,
    check: () => {
      const reason = why();
      if (reason !== undefined) throw interruptionError(reason);
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    },
  };
}

function interruptionError(why: Why): SluiceError {
  const exitCode: ExitCode = why === "timeout" ? codes.timeout : codes.cancelled;
  return new SluiceError(
    why === "timeout"
      ? "given up: it took longer than --timeout allows; nothing was changed"
      : "cancelled; nothing was changed",
    { exitCode },
  );
}

/** Waits; ends early, without an error, when the run is being ended. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
  });
}
