/** The policies of a service's two roles, as documents. */
import type { Permission } from "./config/permission.ts";
import { fetchActions } from "./images/actions.ts";
import { isParameter, secretArn } from "./secret-reference.ts";

/** Characters of all inline policies of a role together, white space apart: IAM quotas. */
export const rolePolicyLimit = 10_240;

export interface ExecutionPolicyArgs {
  repositoryArns: readonly string[];
  logGroupArn: string;
  /** `valueFrom` of every variable. */
  secrets: readonly string[];
  /** KMS keys that secrets are encrypted with, where these are not AWS's own. */
  keys: readonly string[];
}

const allow = (Action: readonly string[], Resource: readonly string[], Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/**
 * What ECS may do to start a service's tasks: pull these images, write these logs, read these secrets.
 *
 * @example
 * executionPolicy({ repositoryArns, logGroupArn, secrets: ["arn:…:secret:db-AbCdEf:password::"], keys: [] })
 */
export function executionPolicy({ repositoryArns, logGroupArn, secrets, keys }: ExecutionPolicyArgs): string {
  const arns = (wanted: boolean) => [...new Set(secrets.filter((each) => isParameter(each) === wanted).map(secretArn))];
  const [parameters, secretValues] = [arns(true), arns(false)];
  const regions = [...new Set(keys.map((key) => key.split(":")[3]))];
  const services = regions.flatMap((region) => [
    `secretsmanager.${region}.amazonaws.com`,
    `ssm.${region}.amazonaws.com`,
  ]);
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      // ECR hands tokens out per account, not per repository: the API takes no other resource.
      allow(["ecr:GetAuthorizationToken"], ["*"]),
      allow([...fetchActions], repositoryArns),
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${logGroupArn}:*`]),
      ...(parameters.length > 0 ? [allow(["ssm:GetParameters"], parameters)] : []),
      ...(secretValues.length > 0 ? [allow(["secretsmanager:GetSecretValue"], secretValues)] : []),
      // The key opens nothing but what these two services hand out.
      ...(keys.length > 0 ? [allow(["kms:Decrypt"], keys, { StringEquals: { "kms:ViaService": services } })] : []),
    ],
  });
}

/**
 * What a service's program may do; undefined where it may do nothing.
 *
 * @example
 * taskPolicy([{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::reports/*"] }])
 */
export function taskPolicy(permissions: readonly Permission[]): string | undefined {
  if (permissions.length === 0) return undefined;
  const Statement = permissions.map(({ actions, resources, conditions }) => allow(actions, resources, conditions));
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
