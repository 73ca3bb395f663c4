/** Physical names within their providers' limits. */
import { createHash } from "node:crypto";

/**
 * Longest names, in characters.
 * Load balancer and target group: ELBv2 API, CreateTargetGroup, Name. Role: IAM API, CreateRole, RoleName.
 * Bucket: Amazon S3 user guide, "General purpose bucket naming rules".
 */
export const nameLimits = {
  loadBalancer: 32,
  targetGroup: 32,
  role: 64,
  cluster: 255,
  service: 255,
  bucket: 63,
  namespace: 63,
  label: 63,
} as const;

/**
 * Joins parts with `-`, and keeps the result within `limit`: a name that would be longer is cut and ends in six hex
 * digits of its full form, so that two long names never meet.
 *
 * @example
 * boundedName(32, "sluice", "prod", "api", "blue") // "sluice-prod-api-blue"
 */
export function boundedName(limit: number, ...parts: string[]): string {
  const full = parts.join("-");
  if (full.length <= limit) return full;
  const digest = createHash("sha256").update(full).digest("hex").slice(0, 6);
  return `${full.slice(0, limit - digest.length - 1).replace(/-+$/, "")}-${digest}`;
}

/** Services per balancer at most: two target groups each, of 100 (an ELB quota that is never raised), with room to spare. */
export const maximumServices = 45;

/**
 * Services that fit on one balancer: each has three rules, and one more must find room while it takes another's place.
 *
 * @param rules the account's quota of rules per balancer; ELB gives 100 and raises it on request
 * @example
 * servicesPerBalancer(100) // 32
 */
export function servicesPerBalancer(rules: number): number {
  return Math.min(maximumServices, Math.floor((rules - 3) / 3));
}

/** A range of listener rule priorities, both ends included. ELBv2: 1 to 50000, unique per listener, lowest first. */
export interface PriorityBand {
  first: number;
  last: number;
}

/** Rules that tie a colour to the balancer and let tests reach it, before any of the others. */
export const testPriorities: PriorityBand = { first: 1, last: 999 };

/**
 * The band of a service's weighted rule: the more specific its route, the earlier. Within hosts-and-paths, one of
 * both, or neither, longer paths come first.
 *
 * @example
 * trafficPriorities({ hosts: [], paths: ["/orders/*"] })
 */
export function trafficPriorities(route: { hosts: readonly string[]; paths: readonly string[] }): PriorityBand {
  const group =
    route.hosts.length > 0 && route.paths.length > 0 ? 0 : route.hosts.length + route.paths.length > 0 ? 1 : 2;
  const longest = Math.max(0, ...route.paths.map((path) => path.length));
  const width = 25;
  const first = 40_000 + group * 3300 + (127 - Math.min(longest, 127)) * width;
  return { first, last: first + width - 1 };
}

/**
 * Gives every name a priority within its band. Names keep the one they have; new ones take the first free place.
 *
 * @param held priorities in the state of the stack
 * @throws RangeError where a band is full
 * @example
 * allotPriorities(new Map([["api-blue", testPriorities]]), new Map()).get("api-blue") // 1
 */
export function allotPriorities(
  bands: ReadonlyMap<string, PriorityBand>,
  held: ReadonlyMap<string, number>,
): Map<string, number> {
  const allotted = new Map<string, number>();
  for (const [name, { first, last }] of bands) {
    const priority = held.get(name);
    if (priority !== undefined && priority >= first && priority <= last) allotted.set(name, priority);
  }
  const taken = new Set([...allotted.values(), ...held.values()]);
  for (const [name, { first, last }] of bands) {
    if (allotted.has(name)) continue;
    let place = first;
    while (taken.has(place)) place++;
    if (place > last) throw new RangeError(`no free priority for ${name} between ${first} and ${last}`);
    taken.add(place);
    allotted.set(name, place);
  }
  return allotted;
}
