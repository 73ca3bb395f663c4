/** A folder of a bucket in S3, as Pulumi's URLs name it. */
import type { S3Client } from "@aws-sdk/client-s3";

/** Milliseconds after which a try is given up: without it, an endpoint that never answers is waited for without end. */
const longestSilence = 15_000;

type Sdk = typeof import("@aws-sdk/client-s3");

export interface BucketFolder {
  bucket: string;
  /** The object that a key below the folder is. */
  objectOf(key: string): string;
  /** @returns the key of an object below the folder */
  keyOf(object: string): string;
  /** Loads S3's client when it is first needed: it takes longer than all else here. */
  connect(): Promise<{ sdk: Sdk; client: S3Client }>;
}

/**
 * Parameters of the URL: https://gocloud.dev/howto/blob/#s3, and the older names that Pulumi's engine takes as well.
 *
 * @param folders below the URL's own path
 * @example
 * bucketFolder(new URL("s3://acme/sluice?region=eu-west-1")).objectOf("audit/1.json") // "sluice/audit/1.json"
 */
export function bucketFolder(url: URL, ...folders: string[]): BucketFolder {
  const parts = [...url.pathname.split("/").filter(Boolean).map(decodeURIComponent), ...folders];
  const prefix = parts.map((part) => `${part}/`).join("");
  let connection: ReturnType<BucketFolder["connect"]> | undefined;
  return {
    bucket: url.hostname,
    objectOf: (key) => prefix + key,
    keyOf: (object) => object.slice(prefix.length),
    connect() {
      connection ??= connect(url.searchParams);
      return connection;
    },
  };
}

async function connect(parameters: URLSearchParams): Promise<{ sdk: Sdk; client: S3Client }> {
  const parameter = (...names: string[]) => names.map((name) => parameters.get(name)).find((one) => one !== null);
  const region = parameter("region");
  const profile = parameter("profile");
  const endpoint = parameter("endpoint");
  const scheme = parameter("disable_https", "disableSSL") === "true" ? "http" : "https";
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    maxAttempts: 8,
    requestHandler: { connectionTimeout: longestSilence, socketTimeout: longestSilence },
    forcePathStyle: parameter("use_path_style", "s3ForcePathStyle") === "true",
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.includes("://") ? endpoint : `${scheme}://${endpoint}` }),
  });
  return { sdk, client };
}
