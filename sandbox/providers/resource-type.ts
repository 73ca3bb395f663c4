import type { Cloud } from "../cloud/index.ts";

/** Property values as they cross the protocol: JSON, and the unknown sentinel (see `protocol.ts`) in previews. */
export type Properties = Record<string, unknown>;

/** Shape of one input property. Nested properties are declared the same way. */
export type InputType =
  | "string"
  | "number"
  | "integer"
  | "boolean"
  /** A string that holds a JSON document; compared by meaning, not by text. The program may give the document itself. */
  | "json"
  | "any"
  | { list: InputSpec }
  /** A list whose order means nothing. */
  | { set: InputSpec }
  | { map: InputSpec }
  | { object: Record<string, InputSpec> };

/** Declaration of one input: what Check refuses, what it fills in, and what Diff makes of a change. */
export interface InputSpec {
  type: InputType;
  /** @default false */
  required?: boolean;
  /** Filled in by Check where the program gives none. */
  default?: unknown;
  /** A change replaces the resource (Terraform's ForceNew). @default false */
  replace?: boolean;
  /** The cloud fills it in: leaving it out keeps what is there and is no change (Optional+Computed). @default false */
  computed?: boolean;
  /** State keeps it, the cloud does not (e.g. `skipDestroy`): still a change, but `read` need not return it. @default false */
  local?: boolean;
  /** Length of a string, or number of items of a list, at least. */
  minLength?: number;
  maxLength?: number;
  /** Limits of a number, inclusive. */
  min?: number;
  max?: number;
  pattern?: RegExp;
  /** Said in place of the pattern when it does not match. */
  patternHint?: string;
  oneOf?: readonly (string | number)[];
  /** Names of sibling properties that must not be given as well. */
  conflictsWith?: readonly string[];
  /** Custom equality on two known, defined values. */
  same?: (a: unknown, b: unknown) => boolean;
}

/** One problem that Check reports; `property` may be a path (`conditions[0].hostHeader`). */
export interface CheckProblem {
  property: string;
  reason: string;
}

/** What a handler is given. Every call through `cloud` is refused once `signal` is aborted: nothing lands afterwards. */
export interface ProviderContext {
  /** Domain services as promises; AWS's throttling and 5xx are retried as the SDK of the real provider does. */
  cloud: Cloud;
  /** Aborted when the engine's connection dies, the engine cancels, or the operation's timeout has passed. */
  signal: AbortSignal;
  region: string;
  /** The provider's other settings, e.g. `owner` of github. */
  settings: Properties;
  account: string;
  /** Registry part of image names, e.g. `127.0.0.1:40001`. */
  registryHost: string;
  /** Name in the program (last part of the URN); empty for invokes. */
  name: string;
  urn: string;
  /** Sleeps, and throws when the signal is aborted. */
  sleep(ms: number): Promise<void>;
  log(line: string): void;
}

export interface Created {
  id: string;
  /** Outputs beside the inputs, or changed inputs (as the cloud shows them). The framework merges them over the inputs. */
  state: Properties;
}

/**
 * Declaration of a resource type. `create`, `read`, `update` get known values only and speak to the cloud through `ctx.cloud`.
 * State returned holds every output by the name of the SDK's property.
 */
export interface ResourceType {
  inputs: Record<string, InputSpec>;
  /** Outputs that are unknown in the preview of a creation, e.g. `["arn"]`. `id` is always there. */
  outputs: readonly string[];
  /** Outputs that an update may change; only these become unknown in the preview of an update. @default [] */
  volatile?: readonly string[];
  /** Outputs that are secret in state. @default [] */
  secrets?: readonly string[];
  /** Where the program gives no name, Check makes `<name of the resource>-<7 hex digits>`, cut to `maxLength`. */
  autoname?: { property: string; maxLength: number; separator?: string; transform?: (name: string) => string };
  /** The type takes `tags` and shows `tagsAll` (with the provider's default tags). Declares both itself. @default false */
  tagged?: boolean;
  /** Replacement deletes first, as names collide (auto-named resources are replaced the other way round). @default false */
  deleteBeforeReplace?: boolean;
  /** Rules across fields. Values may be unknown in a preview: see `isUnknown`. */
  check?(inputs: Properties, ctx: { region: string }): CheckProblem[];
  /** Last word on a diff: add or take away properties that force replacement, given old state and new inputs. */
  replaces?(olds: Properties, news: Properties, changed: readonly string[]): string[];
  create(inputs: Properties, ctx: ProviderContext): Promise<Created>;
  /** State as it is in the cloud (merged over the old state); undefined when it is gone. `old` is `{}` at an import. */
  read(id: string, old: Properties, ctx: ProviderContext): Promise<Properties | undefined>;
  /** Absent: every change replaces. Returns outputs as `create` does. */
  update?(id: string, olds: Properties, news: Properties, ctx: ProviderContext): Promise<Properties>;
  /** A thing that is gone already is no error. */
  delete(id: string, state: Properties, ctx: ProviderContext): Promise<void>;
}

/** A function of the provider (`aws.getRegion()`): arguments in, result out. */
export interface Invoke {
  args: Record<string, InputSpec>;
  run(args: Properties, ctx: ProviderContext): Promise<Properties>;
}

/**
 * Thrown by `create` or `update` when the resource exists (or was changed) but did not get where it should, e.g. a
 * service that never became steady. The engine keeps the state and reports the reasons (`ErrorResourceInitFailed`).
 */
export class PartialError extends Error {
  override readonly name = "PartialError";
  readonly id: string;
  readonly state: Properties;

  constructor(id: string, state: Properties, reason: string) {
    super(reason);
    this.id = id;
    this.state = state;
  }
}
