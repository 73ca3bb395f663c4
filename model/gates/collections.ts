/** Which files of evidence hold together: each `gate collect` signs the list of its own. */
import type { AnyEvidence } from "./evidence.ts";
import { type Kind, reportKinds } from "./results.ts";

const reports: ReadonlySet<Kind> = new Set(reportKinds);

/** Whether evidence of a kind comes from a report, and so belongs into a collection; others are records. */
export function isReport(kind: Kind): boolean {
  return reports.has(kind);
}

/** Files that some collection lists, once each. */
export function listedFiles(evidence: readonly AnyEvidence[]): ReadonlySet<string> {
  return new Set(evidence.flatMap((one) => (one.kind === "collection" ? one.result.files : [])));
}

/**
 * Reports that no collection lists.
 *
 * @example
 * unlistedFiles(evidence) // ["tests-….json"]
 */
export function unlistedFiles(evidence: readonly AnyEvidence[]): string[] {
  const listed = listedFiles(evidence);
  return evidence.filter(({ kind, file }) => isReport(kind) && !listed.has(file)).map(({ file }) => file);
}

/** git's null object id: what a record names that was made before anything was known of the image. */
export const nullCommit = "0".repeat(40);

/** @example isNullCommit(nullCommit) // true */
export function isNullCommit(commit: string): boolean {
  return /^0+$/.test(commit);
}
