import type * as Sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import { listAttributes, mergeAttributes } from "./elb-base.ts";
import { checkActions, checkConditions, checkPort, checkPriority, checkSslPolicy, LIMITS } from "./elb-checks.ts";
import { forwardedGroups, KIND, LISTENER_ATTRIBUTES, type ListenerDoc, type RuleDoc } from "./elb-model.ts";
import { ElbTargetGroups } from "./elb-target-groups.ts";
import { CloudError } from "./error.ts";

/**
 * Elastic Load Balancing v2, as far as application load balancers with targets by address go. `balancer/` serves the traffic.
 *
 * Limits: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 *
 * @example
 * await cloud.elb.createTargetGroup({ Name: "api-blue", Protocol: "HTTP", Port: 8080, VpcId: "vpc-1", TargetType: "ip" });
 */
export class Elb extends ElbTargetGroups {
  async createListener(input: Sdk.CreateListenerInput): Promise<Sdk.CreateListenerOutput> {
    const { LoadBalancerArn: balancer } = this.loadBalancer(input.LoadBalancerArn).shape;
    const port = checkPort(input.Port, "Listener");
    this.#freePort(balancer, port);
    const protocol = checkProtocol(input.Protocol, input.Certificates);
    this.#checkTls(input);
    const arn = this.arns.listener(balancer);
    const actions = this.#checkGroups(balancer, checkActions(input.DefaultActions));
    const doc: ListenerDoc = {
      shape: {
        ListenerArn: arn,
        LoadBalancerArn: balancer,
        Port: port,
        Protocol: protocol,
        DefaultActions: actions,
        ...(input.Certificates ? { Certificates: input.Certificates } : {}),
        ...(protocol === "HTTPS" ? { SslPolicy: input.SslPolicy ?? "ELBSecurityPolicy-2016-08" } : {}),
      },
      defaultRuleArn: this.arns.rule(arn),
      attributes: { ...LISTENER_ATTRIBUTES },
    };
    this.cloud.store.put(KIND.listener, arn, doc);
    this.saveTags(arn, input.Tags);
    await this.changed();
    return { Listeners: [doc.shape] };
  }

  describeListeners(input: Sdk.DescribeListenersInput): Sdk.DescribeListenersOutput {
    if (input.ListenerArns !== undefined) {
      return { Listeners: input.ListenerArns.map((arn) => this.listener(arn).shape) };
    }
    const balancer = this.loadBalancer(input.LoadBalancerArn).shape.LoadBalancerArn;
    const found = this.listeners().filter((each) => each.shape.LoadBalancerArn === balancer);
    return { Listeners: found.map((each) => each.shape) };
  }

  async modifyListener(input: Sdk.ModifyListenerInput): Promise<Sdk.ModifyListenerOutput> {
    const doc = this.listener(input.ListenerArn);
    const { shape } = doc;
    if (input.Port !== undefined && input.Port !== shape.Port) {
      this.#freePort(shape.LoadBalancerArn, checkPort(input.Port, "Listener"));
      shape.Port = input.Port;
    }
    this.#checkTls(input);
    if (input.Certificates !== undefined) shape.Certificates = input.Certificates;
    if (input.Protocol !== undefined) shape.Protocol = checkProtocol(input.Protocol, shape.Certificates);
    if (input.SslPolicy !== undefined) shape.SslPolicy = input.SslPolicy;
    if (input.DefaultActions !== undefined) {
      const actions = checkActions(input.DefaultActions);
      shape.DefaultActions = this.#checkGroups(shape.LoadBalancerArn, actions, shape.DefaultActions);
    }
    this.cloud.store.put(KIND.listener, shape.ListenerArn, doc);
    await this.changed();
    return { Listeners: [shape] };
  }

  async deleteListener(input: Sdk.DeleteListenerInput): Promise<Sdk.DeleteListenerOutput> {
    const { ListenerArn: arn } = this.listener(input.ListenerArn).shape;
    this.cloud.store.transaction(() => {
      for (const rule of this.rules()) {
        if (rule.listenerArn === arn) this.drop(KIND.rule, rule.shape.RuleArn);
      }
      this.drop(KIND.listener, arn);
    });
    await this.changed();
    return {};
  }

  describeListenerAttributes(input: Sdk.DescribeListenerAttributesInput): Sdk.DescribeListenerAttributesOutput {
    return { Attributes: listAttributes(this.listener(input.ListenerArn).attributes) };
  }

  modifyListenerAttributes(input: Sdk.ModifyListenerAttributesInput): Sdk.ModifyListenerAttributesOutput {
    const doc = this.listener(input.ListenerArn);
    const attributes = mergeAttributes(doc.attributes, input.Attributes, LISTENER_ATTRIBUTES);
    this.cloud.store.put(KIND.listener, doc.shape.ListenerArn, { ...doc, attributes });
    return { Attributes: listAttributes(attributes) };
  }

  async createRule(input: Sdk.CreateRuleInput): Promise<Sdk.CreateRuleOutput> {
    const listener = this.listener(input.ListenerArn);
    const balancer = listener.shape.LoadBalancerArn;
    const priority = checkPriority(input.Priority);
    const conditions = checkConditions(input.Conditions);
    const actions = this.#checkGroups(balancer, checkActions(input.Actions));
    this.#freePriority(listener.shape.ListenerArn, priority);
    if (this.#rulesOf(balancer).length >= LIMITS.rulesPerLoadBalancer) {
      throw new CloudError(
        "TooManyRules",
        `You have reached the maximum number of rules for load balancer '${balancer}'`,
      );
    }
    const arn = this.arns.rule(listener.shape.ListenerArn);
    const doc: RuleDoc = {
      shape: { RuleArn: arn, Priority: String(priority), Conditions: conditions, Actions: actions, IsDefault: false },
      listenerArn: listener.shape.ListenerArn,
      priority,
    };
    this.cloud.store.put(KIND.rule, arn, doc);
    this.saveTags(arn, input.Tags);
    await this.changed();
    return { Rules: [doc.shape] };
  }

  describeRules(input: Sdk.DescribeRulesInput): Sdk.DescribeRulesOutput {
    if (input.RuleArns !== undefined) {
      return { Rules: input.RuleArns.map((arn) => this.#anyRule(arn)) };
    }
    const listener = this.listener(input.ListenerArn);
    const rules = this.rules().filter((rule) => rule.listenerArn === listener.shape.ListenerArn);
    rules.sort((a, b) => a.priority - b.priority);
    return { Rules: [...rules.map((rule) => rule.shape), defaultRule(listener)] };
  }

  async modifyRule(input: Sdk.ModifyRuleInput): Promise<Sdk.ModifyRuleOutput> {
    this.#refuseDefault(input.RuleArn, "modified");
    const doc = this.rule(input.RuleArn);
    const balancer = this.listener(doc.listenerArn).shape.LoadBalancerArn;
    if (input.Conditions !== undefined) doc.shape.Conditions = checkConditions(input.Conditions);
    if (input.Actions !== undefined) {
      doc.shape.Actions = this.#checkGroups(balancer, checkActions(input.Actions), doc.shape.Actions);
    }
    this.cloud.store.put(KIND.rule, doc.shape.RuleArn, doc);
    await this.changed();
    return { Rules: [doc.shape] };
  }

  async setRulePriorities(input: Sdk.SetRulePrioritiesInput): Promise<Sdk.SetRulePrioritiesOutput> {
    const changes = (input.RulePriorities ?? []).map((pair) => ({
      doc: this.rule(pair.RuleArn),
      priority: checkPriority(pair.Priority),
    }));
    const moved = new Set(changes.map(({ doc }) => doc.shape.RuleArn));
    for (const { doc, priority } of changes) this.#freePriority(doc.listenerArn, priority, moved);
    this.cloud.store.transaction(() => {
      for (const { doc, priority } of changes) {
        doc.priority = priority;
        doc.shape.Priority = String(priority);
        this.cloud.store.put(KIND.rule, doc.shape.RuleArn, doc);
      }
    });
    await this.changed();
    return { Rules: changes.map(({ doc }) => doc.shape) };
  }

  async deleteRule(input: Sdk.DeleteRuleInput): Promise<Sdk.DeleteRuleOutput> {
    this.#refuseDefault(input.RuleArn, "deleted");
    this.drop(KIND.rule, this.rule(input.RuleArn).shape.RuleArn);
    await this.changed();
    return {};
  }

  #anyRule(arn: string): Sdk.Rule {
    const listener = this.listeners().find((each) => each.defaultRuleArn === arn);
    return listener === undefined ? this.rule(arn).shape : defaultRule(listener);
  }

  #refuseDefault(arn: string | undefined, verb: string): void {
    if (this.listeners().some((each) => each.defaultRuleArn === arn)) {
      throw new CloudError("OperationNotPermitted", `Default rule '${arn}' cannot be ${verb}`);
    }
  }

  #rulesOf(balancer: string): RuleDoc[] {
    return this.rules().filter((rule) => this.listener(rule.listenerArn).shape.LoadBalancerArn === balancer);
  }

  #freePriority(listenerArn: string, priority: number, except: ReadonlySet<string> = new Set()): void {
    const taken = this.rules().some(
      (rule) => rule.listenerArn === listenerArn && rule.priority === priority && !except.has(rule.shape.RuleArn),
    );
    if (taken) throw new CloudError("PriorityInUse", `Priority '${priority}' is currently in use`);
  }

  #checkTls({ Certificates, SslPolicy }: Pick<Sdk.CreateListenerInput, "Certificates" | "SslPolicy">): void {
    if (SslPolicy !== undefined) checkSslPolicy(SslPolicy);
    const unusable = Certificates?.find(({ CertificateArn = "" }) => !this.cloud.acm.usable(CertificateArn));
    if (unusable === undefined) return;
    const message = `The certificate '${unusable.CertificateArn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`;
    throw new CloudError("UnsupportedCertificate", message);
  }

  #freePort(balancer: string, port: number): void {
    const listeners = this.listeners().filter((each) => each.shape.LoadBalancerArn === balancer);
    if (listeners.some((each) => each.shape.Port === port)) {
      throw new CloudError("DuplicateListener", "A listener already exists on this port for this load balancer");
    }
    if (listeners.length >= LIMITS.listenersPerLoadBalancer) {
      throw new CloudError(
        "TooManyListeners",
        `A load balancer has at most ${LIMITS.listenersPerLoadBalancer} listeners`,
      );
    }
  }

  /** Target groups must exist, serve no other load balancer, and stay within the quota of this one. */
  #checkGroups(balancer: string, actions: Sdk.Action[], replaced: readonly Sdk.Action[] = []): Sdk.Action[] {
    const named = forwardedGroups(actions).map((group) => this.targetGroup(group.arn).shape.TargetGroupArn);
    for (const arn of named) {
      if (this.balancersOf(arn).some((each) => each !== balancer)) {
        const message = `The following target groups cannot be associated with more than one load balancer: ${arn}`;
        throw new CloudError("TargetGroupAssociationLimit", message);
      }
    }
    const before = new Set(forwardedGroups(replaced).map((group) => group.arn));
    if (named.every((arn) => before.has(arn))) return actions;
    const inUse = this.targetGroups().filter((group) =>
      this.balancersOf(group.shape.TargetGroupArn).includes(balancer),
    );
    const all = new Set([...named, ...inUse.map((group) => group.shape.TargetGroupArn)]);
    if (all.size > LIMITS.targetGroupsPerLoadBalancer) {
      const message = `You have reached the maximum number of target groups for load balancer '${balancer}'`;
      throw new CloudError("TooManyUniqueTargetGroupsPerLoadBalancer", message);
    }
    return actions;
  }
}

function defaultRule(listener: ListenerDoc): Sdk.Rule {
  const actions = listener.shape.DefaultActions;
  return { RuleArn: listener.defaultRuleArn, Priority: "default", Conditions: [], Actions: actions, IsDefault: true };
}

/** An HTTPS listener needs a certificate; the sandbox keeps it and speaks plain HTTP on the port. */
function checkProtocol(protocol: Sdk.ProtocolEnum | undefined, certificates: Sdk.Certificate[] | undefined) {
  if (protocol !== "HTTP" && protocol !== "HTTPS") {
    throw new CloudError("ValidationError", `Protocol '${protocol}' is not supported by application load balancers`);
  }
  if (protocol === "HTTPS" && !certificates?.length) {
    throw new CloudError("ValidationError", "A certificate must be specified for HTTPS listeners");
  }
  return protocol;
}
