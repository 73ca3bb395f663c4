/**
 * Permissions boundaries: the most that a role can have, whatever is attached to it. A boundary grants nothing.
 */
import type { Permission } from "./config/permission.ts";
import { allow, iamArn, type PolicyStatement, type RoleScope, regionalArn, tagged } from "./role-policies-document.ts";

/** What an environment's tasks may be given, beyond images and logs. */
export interface WorkloadGrants {
  /** ARNs of secrets and parameters, `*` for any characters. */
  secrets: readonly string[];
  permissions: readonly Permission[];
}

/** Name of the boundary of the roles that an environment's stack makes. */
export const boundaryPurpose = (environment: string): string => `boundary-${environment}`;

/**
 * The most that a role made by an environment's stack can have: pull images, write the stack's own logs, read the
 * environment's own secrets, and what the foundation's configuration adds by name. Nothing of IAM is among it: a role
 * that a deployment makes can make no roles.
 *
 * @example
 * workloadBoundary(scope, { secrets: [], permissions: [] })
 */
export function workloadBoundary(scope: RoleScope, grants: WorkloadGrants): PolicyStatement[] {
  const { project, stack, partition } = scope;
  const secrets = [...ownSecrets(scope), ...grants.secrets];
  return [
    allow(["ecr:GetAuthorizationToken"], ["*"]),
    // Images are no secret between environments, and a registry may be in an account of its own.
    allow(
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      [`arn:${partition}:ecr:*:*:repository/*`],
    ),
    allow(
      ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      [regionalArn(scope, "logs", `log-group:/${project}/${stack}/*`)],
    ),
    allow(["secretsmanager:GetSecretValue", "ssm:GetParameters"], secrets),
    {
      ...allow(["kms:Decrypt"], [`arn:${partition}:kms:*:*:key/*`]),
      // A key opens nothing but what these two hand out, and that is bounded above.
      Condition: { StringLike: { "kms:ViaService": ["secretsmanager.*.amazonaws.com", "ssm.*.amazonaws.com"] } },
    },
    ...grants.permissions.map(({ actions, resources, conditions }) => allow(actions, resources, conditions)),
  ];
}

/** Secrets and parameters whose names begin with the stack's. */
export function ownSecrets(scope: RoleScope): string[] {
  const name = `${scope.project}/${scope.stack}/*`;
  return [regionalArn(scope, "secretsmanager", `secret:${name}`), regionalArn(scope, "ssm", `parameter/${name}`)];
}

/**
 * The most that a deploy role can have: the actions that its own policies name, and never anything that bears another
 * stack's name, nor what keeps the roles in their place.
 *
 * @param granted what the role's own policies say
 */
export function deployCeiling(scope: RoleScope, granted: readonly PolicyStatement[]): PolicyStatement[] {
  const { project, foundation } = scope;
  const actions = [...new Set(granted.flatMap(({ Action = [] }) => Action))].sort();
  const another = (source: "RequestTag" | "ResourceTag") => {
    const key = `aws:${source}/sluice:stack`;
    return { StringNotEquals: { [key]: tagged(source, scope)[key] as string }, Null: { [key]: "false" } };
  };
  const github = `${project}-${foundation}-github-*`;
  return [
    allow(actions, ["*"]),
    // Images and the key of its state belong to the stack that holds what exists once.
    { Effect: "Deny", NotAction: shared, Resource: ["*"], Condition: another("ResourceTag") },
    { Effect: "Deny", Action: ["*"], Resource: ["*"], Condition: another("RequestTag") },
    {
      Effect: "Deny",
      Action: ["iam:*"],
      Resource: [iamArn(scope, `role/${github}`), iamArn(scope, "policy/*"), iamArn(scope, "oidc-provider/*")],
    },
  ];
}

/** What a deployment reads of other stacks' resources. */
const shared = ["ecr:BatchGetImage", "ecr:DescribeImages", "kms:Decrypt"];
