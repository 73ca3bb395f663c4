import {
  type Action,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeRulesCommand,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Backend, Kept, Step } from "./aws-steps.ts";
import { missing, noTargetGroup } from "./aws-steps-elb.ts";

const noRule = missing("listener-rule/app/none/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee");

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

/** Rules on the listener and the target groups of the steps before. */
export const ruleSteps: readonly Step[] = [
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
];
