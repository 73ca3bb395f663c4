/** Texts out of reports, made harmless for terminals, tables and signed JSON. */
import { stripVTControlCharacters } from "node:util";

/** C0, DEL, C1, line and paragraph separators, and what turns the direction of writing or is not seen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Takes terminal escapes out and puts a space for every run of control characters.
 *
 * @example
 * cleanText("\u001b[31mred\u001b[0m\nnext") // "red next"
 */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text.toWellFormed()).replace(controls, " ");
}

/**
 * A text of at most so many characters, with an ellipsis where it was cut.
 *
 * @example
 * shorten("a".repeat(500), 10) // "aaaaaaaaa…"
 */
export function shorten(text: string, length = 300): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

/**
 * Cleans every text in a value, names of fields too.
 *
 * @throws RangeError where two names are the same once they are clean
 * @example
 * cleanTexts({ names: ["a\u0007b"] }) // { names: ["a b"] }
 */
export function cleanTexts(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanTexts);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [cleanText(name), cleanTexts(one)] as const);
  if (new Set(entries.map(([name]) => name)).size < entries.length)
    throw new RangeError("two names differ by control characters alone");
  return Object.fromEntries(entries);
}
