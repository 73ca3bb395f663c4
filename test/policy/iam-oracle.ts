/**
 * What IAM would do with a trust policy and a token, written down once more from the IAM reference and sharing nothing
 * with what is tested: no regular expressions, and matching letter by letter.
 */

type Claims = Record<string, string | undefined>;
type Statement = {
  Effect: string;
  Principal?: unknown;
  Action?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};

const issuer = "token.actions.githubusercontent.com";

/** IAM reference, StringLike: `*` is any run of characters, `?` exactly one. */
export function likeOracle(pattern: string, value: string): boolean {
  const p = [...pattern];
  const v = [...value];
  // reach[j]: the pattern so far can end before v[j].
  let reach = v.map((_, index) => index === 0).concat(v.length === 0);
  for (const letter of p) {
    const next = reach.map(() => false);
    for (let j = 0; j <= v.length; j++) {
      if (letter === "*") next[j] = reach[j] === true || (j > 0 && next[j - 1] === true);
      else if (j > 0) next[j] = reach[j - 1] === true && (letter === "?" || letter === v[j - 1]);
    }
    reach = next;
  }
  return reach[v.length] === true;
}

export function acceptsOracle(statements: Statement[], providerArn: string, claims: Claims): boolean {
  const matching = statements.filter((statement) => matches(statement, providerArn, claims));
  return matching.some(({ Effect }) => Effect === "Allow") && !matching.some(({ Effect }) => Effect === "Deny");
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function matches({ Principal, Action, Condition }: Statement, providerArn: string, claims: Claims): boolean {
  const federated = Principal === "*" ? ["*"] : asList((Principal as { Federated?: unknown } | undefined)?.Federated);
  if (!federated.includes("*") && !federated.includes(providerArn)) return false;
  const action = "sts:assumerolewithwebidentity";
  if (!asList(Action).some((one) => likeOracle(String(one).toLowerCase(), action))) return false;
  for (const [operator, keys] of Object.entries(Condition ?? {})) {
    for (const [key, values] of Object.entries(keys)) {
      if (!holds(operator, lookUp(key, claims), asList(values).map(String), claims)) return false;
    }
  }
  return true;
}

function lookUp(key: string, claims: Claims): string | undefined {
  const lower = key.toLowerCase();
  return lower.startsWith(`${issuer}:`) ? claims[lower.slice(issuer.length + 1)] : undefined;
}

function holds(operator: string, claim: string | undefined, raw: string[], claims: Claims): boolean {
  const values = raw.map((value) => substituted(value, claims));
  if (operator === "Null") return values.includes(claim === undefined ? "true" : "false");
  if (operator.startsWith("ForAllValues:"))
    return claim === undefined || holds(operator.slice(13), claim, values, claims);
  if (operator.startsWith("ForAnyValue:"))
    return claim !== undefined && holds(operator.slice(12), claim, values, claims);
  if (operator.endsWith("IfExists")) return claim === undefined || holds(operator.slice(0, -8), claim, values, claims);
  switch (operator) {
    case "StringEquals":
      return claim !== undefined && values.includes(claim);
    case "StringNotEquals":
      return claim === undefined || !values.includes(claim);
    case "StringEqualsIgnoreCase":
      return claim !== undefined && values.some((value) => value.toLowerCase() === claim.toLowerCase());
    case "StringLike":
      return claim !== undefined && values.some((value) => likeOracle(value, claim));
    case "StringNotLike":
      return claim === undefined || !values.some((value) => likeOracle(value, claim));
    default:
      return true;
  }
}

/** Policy variables stand for what the request brings. */
function substituted(value: string, claims: Claims): string {
  let text = value;
  for (const [name, claim] of Object.entries(claims)) text = text.replaceAll(`\${${issuer}:${name}}`, claim ?? "");
  return text;
}
