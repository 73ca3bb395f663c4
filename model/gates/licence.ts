/** SPDX licence expressions: https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/. */
import parse from "spdx-expression-parse";

/** Longer ones are no licence: parsing takes a call of a function for each of their parentheses. */
const longest = 2048;

type Expression = ReturnType<typeof parse>;
type Licence = Extract<Expression, { license: string }>;

/**
 * Whether a name is one licence: no `AND`, no `OR`.
 *
 * @example
 * isLicence("GPL-2.0-only WITH Classpath-exception-2.0") // true
 */
export function isLicence(name: string): boolean {
  const parsed = read(name);
  return parsed !== undefined && "license" in parsed;
}

/**
 * Whether a component may be used under licences of the list: `AND` needs both sides, `OR` either. A licence "or later"
 * may be used under its own version. It names no licence, or none that can be read: undefined.
 *
 * @example
 * isAllowed("(MIT OR GPL-3.0-only)", ["MIT"]) // true
 */
export function isAllowed(expression: string, allow: readonly string[]): boolean | undefined {
  const parsed = read(expression);
  if (parsed === undefined) return undefined;
  const known = allow.map(read).filter((one) => one !== undefined && "license" in one);
  return holds(parsed, new Set(known.map((one) => names(one as Licence)[0])));
}

function read(text: string): Expression | undefined {
  if (text.length > longest) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function holds(expression: Expression, allowed: ReadonlySet<string | undefined>): boolean {
  if ("license" in expression) return names(expression).some((name) => allowed.has(name));
  const left = holds(expression.left, allowed);
  return expression.conjunction === "and"
    ? left && holds(expression.right, allowed)
    : left || holds(expression.right, allowed);
}

/** The licence's own name, and before it, "or later", what stands for that. GPL-2.0, as it was called, is GPL-2.0-only. */
function names({ license, plus, exception }: Licence): string[] {
  const base = license.replace(/-(?:only|or-later)$/, "");
  const later = plus === true || license.endsWith("-or-later");
  return (later ? [`${base}+`, base] : [base]).map((name) => (exception ? `${name} WITH ${exception}` : name));
}
