/**
 * Which images of a repository may go. Pure: it is given what was read, and whatever was not read keeps images, never
 * deletes them.
 */

/** An image, index or artifact of a repository. */
export interface StoredImage {
  /** Manifest digest, `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970; undefined where the registry does not say. */
  readonly pushedAt: number | undefined;
  /** Milliseconds since 1970, of the last pull on record; undefined where there is none, or it tells nothing. */
  readonly pulledAt?: number | undefined;
  /** Size in bytes, as the registry tells it; layers that images share are counted with each. */
  readonly bytes: number;
  /** Digests that an index names; none for anything else; undefined where the manifest could not be read. */
  readonly children: readonly string[] | undefined;
  /** Digest of the image that this one says something about: a signature, an SBOM. */
  readonly subject?: string | undefined;
  /** Whether it is in the registry's archive. */
  readonly archived?: boolean;
}

/** What one stack of the backend needs of a repository. */
export interface StackClaim {
  readonly stack: string;
  /** Every digest that stands anywhere in its state: both colours, whatever they carry. */
  readonly digests: ReadonlySet<string>;
  /** Every word of its state that may be a tag. */
  readonly words: ReadonlySet<string>;
  /** Digests that carried a service's traffic after updates that succeeded, by service, newest first, each once. */
  readonly good: Readonly<Record<string, readonly string[]>>;
}

export interface RetentionArgs {
  readonly images: readonly StoredImage[];
  /** Every stack of the backend. None at all counts as none read. */
  readonly stacks: readonly StackClaim[];
  /** Good releases to keep, per service of every stack. */
  readonly keep: number;
  /** Images pushed or pulled less than so many days ago stay. */
  readonly minimumAgeDays: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Why an image stays. */
export type KeepReason =
  | { readonly kind: "in-state"; readonly stack: string }
  | { readonly kind: "tag-in-state"; readonly stack: string; readonly tag: string }
  | { readonly kind: "good"; readonly stack: string; readonly service: string; readonly place: number }
  | { readonly kind: "young" | "pulled" | "undated" | "archived" | "no-stack" }
  | { readonly kind: "unread-index"; readonly digest: string }
  | { readonly kind: "belongs-to"; readonly digest: string };

export interface Kept {
  readonly image: StoredImage;
  /** At least one. */
  readonly reasons: readonly KeepReason[];
}

export interface RetentionPlan {
  readonly remove: readonly StoredImage[];
  readonly kept: readonly Kept[];
}

const day = 86_400_000;

/**
 * Decides over every image. Images that belong together (an index and what it names, an image and its signatures) stay
 * together, or go together.
 *
 * @example
 * planRetention({ images, stacks, keep: 5, minimumAgeDays: 30, now }).remove
 */
export function planRetention(args: RetentionArgs): RetentionPlan {
  const { images } = args;
  const unread = images.find(({ children }) => children === undefined);
  const claimed = digestReasons(args.stacks, args.keep);
  const own = new Map(
    images.map((image) => {
      const reasons = [...(claimed.get(image.digest) ?? []), ...ownReasons(image, args, unread?.digest)];
      return [image.digest, reasons] as const;
    }),
  );
  const families = familiesOf(images);
  const remove: StoredImage[] = [];
  const kept: Kept[] = [];
  for (const image of images) {
    const reasons = own.get(image.digest) ?? [];
    if (reasons.length > 0) {
      kept.push({ image, reasons });
      continue;
    }
    const keeper = families.get(image.digest)?.find((digest) => (own.get(digest)?.length ?? 0) > 0);
    if (keeper === undefined) remove.push(image);
    else kept.push({ image, reasons: [{ kind: "belongs-to", digest: keeper }] });
  }
  return { remove, kept };
}

/** Reasons that are not in its digest, whatever it belongs to. */
function ownReasons(image: StoredImage, args: RetentionArgs, unread: string | undefined): KeepReason[] {
  const { stacks, minimumAgeDays, now } = args;
  const { pushedAt, pulledAt, archived = false } = image;
  const recent = (time: number) => !(now - time >= minimumAgeDays * day);
  const reasons = tagReasons(image, stacks);
  if (stacks.length === 0) reasons.push({ kind: "no-stack" });
  // An index whose list is unknown may name any of them.
  if (unread !== undefined) reasons.push({ kind: "unread-index", digest: unread });
  if (archived) reasons.push({ kind: "archived" });
  if (pushedAt === undefined || !Number.isFinite(pushedAt)) reasons.push({ kind: "undated" });
  else if (recent(pushedAt)) reasons.push({ kind: "young" });
  // Whoever pulled it, be it unknown to every stack that was read.
  if (pulledAt !== undefined && recent(pulledAt)) reasons.push({ kind: "pulled" });
  return reasons;
}

/** By digest, what the stacks say of it. */
function digestReasons(stacks: readonly StackClaim[], keep: number): Map<string, KeepReason[]> {
  const reasons = new Map<string, KeepReason[]>();
  const add = (digest: string, reason: KeepReason) => {
    const known = reasons.get(digest);
    if (known === undefined) reasons.set(digest, [reason]);
    else known.push(reason);
  };
  for (const { stack, digests, good } of stacks) {
    for (const digest of digests) add(digest, { kind: "in-state", stack });
    for (const [service, releases] of Object.entries(good)) {
      for (const [index, digest] of releases.slice(0, keep).entries()) {
        add(digest, { kind: "good", stack, service, place: index + 1 });
      }
    }
  }
  return reasons;
}

/** Stacks that name the image by a tag only. */
function tagReasons({ digest, tags }: StoredImage, stacks: readonly StackClaim[]): KeepReason[] {
  return stacks.flatMap(({ stack, digests, words }): KeepReason[] => {
    const tag = digests.has(digest) ? undefined : tags.find((one) => words.has(one));
    return tag === undefined ? [] : [{ kind: "tag-in-state", stack, tag }];
  });
}

/** Cosign stores what it says of an image under this tag; registries without referrers keep their list under it too. */
const aboutTag = /^sha256-([0-9a-f]{64})(?:\.[a-z]+)?$/;

/** Digests that an image is tied to by its own manifest or tags. */
function ties({ children = [], subject, tags }: StoredImage): string[] {
  const named = tags.flatMap((tag) => (aboutTag.test(tag) ? [`sha256:${aboutTag.exec(tag)?.[1]}`] : []));
  return [...children, ...(subject === undefined ? [] : [subject]), ...named];
}

/**
 * By digest, all that belong together. A child keeps its index as well: without the index's tag the child would be
 * untagged, and the repository's own rules would expire it.
 */
function familiesOf(images: readonly StoredImage[]): Map<string, readonly string[]> {
  const neighbours = new Map<string, string[]>(images.map(({ digest }) => [digest, []]));
  for (const image of images) {
    for (const other of ties(image)) {
      neighbours.get(image.digest)?.push(other);
      neighbours.get(other)?.push(image.digest);
    }
  }
  const families = new Map<string, readonly string[]>();
  for (const { digest } of images) {
    if (families.has(digest)) continue;
    const family = reach(digest, neighbours);
    for (const member of family) families.set(member, family);
  }
  return families;
}

function reach(start: string, neighbours: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([start]);
  // A set is iterated over what is added on the way, too.
  for (const digest of seen) {
    for (const next of neighbours.get(digest) ?? []) if (neighbours.has(next)) seen.add(next);
  }
  return [...seen];
}

/**
 * The order of deletion, in waves: a registry refuses to delete what an index still names, so whatever names others goes in
 * a wave before them.
 *
 * @example
 * deletionWaves(plan.remove).map((wave) => wave.length) // [2, 4]: two indexes, then their images
 */
export function deletionWaves(images: readonly StoredImage[]): StoredImage[][] {
  const depths = new Map<string, number>(images.map(({ digest }) => [digest, 0]));
  // A manifest can only name what existed before it, so this ends; were it otherwise, after as many rounds as images.
  for (let round = 0, changed = true; changed && round < images.length; round++) {
    changed = false;
    for (const { digest, children = [] } of images) {
      for (const child of children) {
        const depth = (depths.get(digest) ?? 0) + 1;
        if (depth <= (depths.get(child) ?? depth)) continue;
        depths.set(child, depth);
        changed = true;
      }
    }
  }
  const waves: StoredImage[][] = [];
  for (const image of images) {
    const depth = depths.get(image.digest) ?? 0;
    waves[depth] ??= [];
    waves[depth].push(image);
  }
  return waves.filter((wave) => wave.length > 0);
}

/** Tags under which the repository's own rules expire an image after its days, whatever runs. */
const expiringTag = /^(?:dev|pr)-/;

/**
 * Images that a stack refers to and that the repository's lifecycle rules will expire all the same: rules cannot know what
 * runs.
 *
 * @example
 * expiryRisks(plan).map(({ image }) => image.tags) // [["dev-5"]]
 */
export function expiryRisks({ kept }: Pick<RetentionPlan, "kept">): { image: StoredImage; stacks: string[] }[] {
  const named = new Set(kept.flatMap(({ image }) => image.children ?? []));
  return kept.flatMap(({ image, reasons }) => {
    const stacks = reasons.flatMap((reason) =>
      reason.kind === "in-state" || reason.kind === "tag-in-state" ? [reason.stack] : [],
    );
    // ECR expires nothing that an index names.
    const expires =
      image.tags.length === 0 ? !named.has(image.digest) : image.tags.some((tag) => expiringTag.test(tag));
    return stacks.length > 0 && expires ? [{ image, stacks: [...new Set(stacks)] }] : [];
  });
}
