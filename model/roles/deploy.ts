/**
 * What a deployment may change: the resources of one environment's stack. What AWS lets be judged by tags is bound to the
 * stack's own; the rest to names that no other stack's can begin with.
 */

import { balancingPolicy, type EdgeGrants, edgePolicy } from "./balancing.ts";
import {
  allow,
  becomesOwn,
  iamArn,
  isOwn,
  type PolicyStatement,
  type RoleScope,
  regionalArn,
  tagged,
} from "./document.ts";
import { type EvidenceBucket, evidencePolicy } from "./evidence.ts";
import { named } from "./names.ts";
import { networkPolicy } from "./network.ts";
import { type Backend, statePolicy } from "./state.ts";

export interface DeployGrants extends EdgeGrants {
  /** ARN of the boundary that roles which the deployment makes must have. */
  boundaryArn: string;
  /** Names of secrets whose versions are looked up. */
  secrets: readonly string[];
  /** An existing VPC that the stack was told to use. */
  vpc?: string | undefined;
  /** Name of an EKS cluster that the stack deploys to; what it may do there says the cluster's own access entry. */
  eks?: string | undefined;
  backend?: Backend | undefined;
  evidence?: EvidenceBucket | undefined;
}

/**
 * Everything that a deploy role is allowed, by part: each is a policy of its own, as one would be too long for IAM.
 *
 * @example
 * deployPolicies(scope, { boundaryArn, secrets: [] })
 */
export function deployPolicies(scope: RoleScope, grants: DeployGrants): Record<string, PolicyStatement[]> {
  return {
    network: networkPolicy(scope, grants.vpc),
    compute: [...compute(scope), ...scaling(scope)],
    balancing: balancingPolicy(scope),
    edge: edgePolicy(scope, grants),
    roles: roles(scope, grants),
    watch: [...looking(scope, grants), ...watching(scope)],
    ...(grants.backend === undefined ? {} : { state: statePolicy(scope, grants.backend) }),
    ...(grants.evidence === undefined ? {} : { evidence: evidencePolicy(scope, grants.evidence, "records") }),
  };
}

const clusterName = ({ project, stack }: RoleScope) => `${project}-${stack}`;
const inCluster = (scope: RoleScope) => ({
  ArnEquals: { "ecs:cluster": regionalArn(scope, "ecs", `cluster/${clusterName(scope)}`) },
});

function looking(scope: RoleScope, { secrets, eks }: DeployGrants): PolicyStatement[] {
  return [
    // AWS knows no resource for these, or lists before it filters.
    allow(
      [
        "application-autoscaling:Describe*",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ec2:Describe*",
        "ecs:DescribeTaskDefinition",
        "elasticloadbalancing:Describe*",
        "logs:DescribeLogGroups",
        "sns:GetSubscriptionAttributes",
      ],
      ["*"],
    ),
    { ...allow(["ecs:ListServices", "ecs:ListTasks"], ["*"]), Condition: inCluster(scope) },
    allow(["ecr:BatchGetImage", "ecr:DescribeImages"], [`arn:${scope.partition}:ecr:*:*:repository/*`]),
    ...(secrets.length > 0 ? [allow(["secretsmanager:ListSecretVersionIds"], secrets)] : []),
    ...(eks === undefined ? [] : [allow(["eks:DescribeCluster"], [regionalArn(scope, "eks", `cluster/${eks}`)])]),
  ];
}

function compute(scope: RoleScope): PolicyStatement[] {
  const name = clusterName(scope);
  const ecs = (resource: string) => regionalArn(scope, "ecs", resource);
  // A cluster's name ends where the slash is: no other stack's can be meant.
  const inside = ["service", "service-deployment", "service-revision", "task"].map((kind) => ecs(`${kind}/${name}/*`));
  const definitions = [ecs(`task-definition/${named(scope)}:*`)];
  return [
    allow(
      [
        "ecs:CreateCluster",
        "ecs:CreateService",
        "ecs:DeleteCluster",
        "ecs:DeleteService",
        "ecs:DescribeClusters",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
        "ecs:ListServiceDeployments",
        "ecs:ListTagsForResource",
        "ecs:PutClusterCapacityProviders",
        "ecs:StopServiceDeployment",
        "ecs:StopTask",
        "ecs:TagResource",
        "ecs:UntagResource",
        "ecs:UpdateCluster",
        "ecs:UpdateClusterSettings",
        "ecs:UpdateService",
      ],
      [ecs(`cluster/${name}`), ...inside],
    ),
    allow(["ecs:RegisterTaskDefinition"], definitions, becomesOwn(scope)),
    allow(["ecs:TagResource"], definitions, {
      StringEquals: { ...tagged("RequestTag", scope), "ecs:CreateAction": "RegisterTaskDefinition" },
    }),
    allow(["ecs:ListTagsForResource", "ecs:TagResource", "ecs:UntagResource"], definitions, isOwn(scope)),
    allow(["ecs:RunTask"], definitions, { ...isOwn(scope), ...inCluster(scope) }),
  ];
}

function scaling(scope: RoleScope): PolicyStatement[] {
  const action = (name: string) => `application-autoscaling:${name}`;
  const targets = [regionalArn(scope, "application-autoscaling", "scalable-target/*")];
  return [
    allow(["RegisterScalableTarget", "TagResource"].map(action), targets, {
      StringEquals: tagged("RequestTag", scope),
      Null: { "aws:ResourceTag/sluice:stack": "true" },
    }),
    allow(
      [
        "DeleteScalingPolicy",
        "DeregisterScalableTarget",
        "ListTagsForResource",
        "PutScalingPolicy",
        "RegisterScalableTarget",
        "TagResource",
        "UntagResource",
      ].map(action),
      targets,
      isOwn(scope),
    ),
  ];
}

/** Services that act in the account through roles of AWS's own making. */
const linkedServices = [
  "ecs.amazonaws.com",
  "ecs.application-autoscaling.amazonaws.com",
  "elasticloadbalancing.amazonaws.com",
];

function roles(scope: RoleScope, { boundaryArn }: DeployGrants): PolicyStatement[] {
  const mine = [iamArn(scope, `role/${named(scope)}`)];
  const bounded = { "iam:PermissionsBoundary": boundaryArn };
  return [
    allow(["iam:CreateRole"], mine, { StringEquals: { ...tagged("RequestTag", scope), ...bounded } }),
    // Only roles that have the environment's boundary are changed, and no boundary is ever taken away.
    allow(
      ["PutRolePermissionsBoundary", "PutRolePolicy", "UpdateAssumeRolePolicy", "UpdateRole"].map(
        (name) => `iam:${name}`,
      ),
      mine,
      { StringEquals: bounded },
    ),
    allow(["iam:TagRole"], mine, becomesOwn(scope)),
    allow(["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole"], mine, isOwn(scope)),
    // Read by name: a role that somebody deleted has no tags any more, and a refresh must be told that it is gone.
    allow(
      ["GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies"].map(
        (name) => `iam:${name}`,
      ),
      mine,
    ),
    // IAM does not judge passing by tags.
    allow(["iam:PassRole"], mine, {
      StringEquals: { "iam:PassedToService": ["ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com"] },
    }),
    allow(["iam:CreateServiceLinkedRole"], [iamArn(scope, "role/aws-service-role/*")], {
      StringEquals: { "iam:AWSServiceName": linkedServices },
    }),
  ];
}

function watching(scope: RoleScope): PolicyStatement[] {
  const { project, stack, partition, id } = scope;
  const name = named(scope);
  return [
    allow(
      [
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:GetLogEvents",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
      [regionalArn(scope, "logs", `log-group:/${project}/${stack}/*`)],
    ),
    allow(
      [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
      [regionalArn(scope, "cloudwatch", `alarm:${name}`)],
    ),
    allow(
      ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"],
      [clusterName(scope), name].map((one) => `arn:${partition}:cloudwatch::${id}:dashboard/${one}`),
    ),
    allow(
      [
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
        "sns:SetSubscriptionAttributes",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:UntagResource",
        "sns:Unsubscribe",
      ],
      [regionalArn(scope, "sns", name)],
    ),
  ];
}
