import { CloudError } from "../cloud/error.ts";

/**
 * Awaits an operation; undefined when it fails with one of these codes, which say that the thing is gone.
 *
 * @example
 * const answer = await unlessGone(ctx.cloud.iam.getRole({ RoleName: id }), "NoSuchEntity");
 */
export async function unlessGone<T>(operation: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof CloudError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
