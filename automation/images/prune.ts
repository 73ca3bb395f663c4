/** Deletes the images that nothing needs: reads, decides, asks, holds every stack, reads again, and only then deletes. */
import { pullingAccounts } from "../../model/images/claims.ts";
import { deletionWaves, planRetention, type RetentionPlan, type StoredImage } from "../../model/images/retention.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import type { Interruption } from "../interruption.ts";
import type { Output } from "../output.ts";
import type { Repository } from "../registry-tags.ts";
import { readClaims } from "./claims.ts";
import { type DeletionFailure, maximumBatch, openRegistryImages } from "./registry-images.ts";
import { busyError } from "./self-managed-backend.ts";
import type { BackendStack, Hold, StateBackend } from "./state-backend.ts";

export interface RetentionRules {
  /** Good releases to keep, per service of every stack. */
  keep: number;
  /** Days. */
  minimumAgeDays: number;
}

export interface ImagesArgs {
  backend: StateBackend;
  /** By their name in the configuration. */
  repositories: Readonly<Record<string, Repository>>;
  rules: RetentionRules;
  /** Milliseconds since 1970, by our own clock. */
  now: number;
  /** Accounts that may pull and run nothing of it: `*` is everybody. @default none */
  unusedBy?: readonly string[];
}

/** What was read, and what follows from it. */
export interface ImagesReview {
  stacks: readonly BackendStack[];
  /** By repository. */
  plans: ReadonlyMap<string, RetentionPlan>;
}

/**
 * Decides over every image of the repositories; changes nothing.
 *
 * @throws SluiceError where a stack, its history or a repository cannot be read
 */
export async function reviewImages({ backend, repositories, rules, now, unusedBy }: ImagesArgs): Promise<ImagesReview> {
  // Images first: one that is pushed while states are read is not in the list, and so cannot go.
  const read = new Map<string, { images: StoredImage[]; users: string[]; now: number }>();
  for (const [name, repository] of Object.entries(repositories)) {
    using registry = openRegistryOf(repository);
    const images = await registry.images(repository.name);
    const policy = await registry.policy(repository.name);
    const users = policy === undefined ? [] : pullingAccounts(policy);
    // By the registry's clock: one of ours that is ahead must not make everything old.
    read.set(name, { images, users, now: now + registry.clockOffset() });
  }
  const stacks = await backend.stacks();
  const claims = await readClaims({ backend, stacks, keep: rules.keep });
  const known = new Set([...claims.accounts, ...(unusedBy ?? []), ...Object.values(repositories).map(accountOf)]);
  const unknown = [...read].flatMap(([name, { users }]) =>
    users.filter((user) => !known.has(user)).map((user) => ({ name, user })),
  );
  if (stacks.length > 0 && unknown.length > 0) throw unknownUsers(unknown);
  const plans = [...read].map(
    ([name, { images, now }]) => [name, planRetention({ images, stacks: claims.stacks, ...rules, now })] as const,
  );
  return { stacks, plans: new Map(plans) };
}

/** Where another account may pull and no stack of it was read, its states are in a backend that was not looked into. */
function unknownUsers(unknown: readonly { name: string; user: string }[]): SluiceError {
  return configurationError("what other accounts run is not known; nothing was deleted", {
    details: unknown.map(({ name, user }) =>
      user === "*"
        ? `everybody may pull from ${name}`
        : `account ${user} may pull from ${name}, and no stack that was read is in it`,
    ),
    remedy: `name the backend of its stacks: --backend URL; or, if it runs none of it, --unused-by ${unknown[0]?.user}`,
  });
}

/** @throws SluiceError where a stack is being updated */
export async function requireQuiet(backend: StateBackend): Promise<void> {
  const reasons = await backend.busy();
  if (reasons.length > 0) throw busyError(reasons);
}

export interface Pruned {
  /** Digests, by repository. */
  deleted: Record<string, string[]>;
  failures: (DeletionFailure & { repository: string })[];
}

export interface PruneArgs extends ImagesArgs {
  /** What was shown, and agreed to. Nothing else goes. */
  review: ImagesReview;
  output: Output;
  interruption: Interruption;
}

/**
 * Deletes what a review found, as far as a second reading, with all stacks held, still finds it.
 *
 * @throws SluiceError (4) where ECR refuses or fails part-way; it says what is gone
 */
export async function pruneImages(args: PruneArgs): Promise<Pruned> {
  const { backend, repositories, review, interruption, output } = args;
  await using hold = await backend.hold(review.stacks);
  const again = await reviewImages(args);
  const pruned: Pruned = { deleted: {}, failures: [] };
  try {
    for (const [name, repository] of Object.entries(repositories)) {
      const [agreed, now] = [review.plans.get(name), again.plans.get(name)];
      const images = agreed === undefined || now === undefined ? [] : stillUnneeded(agreed, now);
      pruned.deleted[name] = [];
      await removeAll({ name, repository, images, hold, interruption, pruned });
    }
  } catch (error) {
    throw interrupted(error, pruned);
  }
  for (const { repository, digest, reason } of pruned.failures) output.warn(`${repository}@${digest}: ${reason}`);
  if (pruned.failures.length === 0) return pruned;
  throw new SluiceError(`${pruned.failures.length} images could not be deleted`, {
    exitCode: ExitCode.resource,
    details: progressLines(pruned),
    remedy: "run it again: what is gone is gone, and the rest is looked at anew",
  });
}

/** Found twice, under the same tags: an image that was given a tag in between is somebody's. */
function stillUnneeded(agreed: RetentionPlan, now: RetentionPlan): StoredImage[] {
  const before = new Map(agreed.remove.map(({ digest, tags }) => [digest, tags.join()]));
  return now.remove.filter(({ digest, tags }) => before.get(digest) === tags.join());
}

interface RemovalArgs {
  name: string;
  repository: Repository;
  images: readonly StoredImage[];
  hold: Hold;
  interruption: Interruption;
  pruned: Pruned;
}

async function removeAll({ name, repository, images, hold, interruption, pruned }: RemovalArgs): Promise<void> {
  using registry = openRegistryOf(repository);
  // What an index that could not be deleted names is refused in any case: it is not tried.
  const blocked = new Set<string>();
  for (const wave of deletionWaves(images)) {
    const open = wave.filter(({ digest }) => !blocked.has(digest));
    for (let start = 0; start < open.length; start += maximumBatch) {
      interruption.check();
      await hold.check();
      const digests = open.slice(start, start + maximumBatch).map(({ digest }) => digest);
      const { deleted, failures } = await registry.remove(repository.name, digests);
      pruned.deleted[name]?.push(...deleted);
      for (const failure of failures) {
        pruned.failures.push({ repository: name, ...failure });
        blocked.add(failure.digest);
      }
    }
    for (const { digest, children = [] } of wave) if (blocked.has(digest)) for (const one of children) blocked.add(one);
  }
}

function interrupted(error: unknown, pruned: Pruned): unknown {
  const { message, exitCode, remedy } = error as Partial<SluiceError> & Error;
  const lines = progressLines(pruned);
  const known = error instanceof SluiceError;
  return new SluiceError(`ended part-way: ${message.replace(/; nothing was (?:changed|deleted)$/, "")}`, {
    exitCode: known ? (exitCode ?? ExitCode.error) : ExitCode.resource,
    details: [...(known ? error.details : []), ...lines],
    remedy: known && remedy !== undefined ? remedy : "run it again: the rest is looked at anew",
    cause: error,
  });
}

function progressLines({ deleted, failures }: Pruned): string[] {
  const lines = Object.entries(deleted).map(([name, digests]) => `${name}: ${digests.length} deleted`);
  return [...lines, ...failures.map(({ repository, digest, reason }) => `${repository}@${digest} stays: ${reason}`)];
}

/** `arn:aws:ecr:<region>:<account>:repository/<name>` */
function openRegistryOf(repository: Repository) {
  return openRegistryImages(repository.arn.split(":")[3] ?? "", accountOf(repository));
}

function accountOf({ arn }: Repository): string {
  return arn.split(":")[4] ?? "";
}
