/** All roles and boundaries that the section `github` declares, as documents, and what would not fit. */
import type { GithubConfig } from "../config/github.ts";
import type { ConfigProblem } from "../config/problems.ts";
import { boundedName, nameLimits } from "../names.ts";
import { boundaryPurpose, deployCeiling, ownSecrets, workloadBoundary } from "./boundary.ts";
import { deployPolicies } from "./deploy.ts";
import { iamArn, type PolicyStatement, policyDocument, policyLimits, type RoleScope } from "./document.ts";
import { githubIssuer } from "./oidc-trust.ts";
import { planPolicy, pushPolicy } from "./plan-and-push.ts";
import { roleSubjects, roleTrust } from "./trust.ts";

/** A role that workflows take. */
export interface GithubRole {
  /** `plan`, `push` or `deploy-<environment>`. */
  purpose: string;
  trust: string;
  /** The one inline policy of a role that needs no more, called as its purpose. */
  inline?: string;
  /** Policies of the account's own that the role is given, by the part that they are about. */
  managed: Record<string, string>;
  /** The most that the role can have. */
  ceiling: string;
}

export interface GithubRoles {
  roles: GithubRole[];
  /** What the roles that an environment's stack makes can have at most, by environment. */
  boundaries: Record<string, string>;
  problems: ConfigProblem[];
}

/** Longest name of a customer-managed policy. IAM API, CreatePolicy, PolicyName. */
export const policyNameLimit = 128;

/** Where the roles are declared; `stack` is the foundation's. */
export type FoundationScope = Omit<RoleScope, "foundation">;

/**
 * Physical name of an environment's boundary.
 *
 * @example
 * boundaryName(scope, "prod") // "sluice-foundation-github-boundary-prod"
 */
export function boundaryName({ project, stack }: FoundationScope, environment: string): string {
  return boundedName(policyNameLimit, project, stack, "github", boundaryPurpose(environment));
}

/**
 * Plans every role and boundary.
 *
 * @example
 * planRoles(config.github, { project: "sluice", stack: "foundation", id: "123456789012", partition: "aws", region: "eu-west-1" })
 */
export function planRoles(github: GithubConfig, scope: FoundationScope): GithubRoles {
  const providerArn = github.provider ?? iamArn({ ...scope, foundation: scope.stack }, `oidc-provider/${githubIssuer}`);
  const roles = [...roleSubjects(github)].map(([purpose, subjects]) => ({
    purpose,
    trust: JSON.stringify(roleTrust(github, providerArn, subjects)),
    ...documentsOf(github, scope, purpose),
  }));
  const boundaries = Object.fromEntries(
    github.deploys.map((name) => [
      name,
      policyDocument(workloadBoundary(scopeOf(scope, name), grantsOf(github, name))),
    ]),
  );
  return { roles, boundaries, problems: problemsOf(github, scope, roles, boundaries) };
}

const scopeOf = (scope: FoundationScope, environment: string): RoleScope => ({
  ...scope,
  stack: environment,
  foundation: scope.stack,
});
const grantsOf = ({ grants }: GithubConfig, environment: string): GithubConfig["grants"][string] =>
  grants[environment] ?? { secrets: [], permissions: [] };

function documentsOf(github: GithubConfig, scope: FoundationScope, purpose: string) {
  const single = (statements: PolicyStatement[]) => {
    const document = policyDocument(statements);
    return { inline: document, managed: {}, ceiling: document };
  };
  if (purpose === "plan") return single(planPolicy());
  if (purpose === "push") return single(pushPolicy(scopeOf(scope, scope.stack), github));
  return deployDocuments(github, scope, purpose.slice("deploy-".length));
}

function deployDocuments(github: GithubConfig, foundation: FoundationScope, environment: string) {
  const scope = scopeOf(foundation, environment);
  const { secrets, vpc, eks, zone, webAcl, stateKey } = grantsOf(github, environment);
  const boundaryArn = iamArn(scope, `policy/${boundaryName(foundation, environment)}`);
  const parts = deployPolicies(scope, {
    boundaryArn,
    secrets: [...ownSecrets(scope), ...secrets].filter((arn) => arn.includes(":secretsmanager:")),
    vpc,
    eks,
    zone,
    webAcl,
    backend: github.backend && { ...github.backend, key: stateKey },
    evidence: github.evidence,
  });
  const managed = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, policyDocument(part)]));
  return { managed, ceiling: policyDocument(deployCeiling(scope, Object.values(parts).flat(), boundaryArn)) };
}

function problemsOf(
  github: GithubConfig,
  { project, stack }: FoundationScope,
  roles: readonly GithubRole[],
  boundaries: Readonly<Record<string, string>>,
): ConfigProblem[] {
  const fits = (field: string, what: string, size: number, limit: number) =>
    size <= limit
      ? []
      : [
          {
            field,
            rule: `${what} of at most ${limit} characters (IAM)`,
            value: `${size} characters`,
            remedy: "name fewer secrets and permissions under github.grants, or put * at the ends of ARNs",
          },
        ];
  return [
    ...github.deploys.flatMap((name, index) => nameProblems(`github.deploys.${index}`, name, project, stack)),
    ...Object.entries(boundaries).flatMap(([name, document]) =>
      fits(`github.grants.${name}`, "a permissions boundary", document.length, policyLimits.managed),
    ),
    ...roles.flatMap(({ purpose, ceiling, managed }) =>
      Object.entries({ ...managed, ceiling }).flatMap(([part, document]) =>
        fits("github.grants", `a policy (${purpose}, ${part})`, document.length, policyLimits.managed),
      ),
    ),
  ];
}

/** Roles are told apart by the beginning of their names: it must survive the longest name's being cut. */
function nameProblems(field: string, name: string, project: string, foundation: string): ConfigProblem[] {
  const longest = nameLimits.role - 8 - project.length;
  const told = { field, value: JSON.stringify(name), remedy: "rename it" };
  return [
    ...(`${name}-`.startsWith(`${foundation}-`) || `${foundation}-`.startsWith(`${name}-`)
      ? [{ ...told, rule: `no name that begins with this stack's, "${foundation}", or the other way round` }]
      : []),
    ...(name.length > longest
      ? [{ ...told, rule: `at most ${longest} characters beside the project's name "${project}"` }]
      : []),
  ];
}
