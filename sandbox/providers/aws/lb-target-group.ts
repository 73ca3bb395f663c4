import type { TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import { dimensionOf } from "../../cloud/elb-model.ts";
import { CloudError } from "../../cloud/error.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { InputSpec, Invoke, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NOT_FOUND = "TargetGroupNotFound";
/** The real provider tries for minutes to delete a group that a rule still names; in milliseconds here. */
const DELETE_MS = 15_000;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
const HEALTH_CHECK: Record<string, InputSpec> = {
  enabled: { type: "boolean", default: true },
  healthyThreshold: { type: "integer", default: 3, min: 2, max: 10 },
  interval: { type: "integer", default: 30, min: 5, max: 300 },
  matcher: { type: "string", computed: true, pattern: /^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/ },
  path: { type: "string", computed: true, pattern: /^\//, patternHint: "must begin with /", maxLength: 1024 },
  port: { type: "string", default: "traffic-port" },
  protocol: { type: "string", default: "HTTP", oneOf: ["HTTP"] },
  timeout: { type: "integer", computed: true, min: 2, max: 120 },
  unhealthyThreshold: { type: "integer", default: 3, min: 2, max: 10 },
};

interface HealthCheckInputs {
  healthyThreshold?: number;
  interval?: number;
  matcher?: string;
  path?: string;
  port?: string;
  protocol?: "HTTP";
  timeout?: number;
  unhealthyThreshold?: number;
}

interface TargetGroupInputs extends Properties {
  name: string;
  port: number;
  protocol: "HTTP";
  vpcId: string;
  deregistrationDelay: number;
  healthCheck?: HealthCheckInputs;
}

export const targetGroup: ResourceType = {
  inputs: {
    deregistrationDelay: { type: "integer", default: 300, min: 0, max: 3600 },
    healthCheck: { type: { object: HEALTH_CHECK }, computed: true },
    loadBalancingAlgorithmType: { type: "string", computed: true, oneOf: ["round_robin"] },
    name: {
      type: "string",
      computed: true,
      replace: true,
      maxLength: 32,
      pattern: /^(?!-)[A-Za-z0-9-]*[A-Za-z0-9]$/,
      patternHint: "may hold letters, digits and hyphens, and neither begin nor end with a hyphen",
    },
    port: { type: "integer", required: true, replace: true, min: 1, max: 65_535 },
    protocol: { type: "string", required: true, replace: true, oneOf: ["HTTP"] },
    protocolVersion: { type: "string", computed: true, replace: true, oneOf: ["HTTP1"] },
    slowStart: { type: "integer", default: 0, oneOf: [0] },
    targetType: { type: "string", default: "instance", replace: true, oneOf: ["ip"] },
    vpcId: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "arnSuffix", "loadBalancerArns"],
  autoname: { property: "name", maxLength: 32 },
  tagged: true,
  check({ healthCheck }) {
    const { interval = 30, timeout = 5 } = (healthCheck ?? {}) as HealthCheckInputs;
    if (isUnknown(healthCheck) || isUnknown(interval) || isUnknown(timeout) || timeout < interval) return [];
    return [
      { property: "healthCheck.timeout", reason: `must be smaller than the interval: ${timeout} >= ${interval}` },
    ];
  },
  async create(inputs, ctx) {
    const wanted = inputs as TargetGroupInputs;
    const { TargetGroups = [] } = await ctx.cloud.elb.createTargetGroup({
      Name: wanted.name,
      Port: wanted.port,
      Protocol: wanted.protocol,
      VpcId: wanted.vpcId,
      TargetType: "ip",
      ...healthCheckOf(wanted.healthCheck, true),
    });
    const id = TargetGroups[0]?.TargetGroupArn ?? "";
    await setDelay(id, wanted.deregistrationDelay, ctx);
    return { id, state: (await readTargetGroup(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readTargetGroup(id, ctx),
  async update(id, _olds, news, ctx) {
    const wanted = news as TargetGroupInputs;
    await ctx.cloud.elb.modifyTargetGroup({ TargetGroupArn: id, ...healthCheckOf(wanted.healthCheck, false) });
    await setDelay(id, wanted.deregistrationDelay, ctx);
    return (await readTargetGroup(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    const end = Date.now() + DELETE_MS;
    for (;;) {
      try {
        await unlessGone(ctx.cloud.elb.deleteTargetGroup({ TargetGroupArn: id }), NOT_FOUND);
        return;
      } catch (error) {
        const inUse = error instanceof CloudError && error.code === "ResourceInUse";
        if (!inUse || Date.now() > end) throw error;
        await ctx.sleep(200);
      }
    }
  },
};

/** @param fresh with the real provider's defaults, which are not the service's */
function healthCheckOf(check: HealthCheckInputs | undefined, fresh: boolean) {
  const own = {
    HealthCheckIntervalSeconds: check?.interval,
    HealthCheckTimeoutSeconds: check?.timeout,
    HealthCheckPath: check?.path,
    HealthCheckPort: check?.port,
    HealthyThresholdCount: check?.healthyThreshold,
    UnhealthyThresholdCount: check?.unhealthyThreshold,
    ...(check?.matcher === undefined ? {} : { Matcher: { HttpCode: check.matcher } }),
  };
  return fresh && check === undefined ? { HealthyThresholdCount: 3, UnhealthyThresholdCount: 3 } : own;
}

async function setDelay(id: string, seconds: number, ctx: ProviderContext): Promise<void> {
  const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: String(seconds) }];
  await ctx.cloud.elb.modifyTargetGroupAttributes({ TargetGroupArn: id, Attributes });
}

async function readTargetGroup(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.elb.describeTargetGroups({ TargetGroupArns: [id] }), NOT_FOUND);
  const one = found?.TargetGroups?.[0];
  return one && stateOf(one, ctx);
}

async function stateOf(one: TargetGroup, ctx: ProviderContext) {
  const id = one.TargetGroupArn ?? "";
  const { Attributes = [] } = await ctx.cloud.elb.describeTargetGroupAttributes({ TargetGroupArn: id });
  const attributes = new Map(Attributes.map(({ Key = "", Value = "" }) => [Key, Value]));
  return {
    arn: id,
    arnSuffix: dimensionOf(id),
    name: one.TargetGroupName,
    port: one.Port,
    protocol: one.Protocol,
    protocolVersion: one.ProtocolVersion,
    vpcId: one.VpcId,
    targetType: one.TargetType,
    ipAddressType: one.IpAddressType,
    loadBalancerArns: one.LoadBalancerArns,
    deregistrationDelay: Number(attributes.get("deregistration_delay.timeout_seconds")),
    slowStart: Number(attributes.get("slow_start.duration_seconds")),
    loadBalancingAlgorithmType: attributes.get("load_balancing.algorithm.type"),
    loadBalancingAnomalyMitigation: attributes.get("load_balancing.algorithm.anomaly_mitigation"),
    loadBalancingCrossZoneEnabled: attributes.get("load_balancing.cross_zone.enabled"),
    stickiness: { enabled: false, type: "lb_cookie", cookieDuration: 86_400, cookieName: "" },
    healthCheck: {
      enabled: one.HealthCheckEnabled,
      healthyThreshold: one.HealthyThresholdCount,
      interval: one.HealthCheckIntervalSeconds,
      matcher: one.Matcher?.HttpCode,
      path: one.HealthCheckPath,
      port: one.HealthCheckPort,
      protocol: one.HealthCheckProtocol,
      timeout: one.HealthCheckTimeoutSeconds,
      unhealthyThreshold: one.UnhealthyThresholdCount,
    },
  };
}

const text: InputSpec = { type: "string" };

/** @throws when not exactly one group matches */
export const getTargetGroup: Invoke = {
  args: {
    arn: text,
    loadBalancingAnomalyMitigation: text,
    name: text,
    region: text,
    tags: { type: { map: text } },
  },
  async run(args, ctx) {
    const { arn, name, tags = {} } = args as { arn?: string; name?: string; tags?: Record<string, string> };
    const { TargetGroups = [] } = await ctx.cloud.elb.describeTargetGroups({
      ...(arn === undefined ? {} : { TargetGroupArns: [arn] }),
      ...(name === undefined || arn !== undefined ? {} : { Names: [name] }),
    });
    const fits = TargetGroups.filter((one) => {
      const own = ctx.cloud.tags.read(one.TargetGroupArn ?? "");
      return (
        (name === undefined || one.TargetGroupName === name) &&
        Object.entries(tags).every(([key, value]) => own[key] === value)
      );
    });
    const [one] = fits;
    if (one === undefined || fits.length > 1) {
      throw new Error(`Search returned ${fits.length} results, please revise so only one is returned`);
    }
    const { deregistrationDelay, ipAddressType: _, ...state } = await stateOf(one, ctx);
    return {
      ...state,
      id: one.TargetGroupArn,
      region: ctx.region,
      deregistrationDelay: String(deregistrationDelay),
      connectionTermination: false,
      lambdaMultiValueHeadersEnabled: false,
      preserveClientIp: "",
      proxyProtocolV2: false,
      targetControlPort: 0,
      tags: ctx.cloud.tags.read(one.TargetGroupArn ?? ""),
    };
  },
};
