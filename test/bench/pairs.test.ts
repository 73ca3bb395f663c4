import assert from "node:assert/strict";
import { comparePairs, quantile } from "../../bench/pairs.ts";

describe("a benchmark's pairs", () => {
  /** Two commands that take the given times (ms), by a clock of their own. */
  function contenders(subjectMs: number[], yardstickMs: number[]) {
    let clock = 0;
    const order: string[] = [];
    const contender = (label: string, times: number[]) => {
      const left = [...times];
      const run = async () => {
        order.push(label);
        clock += left.shift() ?? 0;
      };
      return { label, run };
    };
    return { subject: contender("s", subjectMs), yardstick: contender("y", yardstickMs), order, now: () => clock };
  }

  it("run in turns, each time the other one first, after one pair that does not count", async () => {
    const { subject, yardstick, order, now } = contenders([999, 10, 20, 30], [1, 10, 10, 10]);
    const result = await comparePairs({ subject, yardstick, rounds: 3 }, now);
    assert.equal(order.join(""), "syyssyys");
    assert.deepEqual(result, { ratio: 2, quartiles: [1.5, 2.5], subject: 20, yardstick: 10, unit: "ms", rounds: 3 });
  });

  it("divide out a slow spell that falls on both of a pair", async () => {
    const { subject, yardstick, now } = contenders([1, 20, 2000, 20], [1, 10, 1000, 10]);
    assert.equal((await comparePairs({ subject, yardstick, rounds: 3 }, now)).ratio, 2);
  });

  it("compare what the commands return, where they return something", async () => {
    const contender = (label: string, value: number) => ({ label, run: async () => value });
    const comparison = { subject: contender("s", 300), yardstick: contender("y", 100), rounds: 2, unit: "MiB" };
    const result = await comparePairs(comparison, () => 0);
    assert.deepEqual(result, { ratio: 3, quartiles: [3, 3], subject: 300, yardstick: 100, unit: "MiB", rounds: 2 });
  });

  it("are no result when a command fails", async () => {
    const { yardstick, now } = contenders([], []);
    const subject = { label: "s", run: () => Promise.reject(new Error("no")) };
    await assert.rejects(comparePairs({ subject, yardstick, rounds: 3 }, now), /no/);
    await assert.rejects(comparePairs({ subject: yardstick, yardstick, rounds: 0 }, now), RangeError);
  });

  it("have quantiles between the values", () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
    assert.equal(quantile([10, 2, 9], 0.5), 9);
    assert.throws(() => quantile([], 0.5), RangeError);
  });
});
