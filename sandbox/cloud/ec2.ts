import { parseCidr } from "./cidr.ts";
import { Ec2Endpoints } from "./ec2-endpoints.ts";
import type { SecurityGroup, SecurityGroupRule } from "./ec2-model.ts";
import { invalid } from "./ec2-network.ts";
import { dependency } from "./ec2-tables.ts";
import { CloudError } from "./error.ts";
import { newId } from "./table.ts";

export type RuleInput = Omit<SecurityGroupRule, "SecurityGroupRuleId" | "GroupId" | "IsEgress">;

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const MAX_RULES = 60;

/**
 * EC2's network: VPCs, subnets, routing, security groups. Nothing in the sandbox filters packets: what is declared is
 * checked and kept.
 */
export class Ec2 extends Ec2Endpoints {
  /** Its default group lets its own members in, and everything out, as AWS makes it. */
  override createVpc(input: { CidrBlock?: string; InstanceTenancy?: string }) {
    const made = super.createVpc(input);
    const group = made.Vpc.DefaultSecurityGroupId;
    this.#add(group, false, { IpProtocol: "-1", ReferencedGroupId: group });
    this.#add(group, true, { IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" });
    return made;
  }

  createSecurityGroup(input: { GroupName?: string; Description?: string; VpcId?: string }) {
    const vpc = this.tables.vpcs.need(input.VpcId);
    const name = input.GroupName ?? "";
    if (name.length === 0 || name.length > 255 || name.startsWith("sg-")) {
      throw invalid(
        "InvalidParameterValue",
        `Invalid security group name '${name}': 1 to 255 characters, not beginning with sg-`,
      );
    }
    if (this.tables.groups.list().some((one) => one.VpcId === vpc.VpcId && one.GroupName === name)) {
      throw invalid("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpc.VpcId}'`);
    }
    const GroupId = newId("sg");
    const group: SecurityGroup = {
      GroupId,
      GroupName: name,
      Description: input.Description ?? "",
      VpcId: vpc.VpcId,
      OwnerId: this.cloud.account,
      SecurityGroupArn: this.arn("security-group", GroupId),
    };
    this.tables.groups.put(GroupId, group);
    // AWS lets everything out of a new group; the provider takes this rule away at once.
    this.#add(group.GroupId, true, { IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" });
    return { GroupId, SecurityGroupArn: group.SecurityGroupArn };
  }

  describeSecurityGroups(input: { GroupIds?: string[] } = {}) {
    return { SecurityGroups: this.tables.groups.pick(input.GroupIds) };
  }

  deleteSecurityGroup(input: { GroupId?: string }) {
    const { GroupId, GroupName } = this.tables.groups.need(input.GroupId);
    if (GroupName === "default")
      throw new CloudError(
        "CannotDelete",
        `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
      );
    const rules = this.tables.rules.list();
    if (rules.some((rule) => rule.ReferencedGroupId === GroupId && rule.GroupId !== GroupId)) {
      throw dependency(`resource ${GroupId} has a dependent object`);
    }
    if (this.tables.endpoints.list().some((one) => one.SecurityGroupIds.includes(GroupId))) {
      throw dependency(`resource ${GroupId} has a dependent object`);
    }
    this.cloud.store.transaction(() => {
      for (const rule of rules) if (rule.GroupId === GroupId) this.tables.rules.remove(rule.SecurityGroupRuleId);
      this.tables.groups.remove(GroupId);
    });
    return {};
  }

  authorizeSecurityGroupIngress(input: { GroupId?: string; IpPermissions: RuleInput[] }) {
    return { SecurityGroupRules: input.IpPermissions.map((rule) => this.#add(input.GroupId, false, rule)) };
  }

  authorizeSecurityGroupEgress(input: { GroupId?: string; IpPermissions: RuleInput[] }) {
    return { SecurityGroupRules: input.IpPermissions.map((rule) => this.#add(input.GroupId, true, rule)) };
  }

  describeSecurityGroupRules(input: { SecurityGroupRuleIds?: string[]; GroupId?: string } = {}) {
    const rules = this.tables.rules.pick(input.SecurityGroupRuleIds);
    return { SecurityGroupRules: rules.filter((rule) => !input.GroupId || rule.GroupId === input.GroupId) };
  }

  modifySecurityGroupRules(input: { GroupId?: string; SecurityGroupRuleId?: string; SecurityGroupRule: RuleInput }) {
    const { SecurityGroupRuleId, GroupId, IsEgress } = this.tables.rules.need(input.SecurityGroupRuleId);
    const rule = { ...input.SecurityGroupRule, SecurityGroupRuleId, GroupId, IsEgress };
    this.#check(rule);
    this.tables.rules.put(SecurityGroupRuleId, rule);
    return { Return: true };
  }

  revokeSecurityGroupIngress(input: { GroupId?: string; SecurityGroupRuleIds: string[] }) {
    return this.#revoke(input, false);
  }

  revokeSecurityGroupEgress(input: { GroupId?: string; SecurityGroupRuleIds: string[] }) {
    return this.#revoke(input, true);
  }

  #revoke(input: { SecurityGroupRuleIds: string[] }, egress: boolean) {
    for (const id of input.SecurityGroupRuleIds) {
      if (this.tables.rules.need(id).IsEgress === egress) this.tables.rules.remove(id);
    }
    return { Return: true };
  }

  #add(groupId: string | undefined, IsEgress: boolean, input: RuleInput): SecurityGroupRule {
    const { GroupId } = this.tables.groups.need(groupId);
    const rule: SecurityGroupRule = { ...input, SecurityGroupRuleId: newId("sgr"), GroupId, IsEgress };
    this.#check(rule);
    this.tables.rules.put(rule.SecurityGroupRuleId, rule);
    return rule;
  }

  #check(rule: SecurityGroupRule): void {
    const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, IpProtocol, FromPort, ToPort } = rule;
    const sources = [CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter((one) => one !== undefined);
    if (sources.length !== 1)
      throw invalid("InvalidParameterCombination", "Specify one of a CIDR block, a prefix list and a security group.");
    if (CidrIpv4 !== undefined && !parseCidr(CidrIpv4))
      throw invalid("InvalidParameterValue", `CIDR block ${CidrIpv4} is malformed`);
    if (ReferencedGroupId !== undefined) this.tables.groups.need(ReferencedGroupId);
    const ported = ["tcp", "udp", "6", "17"].includes(IpProtocol);
    if (ported && (FromPort === undefined || ToPort === undefined || FromPort > ToPort)) {
      throw invalid("InvalidParameterValue", `Invalid TCP/UDP port range (${FromPort}:${ToPort})`);
    }
    const siblings = this.tables.rules
      .list()
      .filter((one) => one.GroupId === rule.GroupId && one.IsEgress === rule.IsEgress);
    const others = siblings.filter((one) => one.SecurityGroupRuleId !== rule.SecurityGroupRuleId);
    if (others.some((one) => meaning(one) === meaning(rule))) {
      throw invalid("InvalidPermission.Duplicate", `the specified rule "${meaning(rule)}" already exists`);
    }
    if (others.length >= MAX_RULES)
      throw new CloudError(
        "RulesPerSecurityGroupLimitExceeded",
        `The maximum number of rules per security group has been reached.`,
      );
  }
}

function meaning({
  IpProtocol,
  FromPort,
  ToPort,
  CidrIpv4,
  CidrIpv6,
  PrefixListId,
  ReferencedGroupId,
}: RuleInput): string {
  const source = CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupId;
  return `peer: ${source}, ${IpProtocol}, from port: ${FromPort ?? -1}, to port: ${ToPort ?? -1}, ALLOW`;
}
