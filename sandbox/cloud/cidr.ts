/** A block of IPv4 addresses: the first address as a number, and the length of its prefix. */
export interface Block {
  first: number;
  prefix: number;
}

/**
 * Reads `10.0.0.0/16`; undefined when it is no block, or has bits set behind its prefix.
 *
 * @example
 * parseCidr("10.0.0.1/16"); // undefined
 */
export function parseCidr(text: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return first % size(prefix) === 0 ? { first, prefix } : undefined;
}

/** Whether `inner` lies within `outer`. */
export function contains(outer: Block, inner: Block): boolean {
  return inner.first >= outer.first && inner.first + size(inner.prefix) <= outer.first + size(outer.prefix);
}

/** Whether the blocks share an address. */
export function overlaps(a: Block, b: Block): boolean {
  return contains(a, b) || contains(b, a);
}

function size(prefix: number): number {
  return 2 ** (32 - prefix);
}
