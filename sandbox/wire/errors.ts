import { CloudError } from "../cloud/error.ts";

/**
 * Anything thrown as an error that AWS's protocols can carry. What the domain did not raise on purpose is a fault of the
 * sandbox itself and becomes a 500, which clients retry as they would with AWS.
 *
 * @example asCloudError(new TypeError("x is undefined")).httpStatus // 500
 */
export function asCloudError(thrown: unknown): CloudError {
  if (thrown instanceof CloudError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CloudError("InternalFailure", `the sandbox failed: ${message}`, 500);
}
