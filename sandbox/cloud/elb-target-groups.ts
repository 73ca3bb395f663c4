import { isIPv4 } from "node:net";
import type * as Sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import { listAttributes, mergeAttributes } from "./elb-base.ts";
import { checkName, checkPort, checkRange, invalid, LIMITS } from "./elb-checks.ts";
import { ElbLoadBalancers } from "./elb-load-balancers.ts";
import { KIND, TARGET_GROUP_ATTRIBUTES, type TargetDoc, type TargetGroupDoc, targetKey } from "./elb-model.ts";
import { CloudError } from "./error.ts";

const INITIAL: Sdk.TargetHealth = {
  State: "initial",
  Reason: "Elb.RegistrationInProgress",
  Description: "Target registration is in progress",
};
const UNUSED: Sdk.TargetHealth = {
  State: "unused",
  Reason: "Target.NotInUse",
  Description: "Target group is not configured to receive traffic from the load balancer",
};
const DRAINING: Sdk.TargetHealth = {
  State: "draining",
  Reason: "Target.DeregistrationInProgress",
  Description: "Target deregistration is in progress",
};

/** Operations on target groups and their targets. */
export class ElbTargetGroups extends ElbLoadBalancers {
  async createTargetGroup(input: Sdk.CreateTargetGroupInput): Promise<Sdk.CreateTargetGroupOutput> {
    const name = checkName(input.Name, "Target group");
    if ((input.TargetType ?? "instance") !== "ip") {
      throw new CloudError(
        "UnsupportedFeature",
        `sandbox: target type '${input.TargetType ?? "instance"}' is not supported, only 'ip'`,
      );
    }
    if (input.Protocol !== "HTTP") {
      throw new CloudError(
        "UnsupportedFeature",
        `sandbox: target group protocol '${input.Protocol}' is not supported, only 'HTTP'`,
      );
    }
    if (!input.VpcId) throw invalid("A VPC ID must be specified");
    if (this.targetGroups().some((each) => each.shape.TargetGroupName === name)) {
      throw new CloudError(
        "DuplicateTargetGroupName",
        "A target group with the same name exists, but with different settings",
      );
    }
    const arn = this.arns.targetGroup(name);
    const shape: TargetGroupDoc["shape"] = {
      TargetGroupArn: arn,
      TargetGroupName: name,
      Protocol: "HTTP",
      Port: checkPort(input.Port, "Target group"),
      VpcId: input.VpcId,
      HealthCheckProtocol: input.HealthCheckProtocol ?? "HTTP",
      HealthCheckPort: input.HealthCheckPort ?? "traffic-port",
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: input.HealthCheckIntervalSeconds ?? 30,
      HealthCheckTimeoutSeconds: input.HealthCheckTimeoutSeconds ?? 5,
      HealthyThresholdCount: input.HealthyThresholdCount ?? 5,
      UnhealthyThresholdCount: input.UnhealthyThresholdCount ?? 2,
      HealthCheckPath: input.HealthCheckPath ?? "/",
      Matcher: input.Matcher ?? { HttpCode: "200" },
      TargetType: "ip",
      ProtocolVersion: input.ProtocolVersion ?? "HTTP1",
      IpAddressType: "ipv4",
    };
    checkHealthCheck(shape);
    const doc: TargetGroupDoc = { shape, attributes: { ...TARGET_GROUP_ATTRIBUTES } };
    this.cloud.store.put(KIND.targetGroup, arn, doc);
    this.saveTags(arn, input.Tags);
    await this.changed();
    return { TargetGroups: [this.#shape(doc)] };
  }

  describeTargetGroups(input: Sdk.DescribeTargetGroupsInput): Sdk.DescribeTargetGroupsOutput {
    const all = this.targetGroups();
    for (const name of input.Names ?? []) {
      if (!all.some((each) => each.shape.TargetGroupName === name)) {
        throw new CloudError("TargetGroupNotFound", `One or more target groups not found: '${name}'`);
      }
    }
    const found =
      input.TargetGroupArns !== undefined
        ? input.TargetGroupArns.map((arn) => this.targetGroup(arn))
        : all.filter((each) => input.Names?.includes(each.shape.TargetGroupName) ?? true);
    const shapes = found.map((doc) => this.#shape(doc));
    const balancer = input.LoadBalancerArn;
    return {
      TargetGroups:
        balancer === undefined ? shapes : shapes.filter((each) => each.LoadBalancerArns?.includes(balancer)),
    };
  }

  async modifyTargetGroup(input: Sdk.ModifyTargetGroupInput): Promise<Sdk.ModifyTargetGroupOutput> {
    const doc = this.targetGroup(input.TargetGroupArn);
    const { TargetGroupArn: _arn, ...changes } = input;
    const shape = { ...doc.shape, ...definedOf(changes) };
    checkHealthCheck(shape);
    this.cloud.store.put(KIND.targetGroup, doc.shape.TargetGroupArn, { ...doc, shape });
    await this.changed();
    return { TargetGroups: [this.#shape({ ...doc, shape })] };
  }

  async modifyTargetGroupAttributes(
    input: Sdk.ModifyTargetGroupAttributesInput,
  ): Promise<Sdk.ModifyTargetGroupAttributesOutput> {
    const doc = this.targetGroup(input.TargetGroupArn);
    const attributes = mergeAttributes(doc.attributes, input.Attributes, TARGET_GROUP_ATTRIBUTES);
    checkRange(Number(attributes["deregistration_delay.timeout_seconds"]), 0, 3600, "Deregistration delay");
    if (attributes["stickiness.enabled"] === "true") {
      throw new CloudError("UnsupportedFeature", "sandbox: stickiness of single targets is not supported");
    }
    if (attributes["load_balancing.algorithm.type"] !== "round_robin") {
      throw new CloudError(
        "UnsupportedFeature",
        "sandbox: only the load balancing algorithm 'round_robin' is supported",
      );
    }
    this.cloud.store.put(KIND.targetGroup, doc.shape.TargetGroupArn, { ...doc, attributes });
    await this.changed();
    return { Attributes: listAttributes(attributes) };
  }

  describeTargetGroupAttributes(
    input: Sdk.DescribeTargetGroupAttributesInput,
  ): Sdk.DescribeTargetGroupAttributesOutput {
    return { Attributes: listAttributes(this.targetGroup(input.TargetGroupArn).attributes) };
  }

  async deleteTargetGroup(input: Sdk.DeleteTargetGroupInput): Promise<Sdk.DeleteTargetGroupOutput> {
    const arn = input.TargetGroupArn ?? "";
    if (this.balancersOf(arn).length > 0) {
      throw new CloudError("ResourceInUse", `Target group '${arn}' is currently in use by a listener or a rule`);
    }
    this.cloud.store.transaction(() => {
      for (const target of this.targets(arn)) this.#forget(target);
      this.drop(KIND.targetGroup, arn);
    });
    await this.changed();
    return {};
  }

  async registerTargets(input: Sdk.RegisterTargetsInput): Promise<Sdk.RegisterTargetsOutput> {
    const group = this.targetGroup(input.TargetGroupArn);
    const arn = group.shape.TargetGroupArn;
    const targets = (input.Targets ?? []).map((target) => {
      if (!isIPv4(target.Id ?? ""))
        throw new CloudError("InvalidTarget", `The IP address '${target.Id}' is not a valid IPv4 address`);
      return { ip: target.Id ?? "", port: checkPort(target.Port ?? group.shape.Port, "Target") };
    });
    if (this.targets(arn).length + targets.length > LIMITS.targetsPerGroup) {
      throw new CloudError("TooManyTargets", `A target group has at most ${LIMITS.targetsPerGroup} targets`);
    }
    for (const { ip, port } of targets) {
      const key = targetKey(arn, ip, port);
      const known = this.cloud.store.get<TargetDoc>(KIND.target, key);
      if (known !== undefined && known.drainingSince === undefined) continue;
      const doc: TargetDoc = { targetGroupArn: arn, ip, port, health: INITIAL, registeredAt: Date.now() };
      this.cloud.store.put(KIND.target, key, doc);
    }
    await this.changed();
    return {};
  }

  async deregisterTargets(input: Sdk.DeregisterTargetsInput): Promise<Sdk.DeregisterTargetsOutput> {
    const group = this.targetGroup(input.TargetGroupArn);
    const arn = group.shape.TargetGroupArn;
    for (const target of input.Targets ?? []) {
      const key = targetKey(arn, target.Id ?? "", target.Port ?? group.shape.Port ?? 0);
      const doc = this.cloud.store.get<TargetDoc>(KIND.target, key);
      if (doc === undefined || doc.drainingSince !== undefined) continue;
      this.cloud.store.put(KIND.target, key, { ...doc, health: DRAINING, drainingSince: Date.now() });
    }
    await this.changed();
    return {};
  }

  describeTargetHealth(input: Sdk.DescribeTargetHealthInput): Sdk.DescribeTargetHealthOutput {
    const group = this.targetGroup(input.TargetGroupArn);
    const used = this.balancersOf(group.shape.TargetGroupArn).length > 0;
    const all = this.targets(group.shape.TargetGroupArn);
    const wanted = input.Targets?.map((target) => {
      const port = target.Port ?? group.shape.Port ?? 0;
      return all.find((each) => each.ip === target.Id && each.port === port) ?? { Id: target.Id, Port: port };
    });
    return {
      TargetHealthDescriptions: (wanted ?? all).map((target) => {
        if (!("ip" in target)) return { Target: target, TargetHealth: { ...UNUSED, Reason: "Target.NotRegistered" } };
        return {
          Target: { Id: target.ip, Port: target.port, AvailabilityZone: "all" },
          HealthCheckPort: String(target.port),
          TargetHealth: used || target.drainingSince !== undefined ? target.health : UNUSED,
        };
      }),
    };
  }

  /** The health checker's finding; news to whoever listens for `target-health`. */
  noteHealth(target: TargetDoc, health: Sdk.TargetHealth): void {
    const key = targetKey(target.targetGroupArn, target.ip, target.port);
    const doc = this.cloud.store.get<TargetDoc>(KIND.target, key);
    if (doc === undefined || doc.drainingSince !== undefined || doc.registeredAt !== target.registeredAt) return;
    this.cloud.store.put(KIND.target, key, { ...doc, health });
    void this.changed();
    this.cloud.events.emit("target-health", { targetGroupArn: target.targetGroupArn, ip: target.ip });
  }

  /** The balancer's word that a draining target has no more requests, or that its time is over. */
  noteDrained(target: TargetDoc): void {
    this.#forget(target);
    void this.changed();
    this.cloud.events.emit("target-drained", { targetGroupArn: target.targetGroupArn, ip: target.ip });
  }

  #forget(target: TargetDoc): void {
    this.cloud.store.delete(KIND.target, targetKey(target.targetGroupArn, target.ip, target.port));
  }

  #shape(doc: TargetGroupDoc): Sdk.TargetGroup {
    return { ...doc.shape, LoadBalancerArns: this.balancersOf(doc.shape.TargetGroupArn) };
  }
}

/** Limits of health checks (API reference, CreateTargetGroup). */
function checkHealthCheck(shape: TargetGroupDoc["shape"]): void {
  checkRange(shape.HealthCheckIntervalSeconds, 5, 300, "Health check interval");
  checkRange(shape.HealthCheckTimeoutSeconds, 2, 120, "Health check timeout");
  checkRange(shape.HealthyThresholdCount, 2, 10, "Healthy threshold count");
  checkRange(shape.UnhealthyThresholdCount, 2, 10, "Unhealthy threshold count");
  if ((shape.HealthCheckTimeoutSeconds ?? 0) >= (shape.HealthCheckIntervalSeconds ?? 0)) {
    throw invalid("Health check interval must be greater than the timeout.");
  }
  const path = shape.HealthCheckPath ?? "";
  if (!path.startsWith("/") || path.length > 1024) throw invalid(`Health check path '${path}' must start with '/'`);
  for (const part of (shape.Matcher?.HttpCode ?? "").split(",")) {
    const codes = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim());
    const [low, high] = [Number(codes?.[1]), Number(codes?.[2] ?? codes?.[1])];
    if (!(low >= 200 && high <= 499 && low <= high)) {
      throw invalid(`Health check matcher HTTP code '${part}' must be within '200-499' inclusive`);
    }
  }
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}
