/** Entries of the audit log, as the commands write them. */
import { userInfo } from "node:os";
import { appendAudit } from "../../evidence/audit-log.ts";
import type { EvidenceStore } from "../../evidence/store.ts";
import { plain } from "./plain.ts";

export type AuditAction = "collection" | "approval" | "waiver" | "break-glass" | "deployment" | "rollback";

interface EntryArgs {
  action: AuditAction;
  /** Digest of the image. */
  subject: string;
  /** Whoever did it. @default the workflow's actor, else this machine's user */
  actor?: string | undefined;
  /** What is undefined is left out. */
  details: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  at: number;
}

/** @throws EvidenceError where the log cannot be written */
export async function audit(store: EvidenceStore, { actor = whoami(), details, ...entry }: EntryArgs): Promise<void> {
  const known = Object.entries(details).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, plain(value, 1000)] as const],
  );
  await appendAudit(store, { ...entry, actor: plain(actor, 200), details: Object.fromEntries(known) });
}

/** For the log only: nothing is decided by it. */
export function whoami(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.GITHUB_ACTIONS === "true" && env.GITHUB_ACTOR) return env.GITHUB_ACTOR;
  try {
    return userInfo().username || "unknown";
  } catch {
    return "unknown";
  }
}
