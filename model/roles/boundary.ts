/**
 * Permissions boundaries: the most that a role can have, whatever is attached to it. A boundary grants nothing.
 */
import type { Permission } from "../config/permission.ts";
import { fetchActions } from "../images/actions.ts";
import { allow, iamArn, type PolicyStatement, type RoleScope, regionalArn, tagged } from "./document.ts";

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
    allow(["ecr:GetAuthorizationToken", "logs:DescribeLogGroups"], ["*"]),
    // Images are no secret between environments, and a registry may be in an account of its own.
    allow([...fetchActions], [`arn:${partition}:ecr:*:*:repository/*`]),
    allow(
      ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
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
 * The most that a deploy role can have: the actions that its own policies name, where AWS judges by names on the
 * resources that they name; never anything that bears another stack's tags; no role without the boundary; nothing of what keeps the
 * roles in their place.
 *
 * @param granted what the role's own policies say
 */
export function deployCeiling(
  scope: RoleScope,
  granted: readonly PolicyStatement[],
  boundaryArn: string,
): PolicyStatement[] {
  const { project, foundation } = scope;
  const another = (source: "RequestTag" | "ResourceTag") => {
    const key = `aws:${source}/sluice:stack`;
    return { StringNotEquals: { [key]: tagged(source, scope)[key] as string }, Null: { [key]: "false" } };
  };
  return [
    ...allowedByService(granted),
    // Images and the key of its state belong to the stack that holds what exists once.
    { Effect: "Deny", NotAction: shared, Resource: ["*"], Condition: another("ResourceTag") },
    { Effect: "Deny", Action: ["*"], Resource: ["*"], Condition: another("RequestTag") },
    {
      Effect: "Deny",
      Action: ["iam:CreateRole", "iam:PutRole*", "iam:UpdateAssumeRolePolicy"],
      Resource: ["*"],
      Condition: { StringNotEquals: { "iam:PermissionsBoundary": boundaryArn } },
    },
    { Effect: "Deny", Action: ["iam:*"], Resource: [iamArn(scope, `role/${project}-${foundation}-github-*`)] },
  ];
}

/** Services whose resources are told apart by their names: on those named, and no others. */
const judgedByNames: readonly string[] = ["cloudwatch", "ecs", "iam", "kms", "logs", "route53", "s3", "sns"];

function allowedByService(granted: readonly PolicyStatement[]): PolicyStatement[] {
  const grants = granted.flatMap(({ Action = [], Resource }) => Action.map((action) => ({ action, Resource })));
  const service = ({ action }: { action: string }) => action.split(":")[0] as string;
  const anywhere = grants.filter((grant) => grant.Resource.includes("*") || !judgedByNames.includes(service(grant)));
  const named = Map.groupBy(
    grants.filter((grant) => !anywhere.includes(grant)),
    service,
  );
  const kinds = (some: typeof grants) => kindsOf([...new Set(some.map(({ action }) => action))].sort());
  return [
    allow(kinds(anywhere), ["*"]),
    ...[...named.values()].map((some) => allow(kinds(some), [...new Set(some.flatMap(({ Resource }) => Resource))])),
  ];
}

/** What a deployment reads of other stacks' resources. */
const shared = ["ecr:BatchGetImage", "ecr:DescribeImages", "kms:Decrypt"];

/**
 * Actions, shortened: two and more of a service that begin with the same word stand as that word and `*`, as a policy
 * has its length. Those of IAM stand in full: each gives power.
 */
function kindsOf(actions: readonly string[]): string[] {
  const kind = (action: string) => /^(?!iam:)[a-z0-9-]+:[A-Z][a-z]+/.exec(action)?.[0] ?? action;
  const alike = Map.groupBy(actions, kind);
  return [...alike].flatMap(([word, members]) => (members.length < 2 ? members : [`${word}*`]));
}
