import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** An AWS account: its 12 digits, and its partition, `aws` nearly everywhere. */
export interface Account {
  id: string;
  partition: string;
}

/**
 * The AWS account that the stack is in.
 */
export async function readAccount(): Promise<Account> {
  const { accountId, arn } = await aws.getCallerIdentity({});
  return { id: accountId, partition: arn.split(":")[1] ?? "aws" };
}

/** The same for components, whose constructors cannot wait. */
export function accountOf(parent: pulumi.Resource): pulumi.Output<Account> {
  return aws
    .getCallerIdentityOutput({}, { parent })
    .apply(({ accountId, arn }) => ({ id: accountId, partition: arn.split(":")[1] ?? "aws" }));
}
