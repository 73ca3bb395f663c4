/**
 * A piece of work that is begun when it is first asked for, and done once.
 *
 * @example
 * const states = lazily(bringUp);
 * await states() === await states() // true
 */
export function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}
