import assert from "node:assert/strict";
import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { createStack, type Stack } from "./support/stack.ts";
import { openTestWorld, type TestWorld } from "./support/world.ts";

describe("limits of load balancers", () => {
  let world: TestWorld;
  let stack: Stack;

  before(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
  });
  after(async () => {
    await world?.close();
  });

  const refused = (call: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(call, { name: "CloudError", code, message } as never);
  const group = (Name: string, more: object = {}) =>
    world.cloud.elb.createTargetGroup({ Name, Protocol: "HTTP", Port: 80, VpcId: "vpc-a", TargetType: "ip", ...more });
  const path = (value = "/x"): RuleCondition[] => [{ Field: "path-pattern", Values: [value] }];
  const forward = (...weights: number[]): Action[] => {
    const arns = [stack.groups.blue, stack.groups.green];
    return [
      {
        Type: "forward",
        ForwardConfig: { TargetGroups: weights.map((Weight, index) => ({ TargetGroupArn: arns[index], Weight })) },
      },
    ];
  };
  const rule = (Priority: number, Conditions = path(), Actions = forward(1)) =>
    world.cloud.elb.createRule({ ListenerArn: stack.listener, Priority, Conditions, Actions });

  it("names", async () => {
    await refused(group("a".repeat(33)), "ValidationError", /cannot be longer than '32' characters/);
    await refused(group("under_score"), "ValidationError", /alphanumeric characters and hyphens/);
    await refused(group("-dash"), "ValidationError", /begin or end with a hyphen/);
    await refused(group("api-blue"), "DuplicateTargetGroupName", /same name exists/);
    await refused(
      world.cloud.elb.createLoadBalancer({ Name: "internal-x", Subnets: ["a", "b"] }),
      "ValidationError",
      /internal-/,
    );
    await refused(world.cloud.elb.createLoadBalancer({ Name: "x", Subnets: ["a"] }), "ValidationError", /two subnets/);
    await refused(
      world.cloud.elb.createLoadBalancer({ Name: "web", Subnets: ["a", "b"] }),
      "DuplicateLoadBalancerName",
      /same name/,
    );
  });

  it("health checks", async () => {
    await refused(group("hc", { HealthCheckIntervalSeconds: 4 }), "ValidationError", /interval '4'/);
    await refused(
      group("hc", { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }),
      "ValidationError",
      /greater than the timeout/,
    );
    await refused(group("hc", { HealthyThresholdCount: 1 }), "ValidationError", /Healthy threshold/);
    await refused(group("hc", { Matcher: { HttpCode: "200-600" } }), "ValidationError", /matcher/);
    await refused(group("hc", { HealthCheckPath: "health" }), "ValidationError", /must start with/);
  });

  it("priorities and weights", async () => {
    await refused(rule(0), "ValidationError", /priority '0'/);
    await refused(rule(50_001), "ValidationError", /priority '50001'/);
    await refused(rule(40_000), "PriorityInUse", /'40000' is currently in use/);
    await refused(rule(7, path(), forward(1000, 0)), "ValidationError", /weight '1000'/);
    await refused(rule(7, path(), forward(-1, 0)), "ValidationError", /weight '-1'/);
    await rule(50_000, path(), forward(999, 0));
    const { Rules = [] } = await world.cloud.elb.describeRules({ ListenerArn: stack.listener });
    assert.deepEqual(
      Rules.map((each) => each.Priority),
      ["40000", "50000", "default"],
    );
    await refused(
      world.cloud.elb.deleteRule({ RuleArn: Rules.at(-1)?.RuleArn }),
      "OperationNotPermitted",
      /Default rule/,
    );
    await refused(
      world.cloud.elb.setRulePriorities({ RulePriorities: [{ RuleArn: Rules[0]?.RuleArn, Priority: 50_000 }] }),
      "PriorityInUse",
      /50000/,
    );
    const swap = [
      { RuleArn: Rules[0]?.RuleArn, Priority: 50_000 },
      { RuleArn: Rules[1]?.RuleArn, Priority: 40_000 },
    ];
    await world.cloud.elb.setRulePriorities({ RulePriorities: swap });
    await world.cloud.elb.deleteRule({ RuleArn: Rules[1]?.RuleArn });
    await world.cloud.elb.setRulePriorities({ RulePriorities: [{ RuleArn: Rules[0]?.RuleArn, Priority: 40_000 }] });
  });

  it("conditions and actions", async () => {
    await refused(rule(7, []), "ValidationError", /condition must be specified/);
    await refused(rule(7, [{ Field: "colour", Values: ["x"] }]), "ValidationError", /Condition field 'colour'/);
    await refused(
      rule(7, [{ Field: "path-pattern", Values: ["/1", "/2", "/3", "/4", "/5", "/6"] }]),
      "ValidationError",
      /'5' condition values/,
    );
    await refused(rule(7, [...path(), ...path("/y")]), "ValidationError", /one 'path-pattern'/);
    await refused(rule(7, path("x".repeat(129))), "ValidationError", /1 to 128/);
    await refused(
      rule(7, path(), [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "301" } }]),
      "ValidationError",
      /2XX, 4XX or 5XX/,
    );
    await refused(
      rule(7, path(), [{ Type: "redirect", RedirectConfig: { StatusCode: "HTTP_302" } }]),
      "InvalidLoadBalancerAction",
      /must change/,
    );
    await refused(
      rule(7, path(), [{ Type: "forward", TargetGroupArn: "arn:nobody" }]),
      "TargetGroupNotFound",
      /not found/,
    );
    const six = Array.from({ length: 6 }, () => ({ TargetGroupArn: stack.groups.blue, Weight: 1 }));
    await refused(
      rule(7, path(), [{ Type: "forward", ForwardConfig: { TargetGroups: six } }]),
      "TooManyTargetGroups",
      /at most 5/,
    );
  });

  it("one load balancer per target group, and none may be deleted in use", async () => {
    const made = await world.cloud.elb.createLoadBalancer({ Name: "second", Subnets: ["a", "b"] });
    const second = made.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    await refused(
      world.cloud.elb.createListener({
        LoadBalancerArn: second,
        Port: 80,
        Protocol: "HTTP",
        DefaultActions: forward(1),
      }),
      "TargetGroupAssociationLimit",
      /more than one load balancer/,
    );
    await refused(
      world.cloud.elb.deleteTargetGroup({ TargetGroupArn: stack.groups.green }),
      "ResourceInUse",
      /currently in use by a listener or a rule/,
    );
    const Attributes = [{ Key: "deletion_protection.enabled", Value: "true" }];
    await world.cloud.elb.modifyLoadBalancerAttributes({ LoadBalancerArn: second, Attributes });
    await refused(
      world.cloud.elb.deleteLoadBalancer({ LoadBalancerArn: second }),
      "OperationNotPermitted",
      /deletion protection is enabled/,
    );
    await refused(
      world.cloud.elb.modifyLoadBalancerAttributes({
        LoadBalancerArn: second,
        Attributes: [{ Key: "no.such.key", Value: "1" }],
      }),
      "ValidationError",
      /not recognized/,
    );
  });

  it("100 rules and 100 target groups", async () => {
    const { Rules = [] } = await world.cloud.elb.describeRules({ ListenerArn: stack.listener });
    const own = Rules.length - 1;
    for (let index = own; index < 100; index += 1) await rule(100 + index);
    await refused(rule(99), "TooManyRules", /maximum number of rules/);
    for (let index = own; index < 100; index += 1) {
      const { Rules: all = [] } = await world.cloud.elb.describeRules({ ListenerArn: stack.listener });
      const found = all.find((each) => each.Priority === String(100 + index));
      if (index === own)
        await refused(
          world.cloud.elb.modifyRule({ RuleArn: found?.RuleArn, Conditions: [] }),
          "ValidationError",
          /condition/,
        );
      await world.cloud.elb.deleteRule({ RuleArn: found?.RuleArn });
    }
    const arns: string[] = [];
    for (let index = 0; index < 99; index += 1)
      arns.push((await group(`many-${index}`)).TargetGroups?.[0]?.TargetGroupArn ?? "");
    const chunk = (from: number) => arns.slice(from, from + 5).map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 }));
    for (let from = 0; from < 95; from += 5)
      await rule(200 + from, path(), [{ Type: "forward", ForwardConfig: { TargetGroups: chunk(from) } }]);
    const last = chunk(95);
    await refused(
      rule(900, path(), [{ Type: "forward", ForwardConfig: { TargetGroups: last } }]),
      "TooManyUniqueTargetGroupsPerLoadBalancer",
      /maximum number of target groups/,
    );
    await rule(900, path(), [{ Type: "forward", ForwardConfig: { TargetGroups: last.slice(0, 3) } }]);
  });
});
