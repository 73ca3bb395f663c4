/** Gates that somebody took the blame for: by name, for one environment, for a while. */
import { defaults } from "./config.ts";
import type { Evidence } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { changeOf, objection } from "./people.ts";
import { minute, plain } from "./text.ts";

type Waiver = Evidence<"waiver">;

/** A waiver's gate that stands for all of them. */
export const breakGlass = "*";

export interface Waiving {
  /** The one that holds. */
  waiver?: Waiver;
  /** One that held. */
  expired?: Waiver;
  /** Why others do not count. */
  objections: readonly string[];
}

/** What waivers say of a gate. Only break-glass waives the integrity of the evidence, for waivers are evidence. */
export function waivingOf(facts: Facts, gate: string): Waiving {
  const waivers = facts.evidence.filter((one): one is Waiver => one.kind === "waiver");
  const about = waivers.filter(
    ({ result }) =>
      result.environment === facts.environment &&
      (result.gate === breakGlass || (result.gate === gate && gate !== "integrity")),
  );
  const judged = about
    .toSorted((a, b) => Number(a.result.gate === breakGlass) - Number(b.result.gate === breakGlass))
    .map((waiver) => ({
      waiver,
      why: whyNotWaived(facts, waiver),
      ended: !holdsNow(facts, waiver),
    }));
  const valid = judged.filter(({ why }) => why === undefined);
  const waiver = valid.find(({ ended }) => !ended)?.waiver;
  const expired = valid.find(({ ended }) => ended)?.waiver;
  return {
    ...(waiver === undefined ? {} : { waiver }),
    ...(expired === undefined ? {} : { expired }),
    objections: judged.flatMap(({ why }) => (why === undefined ? [] : [`a waiver does not count: ${why}`])),
  };
}

/**
 * What a waiver once let in may stay, and be gone back to: a rollback in the night must not wait for somebody to renew the
 * waiver of the image that it leaves. Nothing new gets in by it after its end.
 */
function holdsNow({ now, greenAt }: Facts, waiver: Waiver): boolean {
  const until = Date.parse(waiver.result.until);
  return now < until || greenAt.some((time) => waiver.collectedAt <= time && time < until);
}

/** Why a waiver does not count, its end aside; undefined where it does. */
export function whyNotWaived(facts: Facts, waiver: Waiver): string | undefined {
  const {
    roles = defaults.waiverRoles,
    breakGlass: breakers = defaults.waiverRoles,
    hours = defaults.waiverHours,
  } = facts.gates.waivers;
  const isBreakGlass = waiver.result.gate === breakGlass;
  const change = isBreakGlass ? undefined : changeOf(facts);
  if (typeof change === "string") return change;
  const refused = objection(facts, waiver, isBreakGlass ? breakers : roles, change);
  if (refused !== undefined) return refused;
  const length = Date.parse(waiver.result.until) - waiver.collectedAt;
  if (Number.isNaN(length)) return "it does not say until when it holds";
  return length > hours * 3_600_000 ? `it is for longer than ${hours} h` : undefined;
}

/** What is said aloud of a waiver that holds. */
export function waiverNotice({ environment, repository, now }: Facts, { result }: Waiver): string {
  const { by, reason, until, gate } = result;
  const what = gate === breakGlass ? "BREAK GLASS: every gate" : `WAIVED: ${plain(gate, 200)}`;
  const end = Date.parse(until);
  const when = `until ${minute(end)}${now < end ? "" : ", since when it only stays"}`;
  return `${what} of ${plain(repository)} in ${plain(environment)}, by ${plain(by)} ${when}: ${plain(reason, 200)}`;
}
