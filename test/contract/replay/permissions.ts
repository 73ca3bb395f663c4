/** Holds calls against what a role's policies allow, by the names of actions alone. */
import type { Asked } from "./clients.ts";
import type { StateResource } from "./state.ts";

/** Services whose actions have another prefix than botocore's name. */
const prefixes: Readonly<Record<string, string>> = { elbv2: "elasticloadbalancing" };

/** Operations whose action is called otherwise, or that need another one as well. Source: service authorization reference. */
const actions: Readonly<Record<string, readonly string[]>> = {
  "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
  "s3:GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
  "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
  "s3:HeadBucket": ["s3:ListBucket"],
  "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
  "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
  "wafv2:AssociateWebACL": ["wafv2:AssociateWebACL", "elasticloadbalancing:SetWebAcl"],
};

/** What makes something with tags needs this, too. */
const taggers: Readonly<Record<string, string>> = {
  acm: "acm:AddTagsToCertificate",
  "application-autoscaling": "application-autoscaling:TagResource",
  cloudwatch: "cloudwatch:TagResource",
  ec2: "ec2:CreateTags",
  ecs: "ecs:TagResource",
  elasticloadbalancing: "elasticloadbalancing:AddTags",
  iam: "iam:TagRole",
  logs: "logs:TagResource",
  sns: "sns:TagResource",
};

/** Actions that requests need. */
export function actionsOf(requests: readonly Asked[]): Set<string> {
  return new Set(
    requests.flatMap(({ service, operation, input }) => {
      const prefix = prefixes[service] ?? service;
      const action = `${prefix}:${operation}`;
      const tagger = taggers[prefix];
      const tagged = /"(?:Tags|tags|TagSpecifications)":/.test(JSON.stringify(input)) && tagger !== undefined;
      return [...(actions[action] ?? [action]), ...(tagged ? [tagger] : [])];
    }),
  );
}

/** Patterns of actions that the policies of a role allow, by the role's physical name. */
export function allowedActions(resources: readonly StateResource[], role: string): string[] {
  const attached = resources.filter(({ type, inputs }) => /:RolePolicyAttachment$/.test(type) && inputs.role === role);
  const arns = new Set(attached.map(({ inputs }) => inputs.policyArn));
  const documents = resources.filter(
    ({ type, inputs, outputs }) =>
      (type === "aws:iam/policy:Policy" && arns.has(outputs.arn)) ||
      (type === "aws:iam/rolePolicy:RolePolicy" && inputs.role === role),
  );
  return documents.flatMap(({ inputs }) => actionsIn(String(inputs.policy)));
}

/** Patterns that a role's permission boundary allows. */
export function boundaryActions(resources: readonly StateResource[], role: string): string[] {
  const found = resources.find(({ type, inputs }) => type === "aws:iam/role:Role" && inputs.name === role);
  const boundary = resources.find(({ outputs }) => outputs.arn === found?.inputs.permissionsBoundary);
  return boundary === undefined ? [] : actionsIn(String(boundary.inputs.policy));
}

function actionsIn(document: string): string[] {
  const { Statement } = JSON.parse(document) as { Statement: { Effect: string; Action?: string | string[] }[] };
  return Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action = [] }) => Action);
}

/** IAM knows no case in actions, and `*` for any run of characters. */
export function isAllowed(action: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern
      .toLowerCase()
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(action.toLowerCase());
  });
}
