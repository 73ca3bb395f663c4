/** Traffic: weights that one owner sets and that add up, and nothing that keeps a rollback from working. */
import { type Member, resourcePolicy, type Subject, stackPolicy } from "./support/definition.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { isRecord, type Known, knownRecords, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

/** Tag `sluice:role` of the rules whose weights Sluice sets. */
const trafficRole = "traffic";
const ruleTypes: readonly string[] = [types.listenerRule, types.listenerRuleAlb];

export const trafficWeightsOwned = resourcePolicy({
  name: "traffic-weights-owned",
  description:
    "Weights are set by Sluice's own rules, add up to 100, and no stickiness holds users back from a rollback.",
  severity: "high",
  remedy:
    "Let sluice set the weights: whole numbers from 0 to 100 that add up to 100, stickiness off, no ignoreChanges.",
  tags: ["traffic", "elb"],
  settings: {},
  types: [types.listenerRule, types.listenerRuleAlb, types.listener, types.listenerAlb],
  judge: (subject) => judgeTraffic(subject),
});

/**
 * Judges the actions of a listener rule, or the default actions of a listener.
 *
 * @example
 * judgeTraffic({ type: "aws:lb/listenerRule:ListenerRule", properties, ignored: [], name: "api" })
 */
export function judgeTraffic({ type, properties, ignored }: Subject): Finding[] {
  const key = ruleTypes.includes(type) ? "actions" : "defaultActions";
  const actions = records(properties[key]);
  if (actions === unknown) return [undecided(key)];
  const owned = key === "actions" && isRecord(properties.tags) && properties.tags["sluice:role"] === trafficRole;
  const findings = actions.flatMap((action, index) => judgeAction(action, `${key}[${index}]`, owned));
  if (owned && ignored.some((path) => path === "*" || path.startsWith("actions"))) {
    findings.push({ where: "ignoreChanges", what: "leaves the weights to others", remedy: "remove actions from it" });
  }
  return findings;
}

function judgeAction(action: Known, where: string, owned: boolean): Finding[] {
  const forwards = records(action.forward);
  if (forwards === unknown) return [undecided(`${where}.forward`)];
  return forwards.flatMap((forward) => judgeForward(forward, `${where}.forward`, owned));
}

function judgeForward({ targetGroups, stickiness }: Known, where: string, owned: boolean): Finding[] {
  const groups = records(targetGroups);
  if (groups === unknown) return [undecided(`${where}.targetGroups`)];
  const weights = groups.map(({ weight }) => weight);
  const findings = judgeStickiness(stickiness, where);
  weights.forEach((weight, index) => {
    const place = `${where}.targetGroups[${index}].weight`;
    const holds = (value: unknown) =>
      groups.length === 1 ? value !== 0 : Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100;
    findings.push(...demand(weight, holds, place, `is ${quote(weight)}`, "use a whole number from 0 to 100"));
  });
  if (groups.length < 2) return findings;
  if (!owned) {
    const remedy = "let sluice declare the service's rule, which it tags sluice:role = traffic";
    findings.push({ where, what: "splits traffic in a rule that is not Sluice's", remedy });
  }
  const sum = weights.reduce<number>((total, weight) => total + Number(weight === unknown ? Number.NaN : weight), 0);
  if (findings.length === 0 && sum !== 100) {
    findings.push({ where, what: `has weights that add up to ${sum}`, remedy: "make them add up to 100" });
  }
  const arns = groups.map(({ arn }) => arn).filter((arn) => arn !== unknown);
  if (new Set(arns).size < arns.length) {
    findings.push({ where, what: "names one target group twice", remedy: "name each colour's target group once" });
  }
  return findings;
}

/** ELBv2: stickiness sends a user to the same target group until the cookie ends, whatever the weights say. */
function judgeStickiness(stickiness: unknown, where: string): Finding[] {
  const cookies = records(stickiness);
  if (cookies === unknown) return [undecided(`${where}.stickiness`)];
  return cookies.flatMap(({ enabled }) =>
    demand(
      enabled,
      (value) => value === false || value === undefined,
      `${where}.stickiness`,
      "is on, so users stay on a colour that was rolled back",
      "switch it off",
    ),
  );
}

export const trafficOneOwner = stackPolicy({
  name: "traffic-one-owner",
  description: "A target group gets its share of the traffic from one weighted rule.",
  severity: "high",
  remedy: "Declare one weighted rule per service; another rule would keep sending traffic past its weights.",
  tags: ["traffic", "elb"],
  settings: {},
  judge: (members) => judgeOwners(members),
});

/** Judges whether two weighted rules of a stack share a target group. */
export function judgeOwners(members: readonly Member[]): (Finding & { urn: string })[] {
  const owners = new Map<string, string>();
  const findings: (Finding & { urn: string })[] = [];
  for (const { urn, name, type, properties } of members) {
    if (!ruleTypes.includes(type)) continue;
    for (const arn of weightedGroups(properties)) {
      const owner = owners.get(arn);
      if (owner !== undefined && owner !== name) {
        const what = `shares the target group ${quote(arn)} with the rule ${quote(owner)}`;
        findings.push({ urn, where: "actions", what, remedy: "give each service one weighted rule" });
      }
      owners.set(arn, name);
    }
  }
  return findings;
}

function weightedGroups(properties: Known): string[] {
  return knownRecords(properties.actions)
    .flatMap((action) => knownRecords(action.forward))
    .map(({ targetGroups }) => knownRecords(targetGroups))
    .filter((groups) => groups.length > 1)
    .flatMap((groups) => [...new Set(groups.map(({ arn }) => arn))])
    .filter((arn) => typeof arn === "string");
}
