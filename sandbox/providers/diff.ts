import { isDeepStrictEqual } from "node:util";
import { containsUnknown } from "./protocol.ts";
import type { InputSpec, Properties, ResourceType } from "./resource-type.ts";

/** One property that changed. */
export interface Change {
  /** Path as the engine writes it: `conditions[0].hostHeader`. */
  path: string;
  kind: "add" | "update" | "delete";
  replace: boolean;
}

/**
 * Compares what the cloud has (old outputs) with what is wanted (checked new inputs).
 *
 * @example
 * diffInputs({ name: { type: "string", replace: true } }, { name: "a" }, { name: "b" });
 * // [{path: "name", kind: "update", replace: true}]
 */
export function diffInputs(specs: Record<string, InputSpec>, olds: Properties, news: Properties, at = ""): Change[] {
  return Object.entries(specs).flatMap(([key, spec]) =>
    diffValue(spec, olds[key], news[key], at === "" ? key : `${at}.${key}`),
  );
}

function diffValue(spec: InputSpec, old: unknown, now: unknown, at: string): Change[] {
  const replace = spec.replace ?? false;
  if (now === undefined) {
    if (spec.computed || isEmpty(old) || isDeepStrictEqual(old, spec.default)) return [];
    return [{ path: at, kind: "delete", replace }];
  }
  if (containsUnknown(now) && typeof now === "string")
    return [{ path: at, kind: old === undefined ? "add" : "update", replace }];
  if (old === undefined || old === null) return isEmpty(now) ? [] : [{ path: at, kind: "add", replace }];
  if (equal(spec, old, now)) return [];
  const inner = inside(spec, old, now, at);
  if (inner === undefined) return [{ path: at, kind: "update", replace }];
  return inner.map((change) => ({ ...change, replace: change.replace || replace }));
}

/** Changes within a structure, or undefined where only the whole can be named. */
function inside(spec: InputSpec, old: unknown, now: unknown, at: string): Change[] | undefined {
  if (typeof spec.type === "string") return undefined;
  if ("set" in spec.type || Array.isArray(old) !== Array.isArray(now)) return undefined;
  if ("list" in spec.type) {
    const [before, after] = [old as unknown[], now as unknown[]];
    const item = spec.type.list;
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
      const path = `${at}[${index}]`;
      if (index >= after.length) return [{ path, kind: "delete" as const, replace: false }];
      return diffValue(item, before[index], after[index], path);
    }).flat();
  }
  if (typeof old !== "object" || typeof now !== "object") return undefined;
  if ("object" in spec.type) return diffInputs(spec.type.object, old as Properties, now as Properties, at);
  const item = spec.type.map;
  const keys = new Set([...Object.keys(old as object), ...Object.keys(now as object)]);
  return [...keys].flatMap((key) =>
    diffValue(
      item,
      (old as Properties)[key],
      (now as Properties)[key],
      `${at}${/^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}`,
    ),
  );
}

/** Equality as the declared type means it. */
function equal(spec: InputSpec, old: unknown, now: unknown): boolean {
  if (spec.same && !containsUnknown(now)) return spec.same(old, now);
  if (spec.type === "json") return sameJson(old, now);
  if (typeof spec.type === "string") return isDeepStrictEqual(old, now);
  if ("set" in spec.type && Array.isArray(old) && Array.isArray(now)) return sameSet(spec.type.set, old, now);
  return inside(spec, old, now, "")?.length === 0;
}

function sameSet(item: InputSpec, old: unknown[], now: unknown[]): boolean {
  if (old.length !== now.length) return false;
  const left = [...old];
  return now.every((one) => {
    const index = left.findIndex((other) => diffValue(item, other, one, "").length === 0);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** Whether two JSON documents mean the same: key order and white space do not count, nor a list of one against its item. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  try {
    return isDeepStrictEqual(canonical(JSON.parse(String(a))), canonical(JSON.parse(String(b))));
  } catch {
    return false;
  }
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, canonical(one)]),
  );
}

/** What the cloud does not tell from absence. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/**
 * New inputs with ignored properties as they are in state, so that they are neither a change nor written.
 * Paths as the engine gives them: `desiredCount`, `tags.owner`, `containers[0].image`, `["a.b"]`.
 */
export function withIgnored(ignored: readonly string[], olds: Properties, news: Properties): Properties {
  const result = structuredClone(news);
  for (const path of ignored) {
    const keys = [...path.matchAll(/\["([^"]*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
    keep(keys, olds, result);
  }
  return result;
}

function keep(keys: string[], old: unknown, now: unknown): void {
  if (now === null || typeof now !== "object" || old === null || typeof old !== "object") return;
  const [key = "", ...rest] = keys;
  const names = key === "*" ? Object.keys(old) : [key];
  for (const name of names) {
    const before = (old as Properties)[name];
    if (rest.length > 0) keep(rest, before, (now as Properties)[name]);
    else if (before === undefined) delete (now as Properties)[name];
    else (now as Properties)[name] = structuredClone(before);
  }
}

/** The paths that force a replacement, after the type's own last word. */
export function replacements(
  type: ResourceType,
  olds: Properties,
  news: Properties,
  changes: readonly Change[],
): string[] {
  const top = [...new Set(changes.map(({ path }) => path.split(/[.[]/, 1)[0] ?? path))];
  const forced = type.update === undefined ? changes : changes.filter((change) => change.replace);
  const extra = type.replaces?.(olds, news, top) ?? [];
  return [...new Set([...forced.map(({ path }) => path), ...extra])];
}
