/** An image's name, taken apart. */
export interface ImageReference {
  host: string;
  repository: string;
  tag?: string;
  digest?: string;
}

/**
 * @returns undefined for what is no full name (the sandbox pulls from no public registry)
 * @example
 * parseImageReference("127.0.0.1:5000/api@sha256:0123...")?.repository === "api";
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const match = /^([^/\s]+)\/([a-z0-9._/-]+)(?::(\w[\w.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(text);
  if (match === null) return undefined;
  const [, host = "", repository = "", tag, digest] = match;
  return { host, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}
