/** Names of images: repositories, tags and digests, in the grammar of the OCI distribution specification 1.1. */
import { ImageError } from "./image-error.ts";

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const HOST = /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/** Host and name together: most clients refuse longer ones. */
const NAME_LIMIT = 255;

/** A repository in a registry. */
export interface Repository {
  /** Host with its port, when it has one: `127.0.0.1:5000`. */
  readonly host: string;
  /** Path within the registry: `team/api`. */
  readonly name: string;
}

/** What a `FROM` line names. */
export interface ImageReference extends Repository {
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * Reads a repository's address as ECR and the stack's outputs give it.
 *
 * @throws {ImageError} `usage` when it is no such address
 * @example
 * parseRepository("127.0.0.1:5000/team/api"); // { host: "127.0.0.1:5000", name: "team/api" }
 */
export function parseRepository(url: string): Repository {
  const slash = url.indexOf("/");
  const host = url.slice(0, slash);
  const name = url.slice(slash + 1);
  if (slash < 1 || !HOST.test(host) || !NAME.test(name) || url.length > NAME_LIMIT) {
    throw new ImageError("usage", `repository ${JSON.stringify(url)} is not an address of a repository`, {
      hint: "It must be host[:port]/name without a scheme, tag or digest, name in lower case, 255 characters at most",
    });
  }
  return { host, name };
}

/**
 * @throws {ImageError} `usage` when `tag` cannot be a tag
 * @example
 * checkTag("v1.2.3"); // "v1.2.3"
 */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new ImageError("usage", `tag ${JSON.stringify(tag)} is not a valid tag`, {
    hint: "A tag has 1 to 128 letters, digits, '_', '.' or '-', and starts with a letter, a digit or '_'",
  });
}

/**
 * @throws {ImageError} `usage` when `digest` is not a SHA-256 digest
 * @example
 * checkDigest(`sha256:${"0".repeat(64)}`);
 */
export function checkDigest(digest: string): string {
  if (DIGEST.test(digest)) return digest;
  throw new ImageError("usage", `digest ${JSON.stringify(digest)} is not sha256: and 64 lower case hexadecimal digits`);
}

/**
 * Reads an image's name as a Dockerfile writes it, with Docker Hub's short forms.
 *
 * @throws {ImageError} `usage` when it is no image's name
 * @example
 * parseImage("node:24"); // { host: "registry-1.docker.io", name: "library/node", tag: "24" }
 */
export function parseImage(image: string): ImageReference {
  const [beforeDigest = "", digest] = image.split("@", 2);
  const colon = beforeDigest.lastIndexOf(":");
  const tagged = colon > beforeDigest.lastIndexOf("/");
  const tag = tagged ? beforeDigest.slice(colon + 1) : undefined;
  const path = tagged ? beforeDigest.slice(0, colon) : beforeDigest;
  const [first = "", ...rest] = path.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const hub = rest.length > 0 ? path : `library/${path}`;
  const repository = parseRepository(hasHost ? path : `registry-1.docker.io/${hub.replace(/^docker\.io\//, "")}`);
  return {
    ...(hasHost && first === "docker.io" ? parseImage(rest.join("/")) : repository),
    ...(tag === undefined ? {} : { tag: checkTag(tag) }),
    ...(digest === undefined ? {} : { digest: checkDigest(digest) }),
  };
}

/**
 * Loopback registries speak plain HTTP and need no credentials; every client of the field treats them so.
 *
 * @example
 * isLoopback("127.0.0.1:5000"); // true
 */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
