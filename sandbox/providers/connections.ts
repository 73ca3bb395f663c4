import type { ProviderConfig } from "./context.ts";

/** What the engines' connections have configured, and which calls they have in flight. A peer is `address:port`. */
export class Connections {
  readonly #configs = new Map<string, ProviderConfig>();
  readonly #calls = new Map<string, Set<AbortController>>();

  configure(peer: string, config: ProviderConfig): void {
    this.#configs.set(peer, config);
  }

  /** @throws when the connection was never configured: it is the successor of one that died with an earlier daemon. */
  config(peer: string): ProviderConfig {
    const config = this.#configs.get(peer);
    if (config === undefined) {
      throw new Error("the sandbox was restarted in the middle of this update; run the update again");
    }
    return config;
  }

  /** Notes a call; `done` ends it, and aborts it when a reason is given. */
  begin(peer: string, timeoutMs?: number): { signal: AbortSignal; done: (reason?: string) => void } {
    const controller = new AbortController();
    const calls = this.#calls.get(peer) ?? new Set();
    this.#calls.set(peer, calls.add(controller));
    const timer =
      timeoutMs && setTimeout(() => controller.abort(new Error(`timeout after ${timeoutMs / 1000} s`)), timeoutMs);
    const done = (reason?: string) => {
      if (timer) clearTimeout(timer);
      if (reason !== undefined) controller.abort(new Error(reason));
      calls.delete(controller);
      if (calls.size === 0) this.#calls.delete(peer);
    };
    return { signal: controller.signal, done };
  }

  /** Aborts all calls of one connection (the engine's `Cancel`). */
  cancel(peer: string, reason: string): void {
    for (const call of this.#calls.get(peer) ?? []) call.abort(new Error(reason));
  }

  /** Number of calls in flight. */
  inFlight(): number {
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls.size, 0);
  }

  cancelAll(reason: string): void {
    for (const peer of this.#calls.keys()) this.cancel(peer, reason);
  }
}
