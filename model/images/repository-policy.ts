/** Who may pull from and push to an image repository, as the policy document of ECR. Pure. */

import { pullActions, pushActions } from "./actions.ts";

/** What other accounts' roles may do with a repository. */
export interface RepositoryAccess {
  /** Account ids (12 digits) and role ARNs that may pull. */
  readonly pullFrom: readonly string[];
  /** Role ARNs that may push. */
  readonly pushFrom: readonly string[];
}

/** Longest document, in characters. Source: ECR API, SetRepositoryPolicy, policyText. */
export const maximumPolicyLength = 10_240;

/**
 * The repository's policy.
 *
 * @param region region of the stack, which decides the partition of account principals
 * @returns undefined where nobody is named: the repository is then open to its own account's IAM alone
 * @example
 * repositoryPolicy({ pullFrom: ["210987654321"], pushFrom: [] }, "eu-west-1")
 */
export function repositoryPolicy({ pullFrom, pushFrom }: RepositoryAccess, region: string): string | undefined {
  const statements = [
    statement("Pull", pullFrom, pullActions, region),
    statement("Push", pushFrom, pushActions, region),
  ].flat();
  return statements.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function statement(Sid: string, principals: readonly string[], actions: readonly string[], region: string) {
  if (principals.length === 0) return [];
  const AWS = principals.map((principal) => principalArn(principal, region)).sort();
  return [{ Sid, Effect: "Allow", Principal: { AWS }, Action: [...actions].sort() }];
}

/** ECR keeps a bare account id as the ARN of its root: written so from the start, nothing differs when it is read back. */
function principalArn(principal: string, region: string): string {
  return /^\d{12}$/.test(principal) ? `arn:${partitionOf(region)}:iam::${principal}:root` : principal;
}

/** Source: AWS General Reference, "Amazon Resource Names", partitions. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
