/** Conditions of a trust policy on the claims of GitHub's tokens. */
import { matchesName } from "../../model/environment-of.ts";
import { type Finding, quote } from "./finding.ts";
import { type BoundedSubject, readSubject } from "./github-subject.ts";
import { isRecord } from "./known.ts";

/** AWS, "Creating OpenID Connect identity providers": the audience that STS is known by. */
export const audience = "sts.amazonaws.com";

/** What trust policies may say. */
export interface TrustSettings {
  readonly issuers: readonly string[];
  readonly repositories: readonly string[];
  readonly wildcardRoles: readonly string[];
  readonly pullRequestRoles: readonly string[];
  readonly awsPrincipals: readonly string[];
}

/** One test in a Condition: an operator on a claim of the token. */
interface Test {
  operator: string;
  claim: string;
  values: readonly unknown[];
}

/**
 * Judges the conditions of one statement for one issuer. Conditions of IAM are all to hold, so it is enough that those
 * on `sub`, `aud` and `repository_id` are there and tight.
 */
export function judgeConditions(
  role: string,
  where: string,
  condition: unknown,
  issuer: string,
  settings: TrustSettings,
): Finding[] {
  const tests = testsOn(issuer, condition);
  const operators = tests.flatMap((test) => judgeOperator(where, test));
  if (operators.length > 0) return operators;
  const valuesOf = (claim: string) => tests.filter((test) => test.claim === claim).flatMap(({ values }) => values);
  const wrong = (what: string, remedy: string): Finding => ({ where, what, remedy });
  const findings: Finding[] = [];
  const audiences = valuesOf("aud");
  if (audiences.length === 0 || audiences.some((value) => value !== audience)) {
    const is = audiences.length === 0 ? "is not checked" : `may be ${audiences.map(quote).join(", ")}`;
    findings.push(wrong(`aud ${is}`, `add StringEquals "${issuer}:aud": "${audience}"`));
  }
  const ids = [...new Set(valuesOf("repository_id"))];
  if (ids.length !== 1 || !/^[1-9]\d*$/.test(String(ids[0]))) {
    const is = ids.length === 0 ? "is not checked, and a name can be recycled" : `may be ${ids.map(quote).join(", ")}`;
    findings.push(
      wrong(`repository_id ${is}`, `add StringEquals "${issuer}:repository_id" with the repository's number`),
    );
  }
  const subjects = tests.filter(({ claim }) => claim === "sub");
  return [
    ...findings,
    ...judgeSubjects(role, where, subjects, ids.length === 1 ? String(ids[0]) : undefined, settings),
  ];
}

/** Keys of conditions are not case-sensitive: `X:SUB` tests the same claim as `x:sub`. */
function testsOn(issuer: string, condition: unknown): Test[] {
  const prefix = `${issuer}:`.toLowerCase();
  return Object.entries(isRecord(condition) ? condition : {}).flatMap(([operator, keys]) =>
    Object.entries(isRecord(keys) ? keys : {})
      .filter(([key]) => key.toLowerCase().startsWith(prefix))
      .map(([key, value]) => ({ operator, claim: key.toLowerCase().slice(prefix.length), values: [value].flat() })),
  );
}

/**
 * Only StringEquals, and StringLike on `sub`, say what a claim must be. `...IfExists`, `ForAllValues:` and `Null` hold
 * where the claim is missing, negations where it is anything else, and `${...}` is replaced by what the token brings.
 */
function judgeOperator(where: string, { operator, claim, values }: Test): Finding[] {
  const findings: Finding[] = [];
  if (operator !== "StringEquals" && !(operator === "StringLike" && claim === "sub")) {
    findings.push({ where, what: `tests ${claim} with ${quote(operator)}`, remedy: "use StringEquals" });
  }
  if (values.length === 0 || values.some((value) => typeof value !== "string")) {
    findings.push({ where, what: `${claim} has a value that is no text`, remedy: "write it as text" });
  }
  for (const value of values.filter((one) => typeof one === "string" && one.includes("${"))) {
    findings.push({ where, what: `${claim} ${quote(value)} has a policy variable`, remedy: "write the value itself" });
  }
  return findings;
}

function judgeSubjects(
  role: string,
  where: string,
  tests: readonly Test[],
  repositoryId: string | undefined,
  settings: TrustSettings,
): Finding[] {
  const wrong = (what: string, remedy: string): Finding => ({ where, what, remedy });
  if (tests.length === 0) return [wrong("sub is not checked", "add StringEquals on sub, as trustPolicy() does")];
  const findings: Finding[] = [];
  const bounded: BoundedSubject[] = [];
  for (const { operator, values } of tests) {
    for (const value of values as string[]) {
      const subject = readSubject(value);
      if (typeof subject === "string") {
        findings.push(wrong(subject, "name the repository and the context in full"));
        continue;
      }
      bounded.push(subject);
      findings.push(...judgeContext(role, where, operator, value, subject, settings));
    }
  }
  const repositories = [...new Set(bounded.map(({ repository }) => repository))];
  if (repositories.length > 1) {
    findings.push(
      wrong(`sub names ${repositories.map(quote).join(" and ")}`, "give each repository a statement of its own"),
    );
  }
  for (const repository of repositories.filter(
    (one) => settings.repositories.length > 0 && !settings.repositories.includes(one),
  )) {
    findings.push(
      wrong(`trusts the repository ${quote(repository)}`, `trust only ${settings.repositories.join(", ")}`),
    );
  }
  const other = bounded.find((subject) => subject.repositoryId !== undefined && subject.repositoryId !== repositoryId);
  if (other !== undefined && repositoryId !== undefined) {
    const what = `sub names repository ${quote(other.repositoryId)}, repository_id ${quote(repositoryId)}`;
    findings.push(wrong(what, "use the same number in both"));
  }
  return findings;
}

function judgeContext(
  role: string,
  where: string,
  operator: string,
  value: string,
  { context, wildcard }: BoundedSubject,
  settings: TrustSettings,
): Finding[] {
  const may = (patterns: readonly string[]) => patterns.some((pattern) => matchesName(pattern, role));
  if (wildcard && operator === "StringEquals") {
    const remedy = "write the subject in full";
    return [
      { where, what: `StringEquals takes the wildcard in ${quote(value)} literally, so no token matches`, remedy },
    ];
  }
  if (wildcard && !may(settings.wildcardRoles)) {
    const remedy = "name each context in full, or list the role under wildcardRoles in policy/config.json";
    return [{ where, what: `subject ${quote(value)} has a wildcard`, remedy }];
  }
  if (context === "pull_request" && !may(settings.pullRequestRoles)) {
    const remedy = "use an environment or branch, or list the role under pullRequestRoles in policy/config.json";
    return [{ where, what: "lets workflows of pull requests take the role, with code that nobody reviewed", remedy }];
  }
  return [];
}
