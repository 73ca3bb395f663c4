import type { RuleInput } from "../../cloud/ec2.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, Properties, ProviderContext, ResourceType } from "../resource-type.ts";
import { checkBlock } from "./network.ts";

const NO_GROUP = "InvalidGroup.NotFound";
const NO_RULE = "InvalidSecurityGroupRuleId.NotFound";
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
const TEXT = /^[0-9A-Za-z_ .:/()#,@[\]+=&;{}!$*-]*$/;

/** Rules are resources of their own (`vpc.SecurityGroupIngressRule`); lists of rules inside the group are not supported. */
export const securityGroup: ResourceType = {
  inputs: {
    description: {
      type: "string",
      default: "Managed by Pulumi",
      replace: true,
      minLength: 1,
      maxLength: 255,
      pattern: TEXT,
    },
    name: {
      type: "string",
      pattern: /^(?!sg-)/,
      patternHint: "must not begin with sg-",
      computed: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      conflictsWith: ["namePrefix"],
    },
    namePrefix: { type: "string", computed: true, replace: true, maxLength: 100 },
    revokeRulesOnDelete: { type: "boolean", default: false, local: true },
    vpcId: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "ownerId"],
  autoname: { property: "name", maxLength: 255 },
  tagged: true,
  async create(inputs, ctx) {
    const { name, namePrefix, description, vpcId } = inputs as Record<
      "name" | "namePrefix" | "description" | "vpcId",
      string
    >;
    const GroupName = name ?? `${namePrefix}${Date.now()}`;
    const { ec2 } = ctx.cloud;
    const { GroupId } = await ec2.createSecurityGroup({ GroupName, Description: description, VpcId: vpcId });
    const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({ GroupId });
    const ids = SecurityGroupRules.map((rule) => rule.SecurityGroupRuleId);
    await ec2.revokeSecurityGroupEgress({ GroupId, SecurityGroupRuleIds: ids });
    return { id: GroupId, state: (await readGroup(GroupId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readGroup(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteSecurityGroup({ GroupId: id }), NO_GROUP);
  },
};

async function readGroup(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeSecurityGroups({ GroupIds: [id] }), NO_GROUP);
  const one = found?.SecurityGroups[0];
  return (
    one && {
      arn: one.SecurityGroupArn,
      name: one.GroupName,
      description: one.Description,
      vpcId: one.VpcId,
      ownerId: one.OwnerId,
    }
  );
}

interface RuleInputs extends Properties {
  securityGroupId: string;
  ipProtocol: string;
  fromPort?: number;
  toPort?: number;
  cidrIpv4?: string;
  cidrIpv6?: string;
  prefixListId?: string;
  referencedSecurityGroupId?: string;
  description?: string;
}

const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"];

function checkRule(inputs: Properties): CheckProblem[] {
  const given = SOURCES.filter((key) => inputs[key] !== undefined);
  const problems = checkBlock("cidrIpv4", inputs.cidrIpv4);
  if (given.length !== 1) {
    const reason = `exactly one of ${SOURCES.join(", ")} must be given, got ${given.length === 0 ? "none" : given.join(", ")}`;
    problems.push({ property: given[0] ?? "cidrIpv4", reason });
  }
  const { ipProtocol, fromPort, toPort } = inputs as RuleInputs;
  const ported = ["tcp", "udp", "6", "17"].includes(ipProtocol);
  if (ported && (fromPort === undefined || toPort === undefined)) {
    problems.push({ property: "fromPort", reason: `fromPort and toPort must be given with protocol ${ipProtocol}` });
  } else if (ported && !isUnknown(fromPort) && !isUnknown(toPort) && Number(fromPort) > Number(toPort)) {
    problems.push({ property: "toPort", reason: `must not be below fromPort: ${toPort} < ${fromPort}` });
  }
  return problems;
}

function ruleOf(inputs: RuleInputs): RuleInput {
  const { ipProtocol, fromPort, toPort, cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId, description } =
    inputs;
  return {
    IpProtocol: ipProtocol,
    ...(fromPort !== undefined && { FromPort: fromPort }),
    ...(toPort !== undefined && { ToPort: toPort }),
    ...(cidrIpv4 && { CidrIpv4: cidrIpv4 }),
    ...(cidrIpv6 && { CidrIpv6: cidrIpv6 }),
    ...(prefixListId && { PrefixListId: prefixListId }),
    ...(referencedSecurityGroupId && { ReferencedGroupId: referencedSecurityGroupId }),
    ...(description && { Description: description }),
  };
}

async function readRule(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [id] }), NO_RULE);
  const rule = found?.SecurityGroupRules[0];
  return (
    rule && {
      arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:security-group-rule/${id}`,
      securityGroupRuleId: id,
      securityGroupId: rule.GroupId,
      ipProtocol: rule.IpProtocol,
      fromPort: rule.FromPort,
      toPort: rule.ToPort,
      cidrIpv4: rule.CidrIpv4,
      cidrIpv6: rule.CidrIpv6,
      prefixListId: rule.PrefixListId,
      referencedSecurityGroupId: rule.ReferencedGroupId,
      description: rule.Description,
    }
  );
}

/** Ingress and egress rules differ in their operations only. */
function ruleType(direction: "Ingress" | "Egress"): ResourceType {
  return {
    inputs: {
      cidrIpv4: { type: "string" },
      cidrIpv6: { type: "string" },
      description: { type: "string", maxLength: 255, pattern: TEXT },
      fromPort: { type: "integer", min: -1, max: 65_535 },
      ipProtocol: { type: "string", required: true },
      prefixListId: { type: "string" },
      referencedSecurityGroupId: { type: "string" },
      securityGroupId: { type: "string", required: true, replace: true },
      toPort: { type: "integer", min: -1, max: 65_535 },
    },
    outputs: ["arn", "securityGroupRuleId"],
    tagged: true,
    check: checkRule,
    async create(inputs, ctx) {
      const wanted = inputs as RuleInputs;
      const input = { GroupId: wanted.securityGroupId, IpPermissions: [ruleOf(wanted)] };
      const { SecurityGroupRules } = await ctx.cloud.ec2[`authorizeSecurityGroup${direction}`](input);
      const id = SecurityGroupRules[0]?.SecurityGroupRuleId ?? "";
      return { id, state: (await readRule(id, ctx)) ?? {} };
    },
    read: (id, _old, ctx) => readRule(id, ctx),
    async update(id, _olds, news, ctx) {
      await ctx.cloud.ec2.modifySecurityGroupRules({
        SecurityGroupRuleId: id,
        SecurityGroupRule: ruleOf(news as RuleInputs),
      });
      return {};
    },
    async delete(id, state, ctx) {
      const input = { GroupId: state.securityGroupId as string, SecurityGroupRuleIds: [id] };
      await unlessGone(ctx.cloud.ec2[`revokeSecurityGroup${direction}`](input), NO_RULE, NO_GROUP);
    },
  };
}

export const securityGroupIngressRule = ruleType("Ingress");
export const securityGroupEgressRule = ruleType("Egress");
