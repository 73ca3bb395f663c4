/** Compares two commands by running them in turns, so that whatever else the machine does falls on both. */

/** One command of a pair. */
export interface Contender {
  readonly label: string;
  /** Runs it once, to its end. Returns what is compared, where that is not the time that it took. */
  readonly run: () => Promise<number> | Promise<void>;
}

export interface Comparison {
  /** What is asked: its time stands above the line of the ratio. */
  readonly subject: Contender;
  /** What it is held against. */
  readonly yardstick: Contender;
  /** Pairs that count. */
  readonly rounds: number;
  /** What the contenders return. @default "ms": the time that they take is compared */
  readonly unit?: string;
}

export interface Result {
  /** Median of the rounds' ratios. */
  readonly ratio: number;
  /** Quartiles of the rounds' ratios: half of them lie in between. */
  readonly quartiles: readonly [number, number];
  /** Medians: for orientation, they mean nothing on another machine. */
  readonly subject: number;
  readonly yardstick: number;
  readonly unit: string;
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
  const { subject, yardstick, rounds, unit = "ms" } = comparison;
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`rounds must be 1 or more, not ${rounds}`);
  const measure = async (contender: Contender) => {
    const begun = now();
    const returned = await contender.run();
    return typeof returned === "number" ? returned : now() - begun;
  };
  const pairs: { subject: number; yardstick: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const subjectFirst = round % 2 === 0;
    const first = await measure(subjectFirst ? subject : yardstick);
    const second = await measure(subjectFirst ? yardstick : subject);
    const [one, other] = subjectFirst ? [first, second] : [second, first];
    if (round > 0) pairs.push({ subject: one, yardstick: other });
  }
  const ratios = pairs.map((pair) => pair.subject / pair.yardstick);
  return {
    ratio: quantile(ratios, 0.5),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    subject: quantile(
      pairs.map((pair) => pair.subject),
      0.5,
    ),
    yardstick: quantile(
      pairs.map((pair) => pair.yardstick),
      0.5,
    ),
    unit,
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
