/** Who may take a role: no trust that another repository, owner or provider can reach. */
import { resourcePolicy } from "./support/definition.ts";
import { allowStatements, readDocument, type Statement, texts } from "./support/document.ts";
import { demand, type Finding, quote } from "./support/finding.ts";
import { isRecord, type Known } from "./support/known.ts";
import { audience, judgeConditions, type TrustSettings } from "./support/trust-conditions.ts";
import { types } from "./support/types.ts";

const issuers = {
  default: ["token.actions.githubusercontent.com"],
  description: "Issuers of GitHub tokens, without https://.",
} as const;

export const oidcTrustExact = resourcePolicy({
  name: "oidc-trust-exact",
  description: "Roles trust GitHub tokens of one repository and context: exact in sub, aud and repository_id.",
  severity: "critical",
  remedy:
    "Build the trust with trustPolicy() of model/oidc-trust.ts: StringEquals on sub, in both forms, aud and repository_id.",
  tags: ["identity", "iam"],
  settings: {
    issuers,
    repositories: {
      default: [],
      description:
        "Repositories (owner/name) that may be trusted. Empty: any, as long as it is exactly one per statement.",
    },
    wildcardRoles: {
      default: [],
      description: "Roles (resource names, * for any characters) whose subjects may end in a wildcard.",
    },
    pullRequestRoles: {
      default: [],
      description: "Roles (resource names, * for any characters) that workflows of pull requests may take.",
    },
    awsPrincipals: {
      default: [],
      description: "ARNs of other AWS principals that may take roles.",
    },
  },
  types: [types.role],
  judge: ({ name, properties }, settings) => judgeTrust(name, properties.assumeRolePolicy, settings),
});

/**
 * Judges a role's trust policy. Conditions of IAM are all to hold, so it is enough that those on `sub`, `aud` and
 * `repository_id` are there and tight; operators that hold where a claim is missing are refused.
 *
 * @param role the role's resource name
 * @example
 * judgeTrust("deploy", JSON.stringify(document), settings).map(({ what }) => what)
 */
export function judgeTrust(role: string, document: unknown, settings: TrustSettings): Finding[] {
  const read = readDocument(document, "assumeRolePolicy");
  if ("finding" in read) return [read.finding];
  const keys = ["Sid", "Effect", "Principal", "Action", "Condition"];
  const { statements, findings } = allowStatements(read.value, "assumeRolePolicy", keys);
  return [...findings, ...statements.flatMap((statement) => judgeStatement(role, statement, settings))];
}

function judgeStatement(role: string, { where, statement }: Statement, settings: TrustSettings): Finding[] {
  const principal = statement.Principal;
  if (!isRecord(principal) || Object.keys(principal).length === 0) {
    const remedy = "name the principals under Federated, Service or AWS";
    return [{ where, what: `trusts ${quote(principal ?? "nobody in particular")}`, remedy }];
  }
  return Object.entries(principal).flatMap(([kind, value]) => {
    const names = texts(value);
    const place = `${where}.Principal.${kind}`;
    if (names === undefined) {
      return [{ where: place, what: `trusts ${quote(value)}`, remedy: "name one principal, or a list of them" }];
    }
    return names.flatMap((name) => judgePrincipal(role, kind, name, { where, statement }, settings));
  });
}

function judgePrincipal(
  role: string,
  kind: string,
  name: string,
  { where, statement }: Statement,
  settings: TrustSettings,
): Finding[] {
  if (kind === "Federated") return judgeFederated(role, name, { where, statement }, settings);
  const known =
    (kind === "Service" && /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.test(name)) ||
    (kind === "AWS" && settings.awsPrincipals.includes(name));
  const remedy =
    kind === "AWS"
      ? "name it under awsPrincipals in policy/config.json, or remove it"
      : "name an AWS service, or remove it";
  return known ? [] : [{ where, what: `trusts ${kind} ${quote(name)}`, remedy }];
}

function judgeFederated(
  role: string,
  name: string,
  { where, statement }: Statement,
  settings: TrustSettings,
): Finding[] {
  const issuer = /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/(.+)$/.exec(name)?.[1];
  if (issuer === undefined || !settings.issuers.includes(issuer)) {
    const remedy = `trust the provider of ${settings.issuers.join(" or ")}`;
    return [{ where, what: `trusts the identity provider ${quote(name)}`, remedy }];
  }
  return [
    ...judgeActions(where, statement.Action),
    ...judgeConditions(role, `${where}.Condition`, statement.Condition, issuer, settings),
  ];
}

function judgeActions(where: string, action: unknown): Finding[] {
  const allowed = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"];
  const foreign = (texts(action) ?? [action]).filter((one) => !allowed.includes(one as string));
  const remedy = "allow sts:AssumeRoleWithWebIdentity only";
  return foreign.map((one) => ({ where, what: `allows the action ${quote(one)}`, remedy }));
}

export const oidcProviderExact = resourcePolicy({
  name: "oidc-provider-exact",
  description: "Identity providers are GitHub's, with STS as the only audience.",
  severity: "high",
  remedy: `Set url to https://${issuers.default[0]} and clientIdLists to ["${audience}"].`,
  tags: ["identity", "iam"],
  settings: { issuers },
  types: [types.openIdConnectProvider],
  judge: ({ properties }, settings) => judgeProvider(properties, settings.issuers),
});

/**
 * Judges an identity provider of IAM.
 *
 * @example
 * judgeProvider({ url: "https://example.com", clientIdLists: ["*"] }, issuers).length // 2
 */
export function judgeProvider(properties: Known, trusted: readonly string[]): Finding[] {
  const { url, clientIdLists } = properties;
  return [
    ...demand(
      url,
      (value) => trusted.some((issuer) => value === `https://${issuer}`),
      "url",
      `is ${quote(url)}`,
      `use https://${trusted.join(" or https://")}`,
    ),
    ...demand(
      clientIdLists,
      (value) => texts(value)?.every((client) => client === audience) ?? false,
      "clientIdLists",
      `is ${quote(clientIdLists)}`,
      `use ["${audience}"]`,
    ),
  ];
}
