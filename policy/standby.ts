/** A service on standby: its target group stands in a weighted rule with nothing, and no other rule but a test's leads there. */
import type { Member } from "./support/definition.ts";
import { isRecord, type Known, knownRecords, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

const ruleTypes: readonly string[] = [types.listenerRule, types.listenerRuleAlb];
const listenerTypes: readonly string[] = [types.listener, types.listenerAlb];

/**
 * @returns false as well where it cannot be known
 * @example
 * standsBy(service, members) // true for the colour with weight 0
 */
export function standsBy(service: Member, members: readonly Member[]): boolean {
  const balancers = records(service.properties.loadBalancers);
  if (balancers === unknown) return false;
  const groups = balancers.map(({ targetGroupArn }) => targetGroupArn);
  if (groups.length === 0 || groups.includes(unknown)) return false;
  const shares = members.flatMap((member) => sharesOf(member, groups));
  return shares.length > 0 && shares.every((share) => share === 0);
}

/** What a rule or listener sends to these target groups; `unknown` where it cannot be told, 100 where it is not weighted. */
function sharesOf({ type, properties }: Member, groups: readonly unknown[]): unknown[] {
  const isRule = ruleTypes.includes(type);
  if (!isRule && !listenerTypes.includes(type)) return [];
  const actions = records(isRule ? properties.actions : properties.defaultActions);
  if (actions === unknown) return [unknown];
  return actions.flatMap((action) => {
    const direct = groups.includes(action.targetGroupArn) && !(isRule && isTest(properties)) ? [100] : [];
    const forwards = records(action.forward);
    if (forwards === unknown) return [unknown];
    const weighted = forwards.flatMap(({ targetGroups }) => {
      const targets = records(targetGroups);
      if (targets === unknown) return [unknown];
      return targets.filter(({ arn }) => arn === unknown || groups.includes(arn)).map(shareOf);
    });
    return [...direct, ...weighted];
  });
}

const shareOf = ({ arn, weight }: Known): unknown => (arn === unknown ? unknown : weight);

/** A rule that only a request with a certain header meets. */
function isTest({ conditions }: Known): boolean {
  return knownRecords(conditions).some(({ httpHeader }) => isRecord(httpHeader) || knownRecords(httpHeader).length > 0);
}
