import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { CloudError } from "./error.ts";

/** Limits of the service (ELB documentation, "Quotas for your Application Load Balancers", and the API reference). */
export const LIMITS = {
  nameLength: 32,
  weight: 999,
  groupsPerForward: 5,
  rulesPerLoadBalancer: 100,
  targetGroupsPerLoadBalancer: 100,
  listenersPerLoadBalancer: 50,
  targetsPerGroup: 1000,
  valuesPerRule: 5,
  priority: 50_000,
  stickinessSeconds: 604_800,
  fixedBody: 1024,
} as const;

export function invalid(message: string): CloudError {
  return new CloudError("ValidationError", message);
}

/** Names of load balancers and target groups. @throws CloudError `ValidationError` */
export function checkName(name: string | undefined, what: "Load balancer" | "Target group"): string {
  if (name === undefined || name === "") throw invalid(`${what} name must be specified`);
  if (name.length > LIMITS.nameLength) {
    throw invalid(`${what} name '${name}' cannot be longer than '${LIMITS.nameLength}' characters`);
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw invalid(`${what} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`);
  }
  if (name.startsWith("-") || name.endsWith("-")) {
    throw invalid(`${what} name '${name}' cannot begin or end with a hyphen(-)`);
  }
  if (what === "Load balancer" && name.startsWith("internal-")) {
    throw invalid(`${what} name '${name}' cannot begin with 'internal-'`);
  }
  return name;
}

export function checkPort(port: number | undefined, what: string): number {
  if (port === undefined) throw invalid(`${what}: a port must be specified`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid(`${what}: port '${port}' must be between '1' and '65535' inclusive`);
  }
  return port;
}

export function checkRange(value: number | undefined, low: number, high: number, what: string): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < low || value > high) {
    throw invalid(`${what} '${value}' must be in the range '${low}' to '${high}' inclusive`);
  }
}

/** @throws CloudError `ValidationError` outside of 1-50000 */
export function checkPriority(priority: number | undefined): number {
  if (priority === undefined) throw invalid("A rule priority must be specified");
  checkRange(priority, 1, LIMITS.priority, "Rule priority");
  return priority;
}

/**
 * What is checked of actions without knowing which target groups exist, and the one form that they are kept in: `forward`
 * always has a `ForwardConfig`, as the real service answers.
 */
export function checkActions(actions: readonly Action[] | undefined): Action[] {
  if (actions === undefined || actions.length === 0) throw invalid("At least one action must be specified");
  const last = actions[actions.length - 1];
  if (actions.length > 1 || last === undefined) {
    throw new CloudError("UnsupportedFeature", "sandbox: a rule has one action; authentication is not supported");
  }
  return [checkAction(last)];
}

function checkAction(action: Action): Action {
  const order = action.Order === undefined ? {} : { Order: action.Order };
  switch (action.Type) {
    case "forward":
      return { ...checkForward(action), ...order };
    case "redirect":
      return { Type: "redirect", RedirectConfig: checkRedirect(action), ...order };
    case "fixed-response":
      return { Type: "fixed-response", FixedResponseConfig: checkFixed(action), ...order };
    default:
      throw new CloudError("UnsupportedFeature", `sandbox: action type '${action.Type}' is not supported`);
  }
}

function checkForward(action: Action): Action {
  const groups = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
  if (groups.length === 0 || groups.some((group) => !group.TargetGroupArn)) {
    throw invalid("A target group ARN must be specified");
  }
  if (groups.length > LIMITS.groupsPerForward) {
    throw new CloudError(
      "TooManyTargetGroups",
      `A forward action has at most ${LIMITS.groupsPerForward} target groups`,
    );
  }
  if (new Set(groups.map((group) => group.TargetGroupArn)).size < groups.length) {
    throw invalid("A target group may appear only once in a forward action");
  }
  for (const group of groups) checkRange(group.Weight, 0, LIMITS.weight, "Target group weight");
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false };
  if (stickiness.Enabled) {
    if (stickiness.DurationSeconds === undefined) throw invalid("A stickiness duration must be specified");
    checkRange(stickiness.DurationSeconds, 1, LIMITS.stickinessSeconds, "Stickiness duration");
  }
  const [first] = groups;
  return {
    Type: "forward",
    ...(groups.length === 1 ? { TargetGroupArn: first?.TargetGroupArn } : {}),
    ForwardConfig: {
      TargetGroups: groups.map((group) => ({ TargetGroupArn: group.TargetGroupArn, Weight: group.Weight ?? 1 })),
      TargetGroupStickinessConfig: stickiness,
    },
  };
}

function checkRedirect(action: Action) {
  const config = action.RedirectConfig;
  if (config === undefined) throw invalid("A redirect action needs a redirect configuration");
  if (config.StatusCode !== "HTTP_301" && config.StatusCode !== "HTTP_302") {
    throw invalid(`Redirect status code '${config.StatusCode}' must be HTTP_301 or HTTP_302`);
  }
  const full = {
    Protocol: config.Protocol ?? "#{protocol}",
    Host: config.Host ?? "#{host}",
    Port: config.Port ?? "#{port}",
    Path: config.Path ?? "/#{path}",
    Query: config.Query ?? "#{query}",
    StatusCode: config.StatusCode,
  };
  const same = full.Protocol === "#{protocol}" && full.Host === "#{host}" && full.Port === "#{port}";
  if (same && full.Path === "/#{path}") {
    throw new CloudError(
      "InvalidLoadBalancerAction",
      "The redirect configuration must change protocol, port, host or path",
    );
  }
  return full;
}

function checkFixed(action: Action) {
  const config = action.FixedResponseConfig;
  if (config?.StatusCode === undefined || !/^[245]\d\d$/.test(config.StatusCode)) {
    throw invalid(`Fixed response status code '${config?.StatusCode}' must be 2XX, 4XX or 5XX`);
  }
  if ((config.MessageBody ?? "").length > LIMITS.fixedBody) {
    throw invalid(`A fixed response body is at most ${LIMITS.fixedBody} characters`);
  }
  return config;
}

const FIELDS = ["host-header", "path-pattern", "http-header", "http-request-method", "query-string", "source-ip"];

/** Conditions in the one form they are kept in (values inside the field's configuration). @throws CloudError */
export function checkConditions(conditions: readonly RuleCondition[] | undefined): RuleCondition[] {
  if (conditions === undefined || conditions.length === 0) throw invalid("A condition must be specified");
  const checked = conditions.map(checkCondition);
  const values = checked.reduce((sum, condition) => sum + valuesOf(condition).length, 0);
  if (values > LIMITS.valuesPerRule) {
    throw invalid(`A rule can only have '${LIMITS.valuesPerRule}' condition values`);
  }
  for (const field of ["host-header", "path-pattern", "http-request-method", "source-ip"]) {
    if (checked.filter((condition) => condition.Field === field).length > 1) {
      throw invalid(`A rule can only have one '${field}' condition`);
    }
  }
  return checked;
}

/** The values of a condition, whatever its field. */
export function valuesOf(condition: RuleCondition): unknown[] {
  const config =
    condition.HostHeaderConfig ??
    condition.PathPatternConfig ??
    condition.HttpHeaderConfig ??
    condition.HttpRequestMethodConfig ??
    condition.QueryStringConfig ??
    condition.SourceIpConfig;
  return config?.Values ?? condition.Values ?? [];
}

function checkCondition(condition: RuleCondition): RuleCondition {
  const field = condition.Field ?? "";
  if (!FIELDS.includes(field)) throw invalid(`Condition field '${field}' must be one of '[${FIELDS.join(", ")}]'`);
  if (condition.RegexValues !== undefined) {
    throw new CloudError("UnsupportedFeature", "sandbox: conditions by regular expression are not supported");
  }
  const values = valuesOf(condition);
  if (values.length === 0) throw invalid(`A condition value must be specified for field '${field}'`);
  for (const value of values) {
    if (typeof value === "string" && (value.length === 0 || value.length > 128)) {
      throw invalid(`Condition value '${value}' must have 1 to 128 characters`);
    }
  }
  return normalCondition(field, condition, values);
}

function normalCondition(field: string, condition: RuleCondition, values: unknown[]): RuleCondition {
  const strings = values as string[];
  switch (field) {
    case "host-header":
      return { Field: field, Values: strings, HostHeaderConfig: { Values: strings } };
    case "path-pattern":
      return { Field: field, Values: strings, PathPatternConfig: { Values: strings } };
    case "http-header": {
      const name = condition.HttpHeaderConfig?.HttpHeaderName ?? "";
      if (!/^[\w!#$%&'*+.^`|~-]{1,40}$/.test(name)) throw invalid(`HTTP header name '${name}' is not valid`);
      return { Field: field, HttpHeaderConfig: { HttpHeaderName: name, Values: strings } };
    }
    case "http-request-method":
      for (const method of strings) {
        if (!/^[A-Z_-]{1,40}$/.test(method)) throw invalid(`HTTP request method '${method}' is not valid`);
      }
      return { Field: field, HttpRequestMethodConfig: { Values: strings } };
    case "query-string":
      return { Field: field, QueryStringConfig: condition.QueryStringConfig };
    default:
      return { Field: field, SourceIpConfig: { Values: strings } };
  }
}

/** Policies of application load balancers (ELB documentation, "Security policies for your Application Load Balancer"). */
const SSL_POLICIES = [
  /^ELBSecurityPolicy-TLS13-1-(3|2|2-Res|2-Ext[0-2]|1|0)-2021-06$/,
  /^ELBSecurityPolicy-TLS13-1-(3|2|2-Res|2-Ext[0-2]|1|0)-FIPS-2023-04$/,
  /^ELBSecurityPolicy-TLS13-1-(3|2|2-Res|2-Ext[0-2]|0)(-FIPS)?-PQ-2025-09$/,
  /^ELBSecurityPolicy-(2016-08|TLS-1-0-2015-04|TLS-1-1-2017-01|TLS-1-2-2017-01|TLS-1-2-Ext-2018-06)$/,
  /^ELBSecurityPolicy-FS-(2018-06|1-1-2019-08|1-2-2019-08|1-2-Res-2019-08|1-2-Res-2020-10)$/,
];

export function checkSslPolicy(name: string): void {
  if (SSL_POLICIES.some((pattern) => pattern.test(name))) return;
  throw new CloudError("SSLPolicyNotFound", `SSL policy '${name}' not found`);
}
