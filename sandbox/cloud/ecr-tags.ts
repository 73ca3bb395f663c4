import type { StoredRepository } from "./ecr.ts";
import { CloudError } from "./error.ts";

/** What a tag may look like (OCI distribution specification). @throws CloudError `InvalidParameterException` */
export function checkTag(tag: string): string {
  if (/^\w[\w.-]{0,127}$/.test(tag)) return tag;
  throw new CloudError("InvalidParameterException", `Invalid parameter at 'imageTag': '${tag}' is not a valid tag`);
}

/**
 * Whether a tag of the repository keeps its image for ever. Exclusion filters name the tags for which the opposite of the
 * repository's setting holds; `*` in them is any number of characters.
 *
 * @example
 * isImmutable({ ...repository, imageTagMutability: "IMMUTABLE" }, "v1.0.0") === true;
 */
export function isImmutable(
  repository: Pick<StoredRepository, "imageTagMutability" | "imageTagMutabilityExclusionFilters">,
  tag: string,
): boolean {
  const setting = repository.imageTagMutability ?? "MUTABLE";
  const excluded = (repository.imageTagMutabilityExclusionFilters ?? []).some(({ filter = "" }) => {
    const source = filter.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    return new RegExp(`^${source}$`).test(tag);
  });
  return setting.startsWith("IMMUTABLE") !== (setting.endsWith("_WITH_EXCLUSION") && excluded);
}
