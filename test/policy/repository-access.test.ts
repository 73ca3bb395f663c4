import assert from "node:assert/strict";
import { repositoryPolicy } from "../../model/images/repository-policy.ts";
import { repositoriesClosed } from "../../policy/repository-access.ts";
import { judge, type Resource, refusesEach } from "./harness.ts";

const statement = {
  Effect: "Allow",
  Principal: { AWS: ["arn:aws:iam::210987654321:root"] },
  Action: ["ecr:BatchGetImage"],
};
const policyOf = (change: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...change }] });
const resource: Resource = {
  type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
  name: "registry-api-policy",
  props: { repository: "api", policy: policyOf({}) },
};

describe("policy repositories-closed", () => {
  refusesEach(repositoriesClosed, resource, [
    { title: "everybody", change: { policy: policyOf({ Principal: "*" }) }, says: /is open to "\*"/ },
    { title: "every account", change: { policy: policyOf({ Principal: { AWS: "*" } }) }, says: /is open to "\*"/ },
    {
      title: "everybody beside a named account",
      change: { policy: policyOf({ Principal: { AWS: ["210987654321", "*"] } }) },
      says: /Principal.AWS is open to "\*"/,
    },
    {
      title: "roles by a wildcard",
      change: { policy: policyOf({ Principal: { AWS: "arn:aws:iam::210987654321:role/*" } }) },
      says: /role\/\*/,
    },
    {
      title: "a service",
      change: { policy: policyOf({ Principal: { Service: "codebuild.amazonaws.com" } }) },
      says: /Principal.Service is open to "codebuild/,
    },
    { title: "nobody in particular", change: { policy: policyOf({ Principal: {} }) }, says: /is open to \{\}/ },
    {
      title: "everybody but one",
      change: { policy: policyOf({ Principal: undefined, NotPrincipal: { AWS: "210987654321" } }) },
      says: /"NotPrincipal"/,
    },
    { title: "every action", change: { policy: policyOf({ Action: "ecr:*" }) }, says: /allows "ecr:\*"/ },
    {
      title: "deletion",
      change: { policy: policyOf({ Action: ["ecr:BatchGetImage", "ecr:BatchDeleteImage"] }) },
      says: /allows "ecr:BatchDeleteImage"/,
    },
    {
      title: "a change of the policy",
      change: { policy: policyOf({ Action: "ecr:SetRepositoryPolicy" }) },
      says: /Set/,
    },
    { title: "all actions but some", change: { policy: policyOf({ NotAction: "ecr:PutImage" }) }, says: /"NotAction"/ },
    { title: "a document that is no JSON", change: { policy: "open" }, says: /is not valid JSON/ },
  ]);

  it("passes what the registry itself declares", () => {
    const role = "arn:aws:iam::210987654321:role/ci/push";
    const policy = repositoryPolicy({ pullFrom: ["210987654321", role], pushFrom: [role] }, "eu-west-1");
    assert.deepEqual(judge(repositoriesClosed, { ...resource, props: { ...resource.props, policy } }), []);
  });

  it("holds principals to the accounts that the pack's configuration lists", () => {
    const config = { accounts: ["111122223333"] };
    const [violation] = judge(repositoriesClosed, resource, config) as { message: string }[];
    assert.match(violation?.message ?? "", /is open to account 210987654321/);
    assert.deepEqual(judge(repositoriesClosed, resource, { accounts: ["210987654321"] }), []);
  });
});
