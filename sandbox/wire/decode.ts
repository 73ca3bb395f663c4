import { CloudError } from "../cloud/error.ts";
import type { Shape } from "./operation.ts";

/** How a protocol spells the values that differ between protocols. */
export interface Spelling {
  /** The items of a list, or undefined when the value is none. */
  list(value: unknown): unknown[] | undefined;
  /** The entries of a map or structure, or undefined when the value is none. */
  map(value: unknown): [string, unknown][] | undefined;
  structure(value: unknown): Map<string, unknown> | undefined;
  number(value: unknown): number | undefined;
  boolean(value: unknown): boolean | undefined;
  timestamp(value: unknown): Date | undefined;
}

/** Raised for a member that must be there and is not; the service's own code is put on it by the handler. */
export class MissingMember extends Error {
  constructor(path: string) {
    super(`Invalid parameter at '${path}' failed to satisfy constraint: 'must not be null'`);
    this.name = "MissingMember";
  }
}

/**
 * Reads a value by its shape: the result has exactly the types that the SDK's own input types declare, so that the domain can
 * trust them. Members that the shape does not know are dropped, as AWS does.
 *
 * @throws CloudError SerializationException with the path of the value
 * @throws MissingMember
 */
export function decode(shape: Shape, value: unknown, spelling: Spelling, path = ""): unknown {
  if (shape.isUnitSchema()) return {};
  if (shape.isStructSchema()) return decodeStructure(shape, value, spelling, path);
  if (shape.isListSchema()) {
    const items = expect(spelling.list(value), "a list", path);
    return items.map((item, index) => decode(shape.getValueSchema(), item, spelling, `${path}.${index + 1}.member`));
  }
  if (shape.isMapSchema()) {
    const entries = expect(spelling.map(value), "a map", path).filter(([, item]) => item !== null);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, decode(shape.getValueSchema(), item, spelling, `${path}.${key}`)]),
    );
  }
  return decodeScalar(shape, value, spelling, path);
}

function decodeStructure(shape: Shape, value: unknown, spelling: Spelling, path: string): Record<string, unknown> {
  const members = expect(spelling.structure(value), "a structure", path);
  const result: Record<string, unknown> = {};
  let position = 0;
  for (const [name, member] of shape.structIterator()) {
    const at = path === "" ? name : `${path}.${name}`;
    const given = members.get((member.getMergedTraits().xmlName as string | undefined) ?? name) ?? undefined;
    if (given !== undefined) result[name] = decode(member, given, spelling, at);
    else if (position < requiredMembers(shape)) throw new MissingMember(at);
    position += 1;
  }
  return result;
}

/** A static structure is `[3, namespace, name, traits, memberNames, memberShapes, n]`, of which the first n members are required. */
function requiredMembers(shape: Shape): number {
  const schema = shape.getSchema();
  return Array.isArray(schema) && typeof schema[6] === "number" ? schema[6] : 0;
}

function decodeScalar(shape: Shape, value: unknown, spelling: Spelling, path: string): unknown {
  if (shape.isStringSchema()) return expect(typeof value === "string" ? value : undefined, "a string", path);
  if (shape.isBooleanSchema()) return expect(spelling.boolean(value), "a boolean", path);
  if (shape.isNumericSchema()) return expect(spelling.number(value), "a number", path);
  if (shape.isTimestampSchema()) return expect(spelling.timestamp(value), "a timestamp", path);
  if (shape.isBlobSchema()) {
    return new Uint8Array(Buffer.from(expect(typeof value === "string" ? value : undefined, "base64", path), "base64"));
  }
  return value;
}

function expect<T>(value: T | undefined, what: string, path: string): T {
  if (value === undefined) {
    throw new CloudError("SerializationException", `${path === "" ? "the body" : `'${path}'`} is not ${what}`);
  }
  return value;
}

/** A date, unless the text or number names none. */
export function validDate(value: string | number): Date | undefined {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
