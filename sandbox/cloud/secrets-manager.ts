import { randomInt, randomUUID } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-secrets-manager";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** Kind of the documents that hold values. Nothing else in the store ever does. */
export const SECRET_KIND = "secretsmanager.secret";

interface VersionDoc {
  id: string;
  string?: string;
  /** Base64. */
  binary?: string;
  stages: string[];
  createdAt: number;
}

interface SecretDoc {
  arn: string;
  name: string;
  description?: string;
  kmsKeyId?: string;
  createdAt: number;
  changedAt: number;
  deletedAt?: number;
  /** Oldest first. */
  versions: VersionDoc[];
}

type Value = Pick<Sdk.PutSecretValueRequest, "SecretString" | "ClientRequestToken"> & {
  SecretBinary?: Uint8Array | string | undefined;
};

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const invalidParameter = (message: string) => new CloudError("InvalidParameterException", message);
const notFound = (what = "") =>
  new CloudError("ResourceNotFoundException", `Secrets Manager can't find the specified secret${what}.`);

/** Secrets with versions and their labels. Rotation and replication are not there. */
export class SecretsManager {
  readonly #cloud: Inner;
  readonly #secrets: Table<SecretDoc>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#secrets = new Table(cloud.store, SECRET_KIND, () => notFound());
  }

  createSecret(input: Omit<Sdk.CreateSecretRequest, "SecretBinary"> & Value): Sdk.CreateSecretResponse {
    const name = input.Name ?? "";
    if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) {
      throw new CloudError(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
      );
    }
    const before = this.#find(name);
    if (before?.deletedAt !== undefined) {
      throw new CloudError(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (before !== undefined) {
      const message = `The operation failed because the secret ${name} already exists.`;
      throw new CloudError("ResourceExistsException", message);
    }
    const suffix = Array.from({ length: 6 }, () => SUFFIX[randomInt(SUFFIX.length)]).join("");
    const now = Date.now();
    const doc: SecretDoc = {
      arn: `arn:aws:secretsmanager:${this.#cloud.region}:${this.#cloud.account}:secret:${name}-${suffix}`,
      name,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.KmsKeyId === undefined ? {} : { kmsKeyId: input.KmsKeyId }),
      createdAt: now,
      changedAt: now,
      versions: [],
    };
    const version = hasValue(input) ? addVersion(doc, input, [CURRENT]) : undefined;
    this.#secrets.put(doc.arn, doc);
    const tags = (input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]);
    if (tags.length > 0) this.#cloud.tags.write(doc.arn, Object.fromEntries(tags));
    return { ARN: doc.arn, Name: name, ...(version === undefined ? {} : { VersionId: version.id }) };
  }

  putSecretValue(input: Omit<Sdk.PutSecretValueRequest, "SecretBinary"> & Value): Sdk.PutSecretValueResponse {
    const doc = this.#live(input.SecretId);
    if (!hasValue(input)) throw invalidParameter("You must provide either SecretString or SecretBinary.");
    const same = doc.versions.find((version) => version.id === input.ClientRequestToken);
    if (same !== undefined && (same.string !== input.SecretString || same.binary !== base64(input.SecretBinary))) {
      throw new CloudError(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${same.id} because that value is already in use for a version of secret ${doc.arn}.`,
      );
    }
    const version = same ?? addVersion(doc, input, input.VersionStages ?? [CURRENT]);
    this.#secrets.put(doc.arn, { ...doc, changedAt: Date.now() });
    return { ARN: doc.arn, Name: doc.name, VersionId: version.id, VersionStages: version.stages };
  }

  getSecretValue(input: Sdk.GetSecretValueRequest): Sdk.GetSecretValueResponse {
    const doc = this.#live(input.SecretId);
    const stage = input.VersionStage ?? (input.VersionId === undefined ? CURRENT : undefined);
    const version = doc.versions.find(
      ({ id, stages }) =>
        (input.VersionId === undefined || id === input.VersionId) && (stage === undefined || stages.includes(stage)),
    );
    if (version === undefined) {
      throw notFound(
        input.VersionId === undefined
          ? ` value for staging label: ${stage}`
          : ` value for VersionId: ${input.VersionId}`,
      );
    }
    return {
      ARN: doc.arn,
      Name: doc.name,
      VersionId: version.id,
      VersionStages: version.stages,
      CreatedDate: new Date(version.createdAt),
      ...(version.string === undefined ? {} : { SecretString: version.string }),
      ...(version.binary === undefined ? {} : { SecretBinary: new Uint8Array(Buffer.from(version.binary, "base64")) }),
    };
  }

  describeSecret(input: Sdk.DescribeSecretRequest): Sdk.DescribeSecretResponse {
    const doc = this.#secrets.need(this.#find(input.SecretId ?? "")?.arn);
    return {
      ARN: doc.arn,
      Name: doc.name,
      Description: doc.description,
      KmsKeyId: doc.kmsKeyId,
      CreatedDate: new Date(doc.createdAt),
      LastChangedDate: new Date(doc.changedAt),
      DeletedDate: doc.deletedAt === undefined ? undefined : new Date(doc.deletedAt),
      VersionIdsToStages: Object.fromEntries(labelled(doc).map(({ id, stages }) => [id, stages])),
      Tags: Object.entries(this.#cloud.tags.read(doc.arn)).map(([Key, Value]) => ({ Key, Value })),
    };
  }

  listSecretVersionIds(input: Sdk.ListSecretVersionIdsRequest): Sdk.ListSecretVersionIdsResponse {
    const doc = this.#live(input.SecretId);
    const versions = input.IncludeDeprecated ? doc.versions : labelled(doc);
    const Versions = versions.map(({ id, stages, createdAt }) => ({
      VersionId: id,
      VersionStages: stages,
      CreatedDate: new Date(createdAt),
    }));
    return { ARN: doc.arn, Name: doc.name, Versions };
  }

  updateSecretVersionStage(input: Sdk.UpdateSecretVersionStageRequest): Sdk.UpdateSecretVersionStageResponse {
    const doc = this.#live(input.SecretId);
    const stage = input.VersionStage ?? "";
    const holder = doc.versions.find(({ stages }) => stages.includes(stage));
    if (input.MoveToVersionId !== undefined && holder !== undefined && holder.id !== input.RemoveFromVersionId) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}.`,
      );
    }
    const target = doc.versions.find(({ id }) => id === input.MoveToVersionId);
    if (input.MoveToVersionId !== undefined && target === undefined) {
      throw notFound(` value for VersionId: ${input.MoveToVersionId}`);
    }
    if (target === undefined) unlabel(doc, stage);
    else label(doc, target, stage);
    this.#secrets.put(doc.arn, { ...doc, changedAt: Date.now() });
    return { ARN: doc.arn, Name: doc.name };
  }

  deleteSecret(input: Sdk.DeleteSecretRequest): Sdk.DeleteSecretResponse {
    const doc = this.#live(input.SecretId);
    const days = input.RecoveryWindowInDays ?? 30;
    if (days < 7 || days > 30) {
      throw invalidParameter("RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    }
    const at = Date.now() + (input.ForceDeleteWithoutRecovery ? 0 : days * 86_400_000);
    if (input.ForceDeleteWithoutRecovery) {
      this.#secrets.remove(doc.arn);
      this.#cloud.tags.drop(doc.arn);
    } else this.#secrets.put(doc.arn, { ...doc, deletedAt: at });
    return { ARN: doc.arn, Name: doc.name, DeletionDate: new Date(at) };
  }

  /** By name, by ARN, or by an ARN without the six characters at its end. */
  #find(id: string): SecretDoc | undefined {
    return (
      this.#secrets.find(id) ??
      this.#secrets.list().find(({ arn, name }) => name === id || arn.replace(/-[A-Za-z0-9]{6}$/, "") === id)
    );
  }

  #live(id: string | undefined): SecretDoc {
    const doc = this.#secrets.need(this.#find(id ?? "")?.arn);
    if (doc.deletedAt === undefined) return doc;
    throw new CloudError(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
}

function hasValue({ SecretString, SecretBinary }: Value): boolean {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  return SecretString !== undefined || SecretBinary !== undefined;
}

function base64(value: Uint8Array | string | undefined): string | undefined {
  // Over the wire it arrives as base64 already.
  return value === undefined || typeof value === "string" ? value : Buffer.from(value).toString("base64");
}

/** Adds a version in place; each label moves to it. */
function addVersion(doc: SecretDoc, { SecretString, SecretBinary, ClientRequestToken }: Value, stages: string[]) {
  const binary = base64(SecretBinary);
  const version: VersionDoc = {
    id: ClientRequestToken ?? randomUUID(),
    ...(SecretString === undefined ? {} : { string: SecretString }),
    ...(binary === undefined ? {} : { binary }),
    stages: [],
    createdAt: Date.now(),
  };
  doc.versions.push(version);
  for (const stage of stages) label(doc, version, stage);
  return version;
}

/** Who loses `AWSCURRENT` becomes `AWSPREVIOUS`. */
function label(doc: SecretDoc, version: VersionDoc, stage: string): void {
  const holder = unlabel(doc, stage);
  version.stages.push(stage);
  if (stage !== CURRENT || holder === undefined || holder === version) return;
  unlabel(doc, PREVIOUS);
  holder.stages.push(PREVIOUS);
}

function unlabel(doc: SecretDoc, stage: string): VersionDoc | undefined {
  const holder = doc.versions.find(({ stages }) => stages.includes(stage));
  if (holder !== undefined) holder.stages = holder.stages.filter((one) => one !== stage);
  return holder;
}

const labelled = ({ versions }: SecretDoc) => versions.filter(({ stages }) => stages.length > 0);
