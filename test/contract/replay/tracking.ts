/** Tells which parts of an object were looked at. */

export interface Tracked<T> {
  readonly value: T;
  /** Dotted paths of the leaves that nobody has looked at, `*` for positions in lists. */
  unread(): string[];
}

/**
 * @example
 * const { value, unread } = track({ a: 1, b: { c: 2 } });
 * value.a;
 * unread() // ["b.c"]
 */
export function track<T extends object>(object: T): Tracked<T> {
  const read = new Set<string>();
  const value = watch(object, [], read) as T;
  return {
    value,
    unread: () => [...new Set(leaves(object).filter((leaf) => !read.has(leaf)))],
  };
}

/** Dotted paths of all leaves, `*` for positions in lists. An empty list or object is a leaf. */
export function leaves(value: unknown, path: readonly string[] = []): string[] {
  const list = Array.isArray(value);
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (members.length === 0) return [path.join(".")];
  return members.flatMap(([key, member]) => leaves(member, [...path, list ? "*" : key]));
}

function watch(value: unknown, path: readonly string[], read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) {
    read.add(path.join("."));
    return value;
  }
  if (Object.keys(value).length === 0) read.add(path.join("."));
  const list = Array.isArray(value);
  return new Proxy(value, {
    get(target, key, receiver) {
      const member = Reflect.get(target, key, receiver);
      if (typeof key === "symbol" || typeof member === "function" || !Object.hasOwn(target, key)) return member;
      if (list && key === "length") return member;
      return watch(member, [...path, list ? "*" : key], read);
    },
  });
}
