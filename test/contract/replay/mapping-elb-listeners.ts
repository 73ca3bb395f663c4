import {
  type ActionTypeEnum,
  AddTagsCommand,
  CreateListenerCommand,
  CreateRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  type Action as LiveAction,
  type RuleCondition as LiveCondition,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type * as aws from "@pulumi/aws";
import type { Unwrap } from "@pulumi/pulumi";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { readTags } from "./mapping-elb.ts";
import { required, tagList } from "./tags.ts";

type RuleArgs = Unwrap<aws.lb.ListenerRuleArgs>;
/** Actions of rules are those of listeners, as far as they are used here. */
type Action = RuleArgs["actions"][number];
type Condition = RuleArgs["conditions"][number];

function toAction(action: Action) {
  const { forward, redirect, fixedResponse } = action;
  return {
    Type: action.type as ActionTypeEnum,
    Order: action.order,
    TargetGroupArn: action.targetGroupArn,
    ForwardConfig: forward && {
      TargetGroups: forward.targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
      TargetGroupStickinessConfig: forward.stickiness && {
        Enabled: forward.stickiness.enabled,
        DurationSeconds: forward.stickiness.duration,
      },
    },
    RedirectConfig: redirect && {
      Host: redirect.host,
      Path: redirect.path,
      Port: redirect.port,
      Protocol: redirect.protocol,
      Query: redirect.query,
      StatusCode: redirect.statusCode,
    },
    FixedResponseConfig: fixedResponse && {
      ContentType: fixedResponse.contentType,
      MessageBody: fixedResponse.messageBody,
      StatusCode: required(fixedResponse.statusCode),
    },
  };
}

function fromAction(action: LiveAction) {
  const { ForwardConfig: forward, RedirectConfig: redirect, FixedResponseConfig: fixed } = action;
  return {
    type: action.Type,
    order: action.Order,
    targetGroupArn: action.TargetGroupArn,
    forward: forward && {
      targetGroups: forward.TargetGroups?.map(({ TargetGroupArn, Weight }) => ({
        arn: TargetGroupArn,
        weight: Weight,
      })),
      stickiness: {
        enabled: forward.TargetGroupStickinessConfig?.Enabled,
        duration: forward.TargetGroupStickinessConfig?.DurationSeconds,
      },
    },
    redirect: redirect && {
      host: redirect.Host,
      path: redirect.Path,
      port: redirect.Port,
      protocol: redirect.Protocol,
      query: redirect.Query,
      statusCode: redirect.StatusCode,
    },
    fixedResponse: fixed && {
      contentType: fixed.ContentType,
      messageBody: fixed.MessageBody,
      statusCode: fixed.StatusCode,
    },
  };
}

function toCondition({ hostHeader, httpHeader, pathPattern, sourceIp }: Condition) {
  if (hostHeader) return { Field: "host-header", HostHeaderConfig: { Values: hostHeader.values } };
  if (pathPattern) return { Field: "path-pattern", PathPatternConfig: { Values: pathPattern.values } };
  if (sourceIp) return { Field: "source-ip", SourceIpConfig: { Values: sourceIp.values } };
  const { httpHeaderName: HttpHeaderName, values: Values } = required(httpHeader, "a condition that is mapped");
  return { Field: "http-header", HttpHeaderConfig: { HttpHeaderName, Values } };
}

function fromCondition(condition: LiveCondition) {
  const header = condition.HttpHeaderConfig;
  return {
    hostHeader: condition.HostHeaderConfig && { values: condition.HostHeaderConfig.Values },
    pathPattern: condition.PathPatternConfig && { values: condition.PathPatternConfig.Values },
    sourceIp: condition.SourceIpConfig && { values: condition.SourceIpConfig.Values },
    httpHeader: header && { httpHeaderName: header.HttpHeaderName, values: header.Values },
  };
}

const listener = mapping<aws.lb.ListenerArgs>({
  async create(inputs, { elbv2 }) {
    const { Listeners } = await call(elbv2, CreateListenerCommand, {
      LoadBalancerArn: inputs.loadBalancerArn,
      Port: inputs.port,
      Protocol: inputs.protocol,
      SslPolicy: inputs.sslPolicy,
      Certificates: inputs.certificateArn === undefined ? undefined : [{ CertificateArn: inputs.certificateArn }],
      DefaultActions: inputs.defaultActions.map((action) => toAction(action as Action)),
      Tags: tagList(inputs.tags),
    });
    const ListenerArn = required(Listeners?.[0]?.ListenerArn);
    return { id: ListenerArn, arn: ListenerArn };
  },
  async read({ made }, { elbv2 }) {
    const { Listeners } = await call(elbv2, DescribeListenersCommand, { ListenerArns: [made.id] });
    const found = Listeners?.[0];
    return {
      loadBalancerArn: found?.LoadBalancerArn,
      port: found?.Port,
      protocol: found?.Protocol,
      sslPolicy: found?.SslPolicy,
      certificateArn: found?.Certificates?.[0]?.CertificateArn,
      defaultActions: found?.DefaultActions?.map(fromAction),
      tags: await readTags(made.id, { elbv2 }),
    };
  },
});

const rule = mapping<aws.lb.ListenerRuleArgs>({
  async create(inputs, { elbv2 }) {
    const { Rules } = await call(elbv2, CreateRuleCommand, {
      ListenerArn: inputs.listenerArn,
      Priority: required(inputs.priority),
      Conditions: inputs.conditions.map(toCondition),
      Actions: inputs.actions.map(toAction),
      Tags: tagList(inputs.tags),
    });
    const RuleArn = required(Rules?.[0]?.RuleArn);
    return { id: RuleArn, arn: RuleArn };
  },
  async update({ made, inputs }, { elbv2 }) {
    await call(elbv2, ModifyRuleCommand, {
      RuleArn: made.id,
      Conditions: inputs.conditions.map(toCondition),
      Actions: inputs.actions.map(toAction),
    });
    await call(elbv2, AddTagsCommand, { ResourceArns: [made.id], Tags: required(tagList(inputs.tags)) });
  },
  async read({ made, inputs }, { elbv2 }) {
    const { Rules } = await call(elbv2, DescribeRulesCommand, { RuleArns: [made.id] });
    const found = Rules?.[0];
    return {
      // A rule does not say where it hangs; its ARN begins with its listener's.
      listenerArn:
        inputs.listenerArn.replace(":listener/", ":listener-rule/") === made.id.replace(/\/[^/]*$/, "")
          ? inputs.listenerArn
          : made.id,
      priority: Number(found?.Priority),
      conditions: found?.Conditions?.map(fromCondition),
      actions: found?.Actions?.map(fromAction),
      tags: await readTags(made.id, { elbv2 }),
    };
  },
});

export const elbListenerMappings: Mappings = {
  "aws:lb/listener:Listener": listener,
  "aws:lb/listenerRule:ListenerRule": rule,
};
