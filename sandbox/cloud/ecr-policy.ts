/** ECR API, SetRepositoryPolicy, policyText: at most this many characters. */
export const maximumPolicyLength = 10_240;

interface Statement {
  Effect?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
}

/**
 * What ECR would refuse about a repository policy; undefined when it takes it.
 *
 * @example
 * checkRepositoryPolicy('{"Version": "2012-10-17", "Statement": []}'); // "Invalid repository policy provided: ..."
 */
export function checkRepositoryPolicy(text: string): string | undefined {
  if (text.length > maximumPolicyLength) return `the policy has more than ${maximumPolicyLength} characters`;
  const invalid = (why: string) => `Invalid repository policy provided: ${why}`;
  let document: { Version?: unknown; Statement?: unknown };
  try {
    document = JSON.parse(text);
  } catch {
    return invalid("it is not JSON");
  }
  const { Version, Statement } = document ?? {};
  if (Version !== "2012-10-17" && Version !== "2008-10-17") return invalid("it has no valid version");
  const statements = [Statement ?? []].flat() as Statement[];
  if (statements.length === 0) return invalid("it has no statement");
  const problem = statements.map(checkStatement).find((one) => one !== undefined);
  return problem && invalid(problem);
}

function checkStatement(statement: Statement): string | undefined {
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "a statement neither allows nor denies";
  const actions = [statement.Action ?? statement.NotAction ?? []].flat();
  if (actions.length === 0) return "a statement has no actions";
  const foreign = actions.filter((action) => action !== "*" && !/^ecr:[A-Za-z*]+$/.test(String(action)));
  if (foreign.length > 0) return `these are no actions of ECR: ${foreign.join(", ")}`;
  const principal = statement.Principal ?? statement.NotPrincipal;
  if (principal === undefined) return "a statement has no principal";
  return checkPrincipals(principal);
}

/** Whether principals exist is IAM's to know; that they can exist is checked here. */
function checkPrincipals(principal: unknown): string | undefined {
  if (principal === "*") return undefined;
  const accounts = [(principal as { AWS?: unknown }).AWS ?? []].flat().map(String);
  const wrong = accounts.filter(
    (one) =>
      one !== "*" &&
      !/^\d{12}$/.test(one) &&
      !/^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:root$|[a-z-]+\/[^*]+$)/.test(one),
  );
  return wrong.length > 0 ? `no such principal: ${wrong.join(", ")}` : undefined;
}
