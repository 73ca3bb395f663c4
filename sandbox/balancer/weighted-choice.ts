interface Entry<T> {
  value: T;
  weight: number;
  current: number;
}

/**
 * Smooth weighted round robin (nginx's way): the shares are exact over any run of `sum of weights` choices, and the choices of
 * one value are spread out rather than bunched. A value of weight 0 is never chosen.
 *
 * @example
 * const choice = new WeightedChoice([{ value: "blue", weight: 3 }, { value: "green", weight: 1 }]);
 * [choice.next(), choice.next(), choice.next(), choice.next()]; // blue, blue, green, blue
 */
export class WeightedChoice<T> {
  readonly #entries: Entry<T>[];
  readonly #total: number;

  constructor(items: readonly { value: T; weight: number }[]) {
    this.#entries = items.filter((item) => item.weight > 0).map((item) => ({ ...item, current: 0 }));
    this.#total = this.#entries.reduce((sum, entry) => sum + entry.weight, 0);
  }

  /** Undefined when every weight is 0. */
  next(): T | undefined {
    let best: Entry<T> | undefined;
    for (const entry of this.#entries) {
      entry.current += entry.weight;
      if (best === undefined || entry.current > best.current) best = entry;
    }
    if (best === undefined) return undefined;
    best.current -= this.#total;
    return best.value;
  }
}
