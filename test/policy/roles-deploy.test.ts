import assert from "node:assert/strict";
import { allows, type Request } from "./iam-evaluation.ts";
import { keyed } from "./roles-call-parts.ts";
import { callsOfStack } from "./roles-calls.ts";
import { everything, plan, principal } from "./roles-fixture.ts";
import { type Standing, standUp } from "./roles-stack.ts";

/** Calls that AWS judges on no resource: they list, or say nothing that changes anything. */
const unscoped =
  /^(?:[a-z0-9-]+:Describe|acm:RequestCertificate|cloudwatch:GetMetricData|ecs:List(?:Services|Tasks)$|elasticloadbalancing:SetWebAcl|sns:GetSubscriptionAttributes)/;

describe("deploy roles", () => {
  let open: Standing[];
  let closed: Standing[];
  before(async () => {
    open = await standUp("prod", everything("www.example.com", "single-nat"));
    closed = await standUp("prod", everything("www.example.com", "endpoints"));
  });

  const refusedTo = (purpose: string, calls: ReturnType<typeof callsOfStack>) =>
    calls.filter(({ call }) => !allows(principal(purpose), call));
  const told = (calls: ReturnType<typeof callsOfStack>) => [
    ...new Set(calls.map(({ call, by }) => `${by.type}: ${call.action} on ${call.resource}`)),
  ];

  it("may make every call that every resource of their stack needs", () => {
    const calls = [...callsOfStack(open), ...callsOfStack(closed)];
    assert.deepEqual(told(refusedTo("deploy-prod", calls)), []);
    assert.ok(calls.length > 400, String(calls.length));
    assert.ok(new Set(calls.map(({ by }) => by.type)).size >= 40);
  });

  it("need nothing that no call needs: no action is granted that the table does not name", () => {
    const called = new Set(
      [...callsOfStack(open), ...callsOfStack(closed)].map(({ call }) => call.action.toLowerCase()),
    );
    const granted = principal("deploy-prod").policies.flatMap((document) => {
      const { Statement } = JSON.parse(document) as { Statement: { Action: string[] }[] };
      return Statement.flatMap(({ Action }) => Action);
    });
    const unused = [...new Set(granted)].filter((action) => {
      const [start = ""] = action.toLowerCase().split("*");
      return action.includes("*") ? ![...called].some((one) => one.startsWith(start)) : !called.has(start);
    });
    assert.deepEqual(unused.sort(), [...beyondTheTable].sort());
  });

  /** Every action that anything here speaks of, on every resource of production, however the request is dressed. */
  function* attacks(stack: readonly Standing[], attacker: string): Generator<Request> {
    const actions = [...new Set(callsOfStack(stack).map(({ call }) => call.action))].filter(
      (one) => !unscoped.test(one),
    );
    const tags = (name: string) => keyed("RequestTag", { "sluice:project": "sluice", "sluice:stack": name });
    const cluster = (name: string) => `arn:aws:ecs:eu-west-1:123456789012:cluster/sluice-${name}`;
    const boundary = `arn:aws:iam::123456789012:policy/sluice-foundation-github-boundary-${attacker}`;
    const dresses = [{}, tags(attacker), tags("prod")].flatMap((given) =>
      [attacker, "prod"].map((name) => ({
        ...given,
        "ecs:cluster": cluster(name),
        "iam:PermissionsBoundary": boundary,
        "iam:PassedToService": "ecs-tasks.amazonaws.com",
      })),
    );
    for (const { arn, inputs } of stack.filter(({ arn }) => arn !== "")) {
      for (const action of actions) {
        for (const dress of dresses) {
          const context = { ...keyed("ResourceTag", (inputs.tags ?? {}) as Record<string, string>), ...dress };
          yield { action, resource: arn, context };
          const create = /^(?:ec2|ecs|elasticloadbalancing):(?:CreateTags|TagResource|AddTags)$/.test(action);
          const [service] = action.split(":");
          if (create)
            yield { action, resource: arn, context: { ...context, [`${service}:CreateAction`]: "CreateService" } };
        }
      }
    }
  }

  for (const attacker of ["staging", "prod"]) {
    const title = attacker === "staging" ? "of staging may do nothing to" : "of prod may (the test can fail)";
    it(`${title} any resource of production, whatever tags and names the request brings`, () => {
      const role = principal(`deploy-${attacker}`);
      let tried = 0;
      const done = new Set<string>();
      for (const attack of attacks(open, attacker)) {
        tried++;
        if (allows(role, attack)) done.add(`${attack.action} on ${attack.resource}`);
      }
      assert.ok(tried > 10_000, String(tried));
      if (attacker === "staging") assert.deepEqual([...done], []);
      else assert.ok(done.size > 100);
    });
  }

  /** The same stack under another name. */
  const renamed = (name: string): Standing[] =>
    JSON.parse(
      JSON.stringify(open)
        .replaceAll("sluice-prod", `sluice-${name}`)
        .replaceAll("/sluice/prod/", `/sluice/${name}/`)
        .replaceAll('"sluice:stack":"prod"', `"sluice:stack":"${name}"`),
    );

  it("of prod may do nothing to a stack whose name only begins alike: prod2", () => {
    const calls = callsOfStack(renamed("prod2")).filter(({ call }) => !unscoped.test(call.action));
    const stands = calls.filter(({ call }) => Object.keys(call.context ?? {}).some((key) => /ResourceTag/.test(key)));
    assert.ok(stands.length > 100);
    const allowed = stands.filter(({ call }) => allows(principal("deploy-prod"), call));
    // A zone is not a stack's: what counts there are the names of records.
    assert.deepEqual(told(allowed), []);
  });

  it("of prod may do to prod-eu no more than what AWS judges by names alone, which is why the two refuse to live together", () => {
    const calls = callsOfStack(renamed("prod-eu")).filter(({ call }) => !unscoped.test(call.action));
    const allowed = calls.filter(({ call }) => allows(principal("deploy-prod"), call));
    const actions = [...new Set(allowed.map(({ call }) => call.action))].sort();
    assert.deepEqual(actions, judgedByName);
  });

  it("give every role of the stack a boundary that allows what its own policies say", () => {
    const boundary = plan.boundaries.prod as string;
    let checked = 0;
    for (const { inputs } of open.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")) {
      const { Statement } = JSON.parse(inputs.policy as string) as {
        Statement: { Action: string[]; Resource: string[] }[];
      };
      for (const { Action, Resource } of Statement) {
        for (const action of Action) {
          for (const resource of Resource) {
            const request = { action, resource: resource === "*" ? "*" : resource.replaceAll("*", "x") };
            assert.ok(allows({ policies: [boundary] }, request), `${action} on ${resource}`);
            checked++;
          }
        }
      }
    }
    assert.ok(checked > 10, String(checked));
  });

  it("find every role of the stack bounded", () => {
    const roles = open.filter(({ type }) => type === "aws:iam/role:Role");
    assert.ok(roles.length >= 3);
    for (const { name, inputs } of roles) {
      assert.equal(
        inputs.permissionsBoundary,
        "arn:aws:iam::123456789012:policy/sluice-foundation-github-boundary-prod",
        name,
      );
    }
  });
});

/** Granted beside what resources need, each for a reason of its own. */
const beyondTheTable: readonly string[] = [
  // Tags that are taken away again.
  "acm:RemoveTagsFromCertificate",
  "application-autoscaling:UntagResource",
  "cloudwatch:UntagResource",
  "sns:UntagResource",
  // Where a cluster of Kubernetes is reached.
  "eks:DescribeCluster",
  // What the analysis of a rollout reads.
  "cloudwatch:GetMetricData",
  // Tags of images to digests, and labels of secrets to versions.
  "ecr:BatchGetImage",
  "ecr:DescribeImages",
  "secretsmanager:ListSecretVersionIds",
  // The provider's waiting for a deployment.
  "ecs:DescribeServiceDeployments",
  "ecs:DescribeServiceRevisions",
  // Pulumi's state.
  "kms:Decrypt",
  "kms:Encrypt",
  // The bucket with the evidence.
  "kms:GenerateDataKey",
  "s3:GetBucketLocation",
  "s3:GetObject",
  "s3:PutObject",
  // A bucket of access logs that may go with what it holds.
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:ListBucketVersions",
  // Asked beside the association of a web ACL.
  "wafv2:GetWebACL",
];

/** What is left where AWS tells no tags: dashboards, passing, subscriptions; and what no stack owns. */
const judgedByName: readonly string[] = [
  "cloudwatch:DeleteDashboards",
  "cloudwatch:GetDashboard",
  "cloudwatch:PutDashboard",
  "iam:CreateServiceLinkedRole",
  "iam:PassRole",
  "route53:ChangeResourceRecordSets",
  "route53:GetChange",
  "route53:GetHostedZone",
  "route53:ListResourceRecordSets",
  "sns:SetSubscriptionAttributes",
  "sns:Unsubscribe",
  "wafv2:AssociateWebACL",
];
