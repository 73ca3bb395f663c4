import assert from "node:assert/strict";
import { Environment } from "../../../components/environment.ts";
import { GithubOidc } from "../../../components/github/github-oidc.ts";
import { checkConfig } from "../../../model/config/config.ts";
import { policyLimits } from "../../../model/roles/document.ts";
import { configOf, type Declarations, declare } from "../harness.ts";

const github = { owner: "acme", ownerId: 10, repository: "shop", repositoryId: 20 };
const account = { id: "123456789012", partition: "aws" };
const place = { project: "sluice", stack: "foundation", name: "foundation", region: "eu-west-1" };

function roles(settings: Record<string, unknown> = {}, at = place): Promise<Declarations> {
  const config = configOf({ github: { ...github, ...settings } }).github as NonNullable<
    ReturnType<typeof configOf>["github"]
  >;
  return declare(() => new GithubOidc("github", { environment: new Environment(at), github: config, account }));
}

const statements = (document: unknown): Record<string, unknown>[] => JSON.parse(document as string).Statement;

describe("GithubOidc", () => {
  it("has a role for plans, one for pushes, and one to deploy each environment, under the names it always had", async () => {
    const resources = await roles({ deploys: ["staging", "prod"] });
    assert.deepEqual(resources.names("iam/role").sort(), [
      "github-deploy-prod",
      "github-deploy-staging",
      "github-plan",
      "github-push",
    ]);
    assert.equal(resources.one("iam/role", "github-deploy-prod").name, "sluice-foundation-github-deploy-prod");
    assert.deepEqual(resources.names("iam/rolePolicy").sort(), ["github-plan-policy", "github-push-policy"]);
    assert.deepEqual(resources.names("iam/openIdConnectProvider"), ["github-provider"]);
  });

  it("leaves out the roles that nobody may take", async () => {
    const resources = await roles({ deploys: [], plans: false, pushesFrom: [] });
    assert.deepEqual(resources.names("iam/role"), []);
    assert.deepEqual(resources.names("iam/policy"), []);
  });

  it("trusts the exact subjects of this repository, in both forms, with audience and repository id", async () => {
    const resources = await roles();
    const [statement] = statements(resources.one("iam/role", "github-deploy-prod").assumeRolePolicy);
    assert.deepEqual(statement?.Condition, {
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:repository_id": "20",
        "token.actions.githubusercontent.com:sub": [
          "repo:acme/shop:environment:prod",
          "repo:acme@10/shop@20:environment:prod",
        ],
      },
    });
  });

  it("lets pushes come from branches, tags and environments, and workflows be named", async () => {
    const workflow = "acme/shop/.github/workflows/release.yml@refs/heads/main";
    const resources = await roles({
      pushesFrom: ["main"],
      pushesFromTags: ["v1.0.0"],
      pushesFromEnvironments: ["release"],
      workflows: { push: [workflow] },
    });
    const [statement] = statements(resources.one("iam/role", "github-push").assumeRolePolicy);
    const { StringEquals } = (statement?.Condition ?? {}) as { StringEquals: Record<string, string[]> };
    assert.deepEqual(
      StringEquals["token.actions.githubusercontent.com:sub"]?.filter((sub) => !sub.includes("@")),
      [
        "repo:acme/shop:ref:refs/heads/main",
        "repo:acme/shop:ref:refs/tags/v1.0.0",
        "repo:acme/shop:environment:release",
      ],
    );
    assert.deepEqual(StringEquals["token.actions.githubusercontent.com:job_workflow_ref"], [workflow]);
    const [deploy] = statements(resources.one("iam/role", "github-deploy-prod").assumeRolePolicy);
    assert.ok(!JSON.stringify(deploy).includes("job_workflow_ref"));
  });

  it("uses the identity provider that the account has", async () => {
    const provider = `arn:aws:iam::${account.id}:oidc-provider/token.actions.githubusercontent.com`;
    const resources = await roles({ provider });
    assert.deepEqual(resources.names("iam/openIdConnectProvider"), []);
    const [statement] = statements(resources.one("iam/role", "github-deploy-prod").assumeRolePolicy);
    assert.deepEqual(statement?.Principal, { Federated: provider });
  });

  it("limits sessions, and every role by a ceiling that is attached to nothing", async () => {
    const resources = await roles({ maxSessionMinutes: 90 });
    const attached = resources
      .names("iam/rolePolicyAttachment")
      .map((name) => resources.one("iam/rolePolicyAttachment", name).policyArn);
    for (const name of resources.names("iam/role")) {
      const { maxSessionDuration, permissionsBoundary } = resources.one("iam/role", name);
      assert.equal(maxSessionDuration, 5400);
      assert.equal(permissionsBoundary, `arn:aws:iam::${account.id}:policy/sluice-foundation-${name}-ceiling`);
      assert.equal(resources.one("iam/policy", `${name}-ceiling-document`).name, `sluice-foundation-${name}-ceiling`);
      assert.ok(!attached.includes(permissionsBoundary));
    }
    assert.ok(attached.length >= 8);
  });

  it("tags everything that can be tagged", async () => {
    const resources = await roles();
    const taggable = resources.all.filter(({ type }) => /:(Role|Policy|OpenIdConnectProvider)$/.test(type));
    assert.ok(taggable.length > 15);
    for (const { name, inputs } of taggable) {
      assert.partialDeepStrictEqual(inputs.tags, { "sluice:project": "sluice", "sluice:stack": "foundation" }, name);
    }
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["an environment twice", { deploys: ["prod", "prod"] }, /github\.deploys\.1: each environment once/],
    ["a name that goes on where another ends", { deploys: ["prod-eu", "prod"] }, /deploys\.0: no name that begins/],
    ["a grant to nobody", { grants: { canary: {} } }, /github\.grants\.canary: an environment of github\.deploys/],
    ["a wildcard for a branch", { pushesFrom: ["*"] }, /github\.pushesFrom\.0/],
    ["a tag with a variable", { pushesFromTags: [`\${aws:x}`] }, /github\.pushesFromTags\.0/],
    [
      "a workflow without its ref",
      { workflows: { deploy: ["acme/shop/.github/workflows/x.yml"] } },
      /workflows\.deploy/,
    ],
    [
      "another issuer's provider",
      { provider: `arn:aws:iam::${account.id}:oidc-provider/example.com` },
      /github\.provider/,
    ],
    ["sessions of less than an hour", { maxSessionMinutes: 59 }, /github\.maxSessionMinutes/],
    ["sessions of more than twelve hours", { maxSessionMinutes: 721 }, /github\.maxSessionMinutes/],
    [
      "any secret at all",
      { grants: { prod: { secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"] } } },
      /secrets\.0/,
    ],
    [
      "more branches than a trust policy holds",
      { pushesFrom: Array.from({ length: 30 }, (_, index) => `release/${index}`) },
      /github\.pushesFrom: a trust policy of at most 2048 characters/,
    ],
  ];
  for (const [title, settings, says] of refused) {
    it(`refuses ${title}`, () => {
      const said = checkConfig({ github: { ...github, ...settings } }).problems.map(
        ({ field, rule }) => `${field}: ${rule}`,
      );
      assert.match(said.join("\n"), says);
    });
  }

  it("refuses, before anything is declared, an environment called like the stack itself or too long to be told apart", async () => {
    await assert.rejects(roles({ deploys: ["foundation"] }), /deploys\.0: no name that begins with this stack's/);
    const long = { ...place, project: "p".repeat(40) };
    await roles({ deploys: ["production"] }, long);
    await assert.rejects(roles({ deploys: ["a".repeat(17)] }, long), /at most 16 characters/);
  });

  it("keeps to IAM's limits where names are at theirs", async () => {
    const deploys = ["a", "b"].map((letter) => letter.repeat(24));
    const secrets = Array.from(
      { length: 8 },
      (_, index) => `arn:aws:ssm:eu-west-1:123456789012:parameter/${"x".repeat(400)}${index}`,
    );
    const resources = await roles(
      { owner: "o".repeat(39), repository: "r".repeat(100), deploys, grants: { [deploys[0] as string]: { secrets } } },
      { ...place, stack: "S".repeat(100), region: "ap-southeast-2" },
    );
    assertWithinLimits(resources);
  });
});

/** IAM and AWS STS quotas; names: IAM API, CreateRole and CreatePolicy. */
function assertWithinLimits(resources: Declarations): void {
  const length = (value: unknown) => String(value).replaceAll(/\s/g, "").length;
  for (const name of resources.names("iam/role")) {
    const role = resources.one("iam/role", name);
    assert.match(String(role.name), /^[\w+=,.@-]{1,64}$/);
    assert.ok(length(role.assumeRolePolicy) <= policyLimits.trust);
  }
  for (const name of resources.names("iam/policy")) {
    const policy = resources.one("iam/policy", name);
    assert.match(String(policy.name), /^[\w+=,.@-]{1,128}$/);
    assert.ok(length(policy.policy) <= policyLimits.managed, `${name}: ${length(policy.policy)}`);
  }
  for (const name of resources.names("iam/rolePolicy")) {
    assert.ok(length(resources.one("iam/rolePolicy", name).policy) <= policyLimits.inline);
  }
  const attachments = resources
    .names("iam/rolePolicyAttachment")
    .map((name) => resources.one("iam/rolePolicyAttachment", name).role);
  for (const role of new Set(attachments)) assert.ok(attachments.filter((one) => one === role).length <= 10);
}
