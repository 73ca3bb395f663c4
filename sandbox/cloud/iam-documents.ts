interface Statement {
  Effect?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Claims that IAM wants tested for providers whose issuer serves everyone. */
const GITHUB = "token.actions.githubusercontent.com";

/**
 * What IAM would refuse about a permissions policy; undefined when it takes it.
 *
 * @example
 * checkPolicyDocument('{"Statement": [{"Effect": "Allow", "Action": "ecr:*"}]}'); // "... Resource ..."
 */
export function checkPolicyDocument(text: string): string | undefined {
  const statements = statementsOf(text);
  if (typeof statements === "string") return statements;
  for (const statement of statements) {
    const problem = common(statement);
    if (problem) return problem;
    if (statement.Resource === undefined && statement.NotResource === undefined) {
      return "Policy statement must contain resources.";
    }
    if (statement.Principal !== undefined) return "Policy document should not specify a principal.";
  }
  return undefined;
}

/** The same for a trust policy. */
export function checkTrustPolicy(text: string): string | undefined {
  const statements = statementsOf(text);
  if (typeof statements === "string") return statements;
  for (const statement of statements) {
    const problem = common(statement);
    if (problem) return problem;
    if (statement.Resource !== undefined) return "Has prohibited field Resource";
    if (statement.Principal === undefined && statement.NotPrincipal === undefined)
      return "Missing required field Principal";
    const untested = checkGitHub(statement);
    if (untested) return untested;
  }
  return undefined;
}

function statementsOf(text: string): Statement[] | string {
  try {
    const { Statement, Version } = JSON.parse(text) as { Statement?: Statement | Statement[]; Version?: unknown };
    if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17")
      return "The policy must contain a valid version string";
    if (Statement === undefined) return "Syntax errors in policy.";
    return Array.isArray(Statement) ? Statement : [Statement];
  } catch {
    return "This policy contains invalid Json";
  }
}

function common(statement: Statement): string | undefined {
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "Syntax errors in policy.";
  if (statement.Action === undefined && statement.NotAction === undefined)
    return "Policy statement must contain actions.";
  return undefined;
}

/**
 * A role that trusts GitHub's issuer must say which subjects, and not all of them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
 */
function checkGitHub({ Effect, Principal, Condition }: Statement): string | undefined {
  const federated = [(Principal as { Federated?: unknown } | undefined)?.Federated ?? []].flat().map(String);
  if (Effect !== "Allow" || !federated.some((arn) => arn.endsWith(`oidc-provider/${GITHUB}`))) return undefined;
  const tests = Object.values(Condition ?? {}).flatMap((keys) => Object.entries(keys));
  const subjects = tests
    .filter(([key]) => key.toLowerCase() === `${GITHUB}:sub`)
    .flatMap(([, value]) => [value].flat());
  const exact = subjects.length > 0 && subjects.every((one) => typeof one === "string" && !/^[*?:]*$/.test(one));
  return exact ? undefined : `Trust policy must test ${GITHUB}:sub in a condition, and not with a wildcard alone`;
}
