/** Evidence in S3. Encryption, retention and replication are the bucket's own. */
import type { S3ServiceException } from "@aws-sdk/client-s3";
import { EvidenceError, ObjectError } from "./error.ts";
import { bucketFolder } from "./s3.ts";
import { checkKey, type EvidenceStore, largestObject } from "./store.ts";

/** Tries against S3's "somebody is writing this very object now". */
const conflicts = 10;

/**
 * @param url `s3://BUCKET/PREFIX`, with parameters as Pulumi's backends take them
 * @throws EvidenceError where it names no bucket
 */
export function bucketStore(url: string): EvidenceStore {
  const folder = bucketFolder(bucketUrl(url));
  const Bucket = folder.bucket;
  const failed = (deed: string) => (cause: unknown) => {
    throw cause instanceof EvidenceError ? cause : bucketError(url, Bucket, deed, cause);
  };

  async function list(prefix: string): Promise<string[]> {
    const { sdk, client } = await folder.connect();
    const keys: string[] = [];
    const asked = { Bucket, Prefix: folder.objectOf(prefix) };
    for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, asked)) {
      // Consoles leave an empty object with the folder's own name behind: nothing is called so.
      keys.push(...Contents.map(({ Key = "" }) => folder.keyOf(Key)).filter((key) => key !== prefix));
    }
    return keys;
  }
  async function read(key: string): Promise<Buffer | undefined> {
    const { sdk, client } = await folder.connect();
    try {
      const { Body, ContentLength } = await client.send(
        new sdk.GetObjectCommand({ Bucket, Key: folder.objectOf(key) }),
      );
      if (ContentLength !== undefined && ContentLength > largestObject) {
        (Body as { destroy?(): void } | undefined)?.destroy?.();
        throw new ObjectError(`bigger than ${largestObject} bytes`);
      }
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return undefined;
      throw error;
    }
  }
  async function create(key: string, content: Buffer): Promise<boolean> {
    const { sdk, client } = await folder.connect();
    const written = { Bucket, Key: folder.objectOf(key), Body: content, ContentType: "application/json" };
    for (let attempt = 1; ; attempt++) {
      try {
        await client.send(new sdk.PutObjectCommand({ ...written, IfNoneMatch: "*" }));
        return true;
      } catch (error) {
        const { name } = error as S3ServiceException;
        if (name === "PreconditionFailed") return false;
        if (name !== "ConditionalRequestConflict" || attempt === conflicts) throw error;
      }
    }
  }
  return {
    url,
    list: (prefix) => list(`${checkKey(prefix.replace(/\/$/, ""))}/`).catch(failed("read")),
    read: (key) => read(checkKey(key)).catch(failed("read")),
    create: (key, content) => create(checkKey(key), content).catch(failed("written")),
  };
}

function bucketUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && parsed.hostname !== "" && parsed.username === "") return parsed;
  throw new EvidenceError(`${url} names no bucket`, {
    exitCode: 2,
    remedy: "write it as s3://BUCKET/PREFIX?region=REGION",
  });
}

/** What S3 and its client call what goes wrong; the codes are S3's: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const causes: Record<string, { reason: string; exitCode?: number; remedy?: string }> = {
  NoSuchBucket: { reason: "there is no such bucket", remedy: "create it, or mend the pack's `evidence`" },
  PermanentRedirect: { reason: "the bucket is in another region", remedy: "name it: ?region=REGION" },
  AccessDenied: { reason: "access denied", exitCode: 3, remedy: "allow s3:ListBucket, s3:GetObject and s3:PutObject" },
  InvalidAccessKeyId: { reason: "S3 does not know the access key", exitCode: 3 },
  SignatureDoesNotMatch: { reason: "the secret key is not the access key's", exitCode: 3 },
  ExpiredToken: { reason: "the credentials have expired", exitCode: 3, remedy: "sign in again" },
  CredentialsProviderError: { reason: "there are no credentials for AWS", exitCode: 3, remedy: "sign in to AWS" },
  ENOTFOUND: { reason: "its endpoint is not known" },
  TimeoutError: { reason: "its endpoint does not answer" },
  ECONNREFUSED: { reason: "its endpoint refuses connections" },
};

function bucketError(url: string, bucket: string, deed: string, cause: unknown): EvidenceError {
  const { name, code, message } = cause as Error & { code?: string };
  // A body that is no XML of S3's, as a proxy sends it, is nothing for people.
  const [line = ""] = message.includes("<") ? [] : message.split("\n");
  const {
    reason = `${name}: ${line}`,
    exitCode = 1,
    remedy = "",
  } = causes[name] ?? causes[code ?? ""] ?? (/region is missing/i.test(message) ? noRegion : {});
  return new EvidenceError(`the evidence in ${url} cannot be ${deed}: ${reason}`, {
    exitCode,
    cause,
    details: [`bucket ${bucket}`],
    ...(remedy === "" ? {} : { remedy }),
  });
}
const noRegion = { reason: "no region is known", exitCode: 2, remedy: "name it: ?region=REGION" };
