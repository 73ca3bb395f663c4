import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type * as aws from "@pulumi/aws";
import { fromAttributes, toAttributes } from "./attributes.ts";
import { type Clients, call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

/** Elastic Load Balancing API, LoadBalancerAttribute. */
const balancerAttributes = {
  clientKeepAlive: "client_keep_alive.seconds",
  desyncMitigationMode: "routing.http.desync_mitigation_mode",
  dropInvalidHeaderFields: "routing.http.drop_invalid_header_fields.enabled",
  enableDeletionProtection: "deletion_protection.enabled",
  enableHttp2: "routing.http2.enabled",
  enableTlsVersionAndCipherSuiteHeaders: "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
  enableWafFailOpen: "waf.fail_open.enabled",
  enableXffClientPort: "routing.http.xff_client_port.enabled",
  enableZonalShift: "zonal_shift.config.enabled",
  idleTimeout: "idle_timeout.timeout_seconds",
  preserveHostHeader: "routing.http.preserve_host_header.enabled",
  xffHeaderProcessingMode: "routing.http.xff_header_processing.mode",
};

/** The same, of the logs, which are objects in the state. */
const logAttributes = (kind: "access_logs" | "connection_logs") => ({
  enabled: `${kind}.s3.enabled`,
  bucket: `${kind}.s3.bucket`,
  prefix: `${kind}.s3.prefix`,
});

const loadBalancer = mapping<aws.lb.LoadBalancerArgs>({
  async create(inputs, { elbv2 }) {
    const { LoadBalancers } = await call(elbv2, CreateLoadBalancerCommand, {
      Name: required(inputs.name),
      Type: inputs.loadBalancerType,
      Scheme: inputs.internal === undefined ? undefined : inputs.internal ? "internal" : "internet-facing",
      IpAddressType: inputs.ipAddressType,
      SecurityGroups: inputs.securityGroups,
      Subnets: inputs.subnets,
      Tags: tagList(inputs.tags),
    });
    const made = LoadBalancers?.[0];
    const LoadBalancerArn = required(made?.LoadBalancerArn);
    await call(elbv2, ModifyLoadBalancerAttributesCommand, {
      LoadBalancerArn,
      Attributes: [
        ...toAttributes(balancerAttributes, { ...inputs }),
        ...toAttributes(logAttributes("access_logs"), { ...inputs.accessLogs }),
        ...toAttributes(logAttributes("connection_logs"), { ...inputs.connectionLogs }),
      ],
    });
    return {
      id: LoadBalancerArn,
      arn: LoadBalancerArn,
      arnSuffix: LoadBalancerArn.split(":loadbalancer/")[1],
      dnsName: made?.DNSName,
      zoneId: made?.CanonicalHostedZoneId,
    };
  },
  async read({ made }, { elbv2 }) {
    const { LoadBalancers } = await call(elbv2, DescribeLoadBalancersCommand, { LoadBalancerArns: [made.id] });
    const { Attributes } = await call(elbv2, DescribeLoadBalancerAttributesCommand, { LoadBalancerArn: made.id });
    const found = LoadBalancers?.[0];
    return {
      name: found?.LoadBalancerName,
      loadBalancerType: found?.Type,
      internal: found?.Scheme === "internal",
      ipAddressType: found?.IpAddressType,
      securityGroups: found?.SecurityGroups,
      subnets: found?.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
      tags: await readTags(made.id, { elbv2 }),
      ...fromAttributes(balancerAttributes, Attributes),
      accessLogs: fromAttributes(logAttributes("access_logs"), Attributes),
      connectionLogs: fromAttributes(logAttributes("connection_logs"), Attributes),
    };
  },
});

/** Elastic Load Balancing API, TargetGroupAttribute. */
const targetGroupAttributes = {
  deregistrationDelay: "deregistration_delay.timeout_seconds",
  loadBalancingAlgorithmType: "load_balancing.algorithm.type",
  loadBalancingAnomalyMitigation: "load_balancing.algorithm.anomaly_mitigation",
  loadBalancingCrossZoneEnabled: "load_balancing.cross_zone.enabled",
  slowStart: "slow_start.duration_seconds",
};

const targetGroup = mapping<aws.lb.TargetGroupArgs>({
  async create(inputs, { elbv2 }) {
    const check = inputs.healthCheck;
    const { TargetGroups } = await call(elbv2, CreateTargetGroupCommand, {
      Name: required(inputs.name),
      TargetType: inputs.targetType,
      Protocol: inputs.protocol,
      ProtocolVersion: inputs.protocolVersion,
      Port: inputs.port,
      VpcId: inputs.vpcId,
      HealthCheckEnabled: check?.enabled,
      HealthCheckProtocol: check?.protocol,
      HealthCheckPort: check?.port,
      HealthCheckPath: check?.path,
      HealthCheckIntervalSeconds: check?.interval,
      HealthCheckTimeoutSeconds: check?.timeout,
      HealthyThresholdCount: check?.healthyThreshold,
      UnhealthyThresholdCount: check?.unhealthyThreshold,
      Matcher: check?.matcher === undefined ? undefined : { HttpCode: check.matcher },
      Tags: tagList(inputs.tags),
    });
    const TargetGroupArn = required(TargetGroups?.[0]?.TargetGroupArn);
    const Attributes = toAttributes(targetGroupAttributes, { ...inputs });
    await call(elbv2, ModifyTargetGroupAttributesCommand, { TargetGroupArn, Attributes });
    return { id: TargetGroupArn, arn: TargetGroupArn, arnSuffix: TargetGroupArn.split(":").at(-1) };
  },
  async read({ made }, { elbv2 }) {
    const { TargetGroups } = await call(elbv2, DescribeTargetGroupsCommand, { TargetGroupArns: [made.id] });
    const { Attributes } = await call(elbv2, DescribeTargetGroupAttributesCommand, { TargetGroupArn: made.id });
    const found = TargetGroups?.[0];
    return {
      name: found?.TargetGroupName,
      targetType: found?.TargetType,
      protocol: found?.Protocol,
      protocolVersion: found?.ProtocolVersion,
      port: found?.Port,
      vpcId: found?.VpcId,
      healthCheck: {
        enabled: found?.HealthCheckEnabled,
        protocol: found?.HealthCheckProtocol,
        port: found?.HealthCheckPort,
        path: found?.HealthCheckPath,
        interval: found?.HealthCheckIntervalSeconds,
        timeout: found?.HealthCheckTimeoutSeconds,
        healthyThreshold: found?.HealthyThresholdCount,
        unhealthyThreshold: found?.UnhealthyThresholdCount,
        matcher: found?.Matcher?.HttpCode,
      },
      tags: await readTags(made.id, { elbv2 }),
      ...fromAttributes(targetGroupAttributes, Attributes),
    };
  },
});

/** Tags of anything that ELBv2 has, by its ARN. */
export async function readTags(arn: string, { elbv2 }: Pick<Clients, "elbv2">): Promise<Record<string, string>> {
  const { TagDescriptions } = await call(elbv2, DescribeTagsCommand, { ResourceArns: [arn] });
  return tagMap(TagDescriptions?.[0]?.Tags);
}

export const elbMappings: Mappings = {
  "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:lb/targetGroup:TargetGroup": targetGroup,
};
