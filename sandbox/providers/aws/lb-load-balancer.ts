import { dimensionOf } from "../../cloud/elb-model.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NOT_FOUND = "LoadBalancerNotFound";
const texts: InputSpec = { type: { set: { type: "string" } } };

const logs: InputSpec = {
  type: {
    object: {
      bucket: { type: "string", required: true },
      enabled: { type: "boolean", default: false },
      prefix: { type: "string" },
    },
  },
};

/** Inputs that are attributes of the load balancer, by AWS's keys. */
const ATTRIBUTES: Record<string, { key: string; spec: InputSpec }> = {
  clientKeepAlive: {
    key: "client_keep_alive.seconds",
    spec: { type: "integer", default: 3600, min: 60, max: 604_800 },
  },
  desyncMitigationMode: {
    key: "routing.http.desync_mitigation_mode",
    spec: { type: "string", default: "defensive", oneOf: ["monitor", "defensive", "strictest"] },
  },
  dropInvalidHeaderFields: {
    key: "routing.http.drop_invalid_header_fields.enabled",
    spec: { type: "boolean", default: false },
  },
  enableDeletionProtection: { key: "deletion_protection.enabled", spec: { type: "boolean", default: false } },
  enableHttp2: { key: "routing.http2.enabled", spec: { type: "boolean", default: true } },
  enableTlsVersionAndCipherSuiteHeaders: {
    key: "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    spec: { type: "boolean", default: false },
  },
  enableWafFailOpen: { key: "waf.fail_open.enabled", spec: { type: "boolean", default: false } },
  enableXffClientPort: { key: "routing.http.xff_client_port.enabled", spec: { type: "boolean", default: false } },
  enableZonalShift: { key: "zonal_shift.config.enabled", spec: { type: "boolean", default: false } },
  idleTimeout: { key: "idle_timeout.timeout_seconds", spec: { type: "integer", default: 60, min: 1, max: 4000 } },
  preserveHostHeader: { key: "routing.http.preserve_host_header.enabled", spec: { type: "boolean", default: false } },
  xffHeaderProcessingMode: {
    key: "routing.http.xff_header_processing.mode",
    spec: { type: "string", default: "append", oneOf: ["append", "preserve", "remove"] },
  },
};

interface LoadBalancerInputs extends Properties {
  name: string;
  internal?: boolean;
  subnets?: string[];
  securityGroups?: string[];
  accessLogs?: { bucket: string; enabled: boolean; prefix?: string };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export const loadBalancer: ResourceType = {
  inputs: {
    ...Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, { spec }]) => [name, spec])),
    accessLogs: logs,
    internal: { type: "boolean", computed: true, replace: true },
    ipAddressType: { type: "string", computed: true, oneOf: ["ipv4"] },
    loadBalancerType: { type: "string", default: "application", replace: true, oneOf: ["application"] },
    name: {
      type: "string",
      computed: true,
      replace: true,
      maxLength: 32,
      pattern: /^(?!internal-)(?!-)[A-Za-z0-9-]*[A-Za-z0-9]$/,
      patternHint:
        "may hold letters, digits and hyphens, neither begin nor end with a hyphen, nor begin with internal-",
    },
    securityGroups: { ...texts, computed: true },
    subnets: { ...texts, computed: true, minLength: 2 },
  },
  outputs: ["arn", "arnSuffix", "dnsName", "vpcId", "zoneId", "internal", "ipAddressType"],
  autoname: { property: "name", maxLength: 32 },
  tagged: true,
  check: ({ subnets }) =>
    subnets === undefined && !isUnknown(subnets)
      ? [{ property: "subnets", reason: "at least two subnets are needed" }]
      : [],
  async create(inputs, ctx) {
    const wanted = inputs as LoadBalancerInputs;
    const { LoadBalancers = [] } = await ctx.cloud.elb.createLoadBalancer({
      Name: wanted.name,
      Type: "application",
      Scheme: wanted.internal ? "internal" : "internet-facing",
      Subnets: wanted.subnets,
      SecurityGroups: wanted.securityGroups,
    });
    const id = LoadBalancers[0]?.LoadBalancerArn ?? "";
    await modifyAttributes(id, wanted, ctx);
    return { id, state: (await readLoadBalancer(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readLoadBalancer(id, ctx),
  async update(id, olds, news, ctx) {
    const wanted = news as LoadBalancerInputs;
    const differs = (key: string) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    if (differs("subnets")) await ctx.cloud.elb.setSubnets({ LoadBalancerArn: id, Subnets: wanted.subnets });
    if (differs("securityGroups")) {
      await ctx.cloud.elb.setSecurityGroups({ LoadBalancerArn: id, SecurityGroups: wanted.securityGroups });
    }
    await modifyAttributes(id, wanted, ctx);
    return (await readLoadBalancer(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.elb.deleteLoadBalancer({ LoadBalancerArn: id }), NOT_FOUND);
  },
};

async function modifyAttributes(id: string, wanted: LoadBalancerInputs, ctx: ProviderContext): Promise<void> {
  const own = Object.entries(ATTRIBUTES).map(([name, { key }]) => ({ Key: key, Value: String(wanted[name]) }));
  const access = wanted.accessLogs;
  const logging = [
    { Key: "access_logs.s3.enabled", Value: String(access?.enabled ?? false) },
    { Key: "access_logs.s3.bucket", Value: access?.bucket ?? "" },
    { Key: "access_logs.s3.prefix", Value: access?.prefix ?? "" },
  ];
  const Attributes = [...own.filter((attribute) => attribute.Value !== "undefined"), ...logging];
  await ctx.cloud.elb.modifyLoadBalancerAttributes({ LoadBalancerArn: id, Attributes });
}

async function readLoadBalancer(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.elb.describeLoadBalancers({ LoadBalancerArns: [id] }), NOT_FOUND);
  const one = found?.LoadBalancers?.[0];
  if (one === undefined) return undefined;
  const { Attributes = [] } = await ctx.cloud.elb.describeLoadBalancerAttributes({ LoadBalancerArn: id });
  const attributes = new Map(Attributes.map(({ Key = "", Value = "" }) => [Key, Value]));
  const own = Object.entries(ATTRIBUTES).map(([name, { key, spec }]) => [name, typed(attributes.get(key) ?? "", spec)]);
  const bucket = attributes.get("access_logs.s3.bucket") ?? "";
  const enabled = attributes.get("access_logs.s3.enabled") === "true";
  const prefix = attributes.get("access_logs.s3.prefix") ?? "";
  return {
    ...Object.fromEntries(own),
    name: one.LoadBalancerName,
    arn: id,
    arnSuffix: dimensionOf(id),
    dnsName: one.DNSName,
    internal: one.Scheme === "internal",
    ipAddressType: one.IpAddressType,
    loadBalancerType: one.Type,
    securityGroups: one.SecurityGroups,
    subnets: one.AvailabilityZones?.map((zone) => zone.SubnetId),
    subnetMappings: one.AvailabilityZones?.map((zone) => ({ subnetId: zone.SubnetId })),
    vpcId: one.VpcId,
    zoneId: one.CanonicalHostedZoneId,
    ...(bucket === "" ? {} : { accessLogs: { bucket, enabled, ...(prefix === "" ? {} : { prefix }) } }),
  };
}

function typed(value: string, spec: InputSpec): unknown {
  if (spec.type === "boolean") return value === "true";
  return spec.type === "integer" ? Number(value) : value;
}
