/**
 * An error as AWS names it. Wire handlers and providers turn it into what their callers expect.
 *
 * @example
 * throw new CloudError("RepositoryNotFoundException", "The repository with name 'api' does not exist", 400);
 */
export class CloudError extends Error {
  override readonly name = "CloudError";
  /** AWS's code, e.g. `EntityAlreadyExists` or `RepositoryNotFoundException`. */
  readonly code: string;
  /** Status of the HTTP answer. */
  readonly httpStatus: number;
  /** The caller gets no answer at all: the wire handler destroys the socket. Set by the fault `timeout-after-success`. */
  readonly dropConnection: boolean;

  constructor(code: string, message: string, httpStatus = 400, options: { dropConnection?: boolean } = {}) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
    this.dropConnection = options.dropConnection ?? false;
  }
}

/** Codes that AWS's SDKs retry (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). */
const RETRIED = new Set([
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestTimeout",
]);

/** Whether an SDK would try again by itself. */
export function isRetryable(error: unknown): boolean {
  return error instanceof CloudError && (error.httpStatus >= 500 || RETRIED.has(error.code));
}
