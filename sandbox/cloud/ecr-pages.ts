import { CloudError } from "./error.ts";

/** ECR API, BatchDeleteImage, BatchGetImage, DescribeImages: at most so many `imageIds` in one call. */
const MAX_IDS = 100;
/** ECR API, DescribeImages and ListImages: `maxResults` is 1 to 1000; without it, pages have 100. */
const MAX_RESULTS = 1000;
const DEFAULT_RESULTS = 100;

interface PageRequest {
  nextToken?: string | undefined;
  maxResults?: number | undefined;
}

/**
 * The part of a list that a call asks for.
 *
 * @throws CloudError `InvalidParameterException` for a token that is not ours, or a page that is too large
 */
export function pageOf<T>(all: readonly T[], { nextToken, maxResults = DEFAULT_RESULTS }: PageRequest) {
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > MAX_RESULTS) {
    throw invalid(`'maxResults' must be between 1 and ${MAX_RESULTS}`);
  }
  const start = nextToken === undefined ? 0 : Number(/^page-(\d+)$/.exec(nextToken)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw invalid("'nextToken' is not a token of this call");
  const end = start + maxResults;
  return { items: all.slice(start, end), ...(end < all.length ? { nextToken: `page-${end}` } : {}) };
}

/** @throws CloudError `InvalidParameterException` where there are none, or more than one call takes */
export function checkIds<T>(ids: readonly T[] | undefined): readonly T[] {
  if (ids === undefined || ids.length < 1 || ids.length > MAX_IDS) {
    throw invalid(`'imageIds' must have 1 to ${MAX_IDS} members, got ${ids?.length ?? 0}`);
  }
  return ids;
}

function invalid(text: string): CloudError {
  return new CloudError("InvalidParameterException", `Invalid parameter: ${text}`);
}
