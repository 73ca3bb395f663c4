/** Cuts a VPC's range into subnets. */

/**
 * One public and one private range per zone: the VPC's range is cut into 16; the first three are public, the fourth
 * and following private, so that a third zone can be added without moving anything.
 *
 * @param cidr the VPC's range
 * @param zones 2 or 3
 * @throws RangeError where the range is not /16 to /20 (a subnet of a /20 here is a /24) or has host bits set
 * @example
 * subnetRanges("10.20.0.0/16", 2) // { public: ["10.20.0.0/20", "10.20.16.0/20"], private: ["10.20.64.0/20", …] }
 */
export function subnetRanges(cidr: string, zones: number): { public: string[]; private: string[] } {
  const [address = "", bits = ""] = cidr.split("/");
  const prefix = Number(bits);
  const base = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - prefix);
  if (!(prefix >= 16 && prefix <= 20) || base % size !== 0) {
    throw new RangeError(`network.cidr: ${cidr} is not the first address of a range from /16 to /20`);
  }
  const range = (index: number) => `${dotted(base + index * (size / 16))}/${prefix + 4}`;
  const places = Array.from({ length: zones }, (_, zone) => zone);
  return { public: places.map((zone) => range(zone)), private: places.map((zone) => range(4 + zone)) };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
