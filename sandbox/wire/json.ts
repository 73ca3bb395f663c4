import { CloudError } from "../cloud/error.ts";
import { decode, type Spelling, validDate } from "./decode.ts";
import type { Shape } from "./operation.ts";

const spelling: Spelling = {
  list: (value) => (Array.isArray(value) ? value : undefined),
  map: (value) => (isObject(value) ? Object.entries(value) : undefined),
  structure: (value) => (isObject(value) ? new Map(Object.entries(value)) : undefined),
  number: (value) => (typeof value === "number" ? value : specialNumbers.get(value)),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  timestamp: (value) => (typeof value === "number" ? validDate(value * 1000) : undefined),
};

/** JSON has no words for these; the protocol spells them as strings. */
const specialNumbers = new Map<unknown, number>([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the body of an awsJson request.
 *
 * @throws CloudError SerializationException
 */
export function readJson(body: string, shape: Shape | undefined): unknown {
  const value = parse(body);
  if (!isObject(value)) throw new CloudError("SerializationException", "the body is not a JSON object");
  return shape === undefined ? value : decode(shape, value, spelling);
}

function parse(body: string): unknown {
  if (body === "") return {};
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new CloudError("SerializationException", `the body is not JSON: ${(error as Error).message}`);
  }
}

/**
 * Writes a value as awsJson: timestamps in seconds since the epoch, binary data as base64, absent members left out.
 *
 * @example writeJson({ at: new Date(1500) }) // {"at":1.5}
 */
export function writeJson(value: unknown): string {
  return JSON.stringify(toJson(value) ?? {});
}

function toJson(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
