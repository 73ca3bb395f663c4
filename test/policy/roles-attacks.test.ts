/** Every way that we could think of from a role that is not trusted with production to production. */
import assert from "node:assert/strict";
import { allows, type Principal } from "./iam-evaluation.ts";
import { type Attack, arn, fromStaging, has, iam, state } from "./roles-attack-list.ts";
import { keyed } from "./roles-call-parts.ts";
import { administrator, keyOf, plan, principal } from "./roles-fixture.ts";
import { region } from "./roles-stack.ts";

describe("attacks from staging's deploy role on production", () => {
  const role = principal("deploy-staging");
  for (const [title, action, resource, context = {}] of fromStaging) {
    it(`fail: ${title}`, () => assert.equal(allows(role, { action, resource, context }), false));
  }

  it("fail even when somebody attached AdministratorAccess to the role, but for a few that are listed", () => {
    const careless = { ...role, policies: [...role.policies, administrator] };
    const through = fromStaging.filter(([, action, resource, context = {}]) =>
      allows(careless, { action, resource, context }),
    );
    assert.deepEqual(
      through.map(([title]) => title),
      onlyByCarelessness,
    );
  });

  it("would succeed from production's own role, or an administrator's: the requests are what they seem", () => {
    const anyone: Principal = { policies: [administrator] };
    for (const [, action, resource, context = {}] of fromStaging) {
      assert.ok(allows(anyone, { action, resource, context }));
    }
    const own = principal("deploy-prod");
    const theirs = fromStaging.filter(([, action, resource, context = {}]) =>
      allows(own, { action, resource, context }),
    );
    assert.ok(theirs.length >= 10, String(theirs.length));
  });
});

/** Kept by the role's own policies alone: what AWS judges by conditions that a ceiling has no room for. */
const onlyByCarelessness: readonly string[] = [
  "its own role for a function",
  "its own task in production's cluster",
  "its tags on what has none",
  "its tags on a certificate of another project's staging",
  "the address",
  "the address beside its own",
  "a record of no name",
  "the foundation's state, to change it",
  "everybody's state",
  "what reports say",
  "a record in a record's place",
  "an entry of the audit log in another's place",
  "a record away",
  "evidence beside where it is read",
  "the foundation's key, to write",
];

describe("a role that staging's deploy role made, whatever policy it was given", () => {
  const made: Principal = { policies: [administrator], boundary: plan.boundaries.staging as string };
  const refused: Attack[] = [
    ...fromStaging,
    ["its own role", "iam:PutRolePolicy", iam("role/sluice-staging-api-task"), has("staging")],
    ["its own deployer", "sts:AssumeRole", iam("role/sluice-foundation-github-deploy-staging")],
    ["its own service", "ecs:UpdateService", arn("ecs", "service/sluice-staging/x"), has("staging")],
    ["a key by itself", "kms:Decrypt", keyOf("staging")],
    ["a key through storage", "kms:Decrypt", keyOf("prod"), { "kms:ViaService": `s3.${region}.amazonaws.com` }],
    ["a bucket", "s3:GetObject", "arn:aws:s3:::shop-customers/1"],
    ["a log group of production", "logs:PutLogEvents", arn("logs", "log-group:/sluice/prod/api:log-stream:1")],
    ["a secret of another project", "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:other/staging/x")],
    [
      "a secret that is called alike",
      "secretsmanager:GetSecretValue",
      arn("secretsmanager", "secret:sluice/staging-eu/x"),
    ],
  ];
  for (const [title, action, resource, context = {}] of refused) {
    it(`cannot have: ${title}`, () => assert.equal(allows(made, { action, resource, context }), false));
  }

  const needed: Attack[] = [
    ["an image", "ecr:BatchGetImage", arn("ecr", "repository/api"), has("foundation")],
    ["a line in its log", "logs:PutLogEvents", arn("logs", "log-group:/sluice/staging/api:log-stream:1")],
    ["its secret", "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:sluice/staging/db-AbCdEf")],
    ["its parameter", "ssm:GetParameters", arn("ssm", "parameter/sluice/staging/db")],
    ["its secret's key", "kms:Decrypt", keyOf("app"), { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` }],
  ];
  for (const [title, action, resource, context = {}] of needed) {
    it(`can have: ${title}`, () => assert.equal(allows(made, { action, resource, context }), true));
  }
});

describe("the plan role, which runs a pull request's code", () => {
  const role = principal("plan");
  const careless: Principal = { ...role, policies: [...role.policies, administrator] };
  const refused: Attack[] = [
    ...fromStaging.filter(([, action]) => !action.startsWith("ecs:Describe")),
    ["staging's secret", "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:sluice/staging/db")],
    ["staging's state", "s3:GetObject", state("stacks/sluice/staging.json")],
    ["the foundation's state", "s3:GetObject", state("stacks/sluice/foundation.json")],
    ["any key", "kms:Decrypt", keyOf("staging")],
    ["variables of tasks", "ecs:DescribeTaskDefinition", "*"],
    ["user data of machines", "ec2:DescribeInstanceAttribute", "*"],
    ["what tasks wrote", "logs:GetLogEvents", arn("logs", "log-group:/sluice/prod/api:log-stream:1")],
    ["layers of images", "ecr:GetDownloadUrlForLayer", arn("ecr", "repository/api")],
    ["code of functions", "lambda:GetFunction", arn("lambda", "function:x")],
  ];
  for (const [title, action, resource, context = {}] of refused) {
    it(`cannot, not even with AdministratorAccess attached: ${title}`, () => {
      assert.equal(allows(role, { action, resource, context }), false);
      assert.equal(allows(careless, { action, resource, context }), false);
    });
  }

  it("may look", () => {
    for (const action of ["ecs:DescribeServices", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeRules"]) {
      assert.equal(allows(role, { action, resource: "*" }), true, action);
    }
  });
});

describe("the push role", () => {
  const role = principal("push");
  const api = arn("ecr", "repository/api");

  it("pushes to the repositories of its own foundation", () => {
    assert.equal(allows(role, { action: "ecr:GetAuthorizationToken", resource: "*" }), true);
    for (const action of ["ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:BatchGetImage"]) {
      assert.equal(allows(role, { action, resource: api, context: has("foundation") }), true, action);
    }
  });

  const refused: Attack[] = [
    ["an image where others keep theirs", "ecr:PutImage", arn("ecr", "repository/other")],
    ["an image of another foundation's", "ecr:PutImage", api, has("tools")],
    [
      "an image of another project's foundation",
      "ecr:PutImage",
      api,
      keyed("ResourceTag", { "sluice:project": "other", "sluice:stack": "foundation" }),
    ],
    ["no image", "ecr:BatchDeleteImage", api, has("foundation")],
    ["tags that change", "ecr:PutImageTagMutability", api, has("foundation")],
    ["a door for others", "ecr:SetRepositoryPolicy", api, has("foundation")],
    ["rules that expire images", "ecr:PutLifecyclePolicy", api, has("foundation")],
    ["a deployment", "ecs:UpdateService", arn("ecs", "service/sluice-prod/x"), has("prod")],
    ["production's role", "sts:AssumeRole", iam("role/sluice-foundation-github-deploy-prod")],
  ];
  for (const [title, action, resource, context = {}] of refused) {
    it(`cannot, not even with AdministratorAccess attached: ${title}`, () => {
      assert.equal(
        allows({ ...role, policies: [...role.policies, administrator] }, { action, resource, context }),
        false,
      );
    });
  }
});
