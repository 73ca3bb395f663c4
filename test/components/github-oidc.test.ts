import assert from "node:assert/strict";
import { GithubOidc } from "../../components/github/github-oidc.ts";
import { configOf, declare, environment } from "./harness.ts";

const github = { owner: "acme", ownerId: 10, repository: "shop", repositoryId: 20 };

async function roles(settings: Record<string, unknown> = {}) {
  const config = configOf({ github: { ...github, ...settings } }).github as NonNullable<
    ReturnType<typeof configOf>["github"]
  >;
  return declare(
    () =>
      new GithubOidc("github", {
        environment,
        github: config,
        account: { id: "123456789012", partition: "aws" },
        repositories: ["api"],
      }),
  );
}

const statements = (document: unknown): Record<string, unknown>[] => JSON.parse(document as string).Statement;

describe("GithubOidc", () => {
  it("has a role for plans, one for pushes, and one to deploy each environment", async () => {
    const resources = await roles({ deploys: ["staging", "prod"] });
    assert.deepEqual(resources.names("iam/role").sort(), [
      "github-deploy-prod",
      "github-deploy-staging",
      "github-plan",
      "github-push",
    ]);
  });

  it("trusts the exact subjects of this repository, in both forms, with audience and repository id", async () => {
    const resources = await roles();
    const [statement] = statements(resources.one("iam/role", "github-deploy-prod").assumeRolePolicy);
    const condition = statement?.Condition as { StringEquals: Record<string, unknown> };
    assert.deepEqual(condition.StringEquals["token.actions.githubusercontent.com:sub"], [
      "repo:acme/shop:environment:prod",
      "repo:acme@10/shop@20:environment:prod",
    ]);
    assert.equal(condition.StringEquals["token.actions.githubusercontent.com:aud"], "sts.amazonaws.com");
    assert.equal(condition.StringEquals["token.actions.githubusercontent.com:repository_id"], "20");
  });

  it("lets a pull request's plan read no secret and decrypt nothing, whatever else is attached", async () => {
    const resources = await roles();
    const [denial] = statements(resources.one("iam/rolePolicy", "github-plan-policy").policy);
    assert.equal(denial?.Effect, "Deny");
    for (const action of ["kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter"]) {
      assert.ok(((denial?.Action ?? []) as string[]).includes(action), action);
    }
  });

  it("gives the role of one environment no resource of another", async () => {
    const resources = await roles({ deploys: ["staging"] });
    const policy = statements(resources.one("iam/rolePolicy", "github-deploy-staging-policy").policy);
    const named = policy
      .flatMap(({ Resource }) => Resource as string[])
      .filter((arn) => /:(ecs|elasticloadbalancing|logs|iam):/.test(arn));
    assert.ok(named.length > 0);
    for (const arn of named) assert.match(arn, /sluice[-/]staging/);
  });

  it("lets pushes reach these repositories alone", async () => {
    const resources = await roles();
    const policy = statements(resources.one("iam/rolePolicy", "github-push-policy").policy);
    const writes = policy.filter(({ Action }) => (Action as string[]).includes("ecr:PutImage"));
    assert.deepEqual(
      writes.map(({ Resource }) => Resource),
      [["arn:aws:ecr:eu-west-1:123456789012:repository/api"]],
    );
  });
});
