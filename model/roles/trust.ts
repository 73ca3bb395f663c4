/** Who may take each of the roles that the section `github` declares. */
import type { GithubConfig } from "../config/github.ts";
import { type Subject, type TrustDocument, trustPolicy } from "./oidc-trust.ts";

/** Workflows that may take a role. */
export interface RoleSubjects {
  subjects: Subject[];
  /** Workflow files; any where there is none. */
  workflows: string[];
}

/**
 * Who may take each role, by its purpose.
 *
 * @example
 * roleSubjects(config.github).get("deploy-prod")?.subjects // [{ environment: "prod" }]
 */
export function roleSubjects(github: GithubConfig): Map<string, RoleSubjects> {
  const roles = new Map<string, RoleSubjects>();
  if (github.plans) roles.set("plan", { subjects: [{ pullRequest: true }], workflows: [] });
  const pushes: Subject[] = [
    ...github.pushesFrom.map((branch) => ({ branch })),
    ...github.pushesFromTags.map((tag) => ({ tag })),
    ...github.pushesFromEnvironments.map((environment) => ({ environment })),
  ];
  if (pushes.length > 0) roles.set("push", { subjects: pushes, workflows: github.workflows.push });
  for (const environment of github.deploys) {
    roles.set(`deploy-${environment}`, { subjects: [{ environment }], workflows: github.workflows.deploy });
  }
  return roles;
}

/** The trust policy of a role in the repository's workflows. */
export function roleTrust(
  { owner, ownerId, repository, repositoryId }: GithubConfig,
  providerArn: string,
  role: RoleSubjects,
): TrustDocument {
  return trustPolicy({ providerArn, owner, ownerId, repository, repositoryId, ...role });
}
