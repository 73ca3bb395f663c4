import type { BucketSetting } from "../../cloud/s3.ts";
import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NO_BUCKET = "NoSuchBucket";
const bucketName: InputSpec = { type: "string", required: true, replace: true };
const flag: InputSpec = { type: "boolean", default: false };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html; its settings are types of their own. */
export const bucket: ResourceType = {
  inputs: {
    bucket: { type: "string", computed: true, replace: true, minLength: 3, maxLength: 63 },
    forceDestroy: { type: "boolean", default: false, local: true },
  },
  outputs: ["arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName"],
  autoname: { property: "bucket", maxLength: 63 },
  tagged: true,
  async create(inputs, ctx) {
    const id = inputs.bucket as string;
    await ctx.cloud.s3.createBucket({ Bucket: id });
    return { id, state: (await readBucket(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readBucket(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.s3.deleteBucket({ Bucket: id }), NO_BUCKET);
  },
};

async function readBucket(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.s3.headBucket({ Bucket: id }), NO_BUCKET);
  return (
    found && {
      arn: found.BucketArn,
      bucket: id,
      bucketDomainName: `${id}.s3.amazonaws.com`,
      bucketRegion: found.BucketRegion,
      bucketRegionalDomainName: `${id}.s3.${found.BucketRegion}.amazonaws.com`,
    }
  );
}

/** A type that is one setting of a bucket: its id is the bucket's name. */
function settingType(
  setting: BucketSetting,
  absent: string,
  inputs: Record<string, InputSpec>,
  /** The properties to the value that is kept, and back. */
  convert: { keep(inputs: Properties): unknown; show(value: unknown): Properties },
): ResourceType {
  const write = (id: string, given: Properties, ctx: ProviderContext) =>
    ctx.cloud.s3.putBucketSetting({ Bucket: id, Setting: setting, Value: convert.keep(given) });
  return {
    inputs: { bucket: bucketName, ...inputs },
    outputs: [],
    async create(given, ctx) {
      const id = given.bucket as string;
      await write(id, given, ctx);
      return { id, state: {} };
    },
    async read(id, _old, ctx) {
      const found = await unlessGone(
        ctx.cloud.s3.getBucketSetting({ Bucket: id, Setting: setting }),
        NO_BUCKET,
        absent,
      );
      return found && { bucket: id, ...convert.show(found.Value) };
    },
    async update(id, _olds, news, ctx) {
      await write(id, news, ctx);
      return {};
    },
    async delete(id, _state, ctx) {
      await unlessGone(ctx.cloud.s3.deleteBucketSetting({ Bucket: id, Setting: setting }), NO_BUCKET);
    },
  };
}

const record = (keys: readonly string[]) => ({
  keep: (inputs: Properties) => Object.fromEntries(keys.map((key) => [key, inputs[key]])),
  show: (value: unknown) => value as Properties,
});

export const bucketPublicAccessBlock = settingType(
  "publicAccessBlock",
  "NoSuchPublicAccessBlockConfiguration",
  { blockPublicAcls: flag, blockPublicPolicy: flag, ignorePublicAcls: flag, restrictPublicBuckets: flag },
  record(["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]),
);

export const bucketServerSideEncryptionConfiguration = settingType(
  "encryption",
  "ServerSideEncryptionConfigurationNotFoundError",
  {
    rules: {
      type: {
        set: {
          type: {
            object: {
              applyServerSideEncryptionByDefault: {
                type: {
                  object: {
                    kmsMasterKeyId: { type: "string" },
                    sseAlgorithm: { type: "string", required: true, oneOf: ["AES256", "aws:kms", "aws:kms:dsse"] },
                  },
                },
              },
              bucketKeyEnabled: { type: "boolean" },
            },
          },
        },
      },
      required: true,
      minLength: 1,
    },
  },
  record(["rules"]),
);

const days: InputSpec = { type: "integer", min: 1 };

export const bucketLifecycleConfiguration = settingType(
  "lifecycle",
  "NoSuchLifecycleConfiguration",
  {
    rules: {
      type: {
        list: {
          type: {
            object: {
              abortIncompleteMultipartUpload: { type: { object: { daysAfterInitiation: days } } },
              expiration: { type: { object: { days } } },
              filter: { type: { object: { prefix: { type: "string" } } } },
              id: { type: "string", required: true, minLength: 1, maxLength: 255 },
              status: { type: "string", required: true, oneOf: ["Enabled", "Disabled"] },
            },
          },
        },
      },
      minLength: 1,
      maxLength: 1000,
    },
  },
  record(["rules"]),
);

export const bucketPolicy = settingType(
  "policy",
  "NoSuchBucketPolicy",
  { policy: { type: "json", required: true, maxLength: 20_480 } },
  { keep: ({ policy }) => policy, show: (policy) => ({ policy }) },
);
