/** What staging's deploy role must not be able to do: paths to production, to more power, and to silence. */
import type { Request } from "./iam-evaluation.ts";
import { keyed } from "./roles-call-parts.ts";
import { keyOf } from "./roles-fixture.ts";
import { account, region } from "./roles-stack.ts";

export const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
export const iam = (rest: string) => `arn:aws:iam::${account}:${rest}`;
const boundary = (name: string) => iam(`policy/sluice-foundation-github-boundary-${name}`);
export const has = (stack: string) => keyed("ResourceTag", { "sluice:project": "sluice", "sluice:stack": stack });
const brings = (stack: string) => keyed("RequestTag", { "sluice:project": "sluice", "sluice:stack": stack });
const balancer = arn("elasticloadbalancing", "loadbalancer/app/sluice-prod/0123");
export const state = (path: string) => `arn:aws:s3:::acme-state/.pulumi/${path}`;
const evidence = (path: string) => `arn:aws:s3:::acme-evidence/evidence/${path}`;
/** A request that writes only where nothing is. */
const created = { "s3:if-none-match": "*" };
const cluster = (name: string) => ({ "ecs:cluster": arn("ecs", `cluster/sluice-${name}`) });
const passed = (to: string) => ({ "iam:PassedToService": to });

export type Attack = [title: string, action: string, resource: string, context?: Request["context"]];

export const fromStaging: Attack[] = [
  // To become more than it is.
  ["a role without a boundary", "iam:CreateRole", iam("role/sluice-staging-x"), brings("staging")],
  [
    "a role with a boundary of AWS's",
    "iam:CreateRole",
    iam("role/sluice-staging-x"),
    { ...brings("staging"), "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
  ],
  [
    "a role with production's boundary",
    "iam:CreateRole",
    iam("role/sluice-staging-x"),
    { ...brings("staging"), "iam:PermissionsBoundary": boundary("prod") },
  ],
  [
    "a bounded role under production's name",
    "iam:CreateRole",
    iam("role/sluice-prod-x"),
    { ...brings("staging"), "iam:PermissionsBoundary": boundary("staging") },
  ],
  [
    "a bounded role with production's tags",
    "iam:CreateRole",
    iam("role/sluice-staging-x"),
    { ...brings("prod"), "iam:PermissionsBoundary": boundary("staging") },
  ],
  [
    "a role under a path, so that its name is another's",
    "iam:CreateRole",
    iam("role/x/sluice-staging-x"),
    { ...brings("staging"), "iam:PermissionsBoundary": boundary("staging") },
  ],
  ["more power for a role without a boundary", "iam:PutRolePolicy", iam("role/sluice-staging-old"), has("staging")],
  [
    "a policy of AWS's for a role of its own",
    "iam:AttachRolePolicy",
    iam("role/sluice-staging-api-task"),
    has("staging"),
  ],
  ["no boundary any more", "iam:DeleteRolePermissionsBoundary", iam("role/sluice-staging-api-task"), has("staging")],
  [
    "another boundary",
    "iam:PutRolePermissionsBoundary",
    iam("role/sluice-staging-api-task"),
    { ...has("staging"), "iam:PermissionsBoundary": iam("policy/mine") },
  ],
  ["a wider boundary", "iam:CreatePolicyVersion", boundary("staging"), has("foundation")],
  ["an older boundary", "iam:SetDefaultPolicyVersion", boundary("staging"), has("foundation")],
  ["no boundary at all", "iam:DeletePolicy", boundary("staging"), has("foundation")],
  ["a policy of its own", "iam:CreatePolicy", iam("policy/sluice-staging-x"), brings("staging")],
  ["a wider ceiling", "iam:CreatePolicyVersion", iam("policy/sluice-foundation-github-deploy-staging-ceiling")],
  ["more for itself", "iam:PutRolePolicy", iam("role/sluice-foundation-github-deploy-staging"), has("foundation")],
  [
    "more for itself, with its own boundary named",
    "iam:PutRolePolicy",
    iam("role/sluice-foundation-github-deploy-staging"),
    { ...has("foundation"), "iam:PermissionsBoundary": boundary("staging") },
  ],
  [
    "another's trust",
    "iam:UpdateAssumeRolePolicy",
    iam("role/sluice-foundation-github-deploy-prod"),
    has("foundation"),
  ],
  ["production's role", "sts:AssumeRole", iam("role/sluice-foundation-github-deploy-prod"), has("foundation")],
  ["a task's role of production", "sts:AssumeRole", iam("role/sluice-prod-api-task"), has("prod")],
  ["a provider of identities", "iam:CreateOpenIDConnectProvider", iam("oidc-provider/example.com"), brings("staging")],
  [
    "another audience",
    "iam:AddClientIDToOpenIDConnectProvider",
    iam("oidc-provider/token.actions.githubusercontent.com"),
  ],
  ["a user", "iam:CreateUser", iam("user/sluice-staging-x")],
  ["a key", "iam:CreateAccessKey", iam("user/admin")],
  // To lend power to something that runs.
  ["production's role for a task", "iam:PassRole", iam("role/sluice-prod-api-task"), passed("ecs-tasks.amazonaws.com")],
  [
    "a deploy role for a task",
    "iam:PassRole",
    iam("role/sluice-foundation-github-deploy-prod"),
    passed("ecs-tasks.amazonaws.com"),
  ],
  ["its own role for a function", "iam:PassRole", iam("role/sluice-staging-api-task"), passed("lambda.amazonaws.com")],
  ["a function", "lambda:CreateFunction", arn("lambda", "function:sluice-staging-x"), brings("staging")],
  ["a machine", "ec2:RunInstances", arn("ec2", "instance/*"), brings("staging")],
  ["a stack of CloudFormation's", "cloudformation:CreateStack", arn("cloudformation", "stack/x/*"), brings("staging")],
  ["a command on a machine", "ssm:SendCommand", arn("ssm", "document/AWS-RunShellScript")],
  ["a shell in a task", "ecs:ExecuteCommand", arn("ecs", "task/sluice-prod/0123"), has("prod")],
  // To run where production runs.
  [
    "its own task in production's cluster",
    "ecs:RunTask",
    arn("ecs", "task-definition/sluice-staging-api-blue:1"),
    { ...has("staging"), ...cluster("prod") },
  ],
  [
    "production's task in its own cluster",
    "ecs:RunTask",
    arn("ecs", "task-definition/sluice-prod-api-blue:1"),
    { ...has("prod"), ...cluster("staging") },
  ],
  [
    "a revision of production's task",
    "ecs:RegisterTaskDefinition",
    arn("ecs", "task-definition/sluice-prod-api-blue:2"),
    brings("staging"),
  ],
  ["no more task definitions", "ecs:DeregisterTaskDefinition", "*"],
  [
    "a service in production's cluster",
    "ecs:CreateService",
    arn("ecs", "service/sluice-prod/sluice-staging-x"),
    { ...brings("staging"), ...cluster("prod") },
  ],
  // To make production's resources its own.
  [
    "its tags on a security group",
    "ec2:CreateTags",
    arn("ec2", "security-group/sg-1"),
    { ...has("prod"), ...brings("staging") },
  ],
  [
    "its tags on a security group, said to be new",
    "ec2:CreateTags",
    arn("ec2", "security-group/sg-1"),
    { ...has("prod"), ...brings("staging"), "ec2:CreateAction": "CreateSecurityGroup" },
  ],
  ["its tags on what has none", "ec2:CreateTags", arn("ec2", "security-group/sg-database"), brings("staging")],
  ["its tags on the balancer", "elasticloadbalancing:AddTags", balancer, { ...has("prod"), ...brings("staging") }],
  [
    "its tags on a target",
    "application-autoscaling:TagResource",
    arn("application-autoscaling", "scalable-target/1"),
    { ...has("prod"), ...brings("staging") },
  ],
  [
    "its tags on a certificate of another project's staging",
    "acm:AddTagsToCertificate",
    arn("acm", "certificate/1"),
    { ...keyed("ResourceTag", { "sluice:project": "other", "sluice:stack": "staging" }), ...brings("staging") },
  ],
  ["no tags on production's", "ec2:DeleteTags", arn("ec2", "vpc/vpc-1"), has("prod")],
  [
    "production's tags on its own",
    "ecs:TagResource",
    arn("ecs", "cluster/sluice-staging"),
    { ...has("staging"), ...brings("prod") },
  ],
  // To stand between production and its users.
  [
    "a listener on the balancer",
    "elasticloadbalancing:CreateListener",
    balancer,
    { ...has("prod"), ...brings("staging") },
  ],
  [
    "a rule before production's",
    "elasticloadbalancing:CreateRule",
    balancer.replace("loadbalancer", "listener"),
    { ...has("prod"), ...brings("staging") },
  ],
  [
    "a target of its own",
    "elasticloadbalancing:RegisterTargets",
    arn("elasticloadbalancing", "targetgroup/sluice-prod-api-blue/1"),
    has("prod"),
  ],
  [
    "a door in the security group",
    "ec2:AuthorizeSecurityGroupIngress",
    arn("ec2", "security-group/sg-1"),
    { ...has("prod"), ...brings("staging") },
  ],
  ["a subnet in the network", "ec2:CreateSubnet", arn("ec2", "vpc/vpc-1"), has("prod")],
  [
    "a subnet in the network, with its tags",
    "ec2:CreateSubnet",
    arn("ec2", "vpc/vpc-1"),
    { ...has("prod"), ...brings("staging") },
  ],
  [
    "the address",
    "route53:ChangeResourceRecordSets",
    "arn:aws:route53:::hostedzone/Z0SHOP",
    { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["www.example.com"] },
  ],
  [
    "the address beside its own",
    "route53:ChangeResourceRecordSets",
    "arn:aws:route53:::hostedzone/Z0SHOP",
    { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["staging.example.com", "www.example.com"] },
  ],
  ["a record of no name", "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0SHOP"],
  ["no web ACL", "wafv2:DisassociateWebACL", balancer, has("prod")],
  ["another image", "ecr:PutImage", arn("ecr", "repository/api"), has("foundation")],
  ["no image to go back to", "ecr:BatchDeleteImage", arn("ecr", "repository/api"), has("foundation")],
  // To read what production knows, or blind those who watch.
  ["a secret", "secretsmanager:GetSecretValue", arn("secretsmanager", "secret:sluice/prod/db-AbCdEf"), has("prod")],
  ["a parameter", "ssm:GetParameter", arn("ssm", "parameter/sluice/prod/db"), has("prod")],
  ["production's state", "s3:GetObject", state("stacks/sluice/prod.json")],
  ["production's state, to change it", "s3:PutObject", state("stacks/sluice/prod.json")],
  ["production's history", "s3:GetObject", state("history/sluice/prod/prod-1.checkpoint.json")],
  ["production's backups", "s3:GetObject", state("backups/sluice/prod/prod.1.json")],
  ["production's lock", "s3:DeleteObject", state("locks/organization/sluice/prod/1.json")],
  ["the foundation's state, to change it", "s3:PutObject", state("stacks/sluice/foundation.json")],
  ["the state of what is called alike", "s3:GetObject", state("stacks/sluice/staging-eu.json")],
  ["everybody's state", "s3:PutBucketPolicy", "arn:aws:s3:::acme-state"],
  ["what reports say", "s3:PutObject", evidence(`images/${"0".repeat(64)}/evidence/tests-1.json`), created],
  ["a record in a record's place", "s3:PutObject", evidence(`images/${"0".repeat(64)}/records/approval-1.json`)],
  ["an entry of the audit log in another's place", "s3:PutObject", evidence("audit/000000000001.json")],
  ["a record away", "s3:DeleteObject", evidence(`images/${"0".repeat(64)}/records/deployment-1.json`)],
  ["evidence beside where it is read", "s3:PutObject", evidence("notes/1.json"), created],
  ["production's key", "kms:Decrypt", keyOf("prod")],
  ["the foundation's key, to write", "kms:Encrypt", keyOf("foundation")],
  ["what users asked for", "s3:GetObject", `arn:aws:s3:::sluice-prod-access-logs-${account}/AWSLogs/1`],
  ["logs", "logs:GetLogEvents", arn("logs", "log-group:/sluice/prod/api:log-stream:1"), has("prod")],
  ["no logs", "logs:DeleteLogGroup", arn("logs", "log-group:/sluice/prod/api"), has("prod")],
  ["no alarms", "cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:sluice-prod-api-errors"), has("prod")],
  ["no pages", "sns:Unsubscribe", arn("sns", "sluice-prod-critical:0123")],
  ["pages to itself", "sns:Subscribe", arn("sns", "sluice-prod-critical"), has("prod")],
  ["no record of what it did", "cloudtrail:StopLogging", arn("cloudtrail", "trail/main")],
];
