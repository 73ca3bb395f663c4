/** Permissions of the roles that workflows take. Pure: statements of policy documents. */
import { pushActions } from "../images/actions.ts";
import { allow, type PolicyStatement, type RoleScope, regionalArn } from "./document.ts";
import { type EvidenceBucket, evidencePolicy } from "./evidence.ts";
import { type Backend, foundationStatePolicy } from "./state.ts";

/**
 * What a pull request's plan must never do, whatever else is attached to its role: read a secret or a state file, or
 * decrypt anything.
 */
const planDenials: PolicyStatement = {
  Effect: "Deny",
  Action: [
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "lambda:GetFunction",
    "s3:GetObject*",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
  ],
  Resource: ["*"],
};

/**
 * What the workflow of a pull request may see: which resources there are, and which images. It runs code that nobody
 * has reviewed yet, so it learns no secret, no state and no contents of logs.
 */
export function planPolicy(): PolicyStatement[] {
  return [
    allow(
      [
        "application-autoscaling:Describe*",
        "cloudwatch:DescribeAlarms",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:ListClusters",
        "ecs:ListServices",
        "elasticloadbalancing:Describe*",
        "logs:DescribeLogGroups",
      ],
      ["*"],
    ),
    planDenials,
  ];
}

/**
 * Push and read images of the repositories that this stack made, told by their tags, and of no others; find
 * the registry in the foundation's state, and hand in the reports about images, where there are buckets for those.
 *
 * @example
 * pushPolicy(scope, {})
 */
export function pushPolicy(
  scope: RoleScope,
  { backend, evidence }: { backend?: Backend | undefined; evidence?: EvidenceBucket | undefined },
): PolicyStatement[] {
  const { project, foundation } = scope;
  return [
    allow(["ecr:GetAuthorizationToken"], ["*"]),
    allow([...pushActions].sort(), [regionalArn(scope, "ecr", "repository/*")], {
      StringEquals: { "aws:ResourceTag/sluice:project": project, "aws:ResourceTag/sluice:stack": foundation },
    }),
    ...(backend === undefined ? [] : foundationStatePolicy(scope, backend)),
    ...(evidence === undefined ? [] : evidencePolicy(scope, evidence, "reports")),
  ];
}
