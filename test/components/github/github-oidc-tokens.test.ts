/** Tokens as GitHub would issue them, against the trust policies that the program declares. */
import assert from "node:assert/strict";
import { Environment } from "../../../components/environment.ts";
import { GithubOidc } from "../../../components/github/github-oidc.ts";
import { type AnyTrustDocument, type Claims, evaluateTrust } from "../../../model/roles/oidc-trust.ts";
import { acceptsOracle } from "../../policy/iam-oracle.ts";
import { configOf, declare } from "../harness.ts";

const account = { id: "123456789012", partition: "aws" };
const provider = `arn:aws:iam::${account.id}:oidc-provider/token.actions.githubusercontent.com`;
const deployWorkflow = "acme/shop/.github/workflows/deploy.yml@refs/heads/main";
const section = {
  owner: "acme",
  ownerId: 1001,
  repository: "shop",
  repositoryId: 2002,
  deploys: ["staging", "prod"],
  pushesFrom: ["main"],
  pushesFromTags: ["v1.0.0"],
  pushesFromEnvironments: ["release"],
  workflows: { deploy: [deployWorkflow] },
};

/** A token of acme/shop; `sub` in the form of names and numbers unless the change says otherwise. */
const token = (context: string, change: Claims = {}): Claims => ({
  sub: `repo:acme@1001/shop@2002:${context}`,
  aud: "sts.amazonaws.com",
  repository: "acme/shop",
  repository_id: "2002",
  repository_owner_id: "1001",
  job_workflow_ref: deployWorkflow,
  ...change,
});
const named = (context: string): Claims => token(context, { sub: `repo:acme/shop:${context}` });
const from = (owner: string, ownerId: number, repository: string, id: number, context: string): Claims =>
  token(context, { sub: `repo:${owner}@${ownerId}/${repository}@${id}:${context}`, repository_id: String(id) });

/** What is let in, and by which role alone. */
const accepted: [title: string, claims: Claims, role: string][] = [
  ["a pull request", token("pull_request"), "plan"],
  ["a pull request, by names", named("pull_request"), "plan"],
  ["the branch that pushes", token("ref:refs/heads/main"), "push"],
  ["the branch that pushes, by names", named("ref:refs/heads/main"), "push"],
  ["the tag that pushes", token("ref:refs/tags/v1.0.0"), "push"],
  ["the environment that pushes", token("environment:release"), "push"],
  ["the environment staging", token("environment:staging"), "deploy-staging"],
  ["the environment prod", token("environment:prod"), "deploy-prod"],
  ["the environment prod, by names", named("environment:prod"), "deploy-prod"],
];

const refused: [title: string, claims: Claims][] = [
  ["another repository of the owner", from("acme", 1001, "blog", 2003, "environment:prod")],
  ["another repository that says it is this one", token("environment:prod", { repository_id: "2003" })],
  ["a repository whose name begins alike", from("acme", 1001, "shop-evil", 2004, "environment:prod")],
  ["a repository whose name ends alike", from("acme", 1001, "my-shop", 2004, "environment:prod")],
  ["a fork", from("mallory", 9, "shop", 2005, "environment:prod")],
  ["a fork's pull request, running as the fork", from("mallory", 9, "shop", 2005, "pull_request")],
  ["a fork's branch", from("mallory", 9, "shop", 2005, "ref:refs/heads/main")],
  ["the repository after it was renamed", from("acme", 1001, "store", 2002, "environment:prod")],
  ["the repository after it moved to another owner", from("mallory", 9, "shop", 2002, "environment:prod")],
  ["a recycled name", { ...named("environment:prod"), repository_id: "2999" }],
  ["a recycled name, with numbers", from("acme", 1001, "shop", 2999, "environment:prod")],
  ["a recycled owner", from("acme", 1999, "shop", 2998, "environment:prod")],
  [
    "a recycled owner who got the number's name",
    token("environment:prod", { sub: "repo:acme@1999/shop@2002:environment:prod" }),
  ],
  ["a look-alike owner, in capitals", from("ACME", 1001, "shop", 2002, "environment:prod")],
  ["a look-alike owner, with a Cyrillic letter", from("\u0430cme", 1001, "shop", 2002, "environment:prod")],
  ["a look-alike owner, with a hyphen", from("acme-", 1001, "shop", 2002, "environment:prod")],
  ["a look-alike owner, that ends alike", from("evilacme", 1001, "shop", 2002, "environment:prod")],
  ["a look-alike repository, in capitals", from("acme", 1001, "Shop", 2002, "environment:prod")],
  ["another branch", token("ref:refs/heads/feature")],
  ["a branch that begins alike", token("ref:refs/heads/main-2")],
  ["a branch below", token("ref:refs/heads/main/x")],
  ["a tag called like the branch", token("ref:refs/tags/main")],
  ["a branch called like the tag", token("ref:refs/heads/v1.0.0")],
  ["another tag", token("ref:refs/tags/v1.0.1")],
  ["a merge queue", token("ref:refs/heads/gh-readonly-queue/main/pr-1")],
  ["a pull request's own ref", token("ref:refs/pull/1/merge")],
  ["another environment", token("environment:preview")],
  ["the environment in capitals", token("environment:Prod")],
  ["an environment that goes on", token("environment:prod-eu")],
  ["an environment that goes on after a colon", token("environment:prod:evil")],
  ["an environment that goes on after a colon, as GitHub writes it", token("environment:prod%3Aevil")],
  ["an environment with a space behind it", token("environment:prod ")],
  ["an environment that holds another context", token("environment:x%3Aenvironment%3Aprod")],
  ["a branch that holds the environment", token("ref:refs/heads/environment:prod")],
  ["no context", token("", { sub: "repo:acme@1001/shop@2002" })],
  ["an empty context", token("")],
  ["no subject", token("environment:prod", { sub: undefined })],
  ["an empty subject", token("environment:prod", { sub: "" })],
  ["a wildcard for a subject", token("environment:prod", { sub: "repo:acme/*" })],
  ["a subject with something before it", token("environment:prod", { sub: "x repo:acme/shop:environment:prod" })],
  [
    "mixed forms: a number for the owner alone",
    token("environment:prod", { sub: "repo:acme@1001/shop:environment:prod" }),
  ],
  ["no audience", token("environment:prod", { aud: undefined })],
  ["GitHub's own audience", token("environment:prod", { aud: "https://github.com/acme" })],
  ["another cloud's audience", token("environment:prod", { aud: "api://AzureADTokenExchange" })],
  ["no number of the repository", token("environment:prod", { repository_id: undefined })],
  [
    "another workflow of the repository",
    token("environment:prod", { job_workflow_ref: deployWorkflow.replace("deploy", "evil") }),
  ],
  [
    "the workflow on another branch",
    token("environment:prod", { job_workflow_ref: deployWorkflow.replace("main", "evil") }),
  ],
  [
    "the workflow of another repository",
    token("environment:prod", { job_workflow_ref: deployWorkflow.replace("acme", "mallory") }),
  ],
  ["no workflow", token("environment:prod", { job_workflow_ref: undefined })],
];

describe("tokens and the roles that the program declares", () => {
  const trusts = new Map<string, AnyTrustDocument>();
  before(async () => {
    const { github } = configOf({ github: section });
    const environment = new Environment({
      project: "sluice",
      stack: "foundation",
      name: "foundation",
      region: "eu-west-1",
    });
    const resources = await declare(
      () => new GithubOidc("github", { environment, github: github as NonNullable<typeof github>, account }),
    );
    for (const name of resources.names("iam/role")) {
      const { assumeRolePolicy } = resources.one("iam/role", name);
      trusts.set(name.slice("github-".length), JSON.parse(assumeRolePolicy as string));
    }
  });

  /** The roles that take a token, in the judgement of two evaluators that share nothing. */
  function takenBy(claims: Claims, through = provider): string[] {
    return [...trusts].flatMap(([role, document]) => {
      const taken = evaluateTrust(document, through, claims);
      const statements = [document.Statement].flat() as Parameters<typeof acceptsOracle>[0];
      assert.equal(acceptsOracle(statements, through, { ...claims }), taken, role);
      return taken ? [role] : [];
    });
  }

  for (const [title, claims, role] of accepted) {
    it(`${role} takes ${title}, and no other role does`, () => assert.deepEqual(takenBy(claims), [role]));
  }
  for (const [title, claims] of refused) {
    it(`no role takes ${title}`, () => assert.deepEqual(takenBy(claims), []));
  }

  it("no role takes a token that comes through another provider", () => {
    for (const through of [
      provider.replace(account.id, "210987654321"),
      `${provider}/acme`,
      `arn:aws:iam::${account.id}:oidc-provider/example.com`,
    ]) {
      assert.deepEqual(takenBy(token("environment:prod"), through), []);
    }
  });
});
