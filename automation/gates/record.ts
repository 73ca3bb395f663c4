/** Records that people leave on an image, and deployments: statements outside of any collection. */
import { makeStatement } from "../../evidence/statement.ts";
import { writeEvidence } from "../../evidence/write.ts";
import { nullCommit } from "../../model/gates/collections.ts";
import type { EvidenceSet } from "../../model/gates/evidence.ts";
import type { Result } from "../../model/gates/results.ts";
import type { Pack } from "./pack.ts";

export type RecordKind = "approval" | "waiver" | "deployment";

export interface RecordArgs<K extends RecordKind> {
  pack: Pick<Pack, "store" | "signer" | "environment">;
  kind: K;
  repository: string;
  /** All that is known of the image. */
  known: EvidenceSet;
  result: Result<K>;
  /** Milliseconds since 1970. */
  now: number;
}

/** The commit that an image was built from, as the evidence has it that came last. */
function commitOf({ evidence }: EvidenceSet): string {
  const newest = evidence.toSorted((a, b) => b.collectedAt - a.collectedAt);
  return (newest.find(({ kind }) => kind === "collection") ?? newest[0])?.commit ?? nullCommit;
}

/** @returns the file's name */
export async function writeRecord<K extends RecordKind>(args: RecordArgs<K>): Promise<string> {
  const { pack, kind, repository, known, result, now } = args;
  const statement = makeStatement({
    kind,
    name: kind,
    digest: known.digest,
    commit: commitOf(known),
    repository,
    tool: { name: "sluice" },
    collectedAt: now,
    environment: pack.environment,
    result,
  });
  const [file] = await writeEvidence({ store: pack.store, signer: await pack.signer(), statements: [statement] });
  return file as string;
}
