/** How the names of one stack's resources begin, in the words of IAM. */
import { boundedName, nameLimits } from "../names.ts";
import type { RoleScope } from "./document.ts";

/** Names that are the stack's own and a hyphen, and then anything. No limit below this one cuts into them. */
export const named = ({ project, stack }: RoleScope) => `${project}-${stack}-*`;
/** What balancers and target groups may be called: names so short may be cut, so their tags decide. */
export const shortlyNamed = ({ project, stack }: RoleScope) => `${namePrefix(nameLimits.targetGroup, project, stack)}*`;
/**
 * What every bounded name of a stack begins with: project and stack, or, where names may be cut before their end, as
 * much of them as is sure to be left.
 *
 * @example
 * namePrefix(64, "sluice", "prod") // "sluice-prod"
 */
export function namePrefix(limit: number, project: string, stack: string): string {
  const full = `${project}-${stack}`;
  return full.length < limit - 7 ? full : full.slice(0, limit - 7).replace(/-+$/, "");
}

/** As many as `sluice:cluster.balancers` takes. */
const maximumBalancers = 4;

/**
 * What the balancers of a stack are called.
 *
 * @example
 * balancerNames({ project: "sluice", stack: "prod" })[1] // "sluice-prod-balancer-2"
 */
export function balancerNames({ project, stack }: Pick<RoleScope, "project" | "stack">): string[] {
  return Array.from({ length: maximumBalancers }, (_, index) =>
    boundedName(nameLimits.loadBalancer, project, stack, ...(index === 0 ? [] : ["balancer", String(index + 1)])),
  );
}
