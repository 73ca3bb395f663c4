import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import type * as aws from "@pulumi/aws";
import { call, region } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const bucket = mapping<aws.s3.BucketArgs>({
  async create(inputs, { s3 }) {
    const Bucket = required(inputs.bucket);
    await call(s3, CreateBucketCommand, { Bucket, CreateBucketConfiguration: { LocationConstraint: region } });
    const TagSet = tagList(inputs.tags);
    if (TagSet !== undefined) await call(s3, PutBucketTaggingCommand, { Bucket, Tagging: { TagSet } });
    return { id: Bucket, arn: `arn:aws:s3:::${Bucket}` };
  },
  async read({ made }, { s3 }) {
    await call(s3, HeadBucketCommand, { Bucket: made.id });
    const { TagSet } = await call(s3, GetBucketTaggingCommand, { Bucket: made.id });
    return { bucket: made.id, tags: tagMap(TagSet) };
  },
  unsent: { forceDestroy: "whether the provider empties the bucket before it deletes it" },
});

const publicAccessBlock = mapping<aws.s3.BucketPublicAccessBlockArgs>({
  async create(inputs, { s3 }) {
    await call(s3, PutPublicAccessBlockCommand, {
      Bucket: inputs.bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: inputs.blockPublicAcls,
        BlockPublicPolicy: inputs.blockPublicPolicy,
        IgnorePublicAcls: inputs.ignorePublicAcls,
        RestrictPublicBuckets: inputs.restrictPublicBuckets,
      },
    });
    return { id: inputs.bucket };
  },
  async read({ made }, { s3 }) {
    const { PublicAccessBlockConfiguration: found } = await call(s3, GetPublicAccessBlockCommand, { Bucket: made.id });
    return {
      bucket: made.id,
      blockPublicAcls: found?.BlockPublicAcls,
      blockPublicPolicy: found?.BlockPublicPolicy,
      ignorePublicAcls: found?.IgnorePublicAcls,
      restrictPublicBuckets: found?.RestrictPublicBuckets,
    };
  },
});

const encryption = mapping<aws.s3.BucketServerSideEncryptionConfigurationArgs>({
  async create(inputs, { s3 }) {
    await call(s3, PutBucketEncryptionCommand, {
      Bucket: inputs.bucket,
      ServerSideEncryptionConfiguration: {
        Rules: inputs.rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
          ApplyServerSideEncryptionByDefault: byDefault && {
            SSEAlgorithm: byDefault.sseAlgorithm,
            KMSMasterKeyID: byDefault.kmsMasterKeyId,
          },
          BucketKeyEnabled: bucketKeyEnabled,
        })),
      },
    });
    return { id: inputs.bucket };
  },
  async read({ made }, { s3 }) {
    const answer = await call(s3, GetBucketEncryptionCommand, { Bucket: made.id });
    return {
      bucket: made.id,
      rules: answer.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
        applyServerSideEncryptionByDefault: {
          sseAlgorithm: rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
          kmsMasterKeyId: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
        },
        bucketKeyEnabled: rule.BucketKeyEnabled,
      })),
    };
  },
});

const lifecycle = mapping<aws.s3.BucketLifecycleConfigurationArgs>({
  async create(inputs, { s3 }) {
    await call(s3, PutBucketLifecycleConfigurationCommand, {
      Bucket: inputs.bucket,
      LifecycleConfiguration: {
        Rules: (inputs.rules ?? []).map((rule) => ({
          ID: rule.id,
          Status: rule.status,
          Filter: { Prefix: rule.filter?.prefix ?? "" },
          Expiration: rule.expiration && { Days: rule.expiration.days },
          AbortIncompleteMultipartUpload: rule.abortIncompleteMultipartUpload && {
            DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation,
          },
        })),
      },
    });
    return { id: inputs.bucket };
  },
  async read({ made }, { s3 }) {
    const { Rules } = await call(s3, GetBucketLifecycleConfigurationCommand, { Bucket: made.id });
    return {
      bucket: made.id,
      rules: Rules?.map((rule) => ({
        id: rule.ID,
        status: rule.Status,
        filter: rule.Filter && { prefix: rule.Filter.Prefix },
        expiration: rule.Expiration && { days: rule.Expiration.Days },
        abortIncompleteMultipartUpload: {
          daysAfterInitiation: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
        },
      })),
    };
  },
});

const policy = mapping<aws.s3.BucketPolicyArgs>({
  async create(inputs, { s3 }) {
    await call(s3, PutBucketPolicyCommand, { Bucket: inputs.bucket, Policy: String(inputs.policy) });
    return { id: inputs.bucket };
  },
  async read({ made }, { s3 }) {
    const { Policy } = await call(s3, GetBucketPolicyCommand, { Bucket: made.id });
    return { bucket: made.id, policy: Policy };
  },
});

export const s3Mappings: Mappings = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
  "aws:s3/bucketPolicy:BucketPolicy": policy,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
};
