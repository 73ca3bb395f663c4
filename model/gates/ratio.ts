/** Exact fractions: 84.999 % is not 85 %, and no rounding of ours or of a float's makes it so. */

export interface Ratio {
  n: bigint;
  /** Above 0. */
  d: bigint;
}

/**
 * The decimal number that a float is written as.
 *
 * @example
 * ratioOf(0.1) // { n: 1n, d: 10n }
 */
export function ratioOf(value: number): Ratio {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale > 0 ? { n: digits, d: 10n ** BigInt(scale) } : { n: digits * 10n ** BigInt(-scale), d: 1n };
}

/** @param total above 0 */
export function percentage(covered: number, total: number): Ratio {
  return { n: BigInt(covered) * 100n, d: BigInt(total) };
}

/** @returns below 0, 0 or above 0 */
export function compare(a: Ratio, b: Ratio): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function minus(a: Ratio, b: Ratio): Ratio {
  return { n: a.n * b.d - b.n * a.d, d: a.d * b.d };
}

/**
 * By how many per cent a value is above another.
 *
 * @param base above 0
 */
export function percentAbove(value: Ratio, base: Ratio): Ratio {
  const difference = minus(value, base);
  return { n: difference.n * 100n * base.d, d: difference.d * base.n };
}

/**
 * As text: two decimals, and as many more as it takes to be on the same side of the bound as the value itself.
 *
 * @example
 * show({ n: 8499999n, d: 100000n }, ratioOf(85)) // "84.99"
 * show({ n: 8500001n, d: 100000n }, ratioOf(85)) // "85.00001"
 */
export function show(value: Ratio, bound?: Ratio): string {
  for (let decimals = 2; ; decimals += 1) {
    const scale = 10n ** BigInt(decimals);
    const shown = { n: (value.n * scale) / value.d, d: scale };
    if (bound !== undefined && compare(shown, bound) !== compare(value, bound) && decimals < 60) continue;
    return written(shown.n, decimals);
  }
}

function written(scaled: bigint, decimals: number): string {
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  const whole = digits.slice(0, -decimals);
  return `${scaled < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
