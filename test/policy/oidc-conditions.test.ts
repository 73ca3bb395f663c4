import { oidcTrustExact } from "../../policy/oidc-trust.ts";
import { refusesEach } from "./harness.ts";
import { equals, issuer, like, moved, role, statement, trust, withDocument } from "./oidc-fixture.ts";

describe("policy oidc-trust-exact, conditions", () => {
  refusesEach(oidcTrustExact, role(trust), [
    {
      title: "any repository of the owner",
      change: like("repo:acme/*"),
      says: /has a wildcard that reaches other repositories/,
    },
    { title: "repositories that begin alike", change: like("repo:acme/shop*:environment:prod"), says: /reaches other/ },
    { title: "a wildcard in the owner", change: like("repo:acm?/shop:environment:prod"), says: /reaches other/ },
    {
      title: "a wildcard instead of the number",
      change: like("repo:acme@*/shop@2:environment:prod"),
      says: /reaches other/,
    },
    { title: "everything", change: like("*"), says: /reaches other/ },
    { title: "any context", change: like("repo:acme/shop:*"), says: /names no environment, branch/ },
    { title: "any environment", change: like("repo:acme/shop:environment:*"), says: /takes any environment/ },
    { title: "any branch", change: like("repo:acme/shop:ref:refs/heads/*"), says: /takes any environment, branch/ },
    { title: "any ref", change: like("repo:acme/shop:ref:*"), says: /names no environment/ },
    {
      title: "some branches, where the config allows no wildcards",
      change: like("repo:acme/shop:ref:refs/heads/release-*"),
      says: /has a wildcard; name each context in full, or list the role under wildcardRoles/,
    },
    {
      title: "one wide subject among exact ones",
      change: like("repo:acme/shop:environment:prod", "repo:*"),
      says: /reaches other/,
    },
    {
      title: "a wildcard that StringEquals takes literally",
      change: equals("sub", "repo:acme/shop:environment:p*"),
      says: /literally, so no token matches/,
    },
    {
      title: "pull requests",
      change: equals("sub", "repo:acme/shop:pull_request"),
      says: /pull requests take the role/,
    },
    {
      title: "two repositories in one statement",
      change: equals("sub", ["repo:acme/shop:environment:prod", "repo:acme/blog:environment:prod"]),
      says: /sub names "acme\/shop" and "acme\/blog"/,
    },
    {
      title: "another number in the subject",
      change: equals("sub", "repo:acme@1/shop@3:environment:prod"),
      says: /sub names repository "3", repository_id "2"/,
    },
    {
      title: "half a number",
      change: equals("sub", "repo:acme@1/shop:environment:prod"),
      says: /only one of owner and repository/,
    },
    {
      title: "a subject of another form",
      change: equals("sub", "repository_id:2:environment:prod"),
      says: /is no repo:OWNER\/NAME/,
    },
    { title: "a policy variable in sub", change: equals("sub", `\${${issuer}:sub}`), says: /has a policy variable/ },
    { title: "no sub", change: equals("sub", undefined), says: /Condition sub is not checked/ },
    { title: "an empty list of subjects", change: equals("sub", []), says: /sub has a value that is no text/ },
    { title: "a subject that is a number", change: equals("sub", [7]), says: /no text/ },
    {
      title: "sub compared without regard to case",
      change: moved("sub", "StringEqualsIgnoreCase"),
      says: /tests sub with "StringEqualsIgnoreCase"/,
    },
    {
      title: "sub only where it exists",
      change: moved("sub", "StringEqualsIfExists"),
      says: /tests sub with "StringEqualsIfExists"; use StringEquals/,
    },
    {
      title: "sub under ForAllValues, which holds without it",
      change: moved("sub", "ForAllValues:StringEquals"),
      says: /ForAllValues/,
    },
    { title: "sub under a negation", change: moved("sub", "StringNotEquals"), says: /StringNotEquals/ },
    { title: "sub in another spelling of the operator", change: moved("sub", "stringequals"), says: /"stringequals"/ },
    { title: "no aud", change: equals("aud", undefined), says: /aud is not checked; add StringEquals/ },
    {
      title: "another aud",
      change: equals("aud", "https://github.com/acme"),
      says: /aud may be "https:\/\/github\.com\/acme"/,
    },
    {
      title: "another aud beside the right one",
      change: equals("aud", ["sts.amazonaws.com", "x"]),
      says: /aud may be/,
    },
    { title: "aud by pattern", change: moved("aud", "StringLike"), says: /tests aud with "StringLike"/ },
    { title: "aud only where it exists", change: moved("aud", "StringEqualsIfExists"), says: /tests aud/ },
    {
      title: "no repository_id",
      change: equals("repository_id", undefined),
      says: /repository_id is not checked, and a name can be recycled/,
    },
    { title: "two repository_ids", change: equals("repository_id", ["2", "3"]), says: /repository_id may be "2", "3"/ },
    {
      title: "a repository_id that is no number",
      change: equals("repository_id", "shop"),
      says: /repository_id may be "shop"/,
    },
    {
      title: "repository_id under ForAnyValue",
      change: moved("repository_id", "ForAnyValue:StringEquals"),
      says: /ForAnyValue/,
    },
    {
      title: "a Null condition",
      change: statement(["Condition", "Null"], { [`${issuer}:sub`]: "true" }),
      says: /"Null"/,
    },
    { title: "no conditions", change: statement(["Condition"], undefined), says: /sub is not checked/ },
    {
      title: "conditions on another issuer",
      change: withDocument(JSON.parse(JSON.stringify(trust).replaceAll(`${issuer}:`, "gitlab.com:"))),
      says: /sub is not checked/,
    },
    {
      title: "the same claim again, with the issuer in another case",
      change: statement(["Condition", "StringEquals", `${issuer.toUpperCase()}:sub`], "repo:evil/x:environment:prod"),
      says: /sub names "acme\/shop" and "evil\/x"/,
    },
    {
      title: "the same claim again in another case",
      change: statement(["Condition", "StringEquals", `${issuer}:SUB`], "repo:evil/x:environment:prod"),
      says: /sub names "acme\/shop" and "evil\/x"/,
    },
    {
      title: "a repository that the config does not list",
      change: {},
      config: { repositories: ["acme/blog"] },
      says: /trusts the repository "acme\/shop"; trust only acme\/blog/,
    },
  ]);
});
