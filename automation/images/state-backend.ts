/** Every stack of a backend: what it is, what it was, and whether it is being changed. */
import { backendUrl } from "../backend.ts";
import type { EngineContext } from "../engine-context.ts";
import { CloudBackend } from "./cloud-backend.ts";
import { CombinedBackend } from "./combined-backend.ts";
import { openObjectStore, unsupportedBackend } from "./object-store.ts";
import { SelfManagedBackend } from "./self-managed-backend.ts";

/** A stack of any project. */
export interface BackendStack {
  /** As people name it: `prod`, or with its project where that is another. */
  readonly name: string;
  /** As the backend names it. */
  readonly id: string;
}

/** Updates of every stack are kept out while it lasts, where the backend can do that. */
export interface Hold extends AsyncDisposable {
  /** @throws SluiceError once somebody else changes a stack, or there is a new one */
  check(): Promise<void>;
}

export interface StateBackend {
  /** All of them, of every project. */
  stacks(): Promise<BackendStack[]>;
  /** @throws SluiceError where it cannot be read whole */
  state(stack: BackendStack): Promise<unknown>;
  /** The states that updates which succeeded left behind, newest first. */
  successes(stack: BackendStack): AsyncIterable<unknown>;
  /** Whether the stack was ever updated, with success or without: an imported state was not. */
  wasUpdated(stack: BackendStack): Promise<boolean>;
  /** Who is changing a stack now, one line each. */
  busy(): Promise<string[]>;
  /** @throws SluiceError where somebody is changing one of them */
  hold(stacks: readonly BackendStack[]): Promise<Hold>;
}

/**
 * @param others URLs of further backends with stacks that use the same registry
 * @throws SluiceError where a backend is of a kind that cannot be looked into
 * @example
 * for (const stack of await openStateBackend(context).stacks()) console.log(stack.name);
 */
export function openStateBackend(context: EngineContext, others: readonly string[] = []): StateBackend {
  const own = openOne(backendUrl(context.env, context.root), context);
  if (others.length === 0) return own;
  return new CombinedBackend(own, new Map(others.map((url) => [url, openOne(url, context)])));
}

function openOne(url: string | undefined, context: EngineContext): StateBackend {
  const store = url === undefined ? undefined : openObjectStore(url, context.root);
  if (store !== undefined) return new SelfManagedBackend(store);
  if (url?.startsWith("https://")) {
    return new CloudBackend({ ...context, env: { ...context.env, PULUMI_BACKEND_URL: url } });
  }
  throw unsupportedBackend(url);
}
