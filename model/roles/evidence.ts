/** What roles need of the bucket with the evidence: to read all of it, and to add to it. Nobody changes or deletes. */
import { allow, type PolicyStatement, type RoleScope } from "./document.ts";

export interface EvidenceBucket {
  bucket: string;
  /** Where in the bucket, without slashes at its ends. */
  prefix: string;
  /** ARN of the KMS key that the bucket encrypts with. @default S3's own keys */
  key?: string | undefined;
}

/** Push roles hand in what reports say; deploy roles what people and deployments say. */
export type EvidenceWriter = "reports" | "records";

/**
 * Reads the evidence of every image, and writes new objects of one sort: what stands there is never overwritten, for a
 * role may only write where nothing is (`If-None-Match`). Whose word counts is decided by signatures, not by this.
 *
 * @example
 * evidencePolicy(scope, { bucket: "acme-evidence", prefix: "evidence" }, "records")
 */
export function evidencePolicy(
  { partition }: Pick<RoleScope, "partition">,
  { bucket, prefix, key }: EvidenceBucket,
  writes: EvidenceWriter,
): PolicyStatement[] {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const folder = writes === "reports" ? "evidence" : "records";
  return [
    allow(["s3:ListBucket"], [arn], { StringLike: { "s3:prefix": `${prefix}/*` } }),
    allow(["s3:GetObject"], [`${arn}/${prefix}/*`]),
    // S3 API, "Enforce conditional writes": the key is filled in where the request has the header.
    allow(["s3:PutObject"], [`${arn}/${prefix}/images/*/${folder}/*`, `${arn}/${prefix}/audit/*`], {
      Null: { "s3:if-none-match": "false" },
    }),
    ...(key === undefined ? [] : [allow(["kms:Decrypt", "kms:GenerateDataKey"], [key])]),
  ];
}
