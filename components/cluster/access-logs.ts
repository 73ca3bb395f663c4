import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../../model/config/cluster.ts";
import { nameLimits } from "../../model/names.ts";
import { accountOf } from "../account.ts";
import type { Environment } from "../environment.ts";

export interface AccessLogsArgs {
  environment: Environment;
  config: ClusterConfig["accessLogs"];
  /** Whether the bucket may go with what it holds. */
  disposable: boolean;
}

/**
 * A bucket for the access logs of the balancers: theirs alone, closed to the public, emptied by age.
 *
 * @example
 * new AccessLogs("cluster-access-logs", { environment, config: cluster.accessLogs, disposable: false }, { parent: this })
 */
export class AccessLogs extends pulumi.ComponentResource {
  readonly bucket: pulumi.Output<string>;
  /** What must be in place before a balancer may write. */
  readonly ready: pulumi.Resource[];

  readonly #name: string;
  readonly #args: AccessLogsArgs;

  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:AccessLogs", name, { config: args.config }, opts);
    this.#name = name;
    this.#args = args;
    const physicalName = accountOf(this).apply(({ id }) => bucketName(args.environment, id));
    const bucket = new aws.s3.Bucket(
      name,
      {
        bucket: physicalName,
        forceDestroy: args.disposable,
        tags: args.environment.tags(args.environment.physicalName(255, "access-logs")),
      },
      { parent: this },
    );
    this.bucket = bucket.bucket;
    this.ready = [...this.#settings(bucket), this.#policy(physicalName, bucket)];
    this.registerOutputs({ bucket: this.bucket });
  }

  /** Elastic Load Balancing writes with keys of S3's own (SSE-S3) and with no others. */
  #settings(bucket: aws.s3.Bucket): pulumi.Resource[] {
    const opts = { parent: this };
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${this.#name}-public-access`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      opts,
    );
    const encrypted = new aws.s3.BucketServerSideEncryptionConfiguration(
      `${this.#name}-encryption`,
      {
        bucket: bucket.bucket,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
      opts,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${this.#name}-lifecycle`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            id: "expire",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: this.#args.config.retentionDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      opts,
    );
    return [closed, encrypted];
  }

  /** Only this account's balancers write, and nobody without TLS does anything. */
  #policy(physicalName: pulumi.Output<string>, bucket: aws.s3.Bucket): aws.s3.BucketPolicy {
    const { region } = this.#args.environment;
    const policy = pulumi.all([physicalName, accountOf(this)]).apply(([name, { id, partition }]) => {
      const arn = `arn:${partition}:s3:::${name}`;
      return {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "BalancersWrite",
            Effect: "Allow",
            Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
            Action: "s3:PutObject",
            Resource: `${arn}/AWSLogs/${id}/*`,
            Condition: {
              StringEquals: { "aws:SourceAccount": id },
              ArnLike: { "aws:SourceArn": `arn:${partition}:elasticloadbalancing:${region}:${id}:loadbalancer/*` },
            },
          },
          {
            Sid: "NothingWithoutTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [arn, `${arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      };
    });
    return new aws.s3.BucketPolicy(
      `${this.#name}-policy`,
      { bucket: bucket.bucket, policy: pulumi.jsonStringify(policy) },
      { parent: this },
    );
  }
}

/** Buckets of all accounts share one name space, and know no capitals. */
function bucketName(environment: Environment, account: string): string {
  const name = environment.physicalName(nameLimits.bucket, "access-logs", account);
  return name.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
}
