/** The section `registry`: image repositories. */
import { z } from "zod";
import { repositoryName } from "./fields.ts";

/** A key by its ARN: an alias would be read back as the key behind it, and so replace the repository. */
const kmsKeyArn = z
  .string()
  .max(256)
  .regex(
    /^arn:aws(?:-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    "AES256, or the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias",
  );

/** IAM API, CreateRole: a path of at most 512 characters, a name of at most 64. Wildcards name nobody in particular. */
const roleArn = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;

const pullPrincipal = z
  .string()
  .max(620)
  .refine(
    (text) => /^\d{12}$/.test(text) || roleArn.test(text),
    "an account id of 12 digits, or the ARN of a role without wildcards",
  );

const pushPrincipal = z.string().max(620).regex(roleArn, "the ARN of a role without wildcards");

/** ECR API, ImageTagMutabilityExclusionFilter: 1 to 128 of these, at most two wildcards. */
const tagFilter = z
  .string()
  .regex(
    /^(?!(?:[^*]*\*){3})(?=.*[0-9a-zA-Z])[0-9a-zA-Z._*-]{1,128}$/,
    "1 to 128 of A-Z a-z 0-9 . _ - and at most two *, and not * alone",
  );

const unique = (list: readonly string[]) => new Set(list).size === list.length;
const once = "each of them once";

const repository = z.strictObject({
  expireUntaggedDays: z.int().min(1).max(365).default(14).describe("Days until an image without a tag is removed."),
  expirePreviewDays: z
    .int()
    .min(1)
    .max(365)
    .default(14)
    .describe("Days until images tagged dev-* or pr-* are removed."),
  mutableTags: z
    .array(tagFilter)
    .max(5, "at most 5 filters (ECR API, PutImageTagMutability)")
    .refine(unique, once)
    .default([])
    .describe(
      "Tags that may be overwritten, as patterns with at most two *. Default: none, every tag is immutable. The policy " +
        "pack takes only patterns that begin with dev- or pr-. At most 5 (ECR API, ImageTagMutabilityExclusionFilter).",
    ),
  encryption: z
    .union([z.literal("AES256"), kmsKeyArn], "AES256, or the ARN of a KMS key (not of an alias)")
    .default("AES256")
    .describe(
      "How images are encrypted: AES256 (keys of S3), or the ARN of a KMS key in the stack's region. Cannot be changed " +
        "once the repository exists (ECR API, CreateRepository).",
    ),
  pullFrom: z
    .array(pullPrincipal)
    .refine(unique, once)
    .default([])
    .describe(
      "Other accounts that may pull: account ids, or ARNs of roles. Default: none. All principals together must fit into " +
        "a policy of 10,240 characters (ECR API, SetRepositoryPolicy).",
    ),
  pushFrom: z
    .array(pushPrincipal)
    .refine(unique, once)
    .default([])
    .describe("ARNs of other accounts' roles that may push, and read what they pushed. Default: none."),
});

export const registry = z.strictObject({
  repositories: z
    .record(repositoryName, repository)
    .refine((repositories) => Object.keys(repositories).length > 0, "at least one repository"),
});

export type RegistryConfig = z.output<typeof registry>;
