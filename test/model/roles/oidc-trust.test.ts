import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Claims,
  evaluateTrust,
  githubIssuer,
  type TrustArgs,
  trustPolicy,
} from "../../../model/roles/oidc-trust.ts";
import { judgeTrust } from "../../../policy/oidc-trust.ts";
import { acceptsOracle } from "../../policy/iam-oracle.ts";
import { args, aud, olderForm, providerArn, token } from "./oidc-fixture.ts";

describe("trustPolicy", () => {
  it("names the repository in both forms, its number and the audience, with nothing but StringEquals", () => {
    assert.deepEqual(trustPolicy({ ...args, subjects: [{ environment: "prod" }, { branch: "main" }] }), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: providerArn },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:repository_id": "2002",
              "token.actions.githubusercontent.com:sub": [
                "repo:acme/shop:environment:prod",
                "repo:acme@1001/shop@2002:environment:prod",
                "repo:acme/shop:ref:refs/heads/main",
                "repo:acme@1001/shop@2002:ref:refs/heads/main",
              ],
            },
          },
        },
      ],
    });
  });

  const table: [string, Claims, boolean][] = [
    ["the environment, newer form", token, true],
    ["the environment, older form", olderForm, true],
    [
      "another repository of the owner",
      { ...token, sub: "repo:acme@1001/blog@2003:environment:prod", repository_id: "2003" },
      false,
    ],
    [
      "another repository, older form",
      { ...token, sub: "repo:acme/blog:environment:prod", repository_id: "2003" },
      false,
    ],
    [
      "a repository whose name begins alike",
      { ...token, sub: "repo:acme/shop-evil:environment:prod", repository_id: "2004" },
      false,
    ],
    ["a fork", { ...token, sub: "repo:mallory@9/shop@2005:environment:prod", repository_id: "2005" }, false],
    ["a fork, older form", { ...token, sub: "repo:mallory/shop:environment:prod", repository_id: "2005" }, false],
    ["a pull request", { ...token, sub: "repo:acme@1001/shop@2002:pull_request" }, false],
    ["the repository after it was renamed", { ...token, sub: "repo:acme@1001/store@2002:environment:prod" }, false],
    ["the name recycled by a new repository, older form", { ...olderForm, repository_id: "2999" }, false],
    [
      "the name recycled by a new repository, newer form",
      { ...token, sub: "repo:acme@1001/shop@2999:environment:prod", repository_id: "2999" },
      false,
    ],
    [
      "the owner's name recycled by a new account",
      { ...token, sub: "repo:acme@1999/shop@2998:environment:prod", repository_id: "2998" },
      false,
    ],
    [
      "a look-alike owner, with a hyphen",
      { ...token, sub: "repo:acme-/shop:environment:prod", repository_id: "2006" },
      false,
    ],
    [
      "a look-alike owner, with a Cyrillic a",
      { ...token, sub: "repo:\u0430cme/shop:environment:prod", repository_id: "2006" },
      false,
    ],
    ["a look-alike owner, in capitals", { ...token, sub: "repo:ACME/shop:environment:prod" }, false],
    [
      "an owner that ends in the right one",
      { ...token, sub: "repo:evilacme/shop:environment:prod", repository_id: "2007" },
      false,
    ],
    ["another environment", { ...token, sub: "repo:acme@1001/shop@2002:environment:staging" }, false],
    ["an environment whose name goes on", { ...token, sub: "repo:acme@1001/shop@2002:environment:prod-eu" }, false],
    [
      "an environment that imitates a path",
      { ...token, sub: "repo:acme@1001/shop@2002:environment:x%3Aenvironment%3Aprod" },
      false,
    ],
    ["a branch", { ...token, sub: "repo:acme@1001/shop@2002:ref:refs/heads/main" }, false],
    [
      "a tag called like the environment",
      { ...token, sub: "repo:acme@1001/shop@2002:ref:refs/tags/environment:prod" },
      false,
    ],
    ["no subject", { ...token, sub: undefined }, false],
    ["an empty subject", { ...token, sub: "" }, false],
    ["no audience", { ...token, aud: undefined }, false],
    ["GitHub's default audience", { ...token, aud: "https://github.com/acme" }, false],
    ["no number of the repository", { ...token, repository_id: undefined }, false],
  ];
  for (const [title, claims, expected] of table) {
    it(`${expected ? "lets in" : "keeps out"} ${title}`, () => {
      const document = trustPolicy(args);
      assert.equal(evaluateTrust(document, providerArn, claims), expected);
      assert.equal(acceptsOracle(document.Statement, providerArn, claims), expected);
    });
  }

  it("keeps out what comes through another provider", () => {
    assert.equal(evaluateTrust(trustPolicy(args), `${providerArn}.evil.example`, token), false);
  });

  it("lets branches, tags and pull requests in, each for itself", () => {
    const subjects = { branch: "main", tag: "v1.0.0" };
    const cases: [TrustArgs["subjects"][number], string][] = [
      [{ branch: subjects.branch }, "ref:refs/heads/main"],
      [{ tag: subjects.tag }, "ref:refs/tags/v1.0.0"],
      [{ pullRequest: true }, "pull_request"],
      [{ environment: "prod" }, "environment:prod"],
    ];
    for (const [subject] of cases) {
      for (const [other, context] of cases) {
        const document = trustPolicy({ ...args, subjects: [subject] });
        const claims = { ...token, sub: `repo:acme@1001/shop@2002:${context}` };
        assert.equal(evaluateTrust(document, providerArn, claims), subject === other, context);
      }
    }
  });

  it("writes an environment's colons as GitHub does", () => {
    const document = trustPolicy({ ...args, subjects: [{ environment: "eu:prod" }] });
    assert.equal(evaluateTrust(document, providerArn, { ...token, sub: "repo:acme/shop:environment:eu%3Aprod" }), true);
    assert.equal(evaluateTrust(document, providerArn, { ...token, sub: "repo:acme/shop:environment:eu:prod" }), false);
  });

  const wrong: [string, Partial<TrustArgs>, RegExp][] = [
    ["no subject", { subjects: [] }, /no subject/],
    ["an owner with a wildcard", { owner: "ac*" }, /not a GitHub owner: ac\*/],
    ["an owner with a slash", { owner: "acme/shop" }, /not a GitHub owner/],
    ["a repository with a colon", { repository: "shop:environment" }, /not a GitHub repository/],
    ["an empty repository", { repository: "" }, /not a GitHub repository/],
    ["a number that is none", { repositoryId: 0 }, /not a number that GitHub gives: 0/],
    ["half a number", { ownerId: 1.5 }, /not a number/],
    ["an environment with a wildcard", { subjects: [{ environment: "prod*" }] }, /not one name: "prod\*"/],
    ["a branch with a question mark", { subjects: [{ branch: "v?" }] }, /not one name/],
    ["an empty environment", { subjects: [{ environment: "" }] }, /not one name/],
    ["a policy variable", { subjects: [{ environment: `\${${githubIssuer}:sub}` }] }, /not one name/],
  ];
  for (const [title, change, says] of wrong) {
    it(`refuses ${title}`, () => {
      assert.throws(() => trustPolicy({ ...args, ...change }), says);
    });
  }

  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,8}$/);
  const id = fc.integer({ min: 1, max: 9999 });
  const context = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:_./-]{0,10}$/);

  it("lets in one repository's own tokens and no other's, and satisfies the policy pack (property)", () => {
    const settings = {
      issuers: [githubIssuer],
      repositories: [],
      wildcardRoles: [],
      pullRequestRoles: [],
      awsPrincipals: [],
    };
    const repository = fc.record({ owner: name, ownerId: id, repository: name, repositoryId: id });
    fc.assert(
      fc.property(repository, repository, context, context, (mine, theirs, environment, other) => {
        const document = trustPolicy({ ...args, ...mine, subjects: [{ environment }] });
        assert.deepEqual(judgeTrust("deploy", document, settings), []);
        const issue = (whose: typeof mine, where: string, numbers: boolean) => ({
          aud,
          repository_id: String(whose.repositoryId),
          sub: numbers
            ? `repo:${whose.owner}@${whose.ownerId}/${whose.repository}@${whose.repositoryId}:environment:${where.split(":").join("%3A")}`
            : `repo:${whose.owner}/${whose.repository}:environment:${where.split(":").join("%3A")}`,
        });
        for (const numbers of [true, false]) {
          assert.equal(evaluateTrust(document, providerArn, issue(mine, environment, numbers)), true);
          const foreign = theirs.repositoryId !== mine.repositoryId;
          if (foreign) assert.equal(evaluateTrust(document, providerArn, issue(theirs, environment, numbers)), false);
          if (other !== environment)
            assert.equal(evaluateTrust(document, providerArn, issue(mine, other, numbers)), false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
