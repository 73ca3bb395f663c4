/** Licences as bills of materials name them, and how many components stand under each. */
import parse from "spdx-expression-parse";
import { cleanText, shorten } from "./text.ts";

/** Longer ones are no licence: parsing takes a call of a function for each of their parentheses. */
const longestExpression = 2048;
/** Longest text that a result takes is 4096. */
const longestName = 300;
const namedComponents = 100;

type Expression = ReturnType<typeof parse>;
export type Licences = Record<string, { count: number; first: string[] }>;

/**
 * One spelling for each SPDX expression: no needless parentheses, sides in order, none twice. What says that nothing is
 * known (`NOASSERTION`, `NONE`) is the empty text; what is no expression stays as it is, so that no list allows it.
 *
 * @example
 * normaliseLicence("(MIT OR (Apache-2.0))") // "Apache-2.0 OR MIT"
 * normaliseLicence("NOASSERTION") // ""
 * normaliseLicence("see LICENSE.txt") // "see LICENSE.txt"
 */
export function normaliseLicence(text: string): string {
  const clean = cleanText(text).trim();
  if (clean === "NOASSERTION" || clean === "NONE") return "";
  return expressionOf(clean) ?? shorten(clean, longestName);
}

/**
 * A component with several licences is under all of them: which of them one may choose, only an expression says.
 *
 * @example
 * everyLicence(["MIT", "Apache-2.0 OR ISC"]) // "MIT AND (Apache-2.0 OR ISC)"
 * everyLicence([]) // ""
 */
export function everyLicence(texts: readonly string[]): string {
  const known = [...new Set(texts.map(normaliseLicence))].sort();
  if (known.length < 2) return known[0] ?? "";
  // One unknown licence among several leaves it unknown what the component may be used for.
  if (known.includes("")) return "";
  const joined = known.map((one) => `(${one})`).join(" AND ");
  // Each alone first: "MIT) OR (ISC" is no expression, but would be one between these parentheses.
  const whole = known.every((one) => expressionOf(one) !== undefined) ? expressionOf(joined) : undefined;
  return whole ?? shorten(known.join(" AND "), longestName);
}

/** Counts components by licence. */
export class LicenceTally {
  readonly #found = new Map<string, { count: number; first: string[] }>();

  /** @param component name and version, for people */
  add(licence: string, component: string): void {
    // A record with such a key would lose it on its way through the schema.
    const key = licence === "__proto__" ? '"__proto__"' : licence;
    const entry = this.#found.get(key) ?? { count: 0, first: [] };
    entry.count += 1;
    if (entry.first.length < namedComponents) entry.first.push(shorten(cleanText(component)));
    this.#found.set(key, entry);
  }

  /** Sorted by licence. */
  get licences(): Licences {
    return Object.fromEntries([...this.#found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function expressionOf(text: string): string | undefined {
  if (text.length > longestExpression) return undefined;
  try {
    return print(parse(text));
  } catch {
    return undefined;
  }
}

function print(expression: Expression): string {
  if ("license" in expression) {
    const { license, plus, exception } = expression;
    return `${license}${plus === true ? "+" : ""}${exception === undefined ? "" : ` WITH ${exception}`}`;
  }
  const { conjunction } = expression;
  const sides = [...new Set(sidesOf(expression, conjunction).map(print))].sort();
  if (sides.length === 1) return sides[0] ?? "";
  // AND binds closer than OR.
  if (conjunction === "or") return sides.join(" OR ");
  return sides.map((side) => (side.includes(" OR ") ? `(${side})` : side)).join(" AND ");
}

/** `A AND (B AND C)` has three sides. */
function sidesOf(expression: Expression, conjunction: "and" | "or"): Expression[] {
  if ("license" in expression || expression.conjunction !== conjunction) return [expression];
  return [...sidesOf(expression.left, conjunction), ...sidesOf(expression.right, conjunction)];
}
