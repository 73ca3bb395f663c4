/**
 * Trust of IAM roles in GitHub's OIDC tokens: the document, and an evaluator that says which tokens it lets in.
 */

/** GitHub's issuer, as IAM names its keys: without `https://`. GitHub, "OpenID Connect reference". */
export const githubIssuer = "token.actions.githubusercontent.com";
/** AWS, "Creating OpenID Connect identity providers": the audience that STS is known by. */
export const stsAudience = "sts.amazonaws.com";

/** Which workflows may take a role: those of a GitHub environment, of a branch, of a tag, or of pull requests. */
export type Subject = { environment: string } | { branch: string } | { tag: string } | { pullRequest: true };

export interface TrustArgs {
  /** ARN of the identity provider in IAM. */
  providerArn: string;
  owner: string;
  /** Number of the owner's account. */
  ownerId: number;
  /** Name of the repository, without its owner. */
  repository: string;
  /** Number of the repository; unlike the name it is never given to another one. */
  repositoryId: number;
  /** At least one. */
  subjects: readonly Subject[];
  /**
   * Workflow files that may take the role, as GitHub names them: `OWNER/NAME/.github/workflows/FILE@REF`.
   *
   * @default any of the repository's
   */
  workflows?: readonly string[];
}

/** A trust policy as IAM takes it. */
export interface TrustDocument {
  Version: "2012-10-17";
  Statement: {
    Effect: "Allow";
    Principal: { Federated: string };
    Action: "sts:AssumeRoleWithWebIdentity";
    Condition: { StringEquals: Record<string, string | string[]> };
  }[];
}

/**
 * The trust of a role in workflows of one repository. Subjects come in both forms that GitHub issues: names alone, and
 * names with numbers, which repositories created or renamed since 2026-07-15 have. Names can be recycled, so the
 * repository's number is checked beside either.
 *
 * @throws RangeError where a name could not be GitHub's, or there is no subject
 * @example
 * trustPolicy({ providerArn, owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2, subjects: [{ environment: "prod" }] })
 */
export function trustPolicy({ providerArn, subjects, workflows = [], ...repository }: TrustArgs): TrustDocument {
  checkNames(repository);
  if (subjects.length === 0) throw new RangeError("no subject: a role that nobody may take");
  const { owner, ownerId, repository: name, repositoryId } = repository;
  const forms = [`repo:${owner}/${name}`, `repo:${owner}@${ownerId}/${name}@${repositoryId}`];
  const contexts = subjects.map(contextOf);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${githubIssuer}:aud`]: stsAudience,
            ...(workflows.length > 0 ? { [`${githubIssuer}:job_workflow_ref`]: workflows.map(literal) } : {}),
            [`${githubIssuer}:repository_id`]: String(repositoryId),
            [`${githubIssuer}:sub`]: contexts.flatMap((context) => forms.map((form) => `${form}:${context}`)),
          },
        },
      },
    ],
  };
}

/** GitHub's own limits of names; a name with `:`, `*` or `${` in it would change what the document means. */
function checkNames({
  owner,
  ownerId,
  repository,
  repositoryId,
}: Pick<TrustArgs, "owner" | "ownerId" | "repository" | "repositoryId">): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(owner)) throw new RangeError(`not a GitHub owner: ${owner}`);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(repository)) throw new RangeError(`not a GitHub repository: ${repository}`);
  for (const id of [ownerId, repositoryId]) {
    if (!Number.isSafeInteger(id) || id <= 0) throw new RangeError(`not a number that GitHub gives: ${id}`);
  }
}

function contextOf(subject: Subject): string {
  if ("pullRequest" in subject) return "pull_request";
  if ("environment" in subject) return `environment:${checked(subject.environment)}`;
  if ("branch" in subject) return `ref:refs/heads/${checked(subject.branch)}`;
  return `ref:refs/tags/${checked(subject.tag)}`;
}

/** StringEquals takes wildcards literally, so one here would be a role that nobody can take; variables are replaced. */
function literal(name: string): string {
  if (name === "" || /[*?\p{Cc}]|\$\{/u.test(name)) throw new RangeError(`not one name: ${JSON.stringify(name)}`);
  return name;
}

/** GitHub writes a colon inside an environment's name as %3A. */
function checked(name: string): string {
  return literal(name).replaceAll(":", "%3A");
}

/** Claims of a token, e.g. `sub`, `aud`, `repository_id`. */
export type Claims = Readonly<Record<string, string | undefined>>;

/** A trust document in any form that IAM takes. */
export interface AnyTrustDocument {
  Statement: AnyStatement | readonly AnyStatement[];
}

interface AnyStatement {
  Effect: string;
  Principal?: unknown;
  Action?: unknown;
  Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Whether IAM would let a token of GitHub take the role. It knows the operators on text (StringEquals, StringLike, their
 * negations, IgnoreCase, ...IfExists, ForAllValues:, ForAnyValue:, Null); every other operator and every policy
 * variable it takes for one that holds, so that it errs towards letting in. It says what a document means; it does not judge whether that is wise.
 *
 * @param providerArn ARN of the provider that the token is presented through
 * @example
 * evaluateTrust(document, providerArn, { sub: "repo:acme/shop:environment:prod", aud: "sts.amazonaws.com", repository_id: "2" })
 */
export function evaluateTrust(document: AnyTrustDocument, providerArn: string, claims: Claims): boolean {
  const statements = [document.Statement].flat().filter((statement) => takes(statement, providerArn, claims));
  return statements.length > 0 && statements.every(({ Effect }) => Effect === "Allow");
}

function takes({ Principal, Action, Condition = {} }: AnyStatement, providerArn: string, claims: Claims): boolean {
  const federated = Principal === "*" ? ["*"] : [(Principal as { Federated?: unknown } | undefined)?.Federated].flat();
  const actions = [Action].flat().map((action) => String(action).toLowerCase());
  return (
    federated.some((principal) => principal === "*" || principal === providerArn) &&
    actions.some((action) => stringLike(action, "sts:assumerolewithwebidentity")) &&
    Object.entries(Condition).every(([operator, tests]) =>
      Object.entries(tests).every(([key, values]) =>
        holds(operator, claimOf(key, claims), [values].flat().map(String)),
      ),
    )
  );
}

/** Keys are not case-sensitive. A key of another issuer is in no token of GitHub's. */
function claimOf(key: string, claims: Claims): string | undefined {
  const [issuer, name] = key.toLowerCase().split(/:(?=[^:]*$)/);
  return issuer === githubIssuer && name !== undefined ? claims[name] : undefined;
}

function holds(operator: string, claim: string | undefined, values: readonly string[]): boolean {
  const [, set, name = "", ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  if (name === "Null") return values.includes(String(claim === undefined));
  const negated = /^StringNot/.test(name);
  // IAM reference, "Condition operators": a missing key fails a test, but not a negated, IfExists or ForAllValues one.
  if (claim === undefined) return negated || ifExists !== undefined || set === "ForAllValues:";
  const test = tests[name.replace("StringNot", "String")];
  if (test === undefined) return true;
  const matches = (value: string) => value.includes("${") || test(value, claim);
  return negated ? values.some((value) => value.includes("${")) || !values.some(matches) : values.some(matches);
}

const tests: Readonly<Record<string, (value: string, claim: string) => boolean>> = {
  StringEquals: (value, claim) => value === claim,
  StringEqualsIgnoreCase: (value, claim) => value.toLowerCase() === claim.toLowerCase(),
  StringLike: stringLike,
};

/**
 * IAM's StringLike: `*` stands for any characters, none included, `?` for one. Case-sensitive.
 *
 * @example
 * stringLike("repo:acme/*", "repo:acme/shop:pull_request") // true
 */
export function stringLike(pattern: string, value: string): boolean {
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`, "su").test(value);
}
