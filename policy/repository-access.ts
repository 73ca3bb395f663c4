/** Image repositories: whom they are open to. */
import { resourcePolicy } from "./support/definition.ts";
import { allowStatements, readDocument, type Statement, texts } from "./support/document.ts";
import { type Finding, quote } from "./support/finding.ts";
import { isRecord } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface RepositoryAccessSettings {
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

export const repositoriesClosed = resourcePolicy({
  name: "repositories-closed",
  description: "Image repositories are open to named accounts and roles only, for pulling and pushing only.",
  severity: "critical",
  remedy: "Name accounts and roles under sluice:registry.repositories.<name>.pullFrom and pushFrom.",
  tags: ["supply-chain", "ecr"],
  settings: {
    accounts: { default: [], description: "Accounts that may be named. None listed: any, each by its 12 digits." },
    actions: {
      default: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ],
      description: "Actions that a repository's policy may allow: none that deletes, or that changes the repository.",
    },
  },
  types: [types.repositoryPolicy],
  judge: ({ properties }, settings) => judgeAccess(properties.policy, settings),
});

/**
 * Judges a repository's policy: every statement that allows something.
 *
 * @example
 * judgeAccess('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*"}]}', settings).length // 2
 */
export function judgeAccess(document: unknown, settings: RepositoryAccessSettings): Finding[] {
  const read = readDocument(document, "policy");
  if ("finding" in read) return [read.finding];
  const keys = ["Sid", "Effect", "Principal", "Action", "Condition"];
  const { statements, findings } = allowStatements(read.value, "policy", keys);
  return [
    ...findings,
    ...statements.flatMap((one) => [...judgePrincipals(one, settings), ...judgeActions(one, settings)]),
  ];
}

function judgePrincipals({ where, statement }: Statement, settings: RepositoryAccessSettings): Finding[] {
  const { Principal } = statement;
  if (!isRecord(Principal) || Object.keys(Principal).length === 0) {
    const remedy = "name accounts and roles under Principal.AWS";
    return [{ where, what: `is open to ${quote(Principal ?? "nobody in particular")}`, remedy }];
  }
  return Object.entries(Principal).flatMap(([kind, value]) => {
    const names = texts(value) ?? [value];
    return names.flatMap((name) => judgePrincipal(`${where}.Principal.${kind}`, kind, name, settings.accounts));
  });
}

function judgePrincipal(where: string, kind: string, name: unknown, accounts: readonly string[]): Finding[] {
  const account = kind === "AWS" && typeof name === "string" ? accountOf(name) : undefined;
  if (account === undefined) {
    return [{ where, what: `is open to ${quote(name)}`, remedy: "name one account, or one role in full" }];
  }
  if (accounts.length === 0 || accounts.includes(account)) return [];
  const remedy = "list the account under accounts in policy/config.json, or remove it";
  return [{ where, what: `is open to account ${account}`, remedy }];
}

/** The account of a principal that names exactly one: itself, its root, or one role. */
function accountOf(name: string): string | undefined {
  if (/^\d{12}$/.test(name)) return name;
  return /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):(?:root|role\/[^*?]+)$/.exec(name)?.[1];
}

function judgeActions({ where, statement }: Statement, { actions }: RepositoryAccessSettings): Finding[] {
  const given = texts(statement.Action) ?? [statement.Action];
  const known = actions.map((action) => action.toLowerCase());
  const foreign = given.filter((action) => typeof action !== "string" || !known.includes(action.toLowerCase()));
  return foreign.map((action) => ({
    where,
    what: `allows ${quote(action)}`,
    remedy: "allow pulling and pushing by their exact actions",
  }));
}
