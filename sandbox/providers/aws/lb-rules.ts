import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";

interface ActionInputs {
  type: Action["Type"];
  order?: number;
  targetGroupArn?: string;
  forward?: {
    targetGroups: { arn: string; weight: number }[];
    stickiness?: { duration: number; enabled: boolean };
  };
  redirect?: { host: string; path: string; port: string; protocol: string; query: string; statusCode: "HTTP_301" };
  fixedResponse?: { contentType: string; messageBody?: string; statusCode?: string };
}

export function expandActions(list: unknown): Action[] {
  return (list as ActionInputs[]).map((action, index): Action => {
    const base = { Type: action.type, Order: action.order ?? index + 1 };
    if (action.redirect !== undefined) {
      const { host, path, port, protocol, query, statusCode } = action.redirect;
      const RedirectConfig = {
        Host: host,
        Path: path,
        Port: port,
        Protocol: protocol,
        Query: query,
        StatusCode: statusCode,
      };
      return { ...base, RedirectConfig };
    }
    if (action.fixedResponse !== undefined) {
      const { contentType, messageBody, statusCode } = action.fixedResponse;
      return {
        ...base,
        FixedResponseConfig: { ContentType: contentType, MessageBody: messageBody, StatusCode: statusCode ?? "200" },
      };
    }
    if (action.forward === undefined) return { ...base, TargetGroupArn: action.targetGroupArn };
    const { targetGroups, stickiness } = action.forward;
    return {
      ...base,
      ForwardConfig: {
        TargetGroups: targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
        TargetGroupStickinessConfig: { Enabled: stickiness?.enabled ?? false, DurationSeconds: stickiness?.duration },
      },
    };
  });
}

/** Actions as the program writes them; of two ways to write one, the way of the old state. */
export function flattenActions(list: readonly Action[] | undefined, old: unknown): ActionInputs[] {
  return (list ?? []).map((action, index) => {
    const before = (Array.isArray(old) ? old[index] : undefined) as ActionInputs | undefined;
    const base = { type: action.Type, order: action.Order ?? index + 1 };
    const { RedirectConfig: redirect, FixedResponseConfig: fixed, ForwardConfig: forward } = action;
    if (redirect !== undefined) {
      const { Host = "", Path = "", Port = "", Protocol = "", Query = "", StatusCode } = redirect;
      const statusCode = StatusCode as "HTTP_301";
      return {
        ...base,
        redirect: { host: Host, path: Path, port: Port, protocol: Protocol, query: Query, statusCode },
      };
    }
    if (fixed !== undefined) {
      const { ContentType = "text/plain", MessageBody = "", StatusCode = "200" } = fixed;
      return { ...base, fixedResponse: { contentType: ContentType, messageBody: MessageBody, statusCode: StatusCode } };
    }
    const groups = forward?.TargetGroups ?? [];
    const [only] = groups;
    if (groups.length === 1 && before?.forward === undefined)
      return { ...base, targetGroupArn: only?.TargetGroupArn ?? "" };
    const sticky = forward?.TargetGroupStickinessConfig;
    const shown = before?.forward?.stickiness !== undefined || sticky?.Enabled === true;
    const stickiness = {
      enabled: sticky?.Enabled ?? false,
      duration: sticky?.DurationSeconds ?? before?.forward?.stickiness?.duration ?? 0,
    };
    const targetGroups = groups.map((group) => ({ arn: group.TargetGroupArn ?? "", weight: group.Weight ?? 1 }));
    return { ...base, forward: { targetGroups, ...(shown ? { stickiness } : {}) } };
  });
}

interface Valued {
  values: string[];
}

interface ConditionInputs {
  hostHeader?: Valued;
  pathPattern?: Valued;
  httpHeader?: Valued & { httpHeaderName: string };
  httpRequestMethod?: Valued;
  queryStrings?: { key?: string; value: string }[];
  sourceIp?: Valued;
}

export function expandConditions(list: unknown): RuleCondition[] {
  return (list as ConditionInputs[]).map((condition): RuleCondition => {
    const { hostHeader, pathPattern, httpHeader, httpRequestMethod, queryStrings, sourceIp } = condition;
    if (hostHeader) return { Field: "host-header", HostHeaderConfig: { Values: hostHeader.values } };
    if (pathPattern) return { Field: "path-pattern", PathPatternConfig: { Values: pathPattern.values } };
    if (httpHeader) {
      const HttpHeaderConfig = { HttpHeaderName: httpHeader.httpHeaderName, Values: httpHeader.values };
      return { Field: "http-header", HttpHeaderConfig };
    }
    if (httpRequestMethod) {
      return { Field: "http-request-method", HttpRequestMethodConfig: { Values: httpRequestMethod.values } };
    }
    if (queryStrings) {
      const Values = queryStrings.map(({ key, value }) => ({
        ...(key === undefined ? {} : { Key: key }),
        Value: value,
      }));
      return { Field: "query-string", QueryStringConfig: { Values } };
    }
    return { Field: "source-ip", SourceIpConfig: { Values: sourceIp?.values } };
  });
}

export function flattenConditions(list: readonly RuleCondition[] | undefined): ConditionInputs[] {
  return (list ?? []).map((condition): ConditionInputs => {
    const valued = (config: { Values?: string[] | undefined } | undefined) => ({ values: config?.Values ?? [] });
    switch (condition.Field) {
      case "host-header":
        return { hostHeader: valued(condition.HostHeaderConfig) };
      case "path-pattern":
        return { pathPattern: valued(condition.PathPatternConfig) };
      case "http-header": {
        const httpHeaderName = condition.HttpHeaderConfig?.HttpHeaderName ?? "";
        return { httpHeader: { httpHeaderName, ...valued(condition.HttpHeaderConfig) } };
      }
      case "http-request-method":
        return { httpRequestMethod: valued(condition.HttpRequestMethodConfig) };
      case "query-string":
        return {
          queryStrings: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value = "" }) => ({
            ...(Key === undefined ? {} : { key: Key }),
            value: Value,
          })),
        };
      default:
        return { sourceIp: valued(condition.SourceIpConfig) };
    }
  });
}
