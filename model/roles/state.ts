/** What a deployment needs of a Pulumi state backend in S3: its own stack's files, and the foundation's to read. */
import { allow, type PolicyStatement, type RoleScope } from "./document.ts";

export interface Backend {
  bucket: string;
  /** ARN of the KMS key of the environment's own stack. */
  key?: string | undefined;
  /** ARN of the KMS key of the foundation's stack. */
  foundationKey?: string | undefined;
}

/**
 * Pulumi keeps a stack's state, history, backups and locks in objects of its name, so that one environment's role reads and
 * writes no other's state: state holds secrets.
 *
 * @example
 * statePolicy(scope, { bucket: "acme-state", key: "arn:aws:kms:…:key/…" })
 */
export function statePolicy(scope: RoleScope, { bucket, key, foundationKey }: Backend): PolicyStatement[] {
  const { project, stack, foundation, partition } = scope;
  const arn = `arn:${partition}:s3:::${bucket}`;
  const object = (path: string) => `${arn}/.pulumi/${path}`;
  // Compressed, or the one before: `.json.gz`, `.json.bak`.
  const stateOf = (name: string) => object(`stacks/${project}/${name}.json*`);
  return [
    allow(["s3:GetBucketLocation", "s3:ListBucket"], [arn]),
    allow(["s3:GetObject"], [object("meta.yaml"), stateOf(foundation)]),
    allow(
      ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      [
        stateOf(stack),
        ...["history", "backups"].map((kind) => object(`${kind}/${project}/${stack}/*`)),
        object(`locks/organization/${project}/${stack}/*`),
      ],
    ),
    ...(key === undefined ? [] : [allow(["kms:Decrypt", "kms:Encrypt"], [key])]),
    ...(foundationKey === undefined ? [] : [allow(["kms:Decrypt"], [foundationKey])]),
  ];
}
