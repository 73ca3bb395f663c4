/** The one way in which a value is written, so that equal values have equal bytes, and bytes have one value. */
import { createHash } from "node:crypto";

/**
 * JSON without blanks, the members of every object in the order of their names.
 *
 * @example
 * canonicalJson({ b: 1, a: [2] }) // '{"a":[2],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part) ? sorted(part) : part,
  );
}

function sorted(value: object): object {
  // By code units, as === and < compare: no locale has a say.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws SyntaxError where the bytes are no UTF-8 or no JSON */
export function parseBytes(bytes: Uint8Array): unknown {
  return JSON.parse(utf8.decode(bytes));
}
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns whether the bytes are the ones that the value they hold is written with */
export function isCanonical(bytes: Buffer, value: unknown): boolean {
  return bytes.equals(Buffer.from(canonicalJson(value)));
}

/** @returns 64 hex digits */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
