import { CloudError } from "../cloud/error.ts";

/** An error of the distribution API. */
export class OciError extends Error {
  override readonly name = "OciError";
  readonly code: string;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** How ECR's registry answers what its own API names so. */
const CODES: Readonly<Record<string, readonly [number, string]>> = {
  RepositoryNotFoundException: [404, "NAME_UNKNOWN"],
  ImageNotFoundException: [404, "MANIFEST_UNKNOWN"],
  ImageTagAlreadyExistsException: [400, "TAG_INVALID"],
  ImageDigestDoesNotMatchException: [400, "DIGEST_INVALID"],
  LayersNotFoundException: [404, "MANIFEST_BLOB_UNKNOWN"],
  ReferencedImagesNotFoundException: [404, "MANIFEST_BLOB_UNKNOWN"],
  InvalidParameterException: [400, "MANIFEST_INVALID"],
  ThrottlingException: [429, "TOOMANYREQUESTS"],
};

/** @returns undefined for what is no answer but a fault of the program */
export function ociErrorOf(error: unknown): OciError | undefined {
  if (error instanceof OciError) return error;
  if (!(error instanceof CloudError)) return undefined;
  const [status, code] = CODES[error.code] ?? [error.httpStatus, error.httpStatus >= 500 ? "UNKNOWN" : "DENIED"];
  return new OciError(status, code, error.message);
}
