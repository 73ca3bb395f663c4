/** A GitHub environment as the provider takes it, from the settings of a stack. */
import type { GithubEnvironmentConfig } from "../config/github-environment.ts";

/** A branch or tag that may deploy to an environment: a resource of its own. */
export interface DeploymentPolicy {
  kind: "branches" | "tags";
  pattern: string;
  /** Last part of the resource's name. */
  resource: string;
}

/**
 * No branch can be named like a tag's policy: git allows no colon in names.
 *
 * @example
 * deploymentPolicies("prod", settings).map(({ resource }) => resource) // ["prod-main", "prod-tag:v*"]
 */
export function deploymentPolicies(
  environment: string,
  { branches, tags }: Pick<GithubEnvironmentConfig, "branches" | "tags">,
): DeploymentPolicy[] {
  return [
    ...branches.map((pattern) => ({ kind: "branches" as const, pattern, resource: `${environment}-${pattern}` })),
    ...tags.map((pattern) => ({ kind: "tags" as const, pattern, resource: `${environment}-tag:${pattern}` })),
  ];
}
