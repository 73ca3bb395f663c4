/**
 * What a deployment may change: the resources of one environment's stack. What AWS lets be judged by tags is bound to the
 * stack's own; the rest to names that no other stack's can begin with.
 */
import { nameLimits } from "./names.ts";
import {
  allow,
  becomesOwn,
  iamArn,
  isOwn,
  type PolicyStatement,
  type RoleScope,
  regionalArn,
  tagged,
} from "./role-policies-document.ts";
import { type Backend, statePolicy } from "./role-policies-state.ts";

export interface DeployGrants {
  /** ARN of the boundary that roles which the deployment makes must have. */
  boundaryArn: string;
  /** Names of secrets whose versions are looked up. */
  secrets: readonly string[];
  /** An existing VPC that the stack was told to use. */
  vpc?: string | undefined;
  backend?: Backend | undefined;
}

/**
 * Everything that a deploy role is allowed, by part: each is a policy of its own, as one would be too long for IAM.
 *
 * @example
 * deployPolicies(scope, { boundaryArn, secrets: [] })
 */
export function deployPolicies(scope: RoleScope, grants: DeployGrants): Record<string, PolicyStatement[]> {
  return {
    network: network(scope, grants),
    compute: [...compute(scope), ...scaling(scope)],
    balancing: balancing(scope),
    roles: roles(scope, grants),
    watch: [...looking(scope, grants), ...watching(scope)],
    ...(grants.backend === undefined ? {} : { state: statePolicy(scope, grants.backend) }),
  };
}

/** Names that are the stack's own and a hyphen, and then anything. No limit below this one cuts into them. */
const named = ({ project, stack }: RoleScope) => `${project}-${stack}-*`;
/** What balancers and target groups may be called: names so short may be cut, so their tags decide. */
const shortlyNamed = ({ project, stack }: RoleScope) => `${namePrefix(nameLimits.targetGroup, project, stack)}*`;
const clusterName = ({ project, stack }: RoleScope) => `${project}-${stack}`;
const inCluster = (scope: RoleScope) => ({
  ArnEquals: { "ecs:cluster": regionalArn(scope, "ecs", `cluster/${clusterName(scope)}`) },
});

function looking(scope: RoleScope, { secrets }: DeployGrants): PolicyStatement[] {
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
  ];
}

const networkCreations = [
  "AllocateAddress",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
  "CreateFlowLogs",
  "CreateInternetGateway",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
  "CreateVpcEndpoint",
];
const networkKinds = [
  "elastic-ip",
  "internet-gateway",
  "natgateway",
  "route-table",
  "security-group",
  "security-group-rule",
  "subnet",
  "vpc",
  "vpc-endpoint",
  "vpc-flow-log",
];
const networkChanges = [
  "AssociateRouteTable",
  "AttachInternetGateway",
  "CreateRoute",
  "CreateTags",
  "DeleteFlowLogs",
  "DeleteInternetGateway",
  "DeleteNatGateway",
  "DeleteRoute",
  "DeleteRouteTable",
  "DeleteSecurityGroup",
  "DeleteSubnet",
  "DeleteTags",
  "DeleteVpc",
  "DeleteVpcEndpoints",
  "DetachInternetGateway",
  "DisassociateAddress",
  "DisassociateRouteTable",
  "ModifySecurityGroupRules",
  "ModifySubnetAttribute",
  "ModifyVpcAttribute",
  "ModifyVpcEndpoint",
  "ReleaseAddress",
  "ReplaceRoute",
  "ReplaceRouteTableAssociation",
  "RevokeSecurityGroupEgress",
  "RevokeSecurityGroupIngress",
];

function network(scope: RoleScope, { vpc }: DeployGrants): PolicyStatement[] {
  const action = (name: string) => `ec2:${name}`;
  const kinds = networkKinds.map((kind) => regionalArn(scope, "ec2", `${kind}/*`));
  return [
    // What is made is judged by the tags it gets, and what it is made in by those it has.
    allow(networkCreations.map(action), kinds, becomesOwn(scope)),
    allow([...networkCreations, ...networkChanges].map(action), kinds, isOwn(scope)),
    // Tagging is for what is being made: whoever may tag anything could make another stack's resources its own.
    allow(["ec2:CreateTags"], kinds, {
      StringEquals: { ...tagged("RequestTag", scope), "ec2:CreateAction": networkCreations },
    }),
    ...(vpc === undefined ? [] : [allow(["ec2:CreateSecurityGroup"], [regionalArn(scope, "ec2", `vpc/${vpc}`)])]),
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

function balancing(scope: RoleScope): PolicyStatement[] {
  const elb = (action: string) => `elasticloadbalancing:${action}`;
  const arn = (resource: string) => regionalArn(scope, "elasticloadbalancing", resource);
  const balancer = shortlyNamed(scope);
  const balancers = arn(`loadbalancer/app/${balancer}`);
  const groups = arn(`targetgroup/${shortlyNamed(scope)}`);
  const listeners = arn(`listener/app/${balancer}`);
  const rules = arn(`listener-rule/app/${balancer}`);
  const all = [balancers, groups, listeners, rules];
  return [
    allow(["CreateLoadBalancer", "CreateTargetGroup"].map(elb), [balancers, groups], becomesOwn(scope)),
    // Listeners and rules are judged on the balancer and the listener that they are made on.
    allow(["CreateListener", "CreateRule"].map(elb), [balancers, listeners], {
      StringEquals: { ...tagged("ResourceTag", scope), ...tagged("RequestTag", scope) },
    }),
    allow([elb("AddTags")], all, {
      StringEquals: {
        ...tagged("RequestTag", scope),
        "elasticloadbalancing:CreateAction": [
          "CreateLoadBalancer",
          "CreateTargetGroup",
          "CreateListener",
          "CreateRule",
        ],
      },
    }),
    allow(
      [
        "AddListenerCertificates",
        "AddTags",
        "DeleteListener",
        "DeleteLoadBalancer",
        "DeleteRule",
        "DeleteTargetGroup",
        "ModifyListener",
        "ModifyListenerAttributes",
        "ModifyLoadBalancerAttributes",
        "ModifyRule",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "RemoveListenerCertificates",
        "RemoveTags",
        "SetIpAddressType",
        "SetRulePriorities",
        "SetSecurityGroups",
        "SetSubnets",
      ].map(elb),
      all,
      isOwn(scope),
    ),
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
        "DeleteScheduledAction",
        "DeregisterScalableTarget",
        "ListTagsForResource",
        "PutScalingPolicy",
        "PutScheduledAction",
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
      [
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListInstanceProfilesForRole",
        "ListRolePolicies",
        "ListRoleTags",
      ].map((name) => `iam:${name}`),
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
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
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

/**
 * What every bounded name of a stack begins with: project and stack, or, where names may be cut before their end, as
 * much of them as is sure to be left.
 *
 * @example
 * namePrefix(64, "sluice", "prod") // "sluice-prod"
 */
export function namePrefix(limit: number, project: string, stack: string): string {
  const full = `${project}-${stack}`;
  return full.length < limit - 7 ? full : full.slice(0, limit - 7).replace(/-+$/, "");
}
