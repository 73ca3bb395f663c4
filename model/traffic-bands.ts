/** Gives the listener rules of one balancer's services their priorities. */
import { allotPriorities, type PriorityBand, testPriorities, trafficPriorities } from "./names.ts";

interface Route {
  hosts: readonly string[];
  paths: readonly string[];
}

/** Where the bands of routes with hosts and paths, with one of both, and with neither end. */
const groupEnds = [43_299, 46_599, 49_899] as const;

/**
 * Priorities of the rules of all services, for each balancer on its own.
 *
 * @param services routes and balancers by the services' names
 * @param held priorities in the state of the stack, by the rules' names; those of services that are about to go stay taken
 * @throws RangeError as {@link servicePriorities}
 */
export function listenerPriorities(
  services: Readonly<Record<string, { route: Route; balancer: number }>>,
  held: ReadonlyMap<string, number>,
): Map<string, number> {
  const shards = Map.groupBy(Object.entries(services), ([, { balancer }]) => balancer);
  const allotted = [...shards].flatMap(([balancer, shard]) => {
    const elsewhere = Object.entries(services).filter(([, service]) => service.balancer !== balancer);
    const foreign = new Set(elsewhere.flatMap(([name]) => rulesOf(name)));
    const near = new Map([...held].filter(([rule]) => !foreign.has(rule)));
    return [...servicePriorities(Object.fromEntries(shard), near)];
  });
  return new Map(allotted);
}

function rulesOf(service: string): string[] {
  return [`${service}-blue-test`, `${service}-green-test`, `${service}-traffic`];
}

/**
 * Priorities of the rules of services that share a balancer. The more specific a route, the earlier its rule; a name
 * keeps the priority that it has.
 *
 * @param services routes by the services' names
 * @param held priorities in the state of the stack, by the rules' names
 * @throws RangeError where more routes of one length are there than fit before a shorter one that may cover them
 * @example
 * servicePriorities({ api: { route: { hosts: [], paths: ["/*"] } } }, new Map()).get("api-traffic")
 */
export function servicePriorities(
  services: Readonly<Record<string, { route: Route }>>,
  held: ReadonlyMap<string, number>,
): Map<string, number> {
  const bands = new Map<string, PriorityBand>();
  const routes = Object.values(services).map(({ route }) => route);
  for (const [name, { route }] of Object.entries(services)) {
    const [blue, green, traffic] = rulesOf(name) as [string, string, string];
    bands.set(blue, testPriorities);
    bands.set(green, testPriorities);
    bands.set(traffic, trafficBand(route, routes));
  }
  return allotPriorities(bands, held);
}

/**
 * A route's own band, and what lies behind it up to the first route that is less specific and may take its requests:
 * many routes of one length then share the places that no other needs.
 */
function trafficBand(route: Route, others: readonly Route[]): PriorityBand {
  const { first, last } = trafficPriorities(route);
  const end = groupEnds.find((each) => each >= last) ?? last;
  const behind = others
    .filter((other) => trafficPriorities(other).first > first && overlaps(route, other))
    .map((other) => trafficPriorities(other).first - 1);
  return { first, last: Math.min(end, ...behind) };
}

/** Whether some request may fit both: never false where one does. */
function overlaps(a: Route, b: Route): boolean {
  return (
    anyMeet(
      a.hosts.map((host) => host.toLowerCase()),
      b.hosts.map((host) => host.toLowerCase()),
    ) && anyMeet(a.paths, b.paths)
  );
}

function anyMeet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((one) => b.some((other) => mayMeet(one, other)));
}

/** Patterns meet only where what stands before their first wildcards agrees. */
function mayMeet(a: string, b: string): boolean {
  const [short = "", long = ""] = [literal(a), literal(b)].toSorted((one, other) => one.length - other.length);
  const exact = [a, b].filter((pattern) => literal(pattern) === pattern);
  if (exact.length === 2) return a === b;
  return long.startsWith(short);
}

function literal(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? "";
}
