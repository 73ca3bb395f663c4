/**
 * What it means for one setting to be stricter than another. Each `Strictness` joins two values of one setting: it keeps
 * the floor's where the other is looser and says so, so that neither is ever taken in silence.
 */

/** Told of a value that is looser than the floor's. */
export type Looser = (at: string, rule: string, value: unknown) => void;

/** @returns the stricter of the two; undefined where neither is given */
export type Strictness<T> = (floor: T | undefined, own: T | undefined, at: string, looser: Looser) => T | undefined;

/** A value that `isStricter` must not be worse than the floor's, or than the default where the floor gives none. */
function ordered<T>(isStrictEnough: (own: T, floor: T) => boolean, words: (floor: T) => string, byDefault?: T) {
  return (floor: T | undefined, own: T | undefined, at: string, looser: Looser): T | undefined => {
    const least = floor ?? byDefault;
    if (own === undefined) return floor;
    if (least === undefined || isStrictEnough(own, least)) return own;
    looser(at, words(least), own);
    return floor;
  };
}

const show = (value: unknown) => JSON.stringify(value);

/** Numbers, of which the lower is stricter. */
export const lowest = (byDefault?: number): Strictness<number> =>
  ordered<number>(
    (own, floor) => own <= floor,
    (floor) => `at most ${floor}`,
    byDefault,
  );

/** Numbers, of which the higher is stricter. */
export const highest = (byDefault?: number): Strictness<number> =>
  ordered<number>(
    (own, floor) => own >= floor,
    (floor) => `at least ${floor}`,
    byDefault,
  );

export type LowerBound = { atLeast: number } | { above: number };
export type UpperBound = { atMost: number } | { below: number };

/** What is above 85 is at least 85, and not the other way round. */
export const lowerBound: Strictness<LowerBound> = ordered<LowerBound>(
  (own, floor) => {
    const [a, b] = [limitOf(own), limitOf(floor)];
    return a > b || (a === b && ("above" in own || "atLeast" in floor));
  },
  (floor) => `no looser than ${show(floor)}`,
);

export const upperBound: Strictness<UpperBound> = ordered<UpperBound>(
  (own, floor) => {
    const [a, b] = [limitOf(own), limitOf(floor)];
    return a < b || (a === b && ("below" in own || "atMost" in floor));
  },
  (floor) => `no looser than ${show(floor)}`,
);

const limitOf = (bound: object) => Object.values(bound).find((value) => typeof value === "number") as number;

/** A count, or any number once somebody of a role approved. Only 0 and the same role's approval are within the latter. */
export type Limit = number | { approvedBy: string };
export const limit = (byDefault?: Limit): Strictness<Limit> =>
  ordered<Limit>(
    (own, floor) => {
      if (own === 0) return true;
      if (typeof floor === "number") return typeof own === "number" && own <= floor;
      return typeof own === "object" && own.approvedBy === floor.approvedBy;
    },
    (floor) => `0, or no looser than ${show(floor)}`,
    byDefault,
  );

/** True is stricter. */
export const flag: Strictness<boolean> = ordered<boolean>(
  (own, floor) => own || !floor,
  () => "true, as the floor has it",
);

/** Only the floor's own value, where it has one. */
export function same<T>(): Strictness<T> {
  return ordered<T>(
    (own, floor) => sorted(own) === sorted(floor),
    (floor) => `the floor's own, ${show(floor)}`,
  );
}

const sorted = (value: unknown) => show(Array.isArray(value) ? value.map(show).sort() : value);

/** Lists of what is demanded: all of both. */
export function union<T>(): Strictness<readonly T[] & T[]> {
  return (floor, own) => {
    if (floor === undefined || own === undefined) return own ?? floor;
    const known = new Set(floor.map(show));
    return [...floor, ...own.filter((one) => !known.has(show(one)))];
  };
}

/** Lists of what is let through: nothing that the floor does not let through. */
export const subset = (
  byDefault?: readonly string[],
  covers: (floor: string, own: string) => boolean = (floor, own) => floor === own,
): Strictness<string[]> =>
  ordered<string[]>(
    (own, floor) => own.every((one) => floor.some((allowed) => covers(allowed, one))),
    (floor) => (floor.length === 0 ? "none" : `none but ${floor.join(", ")}`),
    byDefault && [...byDefault],
  );

type Fields<T> = { [K in keyof Required<T>]: Strictness<NonNullable<T[K]>> };

/** Settings with a strictness each. Where the floor has none of them, any are stricter: its defaults are no demand. */
export function object<T extends object>(fields: Fields<T>): Strictness<T> {
  return (floor, own, at, looser) => {
    if (floor === undefined || own === undefined) return floor ?? own;
    const joined = Object.entries(fields).map(([key, join]) => {
      const [a, b] = [floor, own].map((value) => (value as Record<string, unknown>)[key]);
      return [key, (join as Strictness<unknown>)(a, b, at === "" ? key : `${at}.${key}`, looser)];
    });
    return Object.fromEntries(joined.filter(([, value]) => value !== undefined));
  };
}

/** Settings by names of the user's: those of both. */
export function named<T>(join: Strictness<T>): Strictness<Record<string, T>> {
  return (floor = {}, own = {}, at, looser) => {
    const names = new Set([...Object.keys(floor), ...Object.keys(own)]);
    const at2 = (record: Record<string, T>, name: string) => (Object.hasOwn(record, name) ? record[name] : undefined);
    return Object.fromEntries(
      [...names].map((name) => [name, join(at2(floor, name), at2(own, name), `${at}.${name}`, looser) as T]),
    );
  };
}
