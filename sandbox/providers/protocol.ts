import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./resource-type.ts";

/** What an unknown value looks like in a preview (the engine's `UnknownStringValue` and its kin). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Values that are no JSON carry this key; its value says what they are. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Unknowns of other kinds than string, as the engine writes them; all mean the same to us. */
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

/** Whether the value is unknown or has an unknown somewhere inside. */
export function containsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(containsUnknown);
}

/** A secret, as it crosses the protocol. */
export function secret(value: unknown): Properties {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** The value without marks: secrets and outputs are unwrapped, nulls left out of objects. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const marked = value as Properties;
  if (marked[SIGNATURE_KEY] === SECRET_SIGNATURE) return plain(marked.value);
  if (marked[SIGNATURE_KEY] === OUTPUT_SIGNATURE) return "value" in marked ? plain(marked.value) : UNKNOWN;
  const entries = Object.entries(marked).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]));
}

export function fromStruct(message: struct.Struct | undefined): Properties {
  return message === undefined ? {} : (plain(message.toJavaScript()) as Properties);
}

export function toStruct(properties: Properties): struct.Struct {
  return struct.Struct.fromJavaScript(clean(properties) as Record<string, JavaScriptValue>);
}

/** Without undefined, which the protocol cannot say; dates as ISO strings. */
function clean(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, clean(one)]));
}
