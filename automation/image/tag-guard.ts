/** A tag names one content for ever: what stands under it is compared, never replaced. */
import { ImageError } from "./image-error.ts";
import type { Manifest } from "./oci-types.ts";
import type { RegistryClient } from "./registry-client.ts";

/**
 * Whether two manifests hold the same image. Configurations list the digests of the layers before compression, so they are
 * equal when the content is, also where another machine's compressor wrote other bytes.
 *
 * @example
 * isSameImage(manifest, manifest); // true
 */
export function isSameImage(a: Manifest, b: Manifest): boolean {
  if (a.digest === b.digest) return true;
  const [first, second] = [a.document.config?.digest, b.document.config?.digest];
  return first !== undefined && first === second;
}

/**
 * @returns the manifest under the tag when it is the same image; undefined when the tag is free
 * @throws {ImageError} `tag-taken` when it names another
 */
export async function guardTag(
  registry: RegistryClient,
  name: string,
  tag: string,
  wanted: Manifest,
): Promise<Manifest | undefined> {
  const existing = await registry.manifest(name, tag);
  if (existing === undefined || isSameImage(existing, wanted)) return existing;
  throw tagTaken(`${registry.host}/${name}`, tag, existing.digest, wanted.digest);
}

/** The refusal, with all that is needed to understand it. */
export function tagTaken(repository: string, tag: string, existing: string, wanted: string): ImageError {
  const what = `tag ${tag} of ${repository} already names other content: it is ${existing}, this build is ${wanted}`;
  return new ImageError("tag-taken", what, { hint: "A tag is never moved: push this content under a new one" });
}
