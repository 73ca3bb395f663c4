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
