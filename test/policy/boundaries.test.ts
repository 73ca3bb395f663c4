import assert from "node:assert/strict";
import { boundariesUnattached, rolesBounded } from "../../policy/boundaries.ts";
import { assertRefused, judge, judgeStack, type Resource, refusesEach, unknownValue } from "./harness.ts";

const trust = (Principal: unknown) => JSON.stringify({ Statement: [{ Effect: "Allow", Principal, Action: "sts:X" }] });
const service = trust({ Service: "ecs-tasks.amazonaws.com" });
const workflows = trust({ Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" });
const boundary = "arn:aws:iam::123456789012:policy/sluice-foundation-github-boundary-prod";
const compliant: Resource = {
  type: "aws:iam/role:Role",
  name: "task",
  props: { assumeRolePolicy: service, permissionsBoundary: boundary },
};

describe("policy roles-bounded", () => {
  refusesEach(rolesBounded, compliant, [
    {
      title: "a role without one",
      change: { permissionsBoundary: undefined },
      says: /task: permissionsBoundary is missing/,
    },
    { title: "an empty one", change: { permissionsBoundary: "" }, says: /is missing/ },
    {
      title: "a policy of AWS's, which AWS may widen",
      change: { permissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess" },
      says: /AdministratorAccess", no boundary of Sluice's/,
    },
    {
      title: "a policy that is no boundary",
      change: { permissionsBoundary: "arn:aws:iam::123456789012:policy/everything" },
      says: /no boundary of Sluice's/,
    },
    {
      title: "another kind of ARN that ends alike",
      change: { permissionsBoundary: "arn:aws:iam::123456789012:role/x-github-boundary-prod" },
      says: /no boundary of Sluice's/,
    },
  ]);

  it("passes the ceiling of a workflow's role, and remarks one that is not known yet", () => {
    const ceiling = "arn:aws:iam::123456789012:policy/sluice-foundation-github-plan-ceiling";
    const role = { ...compliant, props: { assumeRolePolicy: workflows, permissionsBoundary: ceiling } };
    assert.deepEqual(judge(rolesBounded, role), []);
    const [said] = judge(rolesBounded, {
      ...compliant,
      props: { ...compliant.props, permissionsBoundary: unknownValue },
    }) as { enforcementLevel?: string }[];
    assert.equal(said?.enforcementLevel, "advisory");
  });

  it("asks the roles of services for none where it is told so, and those of workflows always", () => {
    const config = { environments: { prod: { everyRole: false } } };
    const without = (assumeRolePolicy: unknown) =>
      judge(rolesBounded, { ...compliant, props: { assumeRolePolicy } }, config);
    assert.deepEqual(without(service), []);
    for (const document of [
      workflows,
      trust("*"),
      trust({ AWS: "arn:aws:iam::210987654321:root" }),
      trust({ Service: "ecs-tasks.amazonaws.com", Federated: "x" }),
      "no JSON",
      undefined,
    ]) {
      assertRefused(without(document), /is missing/);
    }
  });
});

describe("policy boundaries-unattached", () => {
  const bounds = (name: string, role = "boundary"): Resource => ({
    type: "aws:iam/policy:Policy",
    name,
    props: { name: `sluice-foundation-${name}`, policy: "{}", tags: { "sluice:role": role } },
  });
  const attached = (
    props: Resource["props"],
    type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  ): Resource => ({
    type,
    name: "attachment",
    props,
  });
  const arn = "arn:aws:iam::123456789012:policy/sluice-foundation-ceiling";

  it("refuses a boundary that is attached, by whatever means", () => {
    const ways: [string, Resource][] = [
      ["to a role", attached({ role: "r", policyArn: arn })],
      ["to a user", attached({ user: "u", policyArn: arn }, "aws:iam/userPolicyAttachment:UserPolicyAttachment")],
      ["to many", attached({ roles: ["r"], policyArn: arn }, "aws:iam/policyAttachment:PolicyAttachment")],
      [
        "as a role's own list",
        attached({ managedPolicyArns: ["arn:aws:iam::aws:policy/x", arn] }, "aws:iam/role:Role"),
      ],
      [
        "before its ARN is known",
        { ...attached({ role: "r", policyArn: unknownValue }), comesFrom: { policyArn: ["ceiling"] } },
      ],
    ];
    for (const [title, way] of ways) {
      const [said] = judgeStack(boundariesUnattached, [bounds("ceiling"), way]) as { message: string }[];
      assert.match(said?.message ?? "nothing", /attachment: .* attaches a permissions boundary/, title);
    }
  });

  it("passes other policies, and a boundary that bounds", () => {
    assert.deepEqual(
      judgeStack(boundariesUnattached, [
        bounds("ceiling"),
        bounds("deploy", "deploy"),
        attached({ role: "r", policyArn: "arn:aws:iam::123456789012:policy/sluice-foundation-deploy" }),
        attached({ permissionsBoundary: arn }, "aws:iam/role:Role"),
      ]),
      [],
    );
  });
});
