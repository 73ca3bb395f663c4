import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { CloudError } from "./cloud/error.ts";
import { requestedSignal } from "./cloud/region.ts";
import type { Store } from "./store.ts";

/**
 * - `throttle`: the call is refused with AWS's throttling error, without effect;
 * - `error`: refused with a 5xx (or the code in `value.code`, with `value.status`), without effect;
 * - `timeout-after-success`: the effect lands, the caller gets no answer;
 * - `slow`: the call takes `ms` longer (before its effect);
 * - `lie`: a call without `value` that writes is answered `{}` and dropped; with `value` (an object, dotted path -> value) the true answer
 *   is changed at these paths, e.g. `{"services.0.taskDefinition": "arn:..."}`; with service `provider`, an `update` or `delete` is
 *   reported as done and never happens, and state says what was wanted (and `value`, an object of outputs);
 * - `die`: a task dies (the runtime asks for it with `take`);
 * - `gap`: metrics have no data points.
 */
export type FaultKind = "throttle" | "error" | "timeout-after-success" | "slow" | "lie" | "die" | "gap";

export const FAULT_KINDS: readonly FaultKind[] = [
  "throttle",
  "error",
  "timeout-after-success",
  "slow",
  "lie",
  "die",
  "gap",
];

/** What a fault looks at. A field that is absent matches everything. */
export interface FaultMatch {
  /** Name of the service as in `Cloud`: `ecs`, `ecr`, ...; `provider` for calls of the engine. */
  service?: string;
  /** Operation in camel case: `updateService`; of the provider: `create`, `update`, `delete`, `read`, `diff`, `check`. */
  operation?: string;
  /** Pulumi's type token, for `provider`: `aws:ecs/service:Service`. */
  type?: string;
  /** A name, id or ARN in the call's input (or the last part of an ARN or path); for `provider` the resource's name. */
  name?: string;
}

export interface Fault {
  id: string;
  match: FaultMatch;
  kind: FaultKind;
  /** How often it strikes; absent: until it is removed. */
  times?: number;
  /** Milliseconds, for `slow`. */
  ms?: number;
  value?: unknown;
}

/** One call, as faults see it. */
export interface FaultCall {
  service: string;
  operation: string;
  type?: string;
  /** Where `match.name` is looked for: every string in it. */
  input?: unknown;
}

/** Methods that are AWS operations; every other method of a service passes through untouched. */
export const OPERATION =
  /^(add|allocate|associate|attach|authorize|batch|change|complete|create|delete|deregister|describe|detach|disassociate|get|head|initiate|list|modify|put|register|release|remove|replace|request|revoke|run|set|stop|tag|untag|update|upload)[A-Z]/;
const READ = /^(batchCheck|batchGet|describe|get|head|list)[A-Z]/;

/** Whether an operation changes something. `getAuthorizationToken` and the like do not. */
export function isWrite(operation: string): boolean {
  return OPERATION.test(operation) && !READ.test(operation);
}

type Verb =
  | "add"
  | "allocate"
  | "associate"
  | "attach"
  | "authorize"
  | "batch"
  | "change"
  | "complete"
  | "create"
  | "delete"
  | "deregister"
  | "describe"
  | "detach"
  | "disassociate"
  | "get"
  | "head"
  | "initiate"
  | "list"
  | "modify"
  | "put"
  | "register"
  | "release"
  | "remove"
  | "replace"
  | "request"
  | "revoke"
  | "run"
  | "set"
  | "stop"
  | "tag"
  | "untag"
  | "update"
  | "upload";

/** A service as it looks from outside: every operation returns a promise, everything else is as it is. */
export type Remote<T> = {
  [K in keyof T]: K extends `${Verb}${Capitalize<string>}`
    ? T[K] extends (...args: infer A) => infer R
      ? (...args: A) => Promise<Awaited<R>>
      : T[K]
    : T[K];
};

/** Faults that were asked for, and counts of write calls. Faults live in the store: a restarted daemon still has them. */
export class FaultInjector {
  readonly #store: Store;
  readonly #counts = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  add(fault: Omit<Fault, "id">): Fault {
    const full = { id: randomUUID().slice(0, 8), ...fault };
    this.#store.put("fault", full.id, full);
    return full;
  }

  list(): Fault[] {
    return this.#store.list<Fault>("fault");
  }

  /** Removes one fault, or all. */
  clear(id?: string): void {
    for (const fault of this.list()) if (id === undefined || fault.id === id) this.#store.delete("fault", fault.id);
  }

  /**
   * The first fault of one of these kinds that matches the call, or undefined. It is used up by one (`times`).
   * Services ask for the kinds that only they can play: `take(["die"], {service: "ecs", operation: "task", input: [taskArn]})`.
   */
  take(kinds: readonly FaultKind[], call: FaultCall): Fault | undefined {
    const fault = this.list().find((one) => kinds.includes(one.kind) && matches(one.match, call));
    if (fault?.times !== undefined) {
      if (fault.times <= 1) this.#store.delete("fault", fault.id);
      else this.#store.put("fault", fault.id, { ...fault, times: fault.times - 1 });
    }
    return fault;
  }

  /** Runs one call with every fault that matches it. The signal ends a `slow` early, and then nothing has an effect. */
  async around<R>(call: FaultCall, run: () => R | Promise<R>, signal = requestedSignal()): Promise<Awaited<R>> {
    const slow = this.take(["slow"], call);
    if (slow) await setTimeout(slow.ms ?? 1000, undefined, { ...(signal && { signal }) });
    if (this.take(["throttle"], call)) throw new CloudError("ThrottlingException", "Rate exceeded", 400);
    const error = this.take(["error"], call);
    if (error) throw refusal(error.value);
    const lie = this.take(["lie"], call);
    if (lie && lie.value === undefined && isWrite(call.operation)) return {} as Awaited<R>;
    const result = await run();
    if (this.take(["timeout-after-success"], call)) {
      throw new CloudError("RequestTimeout", "no answer within the time allowed", 500, { dropConnection: true });
    }
    if (lie) return bent(result, lie.value) as Awaited<R>;
    if (this.take(["gap"], call)) return withoutPoints(result) as Awaited<R>;
    return result;
  }

  /** Counts of write calls since the last mark, e.g. `{"ecs.createService": 2}`. Kept in memory: a new daemon counts from zero. */
  calls(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** Counts from zero again. */
  mark(): void {
    this.#counts.clear();
  }

  /**
   * The service behind counting and faults.
   *
   * @param name name of the service in `Cloud`
   */
  wrap<T extends object>(name: string, service: T): Remote<T> {
    const get = (target: T, key: string | symbol) => {
      const value = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (typeof key !== "string" || !OPERATION.test(key)) return method;
      return async (...args: unknown[]) => {
        const call = { service: name, operation: key, input: args };
        return this.around(call, () => {
          if (isWrite(key)) this.#counts.set(`${name}.${key}`, (this.#counts.get(`${name}.${key}`) ?? 0) + 1);
          return method(...args);
        });
      };
    };
    return new Proxy(service, { get }) as Remote<T>;
  }
}

function matches(match: FaultMatch, call: FaultCall): boolean {
  if (match.service !== undefined && match.service !== call.service) return false;
  if (match.operation !== undefined && match.operation !== call.operation) return false;
  if (match.type !== undefined && match.type !== call.type) return false;
  return match.name === undefined || mentions(call.input, match.name);
}

function mentions(input: unknown, name: string): boolean {
  if (typeof input === "string") return input === name || input.split(/[/:]/).includes(name);
  if (input === null || typeof input !== "object" || ArrayBuffer.isView(input)) return false;
  return Object.values(input).some((value) => mentions(value, name));
}

function refusal(value: unknown): CloudError {
  const { code, message, status } = (value ?? {}) as { code?: string; message?: string; status?: number };
  return new CloudError(code ?? "InternalFailure", message ?? "injected fault", status ?? 500);
}

/** A copy of the answer with the values at the given dotted paths changed; a path that leads nowhere changes nothing. */
function bent(result: unknown, value: unknown): unknown {
  if (value === null || typeof value !== "object" || result === null || typeof result !== "object") return result;
  const copy = structuredClone(result);
  for (const [path, wanted] of Object.entries(value)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let at: unknown = copy;
    for (const key of keys)
      at = at !== null && typeof at === "object" ? (at as Record<string, unknown>)[key] : undefined;
    if (at !== null && typeof at === "object") (at as Record<string, unknown>)[last] = wanted;
  }
  return copy;
}

/** The answer of a metrics operation without its data points. */
function withoutPoints(result: unknown): unknown {
  const { MetricDataResults, Datapoints } = (result ?? {}) as { MetricDataResults?: object[]; Datapoints?: object[] };
  if (MetricDataResults) {
    return {
      ...(result as object),
      MetricDataResults: MetricDataResults.map((one) => ({ ...one, Timestamps: [], Values: [] })),
    };
  }
  return Datapoints ? { ...(result as object), Datapoints: [] } : result;
}
