/** Who must agree before a release goes out. */
import type { Gates } from "../config.ts";
import { type Gate, met, refused } from "../gate.ts";
import { pathMatcher } from "../paths.ts";
import { approvedBy, type Change, changeOf, collectChange } from "../people.ts";
import { some } from "../text.ts";

type Rule = Gates["approvals"][number];

/** One gate for each role: of several rules for a role, those count that apply, and the highest number of people. */
export function approvalGates({ approvals }: Gates): Gate[] {
  const roles = Map.groupBy(approvals, ({ role }) => role);
  return [...roles].map(([role, rules]) => ({
    gate: `approvals.${role}`,
    needed: `approval by ${rules.map(words).join("; by ")}`,
    feeds: `sluice approve --role ${role}`,
    ages: false,
    judge(facts) {
      const change = changeOf(facts);
      if (typeof change === "string") return refused("unknown", change, `run ${collectChange}`);
      const count = demanded(rules, change);
      if (count > 0) return approvedBy(facts, role, count);
      return met("not needed: the change is of another kind", change.evidence);
    },
  }));
}

/**
 * How many people of a role must approve a change.
 *
 * @param rules of one role
 * @returns 0 where none of them applies
 */
export function demanded(rules: readonly Rule[], change: Change): number {
  return Math.max(0, ...rules.filter((rule) => applies(rule, change)).map(({ count }) => count));
}

function words({ role, count, when }: Rule): string {
  const who = `${count} of the role ${role}`;
  if (when === undefined) return who;
  const cases = [
    ...(when.paths.length === 0 ? [] : [`touches ${some(when.paths)}`]),
    ...(when.types.length === 0 ? [] : [`is ${some(when.types)}`]),
  ];
  return `${who} where the change ${cases.join(" or ")}`;
}

function applies({ when }: Rule, { paths, types }: Change): boolean {
  if (when === undefined || when.paths.length + when.types.length === 0) return true;
  if (paths.some(pathMatcher(when.paths))) return true;
  // A commit that does not say what it is may be anything.
  const untyped = types.size === 0 || types.has("other");
  return when.types.some((type) => types.has(type.toLowerCase())) || (when.types.length > 0 && untyped);
}
