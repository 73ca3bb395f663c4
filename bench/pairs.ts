/** Compares two commands by running them in turns, so that whatever else the machine does falls on both. */

/** One command of a pair. */
export interface Contender {
  readonly label: string;
  /** Runs it once, to its end. */
  readonly run: () => Promise<void>;
}

export interface Comparison {
  /** What is asked: its time stands above the line of the ratio. */
  readonly subject: Contender;
  /** What it is held against. */
  readonly yardstick: Contender;
  /** Pairs that count. */
  readonly rounds: number;
}

export interface Result {
  /** Median of the rounds' ratios. */
  readonly ratio: number;
  /** Quartiles of the rounds' ratios: half of them lie in between. */
  readonly quartiles: readonly [number, number];
  /** Medians, in milliseconds: for orientation, they mean nothing on another machine. */
  readonly subjectMs: number;
  readonly yardstickMs: number;
  readonly rounds: number;
}

/**
 * Runs both in turns: one pair to warm up that does not count, then `rounds` pairs, each time the other one first. The ratio
 * is taken within each pair, and the median over pairs: a pair is close in time, so a slow spell of the machine divides out.
 *
 * @param now milliseconds; tests replace it
 * @example
 * const { ratio } = await comparePairs({ subject, yardstick, rounds: 9 });
 */
export async function comparePairs(
  comparison: Comparison,
  now: () => number = () => performance.now(),
): Promise<Result> {
  const { subject, yardstick, rounds } = comparison;
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`rounds must be 1 or more, not ${rounds}`);
  const time = async (contender: Contender) => {
    const begun = now();
    await contender.run();
    return now() - begun;
  };
  const pairs: { subjectMs: number; yardstickMs: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const subjectFirst = round % 2 === 0;
    const first = await time(subjectFirst ? subject : yardstick);
    const second = await time(subjectFirst ? yardstick : subject);
    const [subjectMs, yardstickMs] = subjectFirst ? [first, second] : [second, first];
    if (round > 0) pairs.push({ subjectMs, yardstickMs });
  }
  const ratios = pairs.map((pair) => pair.subjectMs / pair.yardstickMs);
  return {
    ratio: quantile(ratios, 0.5),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    subjectMs: quantile(
      pairs.map((pair) => pair.subjectMs),
      0.5,
    ),
    yardstickMs: quantile(
      pairs.map((pair) => pair.yardstickMs),
      0.5,
    ),
    rounds,
  };
}

/**
 * Linear between the two nearest values (R's type 7).
 *
 * @example
 * quantile([1, 2, 3, 4], 0.5); // 2.5
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined) throw new RangeError("no values");
  return below + (above - below) * (position - Math.floor(position));
}
