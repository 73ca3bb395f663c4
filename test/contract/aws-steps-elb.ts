import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Backend, Kept, Step } from "./aws-steps.ts";

export const missing = (kind: string) => `arn:aws:elasticloadbalancing:eu-west-1:000000000000:${kind}`;
export const noTargetGroup = missing("targetgroup/none/73e2d6bc24d8a067");

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
