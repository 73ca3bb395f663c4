/** Address ranges: how much of the public internet they let in. */
import { isIPv6 } from "node:net";

/** First and last address, as numbers, and the family's width in bits. */
interface Range {
  first: bigint;
  last: bigint;
  bits: 32 | 128;
  prefix: number;
}

/** RFC 1918, RFC 6598, RFC 3927, RFC 1122; RFC 4193 and RFC 4291 for IPv6: nobody reaches a VPC from there unasked. */
const privateRanges = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
  "fc00::/7",
  "fe80::/10",
].map((cidr) => parseCidr(cidr) as Range);

/** Beyond so many public addresses a set of ranges counts as open: an IPv4 /8, an IPv6 /32. */
const wide = { 32: 1n << 24n, 128: 1n << 96n } as const;
/** A single public range with a shorter prefix is open, however much of it is private. */
const shortest = { 32: 8, 128: 32 } as const;

/**
 * Whether ranges, taken together, let in so much of the internet that they amount to everyone: 0.0.0.0/0, but also
 * 0.0.0.0/1 beside 128.0.0.0/1, or 200 ranges of /8.
 *
 * @returns undefined where one of them is no range
 * @example
 * isOpen(["10.0.0.0/8", "203.0.113.7/32"]) // false
 */
export function isOpen(cidrs: readonly string[]): boolean | undefined {
  const ranges = cidrs.map(parseCidr);
  if (ranges.some((range) => range === undefined)) return undefined;
  const known = ranges as Range[];
  return ([32, 128] as const).some((bits) => {
    const family = known.filter((range) => range.bits === bits);
    const short = family.filter(({ prefix }) => prefix < shortest[bits]);
    return publicAddresses(short, bits) > 0n || publicAddresses(family, bits) > wide[bits];
  });
}

/** Addresses in the union of ranges, without the private ones. */
function publicAddresses(ranges: readonly Range[], bits: 32 | 128): bigint {
  const hidden = privateRanges.filter((range) => range.bits === bits);
  // The union with all private ranges, less those: overlaps count once.
  return size([...ranges, ...hidden]) - size(hidden);
}

function size(ranges: readonly Range[]): bigint {
  let total = 0n;
  let next = 0n;
  for (const { first, last } of [...ranges].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const from = first > next ? first : next;
    if (last < from) continue;
    total += last - from + 1n;
    next = last + 1n;
  }
  return total;
}

function parseCidr(cidr: string): Range | undefined {
  const [, address, length] = /^([0-9a-fA-F:.]+)\/(0|[1-9]\d{0,2})$/.exec(cidr) ?? [];
  if (address === undefined) return undefined;
  const bits = address.includes(":") ? 128 : 32;
  const prefix = Number(length);
  const value = bits === 128 ? parseIpv6(address) : parseIpv4(address);
  if (value === undefined || prefix > bits) return undefined;
  const host = (1n << BigInt(bits - prefix)) - 1n;
  return { first: value & ~host, last: value | host, bits, prefix };
}

function parseIpv4(address: string): bigint | undefined {
  const octets = address.split(".");
  const valid = octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256);
  return octets.length === 4 && valid ? octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) : undefined;
}

function parseIpv6(address: string): bigint | undefined {
  if (!isIPv6(address)) return undefined;
  const mapped = address.replace(/[^:]+\.[^:]+$/, (ipv4) => {
    const value = Number(parseIpv4(ipv4) ?? 0n);
    return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
  });
  const [head = "", tail] = mapped.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
