import { CloudError } from "./error.ts";

/** Values by period, in seconds since the epoch; a number is the same at every period. */
export type Series = ReadonlyMap<number, number> | number;

/**
 * Evaluates the part of CloudWatch's metric math that is arithmetic: `+ - * /`, comparisons (1 or 0), parentheses, numbers, ids
 * of other queries, `FILL(id, number)` and `IF(condition, then, else)`. A period counts only where all operands have a value, and not where it is divided by zero.
 *
 * @param periods all periods of the query, for `FILL`
 * @throws CloudError `ValidationError` for anything else
 * @example
 * evaluate("100 * FILL(errors, 0) / requests", (id) => series.get(id), periods);
 */
export function evaluate(text: string, lookup: (id: string) => Series | undefined, periods: readonly number[]): Series {
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>=!]=|[-+*/(),<>]|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new CloudError("ValidationError", `sandbox: the expression '${text}' is not supported`);
  };
  const expect = (token: string) => (tokens[at++] === token ? undefined : fail());

  function comparison(): Series {
    const left = sum();
    const compare = comparisons[tokens[at] ?? ""];
    if (compare === undefined) return left;
    at++;
    return combine(left, sum(), (a, b) => (compare(a, b) ? 1 : 0));
  }
  function sum(): Series {
    let left = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      const sign = tokens[at++] === "+" ? 1 : -1;
      left = combine(left, product(), (a, b) => a + sign * b);
    }
    return left;
  }
  function product(): Series {
    let left = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      const times = tokens[at++] === "*";
      left = combine(left, factor(), (a, b) => (times ? a * b : a / b));
    }
    return left;
  }
  function factor(): Series {
    const token = tokens[at++] ?? fail();
    if (token === "-") return combine(0, factor(), (a, b) => a - b);
    if (token === "(") {
      const inner = comparison();
      expect(")");
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (token === "FILL") return fill();
    if (token === "IF") return choice();
    return lookup(token) ?? fail();
  }
  function fill(): Series {
    expect("(");
    const inner = sum();
    expect(",");
    const value = Number(tokens[at++] ?? fail());
    expect(")");
    if (typeof inner === "number" || Number.isNaN(value)) return fail();
    return new Map(periods.map((period) => [period, inner.get(period) ?? value]));
  }

  function choice(): Series {
    expect("(");
    const condition = comparison();
    expect(",");
    const then = comparison();
    expect(",");
    const otherwise = comparison();
    expect(")");
    return choose(condition, then, otherwise);
  }

  const result = comparison();
  return at === tokens.length ? result : fail();
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** Per period of the condition; where what it chooses has no value, there is none. */
function choose(condition: Series, then: Series, otherwise: Series): Series {
  if (typeof condition === "number") return condition === 0 ? otherwise : then;
  const result = new Map<number, number>();
  for (const [period, truth] of condition) {
    const chosen = truth === 0 ? otherwise : then;
    const value = typeof chosen === "number" ? chosen : chosen.get(period);
    if (value !== undefined) result.set(period, value);
  }
  return result;
}

function combine(left: Series, right: Series, operate: (a: number, b: number) => number): Series {
  if (typeof left === "number" && typeof right === "number") return operate(left, right);
  const base = typeof left === "number" ? (right as ReadonlyMap<number, number>) : left;
  const result = new Map<number, number>();
  for (const period of base.keys()) {
    const a = typeof left === "number" ? left : left.get(period);
    const b = typeof right === "number" ? right : right.get(period);
    if (a === undefined || b === undefined) continue;
    const value = operate(a, b);
    if (Number.isFinite(value)) result.set(period, value);
  }
  return result;
}
