/** The store behind a URL, as the pack's config and `sluice` name it. */
import { bucketStore } from "./bucket-store.ts";
import { EvidenceError } from "./error.ts";
import { folderStore } from "./folder-store.ts";
import type { EvidenceStore } from "./store.ts";

/**
 * A folder or a bucket. Nothing is read yet, and S3's client is not loaded before it is needed.
 *
 * @param url `file:///ABSOLUTE/PATH`, or `s3://BUCKET/PREFIX` with the parameters that Pulumi's backends take (region, endpoint, profile, ...)
 * @throws EvidenceError where the URL is of another kind, or relative
 * @example
 * openEvidenceStore("s3://acme-evidence/sluice?region=eu-west-1")
 */
export function openEvidenceStore(url: string): EvidenceStore {
  if (url.startsWith("file:")) return folderStore(url);
  if (url.startsWith("s3:")) return bucketStore(url);
  throw new EvidenceError(`no evidence can be kept in ${url}`, {
    exitCode: 2,
    remedy: "name a folder as file:///ABSOLUTE/PATH, or a bucket as s3://BUCKET/PREFIX",
  });
}
