import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluateTrust, githubIssuer, stringLike, trustPolicy } from "../../../model/roles/oidc-trust.ts";
import { acceptsOracle, likeOracle } from "../../policy/iam-oracle.ts";
import { args, aud, olderForm, providerArn, token } from "./oidc-fixture.ts";

describe("evaluateTrust", () => {
  it("lets a Deny overrule, reads single statements, and needs the action", () => {
    const [allow] = trustPolicy(args).Statement;
    assert.ok(allow);
    assert.equal(evaluateTrust({ Statement: allow }, providerArn, token), true);
    assert.equal(evaluateTrust({ Statement: [allow, { ...allow, Effect: "Deny" }] }, providerArn, token), false);
    assert.equal(evaluateTrust({ Statement: { ...allow, Action: "sts:AssumeRole" } }, providerArn, token), false);
    assert.equal(evaluateTrust({ Statement: { ...allow, Action: ["sts:*"] } }, providerArn, token), true);
    assert.equal(evaluateTrust({ Statement: { ...allow, Principal: "*" } }, providerArn, token), true);
    assert.equal(evaluateTrust({ Statement: [] }, providerArn, token), false);
  });

  it("agrees with another evaluator on documents of any kind (property)", () => {
    const operator = fc.constantFrom(
      "StringEquals",
      "StringLike",
      "StringNotEquals",
      "StringNotLike",
      "StringEqualsIgnoreCase",
      "StringEqualsIfExists",
      "StringLikeIfExists",
      "ForAllValues:StringEquals",
      "ForAllValues:StringLike",
      "ForAnyValue:StringLike",
      "Null",
    );
    const value = fc.oneof(
      fc.constantFrom(
        token.sub,
        olderForm.sub,
        aud,
        "2002",
        "*",
        "true",
        "false",
        "repo:acme/*",
        "repo:acme?1001*",
        "STS.AMAZONAWS.COM",
        "",
      ),
      fc.string({ maxLength: 4 }),
    );
    const key = fc.constantFrom(
      ...["sub", "aud", "repository_id", "SUB"].map((claim) => `${githubIssuer}:${claim}`),
      "gitlab.com:sub",
    );
    const condition = fc.dictionary(
      operator,
      fc.dictionary(key, fc.array(value, { minLength: 1, maxLength: 3 }), { maxKeys: 2 }),
      { maxKeys: 3 },
    );
    const claims = fc.record({
      sub: fc.option(value, { nil: undefined }),
      aud: fc.option(value, { nil: undefined }),
      repository_id: fc.option(value, { nil: undefined }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("Allow", "Allow", "Deny"), condition), { maxLength: 3 }),
        claims,
        (found, given) => {
          const statements = found.map(([Effect, Condition]) => ({
            Effect,
            Principal: { Federated: providerArn },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition,
          }));
          const expected = acceptsOracle(statements, providerArn, given);
          accepted += Number(expected);
          assert.equal(evaluateTrust({ Statement: statements }, providerArn, given), expected);
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(accepted > 100 && accepted < 2900, `one-sided: ${accepted} of 3000 were let in`);
  });

  it("matches like another matcher (property)", () => {
    const letters = fc
      .array(fc.constantFrom("a", "b", "*", "?", ".", "/", "\n"), { maxLength: 8 })
      .map((found) => found.join(""));
    fc.assert(
      fc.property(letters, letters, (pattern, text) =>
        assert.equal(stringLike(pattern, text), likeOracle(pattern, text)),
      ),
      { numRuns: 2000 },
    );
  });

  it("lets in where a policy variable could", () => {
    const [allow] = trustPolicy(args).Statement;
    const variable = { StringEquals: { [`${githubIssuer}:sub`]: `\${${githubIssuer}:sub}` } };
    assert.equal(
      evaluateTrust({ Statement: { ...allow, Effect: "Allow", Condition: variable } }, providerArn, token),
      true,
    );
  });
});
