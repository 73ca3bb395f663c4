import type { Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { InputSpec, Invoke, Properties, ProviderContext, ResourceType } from "../resource-type.ts";
import { loadBalancer } from "./lb-load-balancer.ts";
import { actions, checkActions, checkConditions, conditions } from "./lb-rule-inputs.ts";
import { expandActions, expandConditions, flattenActions, flattenConditions } from "./lb-rules.ts";
import { getTargetGroup, targetGroup } from "./lb-target-group.ts";
import { regional } from "./regional.ts";

const NO_LISTENER = "ListenerNotFound";
const NO_RULE = "RuleNotFound";
const text: InputSpec = { type: "string" };

interface ListenerInputs extends Properties {
  loadBalancerArn: string;
  port: number;
  protocol?: "HTTP" | "HTTPS";
  sslPolicy?: string;
  certificateArn?: string;
  defaultActions: unknown[];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html */
const listener: ResourceType = {
  inputs: {
    certificateArn: text,
    defaultActions: actions,
    loadBalancerArn: { type: "string", required: true, replace: true },
    port: { type: "integer", required: true, min: 1, max: 65_535 },
    protocol: { type: "string", computed: true, oneOf: ["HTTP", "HTTPS"] },
    sslPolicy: { type: "string", computed: true },
  },
  outputs: ["arn", "protocol", "sslPolicy"],
  tagged: true,
  check({ defaultActions, protocol, certificateArn }) {
    const problems = checkActions("defaultActions", defaultActions);
    if (protocol === "HTTPS" && certificateArn === undefined) {
      problems.push({ property: "certificateArn", reason: "a listener with protocol HTTPS needs a certificate" });
    }
    return problems;
  },
  async create(inputs, ctx) {
    const wanted = inputs as ListenerInputs;
    const { Listeners = [] } = await ctx.cloud.elb.createListener({
      LoadBalancerArn: wanted.loadBalancerArn,
      ...listenerOf(wanted),
      DefaultActions: expandActions(wanted.defaultActions),
    });
    const id = Listeners[0]?.ListenerArn ?? "";
    return { id, state: (await readListener(id, inputs, ctx)) ?? {} };
  },
  read: readListener,
  async update(id, _olds, news, ctx) {
    const wanted = news as ListenerInputs;
    const DefaultActions = expandActions(wanted.defaultActions);
    await ctx.cloud.elb.modifyListener({ ListenerArn: id, ...listenerOf(wanted), DefaultActions });
    return (await readListener(id, news, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.elb.deleteListener({ ListenerArn: id }), NO_LISTENER);
  },
};

function listenerOf({ port, protocol, sslPolicy, certificateArn }: ListenerInputs) {
  return {
    Port: port,
    Protocol: protocol ?? "HTTP",
    ...(sslPolicy ? { SslPolicy: sslPolicy } : {}),
    ...(certificateArn ? { Certificates: [{ CertificateArn: certificateArn }] } : {}),
  };
}

async function readListener(id: string, old: Properties, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.elb.describeListeners({ ListenerArns: [id] }), NO_LISTENER);
  const one = found?.Listeners?.[0];
  if (one === undefined) return undefined;
  const certificateArn = one.Certificates?.[0]?.CertificateArn;
  return {
    arn: id,
    loadBalancerArn: one.LoadBalancerArn,
    port: one.Port,
    protocol: one.Protocol,
    sslPolicy: one.SslPolicy ?? "",
    ...(certificateArn === undefined ? {} : { certificateArn }),
    defaultActions: flattenActions(one.DefaultActions, old.defaultActions),
  };
}

interface RuleInputs extends Properties {
  listenerArn: string;
  priority?: number;
  actions: unknown[];
  conditions: unknown[];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html */
const listenerRule: ResourceType = {
  inputs: {
    actions,
    conditions,
    listenerArn: { type: "string", required: true, replace: true },
    priority: { type: "integer", computed: true, min: 1, max: 50_000 },
  },
  outputs: ["arn", "priority"],
  tagged: true,
  check: (inputs) => [
    ...checkActions("actions", inputs.actions),
    ...(isUnknown(inputs.conditions) ? [] : checkConditions(inputs.conditions)),
  ],
  async create(inputs, ctx) {
    const wanted = inputs as RuleInputs;
    const { Rules = [] } = await ctx.cloud.elb.createRule({
      ListenerArn: wanted.listenerArn,
      Priority: wanted.priority ?? (await nextPriority(wanted.listenerArn, ctx)),
      Conditions: expandConditions(wanted.conditions),
      Actions: expandActions(wanted.actions),
    });
    const id = Rules[0]?.RuleArn ?? "";
    return { id, state: (await readRule(id, inputs, ctx)) ?? {} };
  },
  read: readRule,
  async update(id, olds, news, ctx) {
    const wanted = news as RuleInputs;
    const differs = (key: string) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    if (differs("priority") && wanted.priority !== undefined) {
      await ctx.cloud.elb.setRulePriorities({ RulePriorities: [{ RuleArn: id, Priority: wanted.priority }] });
    }
    if (differs("actions") || differs("conditions")) {
      const Conditions = expandConditions(wanted.conditions);
      await ctx.cloud.elb.modifyRule({ RuleArn: id, Conditions, Actions: expandActions(wanted.actions) });
    }
    return (await readRule(id, news, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.elb.deleteRule({ RuleArn: id }), NO_RULE);
  },
};

/** As the real provider does it: one after the last. */
async function nextPriority(listenerArn: string, ctx: ProviderContext): Promise<number> {
  const { Rules = [] } = await ctx.cloud.elb.describeRules({ ListenerArn: listenerArn });
  return Math.max(0, ...Rules.filter((rule) => !rule.IsDefault).map((rule) => Number(rule.Priority))) + 1;
}

async function readRule(id: string, old: Properties, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.elb.describeRules({ RuleArns: [id] }), NO_RULE);
  const one = found?.Rules?.[0];
  if (one === undefined) return undefined;
  return {
    arn: id,
    listenerArn: listenerArnOf(id),
    priority: Number(one.Priority),
    actions: flattenActions(one.Actions, old.actions),
    conditions: flattenConditions(one.Conditions),
  };
}

/** A rule's ARN is its listener's with an id behind. */
function listenerArnOf(ruleArn: string): string {
  return ruleArn.replace(":listener-rule/", ":listener/").replace(/\/[^/]+$/, "");
}

/** @throws when there is no such rule */
const getListenerRule: Invoke = {
  args: {
    actions: { type: "any" },
    arn: text,
    conditions: { type: "any" },
    listenerArn: text,
    priority: { type: "integer" },
    region: text,
    transforms: { type: "any" },
  },
  async run(args, ctx) {
    const { arn, listenerArn, priority } = args as { arn?: string; listenerArn?: string; priority?: number };
    if (arn === undefined && (listenerArn === undefined || priority === undefined)) {
      throw new Error("either arn, or listenerArn and priority must be given");
    }
    const { Rules = [] } = await ctx.cloud.elb.describeRules(arn ? { RuleArns: [arn] } : { ListenerArn: listenerArn });
    const one = arn ? Rules[0] : Rules.find((rule) => rule.Priority === String(priority));
    if (one?.RuleArn === undefined) throw new Error(`no rule of ${listenerArn} has the priority ${priority}`);
    return {
      arn: one.RuleArn,
      listenerArn: listenerArnOf(one.RuleArn),
      priority: Number(one.Priority),
      region: ctx.region,
      tags: ctx.cloud.tags.read(one.RuleArn),
      actions: shownActions(one),
      conditions: shownConditions(one),
    };
  },
};

/** Blocks are lists in the results of the provider's functions. */
function shownActions(rule: Rule): Properties[] {
  return flattenActions(rule.Actions, [{ forward: { stickiness: {} } }]).map((action) => ({
    type: action.type,
    order: action.order ?? 1,
    forwards:
      action.forward === undefined
        ? []
        : [{ targetGroups: action.forward.targetGroups, stickinesses: [action.forward.stickiness] }],
    redirects: action.redirect === undefined ? [] : [action.redirect],
    fixedResponses: action.fixedResponse === undefined ? [] : [action.fixedResponse],
  }));
}

function shownConditions(rule: Rule): Properties[] {
  const list = (one: unknown) => (one === undefined ? [] : [one]);
  return flattenConditions(rule.Conditions).map((condition) => ({
    hostHeaders: list(condition.hostHeader),
    httpHeaders: list(condition.httpHeader),
    httpRequestMethods: list(condition.httpRequestMethod),
    pathPatterns: list(condition.pathPattern),
    queryStrings: condition.queryStrings === undefined ? [] : [{ values: condition.queryStrings }],
    sourceIps: list(condition.sourceIp),
  }));
}

export const types: Record<string, ResourceType> = {
  "aws:lb/loadBalancer:LoadBalancer": regional(loadBalancer),
  "aws:lb/listener:Listener": regional(listener),
  "aws:lb/listenerRule:ListenerRule": regional(listenerRule),
  "aws:lb/targetGroup:TargetGroup": regional(targetGroup),
};

export const invokes: Record<string, Invoke> = {
  "aws:lb/getListenerRule:getListenerRule": getListenerRule,
  "aws:lb/getTargetGroup:getTargetGroup": getTargetGroup,
};
