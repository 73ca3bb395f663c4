/**
 * References to secrets, by which a container gets a value that nobody but ECS reads. Formats: ECS developer guide, "Pass
 * Secrets Manager secrets through Amazon ECS environment variables" and "… Systems Manager parameters …".
 */

/** A Secrets Manager secret, or a part or version of it. */
export interface SecretParts {
  /** ARN of the secret or parameter, without any suffix. */
  arn: string;
  /** Key in the JSON that the secret is. @default the whole secret */
  key?: string | undefined;
  /** Staging label of the version. @default AWSCURRENT */
  stage?: string | undefined;
  /** Id of one version, or `pin`: the version that carries the label when a release is named. @default whichever carries it when a task starts */
  version?: string | undefined;
}

/** What a service's `secrets` may hold: `valueFrom` as ECS takes it, or its parts. */
export type SecretReference = string | SecretParts;

/** The version is looked up when a release is named. */
export const pin = "pin";

/**
 * The ARN that permissions are given on: a reference without JSON key, stage and version, which IAM knows nothing of.
 *
 * @example
 * secretArn("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::") // "arn:…:secret:db-AbCdEf"
 */
export function secretArn(valueFrom: string): string {
  return valueFrom
    .split(":")
    .slice(0, isParameter(valueFrom) ? 6 : 7)
    .join(":");
}

/** Whether a reference is to a parameter of Systems Manager; else it is to a secret of Secrets Manager. */
export function isParameter(valueFrom: string): boolean {
  return valueFrom.split(":")[2] === "ssm";
}

/** The parts of a reference that is to be pinned; undefined where nothing has to be looked up. */
export function toPin(reference: SecretReference): (SecretParts & { stage: string }) | undefined {
  if (typeof reference === "string" || reference.version !== pin) return undefined;
  return { ...reference, stage: reference.stage || "AWSCURRENT" };
}

/**
 * A reference as a container definition has it.
 *
 * @param pinned id of the version, where the reference asks for one to be looked up
 * @example
 * valueFrom({ arn: "arn:…:secret:db-AbCdEf", key: "password" }) // "arn:…:secret:db-AbCdEf:password::"
 */
export function valueFrom(reference: SecretReference, pinned?: string): string {
  if (typeof reference === "string") return reference;
  const { arn, key = "", stage = "", version = "" } = reference;
  const id = version === pin ? pinned : version;
  if (id === undefined) throw new Error(`the version of ${arn} has not been looked up`);
  // A version has been chosen by its label already; ECS takes one of the two.
  const suffix = [key, id === "" ? stage : "", id];
  return suffix.every((part) => part === "") ? arn : [arn, ...suffix].join(":");
}
