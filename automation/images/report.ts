/** What `sluice images` shows: what would go, what stays and why, and what the repository's own rules endanger. */
import {
  expiryRisks,
  type KeepReason,
  type Kept,
  type RetentionPlan,
  type StoredImage,
} from "../../model/images/retention.ts";

/**
 * One line per image that would go, then one per image that stays.
 *
 * @example
 * for (const line of planLines("api", plan, now)) output.say(line);
 */
export function planLines(repository: string, plan: RetentionPlan, now: number): string[] {
  const { remove, kept } = plan;
  const title = `${repository}: ${remove.length} of ${remove.length + kept.length} images can go, ${sizeOf(remove)}`;
  const gone = remove.map((image) => `  goes   ${describe(image, now)}`);
  const stays = kept.map(({ image, reasons }) => `  stays  ${describe(image, now)}: ${reasonText(reasons)}`);
  return [title, ...gone, ...stays];
}

/** Warnings about images that are in use and expire all the same. */
export function riskLines(repository: string, plan: RetentionPlan): string[] {
  return expiryRisks(plan).map(({ image, stacks }) => {
    const why = image.tags.length === 0 ? "it has no tag" : `it is tagged ${image.tags.join(", ")}`;
    const what = `${repository}@${shortDigest(image.digest)} is in the state of ${stacks.join(", ")}`;
    return `${what}, and the repository's lifecycle rules will expire it: ${why}; push it under a release's tag`;
  });
}

/** The same for programs. */
export function planDocument({ remove, kept }: RetentionPlan): object {
  return { remove: remove.map(imageDocument), kept: kept.map(keptDocument), bytes: bytesOf(remove) };
}

function imageDocument({ digest, tags, pushedAt, bytes }: StoredImage) {
  return { digest, tags, pushedAt: pushedAt === undefined ? null : new Date(pushedAt).toISOString(), bytes };
}

function keptDocument({ image, reasons }: Kept) {
  return { ...imageDocument(image), reasons };
}

function describe({ digest, tags, pushedAt, bytes }: StoredImage, now: number): string {
  const age = pushedAt === undefined ? "of unknown age" : `${Math.floor((now - pushedAt) / 86_400_000)} d`;
  return `${shortDigest(digest)}  ${tags.join(", ") || "(no tag)"}  ${age}  ${formatBytes(bytes)}`;
}

function reasonText(reasons: readonly KeepReason[]): string {
  const states = reasons.flatMap((reason) => (reason.kind === "in-state" ? [reason.stack] : []));
  const good = reasons.flatMap((reason) =>
    reason.kind === "good" ? [`good release ${reason.place} of ${reason.service} in ${reason.stack}`] : [],
  );
  const others = reasons.flatMap((reason) => otherText(reason) ?? []);
  return [
    ...(states.length > 0 ? [`in the state of ${[...new Set(states)].join(", ")}`] : []),
    ...good,
    ...others,
  ].join("; ");
}

function otherText(reason: KeepReason): string | undefined {
  switch (reason.kind) {
    case "young":
      return "pushed lately";
    case "pulled":
      return "pulled lately";
    case "tag-in-state":
      return `its tag ${reason.tag} is named in the state of ${reason.stack}`;
    case "undated":
      return "its age is not known";
    case "archived":
      return "archived";
    case "no-stack":
      return "no stack was read";
    case "unread-index":
      return `the manifest of ${shortDigest(reason.digest)} cannot be read, and may name it`;
    case "belongs-to":
      return `belongs to ${shortDigest(reason.digest)}`;
    default:
      return undefined;
  }
}

function bytesOf(images: readonly StoredImage[]): number {
  return images.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Layers that images share are counted with each of them, so the registry may shrink by less. */
function sizeOf(images: readonly StoredImage[]): string {
  return images.length === 0 ? "nothing" : `at most ${formatBytes(bytesOf(images))}`;
}

/**
 * @example
 * formatBytes(1_500_000) // "1.5 MB"
 */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
