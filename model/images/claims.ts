/** What a stack's state says of images. Pure. */

/** What a state names. */
export interface NamedImages {
  readonly digests: ReadonlySet<string>;
  /**
   * Everything in it that could be a tag. An image may be named by its tag in many ways (`host/api:v1`, a chart's
   * `tag: v1`), so any word that is the tag counts.
   */
  readonly words: ReadonlySet<string>;
  /** Accounts in which the stack has something that runs, or that leads to what runs. */
  readonly accounts: ReadonlySet<string>;
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

const digestPattern = /sha256:[0-9a-f]{64}(?![0-9a-f])/g;
/** OCI distribution specification: the grammar of a tag. */
const wordPattern = /[A-Za-z0-9_][A-Za-z0-9._-]{0,127}/g;
const workloadPattern = /arn:aws[a-z-]*:(?:ec2|ecs|eks|elasticloadbalancing|lambda|logs):[a-z0-9-]*:(\d{12}):/g;

/**
 * Looks through everything in a state, whatever the types of its resources.
 *
 * @example
 * namedImages(state).digests.has("sha256:…")
 */
export function namedImages(state: unknown): NamedImages {
  const [digests, words, accounts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const unreadable = new Set<string>();
  const look = (text: string) => {
    for (const [digest] of text.matchAll(digestPattern)) digests.add(digest);
    for (const [word] of text.matchAll(wordPattern)) words.add(word);
    for (const [, account = ""] of text.matchAll(workloadPattern)) accounts.add(account);
  };
  // A list of one's own: a state may be nested deeper than calls may be.
  const open: { value: unknown; path: readonly string[] }[] = [{ value: state, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === "string" || typeof value === "number") look(String(value));
    if (value === null || typeof value !== "object") continue;
    // A secret below them, such as a variable's value, names no image; one in their place may.
    if (isSecret(value) && imageProperties.has(path.at(-1) ?? "")) unreadable.add(path.join("."));
    for (const [key, inner] of Object.entries(value)) {
      look(key);
      open.push({ value: inner, path: Array.isArray(value) ? path : [...path, key] });
    }
  }
  return { digests, words, accounts, unreadable: [...unreadable] };
}

function isSecret(value: object): boolean {
  return (value as Record<string, unknown>)[signatureKey] === secretSignature && "ciphertext" in value;
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

interface Statement {
  Sid?: unknown;
  Effect?: unknown;
  Principal?: unknown;
}

/**
 * The accounts that may pull by a repository's policy: what they run is in states of theirs. `*` is everybody, and what a
 * document that cannot be read is taken for. Who is named for pushing only is left out.
 *
 * @example
 * pullingAccounts('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"}}]}') // ["210987654321"]
 */
export function pullingAccounts(policy: string): string[] {
  const accounts = new Set<string>();
  for (const { Sid, Effect, Principal } of statementsOf(policy)) {
    if (Effect === "Deny" || Sid === "Push") continue;
    const named = [...JSON.stringify(Principal ?? "*").matchAll(/(?<!\d)\d{12}(?!\d)|\*/g)].map(([account]) => account);
    for (const account of named) accounts.add(account);
  }
  return [...accounts];
}

function statementsOf(policy: string): Statement[] {
  try {
    const { Statement: statements } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
    return [statements ?? []].flat();
  } catch {
    return [{ Principal: "*" }];
  }
}
