/** Names with `*`, which stands for any characters but `/`: builders, source repositories. */

/**
 * Whether a name matches a pattern.
 *
 * @example
 * matches("https://github.com/example/*", "https://github.com/example/shop") // true
 */
export function matches(pattern: string, name: string): boolean {
  // Parts are found one after the other, so that no pattern takes long: a regular expression with many * would.
  return pattern.split("/").length === name.split("/").length && segmentsMatch(pattern.split("/"), name.split("/"));
}

/**
 * Whether everything that a narrower pattern matches is matched by a wider one.
 *
 * @example
 * covers("https://github.com/example/*", "https://github.com/example/shop-*") // true
 */
export function covers(wider: string, narrower: string): boolean {
  // A * of the narrower one is a character that only a * of the wider one matches.
  return matches(wider, narrower);
}

function segmentsMatch(patterns: readonly string[], names: readonly string[]): boolean {
  return patterns.every((pattern, index) => segmentMatches(pattern, names[index] as string));
}

function segmentMatches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return first === name;
  const last = rest.pop() as string;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
