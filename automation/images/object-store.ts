/** Where a self-managed backend keeps its files: a folder, or a bucket of S3. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bucketFolder } from "../../evidence/s3.ts";
import { SluiceError } from "../errors.ts";

/** Keys are paths below the backend's `.pulumi`, with `/` between their parts. */
export interface ObjectStore {
  /** Every key below a prefix, which ends in `/`. */
  list(prefix: string): Promise<string[]>;
  /** @returns undefined where there is no such object any more */
  read(key: string): Promise<Buffer | undefined>;
  write(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/**
 * @param url the backend's, as `pulumi login` takes it
 * @param root folder that relative paths start from
 * @returns undefined where the backend is of another kind
 * @example
 * await openObjectStore("s3://state?region=eu-west-1", root)?.list("stacks/")
 */
export function openObjectStore(url: string, root: string): ObjectStore | undefined {
  if (url.startsWith("file://")) return folderStore(folderOf(url, root));
  if (url.startsWith("s3://")) return bucketStore(new URL(url));
  return undefined;
}

function folderOf(url: string, root: string): string {
  const written = decodeURIComponent(url.slice("file://".length).split("?")[0] as string);
  const home = written === "~" || written.startsWith("~/") ? os.homedir() + written.slice(1) : written;
  return path.join(path.resolve(root, home), ".pulumi");
}

function folderStore(folder: string): ObjectStore {
  const file = (key: string) => path.join(folder, key);
  return {
    async list(prefix) {
      const entries = await readdir(file(prefix), { recursive: true, withFileTypes: true }).catch(unlessMissing([]));
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"));
    },
    read: (key) => readFile(file(key)).catch(unlessMissing(undefined)),
    async write(key, content) {
      await mkdir(path.dirname(file(key)), { recursive: true });
      await writeFile(file(key), content, { flag: "wx" });
    },
    remove: (key) => rm(file(key), { force: true }),
  };
}

/** What is missing is missing; what may not be read is an error. */
function unlessMissing<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return otherwise;
    throw error;
  };
}

function bucketStore(url: URL): ObjectStore {
  const folder = bucketFolder(url, ".pulumi");
  const Bucket = folder.bucket;
  return {
    async list(prefix) {
      const { sdk, client } = await folder.connect();
      const keys: string[] = [];
      for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: folder.objectOf(prefix) })) {
        keys.push(...(page.Contents ?? []).map(({ Key = "" }) => folder.keyOf(Key)));
      }
      return keys;
    },
    async read(key) {
      const { sdk, client } = await folder.connect();
      try {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key: folder.objectOf(key) }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (error instanceof sdk.NoSuchKey) return undefined;
        throw error;
      }
    },
    async write(key, content) {
      const { sdk, client } = await folder.connect();
      await client.send(new sdk.PutObjectCommand({ Bucket, Key: folder.objectOf(key), Body: content }));
    },
    async remove(key) {
      const { sdk, client } = await folder.connect();
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: folder.objectOf(key) }));
    },
  };
}

/** The error of a backend whose updates in progress nobody but its own CLI can see. */
export function unsupportedBackend(url: string | undefined): SluiceError {
  return new SluiceError(`images cannot be pruned with the backend ${url ?? "(none)"}`, {
    details: ["its locks and its history cannot be read, so what an update in progress is about to run is not known"],
    remedy: "use a backend in a folder, in S3, or Pulumi Cloud",
  });
}
