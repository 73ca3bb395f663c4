import { randomBytes } from "node:crypto";
import { checkPolicyDocument } from "./iam-documents.ts";
import { conflict, exists, invalid, limit, malformed, missing } from "./iam-errors.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

export interface StoredPolicy {
  Arn: string;
  PolicyId: string;
  PolicyName: string;
  Path: string;
  Description?: string;
  CreateDate: string;
  /** At most five; the newest first. */
  versions: { VersionId: string; Document: string; CreateDate: string }[];
  DefaultVersionId: string;
  /** How many there ever were: numbers are not given twice. */
  counted: number;
}

/** Characters without white space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const MAX_MANAGED = 6144;
const MAX_VERSIONS = 5;

/** Policies of the account's own, which roles are given or bounded by. */
export class ManagedPolicies {
  readonly #cloud: Inner;
  readonly #policies: Table<StoredPolicy>;
  /** How many entities have a policy, or are bounded by it. */
  readonly #uses: (arn: string) => { attached: number; bounded: number };

  constructor(cloud: Inner, uses: (arn: string) => { attached: number; bounded: number }) {
    this.#cloud = cloud;
    this.#policies = new Table(cloud.store, "iam-policy", (arn) => missing(`Policy ${arn} was not found.`));
    this.#uses = uses;
  }

  /** @throws CloudError where there is no such policy. Of AWS's own policies the sandbox has no list: any will do. */
  needAttachable(arn: string): void {
    const known = /^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/.test(arn) || this.#policies.find(arn) !== undefined;
    if (!known) throw missing(`Policy ${arn} does not exist or is not attachable.`);
  }

  create(input: { PolicyName?: string; PolicyDocument?: string; Path?: string; Description?: string }) {
    const name = input.PolicyName ?? "";
    if (!/^[\w+=,.@-]{1,128}$/.test(name)) {
      throw invalid("The specified value for policyName is invalid. It must have 1 to 128 letters, digits and +=,.@_-");
    }
    const Path = input.Path ?? "/";
    const Arn = `arn:aws:iam::${this.#cloud.account}:policy${Path}${name}`;
    if (this.#policies.find(Arn))
      throw exists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    const CreateDate = new Date().toISOString();
    const policy: StoredPolicy = {
      Arn,
      PolicyId: `ANPA${randomBytes(10).toString("hex").toUpperCase().slice(0, 17)}`,
      PolicyName: name,
      Path,
      ...(input.Description && { Description: input.Description }),
      CreateDate,
      versions: [{ VersionId: "v1", Document: checked(input.PolicyDocument), CreateDate }],
      DefaultVersionId: "v1",
      counted: 1,
    };
    this.#policies.put(Arn, policy);
    return { Policy: this.#shape(policy) };
  }

  get(arn: string | undefined) {
    return { Policy: this.#shape(this.#policies.need(arn)) };
  }

  delete(arn: string | undefined) {
    const { Arn, versions } = this.#policies.need(arn);
    const { attached, bounded } = this.#uses(Arn);
    if (attached + bounded > 0) throw conflict("Cannot delete a policy attached to entities.");
    if (versions.length > 1) throw conflict("This policy has more than one version. Delete them first.");
    this.#policies.remove(Arn);
    return {};
  }

  createVersion(input: { PolicyArn?: string; PolicyDocument?: string; SetAsDefault?: boolean }) {
    const policy = this.#policies.need(input.PolicyArn);
    if (policy.versions.length >= MAX_VERSIONS)
      throw limit(`A managed policy can have up to ${MAX_VERSIONS} versions. Delete one before you create another.`);
    const VersionId = `v${policy.counted + 1}`;
    const version = { VersionId, Document: checked(input.PolicyDocument), CreateDate: new Date().toISOString() };
    this.#policies.put(policy.Arn, {
      ...policy,
      versions: [version, ...policy.versions],
      counted: policy.counted + 1,
      DefaultVersionId: input.SetAsDefault ? VersionId : policy.DefaultVersionId,
    });
    return { PolicyVersion: { VersionId, IsDefaultVersion: input.SetAsDefault ?? false } };
  }

  getVersion(input: { PolicyArn?: string; VersionId?: string }) {
    const { versions, DefaultVersionId } = this.#policies.need(input.PolicyArn);
    const found = versions.find(({ VersionId }) => VersionId === input.VersionId);
    if (found === undefined) throw missing(`Policy ${input.PolicyArn} version ${input.VersionId} does not exist.`);
    return { PolicyVersion: { ...found, IsDefaultVersion: found.VersionId === DefaultVersionId } };
  }

  listVersions(arn: string | undefined) {
    const { versions, DefaultVersionId } = this.#policies.need(arn);
    const Versions = versions.map(({ VersionId, CreateDate }) => ({
      VersionId,
      CreateDate: new Date(CreateDate),
      IsDefaultVersion: VersionId === DefaultVersionId,
    }));
    return { Versions, IsTruncated: false };
  }

  deleteVersion(input: { PolicyArn?: string; VersionId?: string }) {
    const policy = this.#policies.need(input.PolicyArn);
    const { PolicyVersion } = this.getVersion(input);
    if (PolicyVersion.IsDefaultVersion) throw conflict("Cannot delete the default version of a policy.");
    const versions = policy.versions.filter(({ VersionId }) => VersionId !== input.VersionId);
    this.#policies.put(policy.Arn, { ...policy, versions });
    return {};
  }

  #shape({ versions: _, counted: __, CreateDate, ...policy }: StoredPolicy) {
    const { attached, bounded } = this.#uses(policy.Arn);
    return {
      ...policy,
      CreateDate: new Date(CreateDate),
      AttachmentCount: attached,
      PermissionsBoundaryUsageCount: bounded,
      IsAttachable: true,
    };
  }
}

function checked(text = ""): string {
  const problem = checkPolicyDocument(text);
  if (problem) throw malformed(problem);
  if (text.replaceAll(/\s/g, "").length > MAX_MANAGED)
    throw limit(`Cannot exceed quota for PolicySize: ${MAX_MANAGED}`);
  return text;
}
