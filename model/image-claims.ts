/** What a stack's state says of images. Pure. */

/** Digests and tags that a state names. */
export interface NamedImages {
  readonly digests: readonly string[];
  /** Tags of the repository asked about. */
  readonly tags: readonly string[];
  /** Places where an image may be named and cannot be read, because the value is encrypted. */
  readonly unreadable: readonly string[];
}

/** The engine's mark of a secret: sdk/go/common/resource/sig (Key, Secret) of Pulumi 3.259. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Properties that hold images: of ECS, Lambda and App Runner, Batch, and Kubernetes' pod specs with what they stand in.
 */
const imageProperties: ReadonlySet<string> = new Set([
  "containerDefinitions",
  "containerProperties",
  "containers",
  "ephemeralContainers",
  "image",
  "imageIdentifier",
  "imageName",
  "imageUri",
  "images",
  "initContainers",
  "spec",
  "template",
]);

/**
 * Looks through everything in a state: whatever the type of a resource, an image is named by its digest or by the
 * repository's address and a tag.
 *
 * @param repositoryUrl registry host and repository name; without it, tags are not looked for
 * @example
 * namedImages(state, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api").digests
 */
export function namedImages(state: unknown, repositoryUrl?: string): NamedImages {
  const digests = new Set<string>();
  const tags = new Set<string>();
  const unreadable = new Set<string>();
  const tagged = new RegExp(`${literal(repositoryUrl ?? "")}:([A-Za-z0-9_][A-Za-z0-9._-]{0,127})`, "g");
  const text = (value: string) => {
    for (const [digest] of value.matchAll(/sha256:[0-9a-f]{64}(?![0-9a-f])/g)) digests.add(digest);
    if (repositoryUrl === undefined) return;
    for (const [, tag] of value.matchAll(tagged)) tags.add(tag as string);
  };
  // Own stack: a state may be nested deeper than calls may be.
  const open: { value: unknown; path: readonly string[] }[] = [{ value: state, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === "string") text(value);
    if (value === null || typeof value !== "object") continue;
    // A secret below them, such as a variable's value, names no image; one in their place may.
    if (isSecret(value) && imageProperties.has(path.at(-1) ?? "")) unreadable.add(path.join("."));
    for (const [key, inner] of Object.entries(value)) {
      text(key);
      open.push({ value: inner, path: Array.isArray(value) ? path : [...path, key] });
    }
  }
  return { digests: [...digests], tags: [...tags], unreadable: [...unreadable] };
}

function isSecret(value: object): boolean {
  return (value as Record<string, unknown>)[signatureKey] === secretSignature && "ciphertext" in value;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** A success in a stack's history: what it left behind. */
export interface PastUpdate {
  /** Digests that carried traffic afterwards, by service. */
  readonly releases: Readonly<Record<string, readonly string[]>>;
}

/**
 * The good releases of every service, newest first, each digest once.
 *
 * @param updates that succeeded, newest first
 * @example
 * goodReleases([{ releases: { api: ["sha256:b…"] } }, { releases: { api: ["sha256:a…"] } }]).api // ["sha256:b…", "sha256:a…"]
 */
export function goodReleases(updates: readonly PastUpdate[]): Record<string, string[]> {
  const good = new Map<string, Set<string>>();
  for (const { releases } of updates) {
    for (const [service, digests] of Object.entries(releases)) {
      const list = good.get(service) ?? new Set();
      for (const digest of digests) list.add(digest);
      good.set(service, list);
    }
  }
  return Object.fromEntries([...good].map(([service, digests]) => [service, [...digests]]));
}
