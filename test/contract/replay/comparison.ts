/** Holds what was asked for against what is there. */

/** A place where what is there is not what was asked for. */
export interface Mismatch {
  /** Dotted, `*` for positions in lists. */
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/**
 * Every leaf of `expected` that is not in `found`. The order of lists means nothing, and what is there beyond what was asked
 * for is the cloud's own; but a list has as many items as asked for. Documents in strings are compared by what they hold.
 *
 * @example
 * mismatches({ a: 1 }, { a: 2, b: 3 }) // [{ path: "a", expected: 1, found: 2 }]
 */
export function mismatches(expected: unknown, found: unknown, path: readonly string[] = []): Mismatch[] {
  const [wanted, there] = [opened(expected), opened(found)];
  if (Array.isArray(wanted) && Array.isArray(there)) return compareLists(wanted, there, path);
  if (isObject(wanted) && isObject(there)) {
    return Object.entries(wanted).flatMap(([key, member]) => mismatches(member, there[key], [...path, key]));
  }
  return canonical(wanted) === canonical(there) ? [] : [{ path: path.join("."), expected, found }];
}

function compareLists(expected: readonly unknown[], found: readonly unknown[], path: readonly string[]): Mismatch[] {
  if (expected.length !== found.length) return [{ path: path.join("."), expected, found }];
  const left = [...found];
  const unmatched = expected.filter((item) => {
    const index = left.findIndex((candidate) => mismatches(item, candidate).length === 0);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return unmatched.flatMap((item, index) => mismatches(item, left[index], [...path, "*"]));
}

/** What a string holds that is a JSON document; anything else as it is. */
function opened(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, member) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
