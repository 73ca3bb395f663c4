import { CloudError } from "./error.ts";

/** IAM's errors: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each operation's own page. */
export const missing = (text: string) => new CloudError("NoSuchEntity", text, 404);
export const exists = (text: string) => new CloudError("EntityAlreadyExists", text, 409);
export const conflict = (text: string) => new CloudError("DeleteConflict", text, 409);
export const limit = (text: string) => new CloudError("LimitExceeded", text, 409);
export const malformed = (text: string) => new CloudError("MalformedPolicyDocument", text, 400);
export const invalid = (text: string) => new CloudError("ValidationError", text, 400);
