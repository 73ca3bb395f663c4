import type * as Sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import { allocateAddress, releaseAddress } from "../runtime/addresses.ts";
import type { Subnet } from "./ec2-model.ts";
import { ElbBase, listAttributes, mergeAttributes } from "./elb-base.ts";
import { checkName, invalid } from "./elb-checks.ts";
import { KIND, LOAD_BALANCER_ATTRIBUTES, type LoadBalancerDoc } from "./elb-model.ts";
import { CloudError } from "./error.ts";

/** Operations on application load balancers and on tags. */
export class ElbLoadBalancers extends ElbBase {
  async createLoadBalancer(input: Sdk.CreateLoadBalancerInput): Promise<Sdk.CreateLoadBalancerOutput> {
    const name = checkName(input.Name, "Load balancer");
    if ((input.Type ?? "application") !== "application") {
      throw new CloudError("UnsupportedFeature", `sandbox: load balancer type '${input.Type}' is not supported`);
    }
    const subnets = input.Subnets ?? (input.SubnetMappings ?? []).map((mapping) => mapping.SubnetId ?? "");
    if (new Set(subnets).size < 2)
      throw invalid("At least two subnets in two different Availability Zones must be specified");
    if (this.loadBalancers().some((each) => each.shape.LoadBalancerName === name)) {
      throw new CloudError(
        "DuplicateLoadBalancerName",
        "A load balancer with the same name already exists, but with different settings",
      );
    }
    const arn = this.arns.loadBalancer(name);
    const doc: LoadBalancerDoc = {
      shape: {
        LoadBalancerArn: arn,
        LoadBalancerName: name,
        DNSName: await allocateAddress(this.cloud.store, arn, 0),
        CanonicalHostedZoneId: "Z32O12XQLNTSW2",
        Scheme: input.Scheme ?? "internet-facing",
        State: { Code: "active" },
        Type: "application",
        AvailabilityZones: subnets.map((subnet) => this.#zone(subnet)),
        SecurityGroups: input.SecurityGroups ?? [],
        IpAddressType: input.IpAddressType ?? "ipv4",
        ...this.#vpc(subnets[0]),
      },
      createdAt: new Date().toISOString(),
      attributes: { ...LOAD_BALANCER_ATTRIBUTES },
    };
    this.cloud.store.put(KIND.loadBalancer, arn, doc);
    this.saveTags(arn, input.Tags);
    await this.changed();
    return { LoadBalancers: [shapeOf(doc)] };
  }

  describeLoadBalancers(input: Sdk.DescribeLoadBalancersInput): Sdk.DescribeLoadBalancersOutput {
    const all = this.loadBalancers();
    for (const name of input.Names ?? []) {
      if (!all.some((each) => each.shape.LoadBalancerName === name)) {
        throw new CloudError("LoadBalancerNotFound", `Load balancers '[${name}]' not found`);
      }
    }
    const found =
      input.LoadBalancerArns !== undefined
        ? input.LoadBalancerArns.map((arn) => this.loadBalancer(arn))
        : all.filter((each) => input.Names?.includes(each.shape.LoadBalancerName) ?? true);
    return { LoadBalancers: found.map(shapeOf) };
  }

  async deleteLoadBalancer(input: Sdk.DeleteLoadBalancerInput): Promise<Sdk.DeleteLoadBalancerOutput> {
    const arn = input.LoadBalancerArn ?? "";
    const doc = this.cloud.store.get<LoadBalancerDoc>(KIND.loadBalancer, arn);
    if (doc === undefined) return {};
    if (doc.attributes["deletion_protection.enabled"] === "true") {
      throw new CloudError(
        "OperationNotPermitted",
        `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
      );
    }
    const listeners = this.listeners().filter((each) => each.shape.LoadBalancerArn === arn);
    const gone = new Set(listeners.map((each) => each.shape.ListenerArn));
    this.cloud.store.transaction(() => {
      for (const rule of this.rules()) {
        if (gone.has(rule.listenerArn)) this.drop(KIND.rule, rule.shape.RuleArn);
      }
      for (const listener of gone) this.drop(KIND.listener, listener);
      this.drop(KIND.loadBalancer, arn);
    });
    await this.changed();
    releaseAddress(this.cloud.store, doc.shape.DNSName);
    return {};
  }

  async modifyLoadBalancerAttributes(
    input: Sdk.ModifyLoadBalancerAttributesInput,
  ): Promise<Sdk.ModifyLoadBalancerAttributesOutput> {
    const doc = this.loadBalancer(input.LoadBalancerArn);
    const attributes = mergeAttributes(doc.attributes, input.Attributes, LOAD_BALANCER_ATTRIBUTES);
    this.#checkLogs(attributes);
    this.cloud.store.put(KIND.loadBalancer, doc.shape.LoadBalancerArn, { ...doc, attributes });
    await this.changed();
    return { Attributes: listAttributes(attributes) };
  }

  describeLoadBalancerAttributes(
    input: Sdk.DescribeLoadBalancerAttributesInput,
  ): Sdk.DescribeLoadBalancerAttributesOutput {
    return { Attributes: listAttributes(this.loadBalancer(input.LoadBalancerArn).attributes) };
  }

  setSecurityGroups(input: Sdk.SetSecurityGroupsInput): Sdk.SetSecurityGroupsOutput {
    const doc = this.loadBalancer(input.LoadBalancerArn);
    doc.shape.SecurityGroups = input.SecurityGroups ?? [];
    this.cloud.store.put(KIND.loadBalancer, doc.shape.LoadBalancerArn, doc);
    return { SecurityGroupIds: doc.shape.SecurityGroups };
  }

  setSubnets(input: Sdk.SetSubnetsInput): Sdk.SetSubnetsOutput {
    const doc = this.loadBalancer(input.LoadBalancerArn);
    const subnets = input.Subnets ?? [];
    if (new Set(subnets).size < 2)
      throw invalid("At least two subnets in two different Availability Zones must be specified");
    doc.shape.AvailabilityZones = subnets.map((subnet) => this.#zone(subnet));
    this.cloud.store.put(KIND.loadBalancer, doc.shape.LoadBalancerArn, doc);
    return { AvailabilityZones: doc.shape.AvailabilityZones };
  }

  addTags(input: Sdk.AddTagsInput): Sdk.AddTagsOutput {
    for (const arn of input.ResourceArns ?? []) {
      this.saveTags(arn, [...this.tagsOf(arn), ...(input.Tags ?? [])]);
    }
    return {};
  }

  removeTags(input: Sdk.RemoveTagsInput): Sdk.RemoveTagsOutput {
    for (const arn of input.ResourceArns ?? []) {
      const kept = this.tagsOf(arn).filter((tag) => !input.TagKeys?.includes(tag.Key ?? ""));
      this.saveTags(arn, kept);
    }
    return {};
  }

  describeTags(input: Sdk.DescribeTagsInput): Sdk.DescribeTagsOutput {
    const arns = input.ResourceArns ?? [];
    return {
      TagDescriptions: arns.map((arn) => ({ ResourceArn: arn, Tags: this.tagsOf(arn) })),
    };
  }

  /** Elastic Load Balancing writes a test file when logs are switched on, and refuses where it may not. */
  #checkLogs(attributes: Record<string, string>): void {
    const bucket = attributes["access_logs.s3.bucket"] ?? "";
    const prefix = attributes["access_logs.s3.prefix"] ?? "";
    if (attributes["access_logs.s3.enabled"] !== "true") return;
    if (this.cloud.s3.admits(bucket, "logdelivery.elasticloadbalancing.amazonaws.com", prefix)) return;
    const message = `Access Denied for bucket: ${bucket}. Please check S3bucket permission`;
    throw new CloudError("InvalidConfigurationRequest", message);
  }

  #zone(subnet: string): Sdk.AvailabilityZone {
    return { SubnetId: subnet, ...(this.#subnet(subnet)?.zone ?? {}), LoadBalancerAddresses: [] };
  }

  #vpc(subnet: string | undefined): { VpcId?: string } {
    const vpc = subnet === undefined ? undefined : this.#subnet(subnet)?.vpc;
    return vpc === undefined ? {} : { VpcId: vpc };
  }

  /** Zone and network of a subnet, as EC2 knows it; a subnet that it does not know tells nothing. */
  #subnet(id: string): { zone: { ZoneName: string }; vpc: string } | undefined {
    const doc = this.cloud.store.get<Pick<Subnet, "AvailabilityZone" | "VpcId">>("ec2-subnet", id);
    return doc === undefined ? undefined : { zone: { ZoneName: doc.AvailabilityZone }, vpc: doc.VpcId };
  }
}

function shapeOf(doc: LoadBalancerDoc): Sdk.LoadBalancer {
  return { ...doc.shape, CreatedTime: new Date(doc.createdAt) };
}
