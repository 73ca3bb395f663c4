import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Backend, Kept, Step } from "./aws-steps.ts";

const missing = (kind: string) => `arn:aws:elasticloadbalancing:eu-west-1:000000000000:${kind}`;
const noTargetGroup = missing("targetgroup/none/73e2d6bc24d8a067");
const noRule = missing("listener-rule/app/none/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee");

const loadBalancer =
  (name: string, scheme: "internal" | "internet-facing" = "internet-facing") =>
  async ({ elb, network }: Backend) =>
    elb.send(
      new CreateLoadBalancerCommand({
        Name: name,
        Scheme: scheme,
        Type: "application",
        Subnets: [...network.subnets],
        SecurityGroups: [network.securityGroup],
      }),
    );

const targetGroup =
  (name: string, port = 8080) =>
  async ({ elb, network }: Backend) =>
    elb.send(
      new CreateTargetGroupCommand({
        Name: name,
        Port: port,
        Protocol: "HTTP",
        TargetType: "ip",
        VpcId: network.vpc,
        HealthCheckPath: "/health",
        HealthCheckIntervalSeconds: 10,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 3,
        Matcher: { HttpCode: "200" },
      }),
    );

const weighted = (kept: Kept, blue: number, green: number): Action[] => [
  {
    Type: "forward",
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: kept.get("blue"), Weight: blue },
        { TargetGroupArn: kept.get("green"), Weight: green },
      ],
      TargetGroupStickinessConfig: { Enabled: false, DurationSeconds: 1 },
    },
  },
];

const rule =
  (priority: number, blue: number, green: number) =>
  async ({ elb }: Backend, kept: Kept) =>
    elb.send(
      new CreateRuleCommand({
        ListenerArn: kept.get("listener"),
        Priority: priority,
        Conditions: [
          { Field: "host-header", HostHeaderConfig: { Values: ["api.example.com"] } },
          { Field: "path-pattern", PathPatternConfig: { Values: ["/*"] } },
        ],
        Actions: weighted(kept, blue, green),
      }),
    );

/** A rule that AWS refuses. A cloud that takes it has it removed again, so that later answers do not differ for that reason. */
const refusedRule =
  (priority: number, blue: number, green: number) =>
  async (backend: Backend, kept: Kept): Promise<unknown> => {
    const answer = await rule(priority, blue, green)(backend, kept);
    await backend.elb.send(new DeleteRuleCommand({ RuleArn: answer.Rules?.[0]?.RuleArn }));
    return answer;
  };

const listener = async ({ elb }: Backend, kept: Kept) =>
  elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: kept.get("balancer"),
      Port: 80,
      Protocol: "HTTP",
      DefaultActions: [
        {
          Type: "fixed-response",
          FixedResponseConfig: { StatusCode: "404", ContentType: "text/plain", MessageBody: "none" },
        },
      ],
    }),
  );

export const elbSteps: readonly Step[] = [
  {
    name: "create a load balancer",
    async run(backend, kept) {
      const answer = await loadBalancer("sluice-local")(backend);
      kept.set("balancer", answer.LoadBalancers?.[0]?.LoadBalancerArn);
      return answer;
    },
  },
  {
    name: "create a load balancer of the same name, but other settings",
    async run(backend) {
      const first = await loadBalancer("sluice-twice")(backend);
      const LoadBalancerArn = first.LoadBalancers?.[0]?.LoadBalancerArn;
      try {
        return await loadBalancer("sluice-twice", "internal")(backend);
      } finally {
        await backend.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      }
    },
  },
  {
    name: "create a load balancer with a name of 33 characters",
    async run(backend) {
      const answer = await loadBalancer("b".repeat(33))(backend);
      const LoadBalancerArn = answer.LoadBalancers?.[0]?.LoadBalancerArn;
      await backend.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      return answer;
    },
  },
  {
    name: "describe the load balancer by name",
    run: ({ elb }) => elb.send(new DescribeLoadBalancersCommand({ Names: ["sluice-local"] })),
  },
  {
    name: "describe a missing load balancer",
    run: ({ elb }) => elb.send(new DescribeLoadBalancersCommand({ Names: ["none"] })),
  },
  {
    name: "set an attribute of the load balancer",
    async run({ elb }, kept) {
      const wanted = { Key: "idle_timeout.timeout_seconds", Value: "30" };
      const LoadBalancerArn = kept.get("balancer");
      const set = new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [wanted] });
      return (await elb.send(set)).Attributes?.filter(({ Key }) => Key === wanted.Key);
    },
  },
  {
    name: "describe attributes of the load balancer",
    async run({ elb }, kept) {
      const asked = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: kept.get("balancer") });
      const { Attributes = [] } = await elb.send(asked);
      const of = (key: string) => Attributes.find((attribute) => attribute.Key === key)?.Value;
      return { idle: of("idle_timeout.timeout_seconds"), protected: of("deletion_protection.enabled") };
    },
  },
  ...(["blue", "green"] as const).map((colour) => ({
    name: `create a target group, ${colour}`,
    async run(backend: Backend, kept: Kept) {
      const answer = await targetGroup(`api-${colour}`)(backend);
      kept.set(colour, answer.TargetGroups?.[0]?.TargetGroupArn);
      return answer;
    },
  })),
  { name: "create a target group of the same name, but another port", run: targetGroup("api-blue", 9090) },
  { name: "create a target group with a name of 33 characters", run: targetGroup("t".repeat(33)) },
  { name: "create a target group with a name that ends in a hyphen", run: targetGroup("api-") },
  {
    name: "describe a target group by name",
    run: ({ elb }) => elb.send(new DescribeTargetGroupsCommand({ Names: ["api-blue"] })),
  },
  {
    name: "describe a missing target group",
    run: ({ elb }) => elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [noTargetGroup] })),
  },
  {
    name: "change the health check of a target group",
    run: ({ elb }, kept) =>
      elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: kept.get("blue"), HealthCheckPath: "/ready" })),
  },
  {
    name: "set the time for draining",
    async run({ elb }, kept) {
      const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "30" }];
      const answer = await elb.send(
        new ModifyTargetGroupAttributesCommand({ TargetGroupArn: kept.get("blue"), Attributes }),
      );
      return answer.Attributes?.filter(({ Key }) => Key === "deregistration_delay.timeout_seconds");
    },
  },
  {
    name: "create a listener",
    async run(backend, kept) {
      const answer = await listener(backend, kept);
      kept.set("listener", answer.Listeners?.[0]?.ListenerArn);
      return answer;
    },
  },
  {
    name: "create a listener on the same port",
    async run(backend, kept) {
      const answer = await listener(backend, kept);
      await backend.elb.send(new DeleteListenerCommand({ ListenerArn: answer.Listeners?.[0]?.ListenerArn }));
      return answer;
    },
  },
  {
    name: "describe the listeners",
    run: ({ elb }, kept) => elb.send(new DescribeListenersCommand({ LoadBalancerArn: kept.get("balancer") })),
  },
  {
    name: "create a weighted rule",
    async run(backend, kept) {
      const answer = await rule(40_000, 100, 0)(backend, kept);
      kept.set("rule", answer.Rules?.[0]?.RuleArn);
      return answer;
    },
  },
  { name: "create a rule with the same priority", run: rule(40_000, 100, 0) },
  { name: "create a rule with a weight of 1000", run: refusedRule(40_001, 1000, 0) },
  { name: "create a rule with a weight below zero", run: refusedRule(40_001, -1, 101) },
  { name: "create a rule with priority 50001", run: refusedRule(50_001, 100, 0) },
  {
    name: "create a rule that forwards to a missing target group",
    run: ({ elb }, kept) =>
      elb.send(
        new CreateRuleCommand({
          ListenerArn: kept.get("listener"),
          Priority: 40_001,
          Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/a"] } }],
          Actions: [{ Type: "forward", TargetGroupArn: noTargetGroup }],
        }),
      ),
  },
  {
    name: "create a rule that asks for a header",
    run: ({ elb }, kept) =>
      elb.send(
        new CreateRuleCommand({
          ListenerArn: kept.get("listener"),
          Priority: 1,
          Conditions: [
            { Field: "http-header", HttpHeaderConfig: { HttpHeaderName: "X-Sluice-Test", Values: ["secret"] } },
          ],
          Actions: [{ Type: "forward", TargetGroupArn: kept.get("green") }],
        }),
      ),
  },
  {
    name: "move the weights to 1000",
    run: ({ elb }, kept) =>
      elb.send(new ModifyRuleCommand({ RuleArn: kept.get("rule"), Actions: weighted(kept, 1000, 0) })),
  },
  {
    name: "move the weights",
    run: ({ elb }, kept) =>
      elb.send(new ModifyRuleCommand({ RuleArn: kept.get("rule"), Actions: weighted(kept, 75, 25) })),
  },
  {
    name: "move the weights of a missing rule",
    run: ({ elb }, kept) => elb.send(new ModifyRuleCommand({ RuleArn: noRule, Actions: weighted(kept, 75, 25) })),
  },
  {
    name: "describe the rule",
    run: ({ elb }, kept) => elb.send(new DescribeRulesCommand({ RuleArns: [kept.get("rule")] })),
  },
  { name: "describe a missing rule", run: ({ elb }) => elb.send(new DescribeRulesCommand({ RuleArns: [noRule] })) },
  {
    name: "describe all rules of the listener",
    run: ({ elb }, kept) => elb.send(new DescribeRulesCommand({ ListenerArn: kept.get("listener") })),
  },
  {
    name: "describe the health of a target group without targets",
    run: ({ elb }, kept) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: kept.get("green") })),
  },
  {
    name: "describe the health of a missing target group",
    run: ({ elb }) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: noTargetGroup })),
  },
  {
    name: "register a target",
    run: ({ elb }, kept) =>
      elb.send(
        new RegisterTargetsCommand({ TargetGroupArn: kept.get("blue"), Targets: [{ Id: "10.0.0.9", Port: 8080 }] }),
      ),
  },
  {
    name: "describe the health of a target that nothing listens on",
    run: ({ elb }, kept) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: kept.get("blue") })),
  },
  {
    name: "deregister the target",
    run: ({ elb }, kept) =>
      elb.send(
        new DeregisterTargetsCommand({ TargetGroupArn: kept.get("blue"), Targets: [{ Id: "10.0.0.9", Port: 8080 }] }),
      ),
  },
  {
    name: "delete a target group in use",
    run: ({ elb }, kept) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: kept.get("blue") })),
  },
];

/** Ends what the steps above began; ECS services stand on it in between. */
export const elbEndSteps: readonly Step[] = [
  { name: "delete the rule", run: ({ elb }, kept) => elb.send(new DeleteRuleCommand({ RuleArn: kept.get("rule") })) },
  {
    name: "delete the rule again",
    run: ({ elb }, kept) => elb.send(new DeleteRuleCommand({ RuleArn: kept.get("rule") })),
  },
  {
    name: "delete the listener",
    run: ({ elb }, kept) => elb.send(new DeleteListenerCommand({ ListenerArn: kept.get("listener") })),
  },
  {
    name: "delete a target group that is free now",
    run: ({ elb }, kept) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: kept.get("blue") })),
  },
  {
    name: "delete the load balancer",
    run: ({ elb }, kept) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: kept.get("balancer") })),
  },
  {
    name: "delete the load balancer again",
    run: ({ elb }, kept) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: kept.get("balancer") })),
  },
];
