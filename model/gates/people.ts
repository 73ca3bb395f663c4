/** Who may speak for an image: verified, known to the pack, of the right role, and not for their own work. */
import type { Evidence } from "./evidence.ts";
import { type Facts, timeOf } from "./facts.ts";
import { met, type Outcome, refused } from "./gate.ts";
import { minute, plain, some } from "./text.ts";

/** What is released, all changes that were ever handed in taken together: a later and smaller one takes nothing back. */
export interface Change {
  evidence: Evidence<"change">[];
  /** Addresses and logins of everybody who had a hand in it, lower case. */
  authors: ReadonlySet<string>;
  paths: readonly string[];
  types: ReadonlySet<string>;
}

export const collectChange = "sluice gate collect --change BASE..HEAD";

/** @returns why nothing is known, where that is so */
export function changeOf({ evidence: all }: Pick<Facts, "evidence">): Change | string {
  const evidence = all.filter((one): one is Evidence<"change"> => one.kind === "change");
  if (evidence.length === 0) return "nothing is known of the change";
  if (evidence.some(({ result, commit }) => result.head !== commit)) return "the change ends at another commit";
  if (evidence.some(({ result }) => result.authors.length === 0)) return "the change names no author";
  const results = evidence.map(({ result }) => result);
  const people = results.flatMap(({ authors, committers, pusher }) => [
    ...authors,
    ...committers,
    ...(pusher === undefined ? [] : [pusher]),
  ]);
  return {
    evidence,
    authors: new Set(people.map((one) => one.toLowerCase())),
    paths: results.flatMap(({ paths }) => paths),
    types: new Set(results.flatMap(({ types }) => types.map((type) => type.toLowerCase()))),
  };
}

/**
 * Why somebody's word does not count for a role; undefined where it does.
 *
 * @param change absent where one's own work does not matter: break-glass
 */
export function objection(
  { trust }: Pick<Facts, "trust">,
  { signer, result }: Evidence<"approval"> | Evidence<"waiver">,
  roles: readonly string[],
  change: Change | undefined,
): string | undefined {
  const by = plain(result.by);
  const key = Object.hasOwn(trust.signers, signer) ? trust.signers[signer] : undefined;
  if (key?.login !== result.by && key?.vouches !== true)
    return `${plain(signer)}, who signed it, does not speak for ${by}`;
  const person = Object.hasOwn(trust.people, result.by) ? trust.people[result.by] : undefined;
  if (person === undefined) return `the pack does not know ${by}`;
  if (!person.roles.some((role) => roles.includes(role)))
    return `${by} has not the role ${roles.join(" or ") || "for it"}`;
  if (change === undefined) return undefined;
  if (person.emails.length === 0) return `the pack has no address of ${by} to tell their own work by`;
  return isOwnWork(result.by, person.emails, change) ? `it is ${by}'s own work` : undefined;
}

/** GitHub writes commits on its pages with such an address: https://docs.github.com/en/account-and-profile/reference/email-addresses-reference. */
const noReply = "@users.noreply.github.com";

function isOwnWork(login: string, emails: readonly string[], { authors }: Change): boolean {
  const name = login.toLowerCase();
  const own = new Set([name, `${name}${noReply}`, ...emails.map((mail) => mail.toLowerCase())]);
  return [...authors].some((author) => own.has(author) || author.endsWith(`+${name}${noReply}`));
}

/**
 * Whether enough people of a role approved the image for its environment. An approval is bound to the image, so that
 * evidence which comes later changes nothing about it.
 */
export function approvedBy(facts: Facts, role: string, count: number): Outcome {
  const change = changeOf(facts);
  const given = approvalsFor(facts, role);
  const approve = `have somebody of the role ${role} run sluice approve --role ${role}`;
  if (typeof change === "string") return refused("unknown", change, `run ${collectChange}`, given);
  const judged = given.map((one) => ({ one, why: whyNotApproved(facts, one, change) }));
  const good = judged.filter(({ why }) => why === undefined).map(({ one }) => one);
  const people = [...new Set(good.map(({ result }) => result.by.toLowerCase()))];
  const rejected = judged.flatMap(({ why }) => (why === undefined ? [] : [`one does not count: ${why}`]));
  const found = [people.length === 0 ? "no approval" : `approved by ${some(people)}`, ...new Set(rejected)].join("; ");
  if (people.length >= count) return met(`approved by ${some(people)}`, [...good, ...change.evidence]);
  const reason = given.length === 0 ? "missing" : "failed";
  return refused(reason, found, approve, [...given, ...change.evidence]);
}

/** Everything that anybody said of the image in a role, for its environment; whether it counts is another matter. */
export function approvalsFor({ evidence, environment }: Facts, role: string): Evidence<"approval">[] {
  return evidence.filter(
    (one): one is Evidence<"approval"> =>
      one.kind === "approval" && one.result.environment === environment && one.result.role === role,
  );
}

/** Why an approval does not count; undefined where it does. */
export function whyNotApproved(facts: Facts, approval: Evidence<"approval">, change: Change): string | undefined {
  return objection(facts, approval, [approval.result.role], change) ?? expiry(approval, facts);
}

/** What ran here before was approved then. */
function expiry(approval: Evidence<"approval">, { now, admittedAt }: Facts): string | undefined {
  const until = Date.parse(approval.result.until);
  if (Number.isNaN(until)) return "it does not say until when it holds";
  if (now < until || admittedAt !== undefined) return undefined;
  return `${plain(approval.result.by)}'s of ${minute(timeOf(approval))} ended at ${minute(until)}`;
}
