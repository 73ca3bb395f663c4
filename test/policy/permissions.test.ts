import assert from "node:assert/strict";
import { github } from "../../model/config/github.ts";
import { planRoles } from "../../model/roles/github-roles.ts";
import { permissionsNarrow } from "../../policy/permissions.ts";
import { assertRefused, judge, type Resource, refusesEach } from "./harness.ts";

const arn = "arn:aws:ecr:eu-west-1:123456789012:repository/api";
const policy = (...statements: object[]) => ({
  policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
});
const allow = (Action: unknown, Resource: unknown, others: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...others,
});
const compliant: Resource = {
  type: "aws:iam/rolePolicy:RolePolicy",
  name: "execution",
  props: policy(allow(["ecr:BatchGetImage"], [arn]), allow("ecr:GetAuthorizationToken", "*"), {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
  }),
};
const tagged = { Condition: { StringEquals: { "aws:ResourceTag/sluice:stack": "prod" } } };

describe("policy permissions-narrow", () => {
  refusesEach(permissionsNarrow, compliant, [
    {
      title: "everything",
      change: policy(allow("*", arn)),
      says: /execution: policy\.Statement\[0\] allows "\*"; name the actions/,
    },
    { title: "everything, in two parts", change: policy(allow("*:*", arn)), says: /allows "\*:\*"/ },
    { title: "a whole service", change: policy(allow("s3:*", arn)), says: /allows "s3:\*"/ },
    { title: "a wildcard in the service", change: policy(allow("e?r:BatchGetImage", arn)), says: /allows "e\?r/ },
    {
      title: "a wildcard at the start of the action",
      change: policy(allow("iam:*Role", arn)),
      says: /allows "iam:\*Role"/,
    },
    { title: "any number of question marks", change: policy(allow("iam:????????", arn)), says: /allows "iam:\?/ },
    { title: "any resource", change: policy(allow("s3:GetObject", "*")), says: /allows \["s3:GetObject"\] on "\*"/ },
    { title: "any resource beside another", change: policy(allow("s3:GetObject", [arn, "*"])), says: /on "\*"/ },
    {
      title: "any resource, behind a listed action",
      change: policy(allow(["ecr:GetAuthorizationToken", "s3:GetObject"], "*")),
      says: /allows \["s3:GetObject"\]/,
    },
    {
      title: "a pattern wider than the listed one",
      change: policy(allow("ecr:Get*", "*")),
      says: /allows \["ecr:Get\*"\]/,
    },
    { title: "any bucket", change: policy(allow("s3:GetObject", "arn:aws:s3:::*")), says: /on "arn:aws:s3:::\*"/ },
    {
      title: "any resource of any service",
      change: policy(allow("s3:GetObject", "arn:aws:*")),
      says: /on "arn:aws:\*"/,
    },
    { title: "any partition", change: policy(allow("s3:GetObject", "arn:*:s3:::shop/x")), says: /on "arn:\*/ },
    {
      title: "everything but some actions",
      change: policy({ Effect: "Allow", NotAction: "iam:*", Resource: arn }),
      says: /has "NotAction"/,
    },
    {
      title: "everything but some resources",
      change: policy({ Effect: "Allow", Action: "s3:GetObject", NotResource: arn }),
      says: /has "NotResource"/,
    },
    {
      title: "a statement without resources",
      change: policy({ Effect: "Allow", Action: "s3:GetObject" }),
      says: /does not name/,
    },
    {
      title: "an account's whole service with a tag that the request chooses itself",
      change: policy(
        allow("ec2:RunInstances", "arn:aws:ec2:eu-west-1:1:*", {
          Condition: { StringEquals: { "aws:ResourceTag/x": `\${aws:PrincipalTag/x}` } },
        }),
      ),
      says: /on "arn:aws:ec2/,
    },
    {
      title: "an account's whole service with a tag that may be missing",
      change: policy(
        allow("ec2:RunInstances", "arn:aws:ec2:eu-west-1:1:*", {
          Condition: { StringEqualsIfExists: tagged.Condition.StringEquals },
        }),
      ),
      says: /on "arn:aws:ec2/,
    },
    {
      title: "a tagged resource of any account",
      change: policy(allow("ec2:RunInstances", "*", tagged)),
      says: /on "\*"/,
    },
    { title: "a document that is no JSON", change: { policy: "{" }, says: /is not valid JSON/ },
    { title: "no document", change: { policy: undefined }, says: /is missing/ },
  ]);

  it("passes whole services and any resource where the config lists them, and tag-bound resources", () => {
    const config = { wholeServices: ["ecs"], anyResource: ["ec2:Describe*"] };
    const passing = policy(
      allow("ecs:*", "arn:aws:ecs:eu-west-1:1:cluster/shop"),
      allow(["ec2:DescribeVpcs", "ec2:Describe*"], "*"),
      allow("ec2:DeleteVpc", "arn:aws:ec2:eu-west-1:1:*", tagged),
    );
    assert.deepEqual(judge(permissionsNarrow, { ...compliant, props: passing }, config), []);
    assertRefused(judge(permissionsNarrow, { ...compliant, props: policy(allow("ecs:*", "*")) }, config), /on "\*"/);
  });

  it("judges what is attached, what is inside a role, and access keys", () => {
    const attached = (policyArn: string): Resource => ({
      type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      props: { role: "x", policyArn },
    });
    assertRefused(
      judge(permissionsNarrow, attached("arn:aws:iam::aws:policy/AdministratorAccess")),
      /policyArn attaches ".*AdministratorAccess"/,
    );
    assert.deepEqual(judge(permissionsNarrow, attached("arn:aws:iam::123456789012:policy/own")), []);
    const role = (props: object): Resource => ({ type: "aws:iam/role:Role", props: { ...props } });
    assertRefused(
      judge(permissionsNarrow, role({ inlinePolicies: [{ name: "a", ...policy(allow("*", "*")) }] })),
      /inlinePolicies\[0\]\.policy/,
    );
    assertRefused(
      judge(permissionsNarrow, role({ managedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"] })),
      /managedPolicyArns\[0\]/,
    );
    assert.deepEqual(judge(permissionsNarrow, role({})), []);
    assertRefused(
      judge(permissionsNarrow, { type: "aws:iam/accessKey:AccessKey", props: {} }),
      /access key that never expires/,
    );
    assertRefused(
      judge(permissionsNarrow, { ...compliant, type: "aws:iam/userPolicy:UserPolicy", props: policy(allow("*", "*")) }),
      /allows "\*"/,
    );
  });

  it("passes the roles that Sluice itself gives workflows, under the pack's own config", async () => {
    const { default: config } = await import("../../policy/config.json", { with: { type: "json" } });
    const repository = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
    const prod = {
      secrets: ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/*"],
      permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::shop-images/*"] }],
      vpc: "vpc-0123456789abcdef0",
      zone: { id: "Z0123", names: ["www.example.com"] },
      webAcl: "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1",
      stateKey: "arn:aws:kms:eu-west-1:123456789012:key/1",
    };
    const backend = { bucket: "state", foundationKey: prod.stateKey };
    const scope = { project: "sluice", stack: "foundation", id: "123456789012", partition: "aws", region: "eu-west-1" };
    const { roles, boundaries } = planRoles(github.parse({ ...repository, backend, grants: { prod } }), scope);
    const granted = roles.flatMap(({ inline, managed }) => [...Object.values(managed), ...(inline ? [inline] : [])]);
    const documents = [
      ...granted.map((document) => ["granted", document] as const),
      ...Object.entries(boundaries).map(([name, document]) => [`github-boundary-${name}-document`, document] as const),
      ...roles.map(({ purpose, ceiling }) => [`github-${purpose}-ceiling-document`, ceiling] as const),
    ];
    assert.ok(documents.length > 15);
    for (const [name, document] of documents) {
      const resource = { type: "aws:iam/policy:Policy", name, stack: "foundation", props: { policy: document } };
      assert.deepEqual(judge(permissionsNarrow, resource, config["permissions-narrow"]), [], name);
    }
  });

  it("lets a ceiling name any resource, and nothing that is attached", () => {
    const resource = { type: "aws:iam/policy:Policy", name: "x-ceiling", props: policy(allow("s3:GetObject", "*")) };
    assert.deepEqual(judge(permissionsNarrow, resource, { ceilings: ["*-ceiling"] }), []);
    assertRefused(judge(permissionsNarrow, { ...resource, name: "x" }, { ceilings: ["*-ceiling"] }), /on "\*"/);
    const inline = { ...resource, type: "aws:iam/rolePolicy:RolePolicy" };
    assertRefused(judge(permissionsNarrow, inline, { ceilings: ["*-ceiling"] }), /on "\*"/);
    const whole = { ...resource, props: policy(allow("iam:*", "*")) };
    assertRefused(judge(permissionsNarrow, whole, { ceilings: ["*-ceiling"] }), /allows "iam:\*"/);
  });
});
