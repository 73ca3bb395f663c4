import assert from "node:assert/strict";
import { taskDefinitionsKept, typesJudged, workloadsJudged } from "../../policy/workloads.ts";
import { assertRefused, judge, judgeStack, type Resource, refusesEach, unknownValue } from "./harness.ts";

const task: Resource = {
  type: "aws:ecs/taskDefinition:TaskDefinition",
  name: "task",
  props: { arn: "arn:task:2", skipDestroy: true },
};

describe("policy task-definitions-kept", () => {
  refusesEach(taskDefinitionsKept, task, [
    { title: "one that an update removes", change: { skipDestroy: false }, says: /skipDestroy is off/ },
    { title: "the provider's default", change: { skipDestroy: undefined }, says: /skipDestroy is off/ },
  ]);
});

describe("policy types-judged", () => {
  for (const type of [
    "aws:lambda/function:Function",
    "aws:ecs/taskSet:TaskSet",
    "aws:ec2/instance:Instance",
    "command:local:Command",
    "pulumi-nodejs:dynamic:Resource",
    "aws-native:ecs:TaskDefinition",
    "aws:ecs/daemonTaskDefinition:DaemonTaskDefinition",
    "aws:lambdamicrovms/microvm:Microvm",
    "aws:cloudformation/stack:Stack",
    "aws:cloudcontrol/resource:Resource",
    "aws:codebuild/project:Project",
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:argoproj.io/v1alpha1:Application",
  ]) {
    it(`refuses ${type}`, () => {
      assertRefused(judge(typesJudged, { type, props: {} }), /runs or grants what no policy here judges/);
    });
  }
  it("passes what Sluice declares, and what the config lists", () => {
    for (const type of [
      "aws:ecs/service:Service",
      "aws:ec2/vpc:Vpc",
      "sluice:ecs:Colour",
      "pulumi:pulumi:Stack",
      "github:index/repositoryRuleset:RepositoryRuleset",
      "random:index/randomPassword:RandomPassword",
      "kubernetes:core/v1:Namespace",
    ]) {
      assert.deepEqual(judge(typesJudged, { type, props: {} }), []);
    }
    assert.deepEqual(
      judge(typesJudged, { type: "aws:lambda/function:Function", props: {} }, { allowed: ["aws:lambda/*"] }),
      [],
    );
  });
});

describe("policy workloads-judged", () => {
  const service = (taskDefinition: unknown, from: string[] = []): Resource => ({
    type: "aws:ecs/service:Service",
    name: "api",
    props: { taskDefinition },
    comesFrom: { taskDefinition: from },
  });
  it("passes a service that runs its stack's task definition, known or not yet", () => {
    assert.deepEqual(judgeStack(workloadsJudged, [task, service("arn:task:2")]), []);
    const early = { ...task, props: { arn: unknownValue } };
    assert.deepEqual(judgeStack(workloadsJudged, [early, service(unknownValue, ["task"])]), []);
  });
  it("refuses a task definition from elsewhere", () => {
    assertRefused(
      judgeStack(workloadsJudged, [task, service("arn:other:1")]),
      /api: taskDefinition runs "arn:other:1", which this stack does not declare/,
    );
    assertRefused(judgeStack(workloadsJudged, [service("arn:task:2")]), /does not declare/);
    assertRefused(judgeStack(workloadsJudged, [task, service(unknownValue)]), /does not declare/);
    assertRefused(judgeStack(workloadsJudged, [task, service("arn:other:1", ["task"])]), /does not declare/);
  });

  describe("of a standby that ECS took back to its older revision", () => {
    const standby = (taskDefinition = "arn:task:1"): Resource => {
      const { props, ...rest } = service(taskDefinition);
      return { ...rest, props: { ...props, loadBalancers: [{ targetGroupArn: "green" }] } };
    };
    const rule = (weight: unknown, changes: object = {}): Resource => ({
      type: "aws:lb/listenerRule:ListenerRule",
      name: "api-traffic",
      props: {
        actions: [
          {
            forward: {
              targetGroups: [
                { arn: "blue", weight: 100 },
                { arn: "green", weight },
              ],
            },
          },
        ],
        ...changes,
      },
    });
    const test: Resource = {
      type: "aws:lb/listenerRule:ListenerRule",
      name: "api-green-test",
      props: {
        actions: [{ targetGroupArn: "green" }],
        conditions: [{ httpHeader: { httpHeaderName: "X", values: ["s"] } }],
      },
    };
    const declared = { ...task, props: { ...task.props, arn: "arn:task:2" } };
    const refusals = (...resources: Resource[]) => judgeStack(workloadsJudged, [declared, ...resources]);

    it("passes while no traffic goes there", () => {
      assert.deepEqual(refusals(standby(), rule(0), test), []);
    });

    const breaches: [what: string, resources: Resource[]][] = [
      ["with a share of the traffic", [standby(), rule(1), test]],
      ["with a share that is not known", [standby(), rule(unknownValue), test]],
      ["that no rule names", [standby(), test]],
      ["that another rule sends users to", [standby(), rule(0), { ...test, props: { ...test.props, conditions: [] } }]],
      [
        "that a listener sends users to",
        [
          standby(),
          rule(0),
          { type: "aws:lb/listener:Listener", name: "l", props: { defaultActions: [{ targetGroupArn: "green" }] } },
        ],
      ],
      ["of another family", [standby("arn:other:1"), rule(0), test]],
      ["that runs a newer revision", [standby("arn:task:3"), rule(0), test]],
    ];
    for (const [what, resources] of breaches) {
      it(`refuses one ${what}`, () => assertRefused(refusals(...resources), /does not declare/));
    }
  });
});
