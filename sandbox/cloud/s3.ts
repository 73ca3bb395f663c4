import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** Settings of a bucket that AWS keeps beside it, each with an operation of its own. */
export type BucketSetting = "publicAccessBlock" | "encryption" | "lifecycle" | "policy";

interface Bucket {
  Name: string;
  BucketArn: string;
  BucketRegion: string;
  settings: Partial<Record<BucketSetting, unknown>>;
}

const ABSENT: Record<BucketSetting, [code: string, message: string]> = {
  publicAccessBlock: ["NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"],
  encryption: [
    "ServerSideEncryptionConfigurationNotFoundError",
    "The server side encryption configuration was not found",
  ],
  lifecycle: ["NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"],
  policy: ["NoSuchBucketPolicy", "The bucket policy does not exist"],
};
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!xn--|sthree-|amzn-s3-demo-)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;
const RESERVED_END = /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;
const MAX_POLICY = 20_480;

/** Buckets and their settings. They hold no objects: nothing that Sluice does writes any. */
export class S3 {
  readonly #cloud: Inner;
  readonly #buckets: Table<Bucket>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    const missing = () => new CloudError("NoSuchBucket", "The specified bucket does not exist", 404);
    this.#buckets = new Table(cloud.store, "s3-bucket", missing);
  }

  createBucket(input: { Bucket?: string }) {
    const Name = input.Bucket ?? "";
    if (!NAME.test(Name) || RESERVED_END.test(Name)) {
      throw new CloudError("InvalidBucketName", "The specified bucket is not valid.");
    }
    if (this.#buckets.find(Name)) {
      const message = "Your previous request to create the named bucket succeeded and you already own it.";
      throw new CloudError("BucketAlreadyOwnedByYou", message, 409);
    }
    const BucketRegion = this.#cloud.region;
    return this.#buckets.put(Name, { Name, BucketArn: `arn:aws:s3:::${Name}`, BucketRegion, settings: {} });
  }

  headBucket(input: { Bucket?: string }) {
    const { BucketArn, BucketRegion } = this.#buckets.need(input.Bucket);
    return { BucketArn, BucketRegion };
  }

  deleteBucket(input: { Bucket?: string }) {
    this.#buckets.remove(input.Bucket);
    return {};
  }

  /** Stands for PutPublicAccessBlock, PutBucketEncryption, PutBucketLifecycleConfiguration and PutBucketPolicy. */
  putBucketSetting(input: { Bucket?: string; Setting: BucketSetting; Value: unknown }) {
    const bucket = this.#buckets.need(input.Bucket);
    if (input.Setting === "policy") checkPolicy(String(input.Value), bucket);
    bucket.settings[input.Setting] = input.Value;
    this.#buckets.put(bucket.Name, bucket);
    return {};
  }

  /** @throws CloudError with the code of the operation that it stands for */
  getBucketSetting(input: { Bucket?: string; Setting: BucketSetting }) {
    const Value = this.#buckets.need(input.Bucket).settings[input.Setting];
    if (Value === undefined) throw new CloudError(...ABSENT[input.Setting], 404);
    return { Value };
  }

  deleteBucketSetting(input: { Bucket?: string; Setting: BucketSetting }) {
    const bucket = this.#buckets.need(input.Bucket);
    delete bucket.settings[input.Setting];
    this.#buckets.put(bucket.Name, bucket);
    return {};
  }

  /** Whether an AWS service may write to a bucket; one that the sandbox does not know is somebody else's, and may. */
  admits(bucket: string, service: string, prefix: string): boolean {
    const known = this.#buckets.find(bucket);
    if (known === undefined) return true;
    const policy = String(known.settings.policy ?? "");
    return (
      policy.includes(service) && policy.includes(`${known.BucketArn}/${prefix === "" ? "" : `${prefix}/`}AWSLogs/`)
    );
  }
}

function checkPolicy(text: string, { BucketArn }: Bucket): void {
  const malformed = (message: string) => new CloudError("MalformedPolicy", message);
  if (text.length > MAX_POLICY) throw malformed("Bucket policies are limited to 20 KB.");
  const { Statement } = JSON.parse(text) as { Statement?: { Resource?: string | string[]; Principal?: unknown }[] };
  for (const { Resource, Principal } of Statement ?? []) {
    if (Principal === undefined) throw malformed("Missing required field Principal");
    const inside = [Resource ?? []].flat().every((arn) => arn === BucketArn || arn.startsWith(`${BucketArn}/`));
    if (!inside) throw malformed("Policy has invalid resource");
  }
}
