/** Evidence of an image as it is after reading and verifying, to be broken one thing at a time. */
import { type Gates, type GatesInput, gates as gatesSchema } from "../../../model/gates/config.ts";
import type { AnyEvidence, EvidenceSet, RejectedFile } from "../../../model/gates/evidence.ts";
import { judge } from "../../../model/gates/judge.ts";
import { type Kind, type Result, reportKinds } from "../../../model/gates/results.ts";
import type { Trust } from "../../../model/gates/trust.ts";
import type { GateVerdict, Verdict } from "../../../model/gates/verdict.ts";
import { type ProofResult, proofOf } from "../../support/proof-results.ts";

export const digest = `sha256:${"1".repeat(64)}`;
export const otherDigest = `sha256:${"2".repeat(64)}`;
export const commit = "c".repeat(40);
export const now = Date.parse("2026-11-21T12:00:00Z");
export const hour = 3_600_000;

const everyKind = [...reportKinds, "deployment", "approval", "waiver", "collection"] as [Kind, ...Kind[]];
export const trust: Pick<Trust, "signers" | "people"> = {
  signers: {
    ci: { publicKey: "PEM", signs: everyKind, vouches: true },
    ada: { publicKey: "PEM", signs: ["approval", "waiver"], login: "ada" },
    alan: { publicKey: "PEM", signs: ["approval"], login: "alan" },
    stager: { publicKey: "PEM", signs: ["deployment", "approval", "waiver"], environments: ["staging"], vouches: true },
    scanner: { publicKey: "PEM", signs: ["sast"] },
  },
  people: {
    ada: { roles: ["senior-engineer", "maintainer", "release-manager"], emails: ["Ada@example.test"] },
    alan: { roles: ["senior-engineer"], emails: ["alan@example.test"] },
    grace: { roles: ["security", "break-glass"], emails: ["grace@example.test"] },
    mary: { roles: ["product-owner"], emails: ["mary@example.test"] },
    rosa: { roles: ["release-manager"], emails: [] },
  },
};

/** Who approves in tests. */
export const approvers = (role: string): string[] =>
  Object.entries(trust.people)
    .filter(([, { roles, emails }]) => roles.includes(role) && emails.length > 0)
    .map(([login]) => login);

export interface Piece<K extends Kind = Kind> extends Omit<ProofResult<K>, "tool" | "environment"> {
  tool?: string;
  environment?: string | undefined;
  madeAt?: number;
  collectedAt?: number;
  signer?: string;
  digest?: string;
  commit?: string;
  file?: string;
  /** Handed in with `gate collect`. @default true */
  collected?: boolean;
  /** Why the file does not count; absent where it does. */
  rejected?: string;
}

export const parse = (input: GatesInput): Gates => gatesSchema.parse(input);

export function piece<K extends Kind>(kind: K, result: Result<K>, more: Partial<Piece> = {}): Piece {
  return { kind, name: kind, result, ...more };
}

/** What meets every gate, made an hour ago. */
export function proof(gates: Gates, environment = "prod"): Piece[] {
  return proofOf(gates, { digest, commit, environment, approvers, now }).map((one) => structuredClone(one) as Piece);
}

/** Numbers the files, and lists those that were handed in. */
export function evidenceOf(pieces: readonly Piece[]): EvidenceSet {
  const files = pieces.map((one, index) => one.file ?? `${one.kind}-${String(index).padStart(64, "0")}.json`);
  const reports: ReadonlySet<Kind> = new Set(reportKinds);
  const listed = files.filter((_, index) => {
    const one = pieces[index] as Piece;
    return reports.has(one.kind) && one.collected !== false;
  });
  const all = pieces.map((one, index) => ({ ...one, file: files[index] as string }));
  const collections: (Piece & { file: string })[] =
    listed.length === 0
      ? []
      : [
          {
            kind: "collection",
            name: "collection",
            result: { files: listed },
            file: `collection-${"f".repeat(64)}.json`,
          },
        ];
  const good = [...all, ...collections].filter(({ rejected }) => rejected === undefined);
  const evidence = good.map((one) => ({
    kind: one.kind,
    name: one.name,
    digest: one.digest ?? digest,
    commit: one.commit ?? commit,
    tool: { name: one.tool ?? "tool" },
    madeAt: one.madeAt ?? now - hour,
    collectedAt: one.collectedAt ?? one.madeAt ?? now - hour,
    environment: one.environment,
    result: one.result,
    signer: one.signer ?? "ci",
    file: one.file,
  })) as AnyEvidence[];
  const rejected = all.flatMap(({ file, kind, rejected: reason }): RejectedFile[] =>
    reason === undefined ? [] : [{ file, kind, reason }],
  );
  return { digest, evidence, rejected };
}

export interface Judged {
  gates: Gates | GatesInput;
  pieces: readonly Piece[];
  environment?: string;
  at?: number;
}

export function verdictOn({ gates, pieces, environment = "prod", at = now }: Judged): Verdict {
  const read = gatesSchema.parse(gates);
  return judge({ digest, repository: "app", environment, gates: read, evidence: evidenceOf(pieces), trust, now: at });
}

/** @returns the verdict on one gate; it must be in force */
export function gateIn(verdict: Verdict, gate: string): GateVerdict {
  const found = verdict.gates.filter((one) => one.gate === gate);
  if (found.length !== 1)
    throw new Error(`${gate}: ${found.length} verdicts among ${verdict.gates.map((one) => one.gate)}`);
  return found[0] as GateVerdict;
}

/** The gates that refuse, by name. */
export const refusedBy = (verdict: Verdict): string[] =>
  verdict.gates.filter(({ passed }) => !passed).map(({ gate }) => gate);

/** Changes the results of a kind (and name) in place. */
export function changed<K extends Kind>(
  pieces: readonly Piece[],
  kind: K,
  change: (result: Result<K>, one: Piece) => unknown,
  name?: string,
): Piece[] {
  const copy = pieces.map((one) => structuredClone(one));
  const chosen = copy.filter((one) => one.kind === kind && (name === undefined || one.name === name));
  if (chosen.length === 0) throw new Error(`no evidence ${kind}:${name ?? "*"}`);
  for (const one of chosen) change(one.result as Result<K>, one);
  return copy;
}
