/** Networks: what happens in them is on record, and nothing gets through by default. */
import { type Member, stackPolicy } from "./support/definition.ts";
import type { Finding } from "./support/finding.ts";
import { types } from "./support/types.ts";

export interface NetworkSettings {
  readonly flowLogs: boolean;
}

export const networksWatched = stackPolicy({
  name: "networks-watched",
  description: "Every VPC keeps flow logs, and its default security group lets nothing through.",
  severity: "medium",
  remedy: "Leave sluice:network.flowLogs on; the component empties the default security group.",
  tags: ["network", "audit", "ec2"],
  settings: { flowLogs: { default: true, description: "Demand flow logs." } },
  judge: (members, settings) => judgeNetworks(members, settings),
});

/**
 * Judges the VPCs that a stack declares by what hangs on them. Rules in a default group are judged as any other's:
 * here it matters that somebody holds it.
 */
export function judgeNetworks(
  members: readonly Member[],
  { flowLogs }: NetworkSettings,
): (Finding & { urn: string })[] {
  const hangs = (vpc: Member, type: string) =>
    members.some(
      (one) =>
        one.type === type &&
        (one.comesFrom.vpcId?.includes(vpc.urn) ||
          (vpc.properties.id !== undefined && one.properties.vpcId === vpc.properties.id)),
    );
  return members
    .filter(({ type }) => type === types.vpc)
    .flatMap((vpc) => [
      ...(flowLogs && !hangs(vpc, types.flowLog)
        ? [
            {
              urn: vpc.urn,
              where: "",
              what: "has no flow logs, so nobody can tell later what reached what",
              remedy: "leave sluice:network.flowLogs.enabled on",
            },
          ]
        : []),
      ...(hangs(vpc, types.defaultSecurityGroup)
        ? []
        : [
            {
              urn: vpc.urn,
              where: "",
              what: "leaves its default security group as AWS makes it, so that whatever names no group may talk to its like",
              remedy: "declare an aws.ec2.DefaultSecurityGroup without rules for it",
            },
          ]),
    ]);
}
