/** What may come in from the internet: HTTP and HTTPS on the balancer. */
import { isOpen } from "./support/address-range.ts";
import { type Member, resourcePolicy, type Subject, stackPolicy } from "./support/definition.ts";
import { type Finding, quote, undecided } from "./support/finding.ts";
import { holdsUnknown, isRecord, type Known, knownRecords, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

/** Tag `sluice:role` of the balancer's security group and of its rules. */
const balancerRole = "balancer";

const settings = {
  ports: { default: [80, 443], description: "TCP ports of the balancer that may be open to everyone." },
  prefixLists: { default: [], description: "Prefix lists (pl-...) that may be let in; what they hold is not judged." },
} as const;

export interface IngressSettings {
  readonly ports: readonly number[];
  readonly prefixLists: readonly string[];
}

/** One rule that lets something in, in one form for all types of resources. */
export interface IngressRule {
  where: string;
  protocol: unknown;
  fromPort: unknown;
  toPort: unknown;
  cidrs: unknown;
  prefixLists: unknown;
}

export const ingressClosed = resourcePolicy({
  name: "ingress-closed",
  description: "Nothing is open to the internet but ports 80 and 443 of the balancer.",
  severity: "critical",
  remedy:
    "Let in a security group or a narrow range; open ports belong to the balancer, tagged sluice:role = balancer.",
  tags: ["network", "ec2"],
  settings,
  types: [types.securityGroup, types.defaultSecurityGroup, types.securityGroupIngressRule, types.securityGroupRule],
  judge: (subject, chosen) => judgeIngress(subject, chosen),
});

/**
 * Judges the inbound rules that one resource declares, each for itself and all together: ranges that are narrow one by
 * one may add up to everyone.
 *
 * @example
 * judgeIngress({ type: "aws:ec2/securityGroup:SecurityGroup", properties, ... }, settings)
 */
export function judgeIngress(subject: Subject, chosen: IngressSettings): Finding[] {
  const rules = rulesOf(subject);
  if (rules === unknown) return [undecided("ingress")];
  return [...rules.flatMap((rule) => judgeSources(rule, chosen)), ...judgeOpen(rules, subject.properties, chosen)];
}

function rulesOf({ type, properties }: Subject): IngressRule[] | typeof unknown {
  if (type === types.securityGroupIngressRule)
    return [ruleOf("", properties, ["cidrIpv4", "cidrIpv6"], "prefixListId")];
  if (type === types.securityGroupRule) {
    if (properties.type === "egress") return [];
    return [ruleOf("", properties, ["cidrBlocks", "ipv6CidrBlocks"], "prefixListIds")];
  }
  const ingress = records(properties.ingress);
  if (ingress === unknown) return unknown;
  return ingress.map((rule, index) =>
    ruleOf(`ingress[${index}]`, rule, ["cidrBlocks", "ipv6CidrBlocks"], "prefixListIds"),
  );
}

function ruleOf(where: string, rule: Known, cidrKeys: readonly string[], listKey: string): IngressRule {
  const given = (keys: readonly string[]) => keys.flatMap((key) => rule[key] ?? []);
  const { fromPort, toPort } = rule;
  const protocol = rule.ipProtocol ?? rule.protocol;
  return { where, protocol, fromPort, toPort, cidrs: given(cidrKeys), prefixLists: given([listKey]) };
}

function judgeSources({ where, prefixLists }: IngressRule, chosen: IngressSettings): Finding[] {
  const foreign = (prefixLists as unknown[]).filter((list) => !chosen.prefixLists.includes(list as string));
  const remedy = "let in ranges, or list it under prefixLists in policy/config.json";
  return foreign.map((list) =>
    list === unknown
      ? undecided(where)
      : { where, what: `lets in the prefix list ${quote(list)}, which may hold any range`, remedy },
  );
}

function judgeOpen(rules: readonly IngressRule[], properties: Known, chosen: IngressSettings): Finding[] {
  const balancer = isRecord(properties.tags) && properties.tags["sluice:role"] === balancerRole;
  const closed = rules.filter((rule) => !(balancer && isWeb(rule, chosen.ports)));
  const findings = closed.flatMap((rule) => judgeRanges(rule, balancer, chosen));
  if (findings.length > 0) return findings;
  const all = closed.flatMap(({ cidrs }) => cidrs as string[]);
  if (isOpen(all) !== true) return [];
  return [{ where: "ingress", what: "lets in most of the internet, its ranges taken together", remedy: "narrow them" }];
}

/** Whether a rule is about ports of the web only; only its own ports count, and never all protocols. */
function isWeb({ protocol, fromPort, toPort }: IngressRule, ports: readonly number[]): boolean {
  const name = String(protocol).toLowerCase();
  return (name === "tcp" || name === "6") && fromPort === toPort && ports.includes(fromPort as number);
}

function judgeRanges(rule: IngressRule, balancer: boolean, chosen: IngressSettings): Finding[] {
  const { where, cidrs } = rule;
  if (holdsUnknown(cidrs)) return [undecided(where)];
  const open = (cidrs as unknown[]).every((cidr) => typeof cidr === "string") ? isOpen(cidrs as string[]) : undefined;
  if (open === undefined) {
    return [{ where, what: `${quote(cidrs)} is no address range`, remedy: "write it as ADDRESS/PREFIX" }];
  }
  if (!open) return [];
  if (balancer && holdsUnknown([rule.protocol, rule.fromPort, rule.toPort])) return [undecided(where)];
  const ports = rule.fromPort === rule.toPort ? `port ${rule.fromPort}` : `ports ${rule.fromPort} to ${rule.toPort}`;
  const what = `opens ${String(rule.protocol) === "-1" ? "everything" : `${rule.protocol} ${ports}`} to ${quote(cidrs)}`;
  const remedy = balancer
    ? `open only TCP ports ${chosen.ports.join(" and ")}, one per rule`
    : "let in a security group or a narrow range; only the balancer's (tag sluice:role = balancer) may be open";
  return [{ where, what, remedy }];
}

export const balancerGroupKept = stackPolicy({
  name: "balancer-group-kept",
  description: "Security groups with open ports guard the balancer and nothing else.",
  severity: "critical",
  remedy:
    "Give services a security group of their own, and put open rules into the group tagged sluice:role = balancer.",
  tags: ["network", "ec2"],
  settings,
  judge: (members, chosen) => judgeGroups(members, chosen),
});

/**
 * Judges how security groups hang together, which no single resource shows: a rule tagged as the balancer's must be in
 * the balancer's group, no service may use that group, and the rules of one group must not add up to everyone.
 */
export function judgeGroups(members: readonly Member[], chosen: IngressSettings): (Finding & { urn: string })[] {
  const groups = members.filter(({ type }) => type === types.securityGroup);
  const balancers = groups.filter(
    ({ properties }) => isRecord(properties.tags) && properties.tags["sluice:role"] === balancerRole,
  );
  const isBalancers = (urns: readonly string[] | undefined, value: unknown) =>
    balancers.some(({ urn, properties }) => urns?.includes(urn) || (value !== undefined && properties.id === value));
  const findings: (Finding & { urn: string })[] = [];
  for (const { urn, type, properties, comesFrom } of members) {
    const tagged = isRecord(properties.tags) && properties.tags["sluice:role"] === balancerRole;
    if (
      type === types.securityGroupIngressRule &&
      tagged &&
      !isBalancers(comesFrom.securityGroupId, properties.securityGroupId)
    ) {
      const what = "is tagged as the balancer's rule, but is in another security group";
      findings.push({ urn, where: "", what, remedy: "put it into the group tagged sluice:role = balancer" });
    }
    if (type === types.ecsService && usesGroup(properties, comesFrom, isBalancers)) {
      const what = "uses the balancer's security group, so its open ports lead to the tasks";
      findings.push({
        urn,
        where: "networkConfiguration",
        what,
        remedy: "give the service a security group of its own",
      });
    }
  }
  return [...findings, ...judgeSums(members, groups, chosen)];
}

function usesGroup(
  properties: Known,
  comesFrom: Member["comesFrom"],
  isBalancers: (urns: readonly string[] | undefined, value: unknown) => boolean,
): boolean {
  const ids = knownRecords(properties.networkConfiguration).flatMap(({ securityGroups }) => securityGroups ?? []);
  return (
    isBalancers(comesFrom.networkConfiguration, undefined) || ids.some((id) => id !== unknown && isBalancers([], id))
  );
}

function judgeSums(members: readonly Member[], groups: readonly Member[], chosen: IngressSettings) {
  const rules = members.filter(({ type }) => type === types.securityGroupIngressRule);
  return groups.flatMap((group) => {
    const inGroup = rules.filter(
      ({ comesFrom, properties }) =>
        comesFrom.securityGroupId?.includes(group.urn) || properties.securityGroupId === group.properties.id,
    );
    const ranges = inGroup
      .flatMap((rule) => rulesOf(rule) as IngressRule[])
      .filter((rule) => !isWeb(rule, chosen.ports))
      .flatMap(({ cidrs }) => cidrs as unknown[])
      .filter((cidr) => typeof cidr === "string");
    if (isOpen(ranges) !== true) return [];
    const what = "lets in most of the internet, the ranges of its rules taken together";
    return [{ urn: group.urn, where: "", what, remedy: "narrow them" }];
  });
}
