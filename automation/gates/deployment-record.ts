/** Signed records of what ran where, and how it went: what `provenIn` asks for, and what was let in here before. */
import { loadEvidence } from "../../evidence/load.ts";
import { type EvidenceSet, ofKind } from "../../model/gates/evidence.ts";
import type { Result } from "../../model/gates/results.ts";
import type { ServiceRelease } from "../active-services.ts";
import { errorLines } from "../errors.ts";
import type { Output } from "../output.ts";
import type { Target } from "../target.ts";
import { type AuditAction, audit } from "./audit.ts";
import { openPack } from "./pack.ts";
import { plain } from "./plain.ts";
import { writeRecord } from "./record.ts";

export interface DeploymentRecord extends ServiceRelease {
  outcome: Result<"deployment">["outcome"];
  /** Whether it is written though the last record of this image there says the same. @default true */
  again?: boolean;
}

export interface RecordDeploymentsArgs {
  target: Target;
  action: Extract<AuditAction, "deployment" | "rollback">;
  records: readonly DeploymentRecord[];
  output: Output;
}

/**
 * Writes a record for each service, and an entry of the audit log. The update has happened by then: what goes wrong here is
 * one warning and fails nothing; the image is then not proven here.
 *
 * @example
 * await recordDeployments({ target, action: "deployment", records: [{ ...release, outcome: "green" }], output });
 */
export async function recordDeployments({ target, action, records, output }: RecordDeploymentsArgs): Promise<void> {
  const { stack } = target;
  try {
    const pack = openPack(target);
    const { store, trust, environment } = pack;
    for (const { service, repository, tag, digest, outcome, again = true } of records) {
      const known = await loadEvidence({ store, digest, trust });
      if (!again && lastOutcome(known, environment) === outcome) continue;
      const now = Date.now();
      const result = { environment, stack, service, tag, outcome };
      const file = await writeRecord({ pack, kind: "deployment", repository, known, result, now });
      await audit(store, { action, subject: digest, at: now, details: { ...result, repository, file } });
    }
  } catch (error) {
    const reason = errorLines(error)[0]?.replace(/^error: /, "") ?? "";
    output.warn(`no record of what runs in ${stack} now: ${plain(reason)}; no other environment can take it as proof`);
  }
}

function lastOutcome({ evidence }: EvidenceSet, environment: string): string | undefined {
  return ofKind(evidence, "deployment").find(({ result }) => result.environment === environment)?.result.outcome;
}
