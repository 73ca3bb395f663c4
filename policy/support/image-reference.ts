/** Images named by digest. */

/** OCI distribution specification: a repository's name is lower case; the digest is SHA-256, as all registries have it. */
const reference = /^([a-z0-9.-]+(?::\d{1,5})?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)@(sha256:[0-9a-f]{64})$/;

export interface ImageReference {
  /** With its port, where it has one. */
  host: string;
  repository: string;
  /** `sha256:` and 64 hex digits. */
  digest: string;
}

/**
 * @returns undefined where it is no REGISTRY/REPOSITORY@sha256:DIGEST without a tag
 * @example
 * parseImage("127.0.0.1:5000/salunga/backend@sha256:…")?.repository // "salunga/backend"
 */
export function parseImage(image: unknown): ImageReference | undefined {
  const [, host, repository, digest] = (typeof image === "string" ? reference.exec(image) : undefined) ?? [];
  if (host === undefined || repository === undefined || digest === undefined) return undefined;
  return { host, repository, digest };
}
