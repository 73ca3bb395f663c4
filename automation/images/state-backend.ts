/** Every stack of a backend: what it is, what it was, and whether it is being changed. */
import { backendUrl } from "../backend.ts";
import type { EngineContext } from "../engine-context.ts";
import { CloudBackend } from "./cloud-backend.ts";
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
  /** Whether anything was ever done to the stack. */
  hasHistory(stack: BackendStack): Promise<boolean>;
  /** Who is changing a stack now, one line each. */
  busy(): Promise<string[]>;
  /** @throws SluiceError where somebody is changing one of them */
  hold(stacks: readonly BackendStack[]): Promise<Hold>;
}

/**
 * @throws SluiceError where the backend is of a kind that cannot be looked into
 * @example
 * for (const stack of await openStateBackend(context).stacks()) console.log(stack.name);
 */
export function openStateBackend(context: EngineContext): StateBackend {
  const url = backendUrl(context.env, context.root);
  const store = url === undefined ? undefined : openObjectStore(url, context.root);
  if (store !== undefined) return new SelfManagedBackend(store);
  if (url?.startsWith("https://")) return new CloudBackend(context);
  throw unsupportedBackend(url);
}
