import * as aws from "@pulumi/aws";

/**
 * The AWS account that the stack is in.
 *
 * @returns its 12 digits, and its partition, `aws` nearly everywhere
 */
export async function readAccount(): Promise<{ id: string; partition: string }> {
  const { accountId, arn } = await aws.getCallerIdentity({});
  return { id: accountId, partition: arn.split(":")[1] ?? "aws" };
}
