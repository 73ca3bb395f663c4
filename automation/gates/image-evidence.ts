/** What the registry itself holds of an image: it needs no report. */
import { credentialsFor } from "../image/ecr-credentials.ts";
import { inspectImage } from "../image/inspection.ts";
import { parseRepository } from "../image/reference.ts";
import { RegistryClient } from "../image/registry-client.ts";
import type { Reading } from "../readers/reader.ts";
import type { Repository } from "../registry-tags.ts";

/**
 * @throws ImageError where it is no image that could run, or its parts are not what their digests say
 * @example
 * (await readImage(registry.api, digest)).result.platforms // ["linux/amd64"]
 */
export async function readImage({ url }: Pick<Repository, "url">, digest: string): Promise<Reading<"image">> {
  const { host, name } = parseRepository(url);
  const credentials = credentialsFor(host);
  const client = new RegistryClient(host, credentials === undefined ? {} : { credentials });
  const { result, commit } = await inspectImage({ client, name, digest });
  return { tool: { name: "sluice" }, commit, digest, result };
}
