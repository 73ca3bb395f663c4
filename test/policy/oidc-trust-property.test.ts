import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeTrust } from "../../policy/oidc-trust.ts";
import { acceptsOracle, likeOracle } from "./iam-oracle.ts";
import { issuer, providerArn } from "./oidc-fixture.ts";

describe("oidc-trust-exact against an evaluator of IAM (property)", () => {
  const parts = [
    "repo:",
    "acme/shop",
    "acme@1/shop@2",
    "acme",
    "evil",
    "/",
    "shop",
    "*",
    "?",
    ":",
    "@1",
    "@2",
    "environment:",
    "prod",
    "preview-",
    "ref:refs/heads/",
    "main",
    "pull_request",
    `\${${issuer}:sub}`,
  ];
  const wellFormed = fc
    .tuple(
      fc.constantFrom("acme/shop", "acme@1/shop@2"),
      fc.constantFrom(
        "environment:prod",
        "environment:preview-*",
        "ref:refs/heads/feat/*",
        "pull_request",
        "ref:refs/tags/v?",
      ),
    )
    .map(([name, context]) => `repo:${name}:${context}`);
  const bent = fc
    .tuple(wellFormed, fc.nat(), fc.constantFrom(...parts), fc.nat({ max: 3 }))
    .map(([text, at, part, cut]) => text.slice(0, at % text.length) + part + text.slice((at % text.length) + cut));
  const wild = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 }).map((found) => found.join(""));
  const subject = fc.oneof(
    { weight: 4, arbitrary: wellFormed },
    { weight: 3, arbitrary: bent },
    { weight: 1, arbitrary: wild },
  );
  const operators = [
    "StringEquals",
    "StringLike",
    "StringEqualsIfExists",
    "StringLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
  ];
  const operator = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("StringEquals", "StringLike") },
    { weight: 1, arbitrary: fc.constantFrom(...operators) },
  );
  const test = (claim: string, values: fc.Arbitrary<string>) =>
    fc.tuple(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant(claim) },
        { weight: 1, arbitrary: fc.constant(claim.toUpperCase()) },
      ),
      claim === "sub" ? operator : fc.oneof({ weight: 9, arbitrary: fc.constant("StringEquals") }, operator),
      fc.array(values, { minLength: 1, maxLength: 2 }),
    );
  const conditions = fc
    .array(
      fc.oneof(
        test("sub", subject),
        test("aud", fc.oneof({ weight: 9, arbitrary: fc.constant("sts.amazonaws.com") }, fc.constantFrom("*", "x"))),
        test("repository_id", fc.oneof({ weight: 9, arbitrary: fc.constant("2") }, fc.constantFrom("3", "*"))),
      ),
      { minLength: 3, maxLength: 5 },
    )
    .map((found) => {
      const condition: Record<string, Record<string, string[]>> = {};
      for (const [claim, name, values] of found)
        condition[name] = { ...condition[name], [`${issuer}:${claim}`]: values };
      return condition;
    });
  const fillings = [
    "",
    "x",
    "prod",
    "evil/other:environment:prod",
    "/shop:environment:prod",
    "acme/shop:environment:prod",
    "@9/shop",
    ":environment:prod",
  ];

  /** Tokens that an attacker could have: what each subject in the document may stand for, and other repositories. */
  function tokens(condition: Record<string, Record<string, string[]>>) {
    const patterns = Object.values(condition).flatMap((keys) =>
      Object.entries(keys)
        .filter(([key]) => key.toLowerCase().endsWith(":sub"))
        .flatMap(([, values]) => values),
    );
    const filled = patterns.flatMap((pattern) =>
      fillings.map((filling) => pattern.replaceAll("*", filling).replaceAll("?", "z")),
    );
    const subjects = [
      ...filled,
      "repo:evil/other:environment:prod",
      "repo:evil/shop:environment:prod",
      "repo:acme/shop-evil:environment:prod",
      "repo:ACME/SHOP:environment:prod",
    ];
    return subjects.flatMap((sub) =>
      ["2", "3", undefined].flatMap((repository_id) =>
        ["sts.amazonaws.com", "x"].map((aud) => ({ sub, aud, repository_id })),
      ),
    );
  }

  /** By GitHub's grammar: what stands between `repo:` and the next colon, numbers left out. */
  function repositoryOf(sub: string): string {
    const name = sub.split(":")[1] ?? "";
    return sub.startsWith("repo:")
      ? name
          .split("/")
          .map((half) => half.split("@")[0])
          .join("/")
      : `no repository in ${sub}`;
  }

  it("lets no document through that takes tokens of two repositories, or of another audience", () => {
    const settings = {
      issuers: [issuer],
      repositories: [],
      wildcardRoles: ["*"],
      pullRequestRoles: ["*"],
      awsPrincipals: [],
    };
    let passed = 0;
    let taken = 0;
    fc.assert(
      fc.property(conditions, (condition) => {
        const document = {
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: providerArn },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: condition,
            },
          ],
        };
        if (judgeTrust("role", document, settings).length > 0) return;
        passed++;
        const accepted = tokens(condition).filter((claims) => acceptsOracle(document.Statement, providerArn, claims));
        taken += accepted.length;
        assert.ok(accepted.every(({ aud }) => aud === "sts.amazonaws.com"));
        assert.ok(new Set(accepted.map(({ repository_id }) => repository_id)).size <= 1);
        assert.ok(accepted.every(({ repository_id }) => repository_id !== undefined));
        assert.ok(new Set(accepted.map(({ sub }) => repositoryOf(sub))).size <= 1, JSON.stringify(accepted));
      }),
      { numRuns: 5000 },
    );
    assert.ok(
      passed > 50 && taken > 50,
      `too few documents passed (${passed}), or they took too few tokens (${taken})`,
    );
  });

  it("matches like IAM's reference says, at known places", () => {
    const table: [string, string, boolean][] = [
      ["*", "", true],
      ["?", "", false],
      ["a*c", "abbc", true],
      ["a*c", "abbd", false],
      ["a?c", "abc", true],
      ["a?c", "abbc", false],
      ["a.c", "abc", false],
      ["repo:acme/*", "repo:acme/shop:pull_request", true],
      ["repo:acme/shop:*", "repo:acme/shop-evil:x", false],
    ];
    for (const [pattern, value, expected] of table)
      assert.equal(likeOracle(pattern, value), expected, `${pattern} ${value}`);
  });
});
