/** What refers to an image: signatures, bills of materials, evidence. */
import { type Descriptor, encodeDocument, MEDIA_TYPES, parseManifest } from "./oci-types.ts";
import { type RegistryClient, referrersTag } from "./registry-client.ts";

/**
 * Makes a manifest that names an image as its subject known as one that refers to it. A registry with a referrers API has
 * done so; one without leaves it to its clients to keep a list, under a tag made of the digest.
 *
 * @param name the repository's
 * @param subject digest of the image
 */
export async function linkReferrer(
  { registry, name }: { registry: RegistryClient; name: string },
  subject: string,
  referrer: Descriptor,
): Promise<void> {
  const known = await registry.referrers(name, subject);
  if (known.some((entry) => entry.digest === referrer.digest)) return;
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [...known, referrer] };
  const list = parseManifest(encodeDocument(document), MEDIA_TYPES.index);
  await registry.putManifest(name, referrersTag(subject), list);
}
