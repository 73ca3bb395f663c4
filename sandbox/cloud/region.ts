import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<string>();

/** Runs `body` so that `cloud.region` is this region, in everything that it awaits as well. */
export function inRegion<R>(region: string, body: () => R): R {
  return current.run(region, body);
}

/** The region of the request that is being served, if any. */
export function requestedRegion(): string | undefined {
  return current.getStore();
}

const caller = new AsyncLocalStorage<AbortSignal>();

/** Runs `body` on behalf of a caller who may go away: an injected delay ends with the signal, and without effect. */
export function withSignal<R>(signal: AbortSignal, body: () => R): R {
  return caller.run(signal, body);
}

/** The signal of the caller that is being served, if it has one. */
export function requestedSignal(): AbortSignal | undefined {
  return caller.getStore();
}
