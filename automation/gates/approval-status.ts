/** Who let a release in, who still must, and what does not count: as the judge sees it. */
import type { Gates } from "../../model/gates/config.ts";
import type { Evidence } from "../../model/gates/evidence.ts";
import { type Facts, factsOf } from "../../model/gates/facts.ts";
import { approvalsFor, type Change, changeOf, objection, whyNotApproved } from "../../model/gates/people.ts";
import { demanded } from "../../model/gates/rules/approvals.ts";
import { imageName } from "./gate-report.ts";
import type { Judgement } from "./judgement.ts";
import type { Pack } from "./pack.ts";
import { plain } from "./plain.ts";

export interface RoleStatus {
  role: string;
  /** People who must approve; 0 where this change needs none of the role, undefined where it cannot be known. */
  needed: number | undefined;
  /** Logins whose approval counts. */
  approved: string[];
  /** Logins that could approve, and have not. */
  mayApprove: string[];
  notCounted: { by: string; until: string; reason: string }[];
  /** The gate holds: enough approved, none is needed, or it was waived. */
  passed: boolean;
}

export interface ApprovalStatus {
  image: string;
  digest: string;
  /** Why it cannot be known whose work the image is; absent where it is known. */
  unknown?: string;
  roles: RoleStatus[];
}

/** What the judge starts from. */
export function factsAbout(pack: Pick<Pack, "environment" | "trust">, judgement: Judgement, now: number): Facts {
  const { gates, evidence, repository, verdict } = judgement;
  const { environment, trust } = pack;
  return factsOf({ digest: verdict.digest, repository, environment, gates, evidence, trust, now });
}

/**
 * @example
 * approvalStatus(pack, judgement, Date.now()).roles.filter(({ passed }) => !passed)
 */
export function approvalStatus(
  pack: Pick<Pack, "environment" | "trust">,
  judgement: Judgement,
  now: number,
): ApprovalStatus {
  const facts = factsAbout(pack, judgement, now);
  const change = changeOf(facts);
  const { verdict, gates } = judgement;
  const own = [...Map.groupBy(gates.approvals, ({ role }) => role)].map(([role, rules]): RoleStatus => {
    const passed = verdict.gates.some((one) => one.gate === `approvals.${role}` && one.passed);
    const needed = typeof change === "string" ? undefined : demanded(rules, change);
    return { role, needed, passed, ...countedFor(facts, role, change) };
  });
  const others = rolesOfFindings(judgement).filter(({ role }) => own.every((one) => one.role !== role));
  const roles = [...own, ...others.map((one): RoleStatus => ({ ...one, ...countedFor(facts, one.role, change) }))];
  const about = { image: imageName(judgement), digest: verdict.digest };
  return { ...about, ...(typeof change === "string" ? { unknown: change } : {}), roles };
}

/** Roles that let findings through: they are needed where there are some. */
function rolesOfFindings({ gates, verdict }: Judgement): Pick<RoleStatus, "role" | "needed" | "passed">[] {
  const roles = Map.groupBy(limitsOf(gates), ({ role }) => role);
  return [...roles].map(([role, limits]) => {
    const waiting = verdict.gates.some(
      ({ gate, passed, remedy }) =>
        !passed && limits.some((limit) => limit.gate === gate) && remedy?.includes("sluice approve") === true,
    );
    return { role, needed: waiting ? 1 : 0, passed: !waiting };
  });
}

function countedFor(
  facts: Facts,
  role: string,
  change: Change | string,
): Pick<RoleStatus, "approved" | "mayApprove" | "notCounted"> {
  const judged = approvalsFor(facts, role).map((one) => ({
    one,
    reason: typeof change === "string" ? change : whyNotApproved(facts, one, change),
  }));
  const approved = judged.flatMap(({ one, reason }) => (reason === undefined ? [one.result.by] : []));
  const notCounted = judged.flatMap(({ one: { result }, reason }) =>
    reason === undefined ? [] : [{ by: result.by, until: result.until, reason }],
  );
  const mayApprove = Object.keys(facts.trust.people).filter(
    (login) => !approved.includes(login) && mayApproveAs(facts, login, role, change),
  );
  return { approved: [...new Set(approved)], mayApprove, notCounted };
}

function mayApproveAs(facts: Facts, login: string, role: string, change: Change | string): boolean {
  if (typeof change === "string") return false;
  const own = { signs: ["approval" as const], login };
  const asked = { ...facts, trust: { ...facts.trust, signers: { own } } };
  const approval = { signer: "own", result: { by: login, role } } as Evidence<"approval">;
  return objection(asked, approval, [role], change) === undefined;
}

/** Roles that some gate asks an approval of: for itself, or for findings to be let through. */
export function rolesAsked(gates: Gates): string[] {
  return [...new Set([...gates.approvals, ...limitsOf(gates)].map(({ role }) => role))];
}

function limitsOf({ sast, dependencies, container }: Gates): { gate: string; role: string }[] {
  return Object.entries({ sast, dependencies, container }).flatMap(([kind, limits]) =>
    Object.entries(limits ?? {}).flatMap(([severity, limit]) =>
      typeof limit === "object" && "approvedBy" in limit
        ? [{ gate: `${kind}.${severity}`, role: limit.approvedBy }]
        : [],
    ),
  );
}

/** Lines for people. */
export function statusLines({ image, unknown, roles }: ApprovalStatus): string[] {
  if (roles.length === 0) return [`${plain(image)}: nobody must approve`];
  const lines = roles.flatMap((role) => roleLines(role, unknown === undefined));
  const hint = unknown === undefined ? [] : [`  ${plain(unknown)}; run sluice gate collect --change BASE..HEAD`];
  return [plain(image), ...hint, ...lines];
}

function roleLines({ role, needed, approved, mayApprove, notCounted, passed }: RoleStatus, known: boolean): string[] {
  const count = needed === undefined ? "unknown" : `${approved.length} of ${needed}`;
  const title = needed === 0 ? `  ${role}: not needed` : `  ${role}: ${count}${passed ? "" : ", waiting"}`;
  const by = approved.length === 0 ? [] : [`    approved by ${approved.join(", ")}`];
  // Of a change that is not known, nobody's own work can be told: they all would seem to be nobody.
  const may = passed || !known ? [] : [`    may approve: ${mayApprove.join(", ") || "nobody that the pack knows"}`];
  const not = notCounted.map((one) => `    does not count, ${one.by}'s until ${one.until}: ${one.reason}`);
  return [title, ...by, ...may, ...not].map((line) =>
    line.replace(/^( *)(.*)$/s, (_, space: string, text: string) => space + plain(text)),
  );
}
