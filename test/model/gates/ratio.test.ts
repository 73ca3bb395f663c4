import assert from "node:assert/strict";
import fc from "fast-check";
import { besideBound, boundWords, isWithin } from "../../../model/gates/bound.ts";
import { compare, minus, percentAbove, percentage, ratioOf, show } from "../../../model/gates/ratio.ts";

describe("ratios", () => {
  const decimals: [value: number, n: bigint, d: bigint][] = [
    [0, 0n, 1n],
    [85, 85n, 1n],
    [0.1, 1n, 10n],
    [-0.25, -25n, 100n],
    [1e21, 10n ** 21n, 1n],
    [5e-7, 5n, 10n ** 7n],
    [1.5e-7, 15n, 10n ** 8n],
    [2.5e22, 25n * 10n ** 21n, 1n],
  ];
  for (const [value, n, d] of decimals) {
    it(`are the decimals that floats are written as: ${value}`, () => {
      const found = ratioOf(value);
      assert.equal(found.n * d, n * found.d);
      assert.ok(found.d > 0n);
    });
  }

  it("compare exactly, where floats do not", () => {
    assert.equal(compare(ratioOf(0.1 + 0.2), ratioOf(0.3)), 1);
    const [covered, total] = [849_999_999_999_999, 1_000_000_000_000_000];
    assert.equal(Math.round((covered / total) * 1e10) / 1e8, 85);
    assert.equal(compare(percentage(covered, total), ratioOf(85)), -1);
    assert.equal(compare(percentage(85, 100), ratioOf(85)), 0);
    assert.equal(compare(minus(percentage(1, 3), percentage(1, 3)), ratioOf(0)), 0);
    assert.equal(compare(percentAbove(ratioOf(11), ratioOf(10)), ratioOf(10)), 0);
    assert.equal(compare(percentAbove(ratioOf(10), ratioOf(20)), ratioOf(-50)), 0);
  });

  const shown: [n: bigint, d: bigint, bound: number | undefined, text: string][] = [
    [8499n, 100n, 85, "84.99"],
    [84_999n, 1000n, 85, "84.99"],
    [85_001n, 1000n, 85, "85.001"],
    [85n, 1n, 85, "85"],
    [850n, 10n, undefined, "85"],
    [1n, 3n, undefined, "0.33"],
    [-1n, 3n, 0, "-0.33"],
    [-1n, 100_000n, 0, "-0.00001"],
    [1n, 200n, undefined, "0"],
    [999_999n, 10_000n, 100, "99.99"],
  ];
  for (const [n, d, bound, text] of shown) {
    it(`are shown beside ${bound}: ${text}`, () => {
      assert.equal(show({ n, d }, bound === undefined ? undefined : ratioOf(bound)), text);
    });
  }

  const bounds = fc
    .tuple(fc.constantFrom("atLeast", "above", "atMost", "below"), fc.double({ min: 0, max: 100, noNaN: true }))
    .map(([side, value]) => ({ [side]: value }) as { atLeast: number });

  it("never read like what they are not: the text decides as the value does", () => {
    fc.assert(
      fc.property(bounds, fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), (bound, covered, total) => {
        const value = percentage(Math.min(covered, total), total);
        const text = besideBound(bound, value, " %").replace(" %", "");
        assert.equal(
          isWithin(bound, ratioOf(Number(text))),
          isWithin(bound, value),
          `${text} and ${boundWords(bound, " %")}`,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("never read like it when they are a hair beside it, either", () => {
    const close = fc.tuple(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.constantFrom(-1, 0, 1),
    );
    fc.assert(
      fc.property(close, ([bound, hundredth, off]) => {
        const total = hundredth * 100;
        const value = percentage(hundredth * bound + off, total);
        assert.equal(compare(value, ratioOf(bound)), off);
        const text = show(value, ratioOf(bound));
        const [whole = "", fraction = ""] = text.split(".");
        const read = { n: BigInt(whole + fraction), d: 10n ** BigInt(fraction.length) };
        assert.equal(compare(read, ratioOf(bound)), off, text);
      }),
    );
  });
});
