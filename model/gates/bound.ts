/** Bounds as they stand in the configuration, and values beside them. */
import { compare, type Ratio, ratioOf, show } from "./ratio.ts";
import type { LowerBound, UpperBound } from "./strictness.ts";

export type Bound = LowerBound | UpperBound;

const kinds = {
  atLeast: { words: "at least", holds: (order: number) => order >= 0 },
  above: { words: "above", holds: (order: number) => order > 0 },
  atMost: { words: "at most", holds: (order: number) => order <= 0 },
  below: { words: "below", holds: (order: number) => order < 0 },
} as const;

function read(bound: Bound): { kind: (typeof kinds)[keyof typeof kinds]; limit: number } {
  for (const [key, kind] of Object.entries(kinds)) {
    const limit = (bound as Record<string, number | undefined>)[key];
    if (limit !== undefined) return { kind, limit };
  }
  throw new TypeError("a bound without a value");
}

/**
 * @param unit with its space before it, such as ` %`
 * @example
 * boundWords({ atLeast: 85 }, " %") // "at least 85 %"
 */
export function boundWords(bound: Bound, unit: string): string {
  const { kind, limit } = read(bound);
  return `${kind.words} ${limit}${unit}`;
}

/** Whether a value is within its bound. */
export function isWithin(bound: Bound, value: Ratio): boolean {
  const { kind, limit } = read(bound);
  return kind.holds(compare(value, ratioOf(limit)));
}

/** A value as text that never reads like its bound when it is not. */
export function besideBound(bound: Bound, value: Ratio, unit: string): string {
  return `${show(value, ratioOf(read(bound).limit))}${unit}`;
}
