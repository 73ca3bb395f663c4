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
export function statePolicy(scope: RoleScope, backend: Backend): PolicyStatement[] {
  const { project, stack } = scope;
  const { key } = backend;
  const object = objectIn(scope, backend);
  return [
    ...foundationStatePolicy(scope, backend),
    allow(
      ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      [
        stateOf(scope, backend, stack),
        ...["history", "backups"].map((kind) => object(`${kind}/${project}/${stack}/*`)),
        object(`locks/organization/${project}/${stack}/*`),
      ],
    ),
    ...(key === undefined ? [] : [allow(["kms:Decrypt", "kms:Encrypt"], [key])]),
  ];
}

/** What whoever looks into the registry needs: its address stands in the foundation's state, which is read and no more. */
export function foundationStatePolicy(scope: RoleScope, backend: Backend): PolicyStatement[] {
  const { foundationKey, bucket } = backend;
  return [
    allow(["s3:GetBucketLocation", "s3:ListBucket"], [`arn:${scope.partition}:s3:::${bucket}`]),
    allow(["s3:GetObject"], [objectIn(scope, backend)("meta.yaml"), stateOf(scope, backend, scope.foundation)]),
    ...(foundationKey === undefined ? [] : [allow(["kms:Decrypt"], [foundationKey])]),
  ];
}

const objectIn =
  ({ partition }: RoleScope, { bucket }: Backend) =>
  (path: string) =>
    `arn:${partition}:s3:::${bucket}/.pulumi/${path}`;

/** Compressed, or the one before: `.json.gz`, `.json.bak`. */
const stateOf = (scope: RoleScope, backend: Backend, name: string) =>
  objectIn(scope, backend)(`stacks/${scope.project}/${name}.json*`);
