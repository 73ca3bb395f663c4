/** Permissions of the roles that workflows take. Pure: each returns a policy document as JSON. */

const document = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });

/**
 * What a pull request's plan must never do, whatever else is attached to its role: read a secret or decrypt anything.
 */
export const planDenials: string = document({
  Effect: "Deny",
  Action: [
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
  ],
  Resource: "*",
});

/**
 * Push and read images of these repositories and no others.
 *
 * @example
 * pushPolicy(["arn:aws:ecr:eu-west-1:123456789012:repository/api"])
 */
export function pushPolicy(repositoryArns: string[]): string {
  return document(
    allow(["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ],
      repositoryArns,
    ),
  );
}

/**
 * Change what one environment's stack is made of, found by the names it gives, and read what the engine reads.
 *
 * @example
 * deployPolicy({ project: "sluice", stack: "staging", id: "123456789012", partition: "aws", region: "eu-west-1" })
 */
export function deployPolicy(scope: {
  project: string;
  stack: string;
  id: string;
  partition: string;
  region: string;
}): string {
  const { project, stack, id, partition, region } = scope;
  const prefix = `${project}-${stack}`;
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${id}:${resource}`;
  const roles = `arn:${partition}:iam::${id}:role/${prefix}-*`;
  return document(
    // These APIs know no resource-level permission, or are needed before a resource has a name.
    allow(
      ["ec2:Describe*", "elasticloadbalancing:Describe*", "ecs:DescribeTaskDefinition", "logs:DescribeLogGroups"],
      ["*"],
    ),
    allow(
      ["ecs:*"],
      ["cluster", "service", "task", "task-set"]
        .map((kind) => regional("ecs", `${kind}/${prefix}*`))
        .concat(regional("ecs", `task-definition/${prefix}-*:*`)),
    ),
    allow(
      ["elasticloadbalancing:*"],
      ["loadbalancer/app", "targetgroup", "listener/app", "listener-rule/app"].map((kind) =>
        regional("elasticloadbalancing", `${kind}/${prefix}*`),
      ),
    ),
    allow(["logs:*"], [regional("logs", `log-group:/${project}/${stack}/*`)]),
    allow(["ecr:BatchGetImage", "ecr:DescribeImages"], [regional("ecr", "repository/*")]),
    allow(["application-autoscaling:*"], [regional("application-autoscaling", "scalable-target/*")]),
    {
      ...allow(["iam:PassRole"], [roles]),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    allow(
      [
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:PutRolePolicy",
        "iam:TagRole",
      ],
      [roles],
    ),
    {
      ...allow(["ec2:*"], [regional("ec2", "*")]),
      Condition: { StringEquals: { "aws:ResourceTag/sluice:stack": stack } },
    },
    {
      ...allow(
        networkCreations.map((action) => `ec2:${action}`),
        [regional("ec2", "*")],
      ),
      Condition: { StringEquals: { "aws:RequestTag/sluice:stack": stack } },
    },
    // Tagging is for what is being made: whoever may tag anything could make another stack's resources its own.
    {
      ...allow(["ec2:CreateTags"], [regional("ec2", "*")]),
      Condition: { StringEquals: { "ec2:CreateAction": networkCreations, "aws:RequestTag/sluice:stack": stack } },
    },
  );
}

/** What a network and its security groups are made by. */
const networkCreations = [
  "AllocateAddress",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
  "CreateInternetGateway",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
];
