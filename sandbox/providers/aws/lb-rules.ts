import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties } from "../resource-type.ts";

const text: InputSpec = { type: "string" };
const values: InputSpec = { type: { set: { type: "string", minLength: 1, maxLength: 128 } }, required: true };

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html */
const ACTION: Record<string, InputSpec> = {
  type: { type: "string", required: true, oneOf: ["forward", "redirect", "fixed-response"] },
  order: { type: "integer", computed: true, min: 1, max: 50_000 },
  targetGroupArn: text,
  forward: {
    type: {
      object: {
        targetGroups: {
          type: {
            set: {
              type: {
                object: {
                  arn: { type: "string", required: true },
                  weight: { type: "integer", default: 1, min: 0, max: 999 },
                },
              },
            },
          },
          required: true,
          minLength: 1,
          maxLength: 5,
        },
        stickiness: {
          type: {
            object: {
              duration: { type: "integer", required: true, min: 1, max: 604_800 },
              enabled: { type: "boolean", default: false },
            },
          },
        },
      },
    },
  },
  redirect: {
    type: {
      object: {
        host: { type: "string", default: "#{host}", minLength: 1, maxLength: 128 },
        path: { type: "string", default: "/#{path}", minLength: 1, maxLength: 128 },
        port: { type: "string", default: "#{port}" },
        protocol: { type: "string", default: "#{protocol}", oneOf: ["#{protocol}", "HTTP", "HTTPS"] },
        query: { type: "string", default: "#{query}", maxLength: 128 },
        statusCode: { type: "string", required: true, oneOf: ["HTTP_301", "HTTP_302"] },
      },
    },
  },
  fixedResponse: {
    type: {
      object: {
        contentType: {
          type: "string",
          required: true,
          oneOf: ["text/plain", "text/css", "text/html", "application/javascript", "application/json"],
        },
        messageBody: { type: "string", maxLength: 1024 },
        statusCode: { type: "string", computed: true, pattern: /^[245]\d\d$/ },
      },
    },
  },
};

export const actions: InputSpec = { type: { list: { type: { object: ACTION } } }, required: true, minLength: 1 };

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html */
export const conditions: InputSpec = {
  type: {
    set: {
      type: {
        object: {
          hostHeader: { type: { object: { values } } },
          pathPattern: { type: { object: { values } } },
          httpHeader: {
            type: {
              object: {
                httpHeaderName: { type: "string", required: true, minLength: 1, maxLength: 40 },
                values,
              },
            },
          },
          httpRequestMethod: { type: { object: { values } } },
          queryStrings: {
            type: { set: { type: { object: { key: text, value: { type: "string", required: true } } } } },
          },
          sourceIp: { type: { object: { values } } },
        },
      },
    },
  },
  required: true,
  minLength: 1,
};

const CONFIGURED: Record<string, readonly string[]> = {
  forward: ["forward", "targetGroupArn"],
  redirect: ["redirect"],
  "fixed-response": ["fixedResponse"],
};

/** An action has what its type needs, and nothing of another type. */
export function checkActions(property: string, list: unknown): CheckProblem[] {
  if (!Array.isArray(list)) return [];
  return (list as Properties[]).flatMap((action, index): CheckProblem[] => {
    const at = `${property}[${index}]`;
    const type = String(action.type);
    const own = CONFIGURED[type] ?? [];
    const given = Object.values(CONFIGURED)
      .flat()
      .filter((key) => action[key] !== undefined);
    const foreign = given.filter((key) => !own.includes(key));
    const problems = foreign.map((key) => ({ property: `${at}.${key}`, reason: `does not go with type '${type}'` }));
    if (!isUnknown(action.type) && !own.some((key) => given.includes(key))) {
      problems.push({ property: at, reason: `type '${type}' needs ${own.map((key) => `'${key}'`).join(" or ")}` });
    }
    return problems;
  });
}

/** Every condition is of exactly one kind; a rule has at most five values. */
export function checkConditions(list: unknown): CheckProblem[] {
  if (!Array.isArray(list)) return [];
  const problems = (list as Properties[]).flatMap((condition, index): CheckProblem[] => {
    const kinds = Object.keys(condition).length;
    if (isUnknown(condition) || kinds === 1) return [];
    return [{ property: `conditions[${index}]`, reason: `must have exactly one kind of condition, got ${kinds}` }];
  });
  const count = (list as Properties[])
    .flatMap((condition) => Object.values(condition ?? {}))
    .reduce<number>((sum, one) => {
      const found = Array.isArray(one) ? one : (one as { values?: unknown })?.values;
      return sum + (Array.isArray(found) ? found.length : 0);
    }, 0);
  if (count > 5) problems.push({ property: "conditions", reason: `a rule has at most 5 values, got ${count}` });
  return problems;
}

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
