/**
 * Values as a policy sees them. During a preview some are not known yet, and the policy SDK throws where one is read,
 * which would leave the rest of the resource unjudged. Here an unknown value is a value like others.
 */

/** Stands for a value that the engine does not know yet. */
export const unknown: unique symbol = Symbol("not known yet");

/** A resource's properties: JSON, with {@link unknown} in it. */
export type Known = Readonly<Record<string, unknown>>;

/**
 * A plain copy of what the policy SDK hands over, unknown values marked instead of thrown.
 *
 * @example
 * knownProperties(args.props)["image"] === unknown
 */
export function knownProperties(properties: object): Known {
  const entries = Object.keys(properties).map((key): [string, unknown] => [key, readProperty(properties, key)]);
  return Object.fromEntries(entries);
}

function readProperty(holder: object, key: string | number): unknown {
  let value: unknown;
  try {
    value = (holder as Record<string | number, unknown>)[key];
  } catch (error) {
    if (isUnknownValueError(error)) return unknown;
    throw error;
  }
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => readProperty(value, index));
  return value !== null && typeof value === "object" ? knownProperties(value) : value;
}

/** The SDK's class is recognized by what it carries: importing the SDK for it would load all of Pulumi. */
function isUnknownValueError(error: unknown): boolean {
  return error instanceof Error && "unknownTypeSentinel" in error;
}

/**
 * Whether a value, or anything inside it, is not known yet.
 *
 * @example
 * holdsUnknown([{ weight: unknown }]) // true
 */
export function holdsUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(holdsUnknown);
}

/** Narrows to an object that is no array. */
export function isRecord(value: unknown): value is Known {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/**
 * The value as a list of records, or {@link unknown} where it or one of them is. A single record counts as a list of
 * one, as some providers have it. What is no record becomes an empty one, so that it fails whatever is asked of it.
 *
 * @example
 * const actions = records(props["actions"]);
 * if (actions === unknown) return [undecided("actions")];
 */
export function records(value: unknown): Known[] | typeof unknown {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.includes(unknown) ? unknown : list.map((item) => (isRecord(item) ? item : {}));
}

/** Those of {@link records} that are known, where it is enough to look at them. */
export function knownRecords(value: unknown): Known[] {
  const found = records(Array.isArray(value) ? value.filter((item) => item !== unknown) : value);
  return found === unknown ? [] : found;
}
