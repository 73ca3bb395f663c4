import assert from "node:assert/strict";
import fc from "fast-check";
import { trafficOneOwner, trafficWeightsOwned } from "../../policy/traffic.ts";
import {
  assertRefused,
  assertRemarks,
  judge,
  judgeStack,
  type Resource,
  refusesEach,
  unknownValue,
} from "./harness.ts";

const groups = (...weights: unknown[]) => weights.map((weight, index) => ({ arn: `arn:${index}`, weight }));
const forward = (targetGroups: unknown, stickiness: unknown = { enabled: false, duration: 1 }) => ({
  actions: [{ type: "forward", forward: { targetGroups, stickiness } }],
});
const rule: Resource = {
  type: "aws:lb/listenerRule:ListenerRule",
  name: "api-traffic",
  props: { ...forward(groups(75, 25)), tags: { "sluice:role": "traffic" } },
};

describe("policy traffic-weights-owned", () => {
  refusesEach(trafficWeightsOwned, rule, [
    {
      title: "weights below 100 together",
      change: forward(groups(75, 20)),
      says: /api-traffic: actions\[0\]\.forward has weights that add up to 95; make them add up to 100/,
    },
    { title: "weights beyond 100 together", change: forward(groups(75, 75)), says: /add up to 150/ },
    { title: "nobody gets anything", change: forward(groups(0, 0)), says: /add up to 0/ },
    { title: "a weight beyond 100", change: forward(groups(101, -1)), says: /weight is 101/ },
    { title: "half a per cent", change: forward(groups(99.5, 0.5)), says: /weight is 99\.5/ },
    { title: "a weight that is text", change: forward(groups("75", 25)), says: /weight is "75"/ },
    { title: "a missing weight", change: forward(groups(100, undefined)), says: /weight is undefined/ },
    { title: "stickiness", change: forward(groups(75, 25), { enabled: true, duration: 60 }), says: /stickiness is on/ },
    {
      title: "one target group twice",
      change: forward([
        { arn: "arn:1", weight: 50 },
        { arn: "arn:1", weight: 50 },
      ]),
      says: /one target group twice/,
    },
    {
      title: "weights in a rule without the role",
      change: { tags: {} },
      says: /splits traffic in a rule that is not Sluice's/,
    },
    { title: "the only group at 0", change: forward(groups(0)), says: /weight is 0/ },
    { title: "a target group that is no object", change: forward([null, null]), says: /weight is undefined/ },
  ]);

  it("refuses weights that the update would leave to others", () => {
    for (const ignored of ["actions", "actions[0].forward", "*"]) {
      assertRefused(judge(trafficWeightsOwned, { ...rule, ignoreChanges: [ignored] }), /leaves the weights to others/);
    }
    assert.deepEqual(judge(trafficWeightsOwned, { ...rule, ignoreChanges: ["tags"] }), []);
  });

  it("passes plain forwards, and refuses splits in a listener's default", () => {
    const plain = { ...rule, props: { actions: [{ type: "forward", targetGroupArn: "arn:1" }] } };
    assert.deepEqual(judge(trafficWeightsOwned, plain), []);
    const listener = {
      type: "aws:lb/listener:Listener",
      props: { defaultActions: rule.props.actions, tags: rule.props.tags },
    };
    assertRefused(judge(trafficWeightsOwned, listener), /defaultActions\[0\]\.forward splits traffic/);
    const alias = { ...rule, type: "aws:alb/listenerRule:ListenerRule", props: { ...rule.props, tags: {} } };
    assertRefused(judge(trafficWeightsOwned, alias), /not Sluice's/);
  });

  it("judges weights before target groups have ARNs", () => {
    const early = (...weights: number[]) => ({
      ...rule,
      props: { ...rule.props, ...forward(weights.map((weight) => ({ arn: unknownValue, weight }))) },
    });
    assert.deepEqual(judge(trafficWeightsOwned, early(100, 0)), []);
    assertRefused(judge(trafficWeightsOwned, early(100, 1)), /add up to 101/);
    const waiting = { ...rule, props: { ...rule.props, ...forward(unknownValue) } };
    assertRemarks(judge(trafficWeightsOwned, waiting), /targetGroups is not known/);
    const hidden = { ...rule, props: { ...rule.props, actions: [unknownValue] } };
    assertRemarks(judge(trafficWeightsOwned, hidden), /actions is not known/);
  });

  it("passes exactly the splits of 100 (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 105 }), fc.integer({ min: -5, max: 105 }), (blue, green) => {
        const found = judge(trafficWeightsOwned, {
          ...rule,
          props: { ...rule.props, ...forward(groups(blue, green)) },
        });
        assert.equal((found as []).length === 0, blue >= 0 && green >= 0 && 100 - blue === green);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (blue) => {
        assert.deepEqual(
          judge(trafficWeightsOwned, { ...rule, props: { ...rule.props, ...forward(groups(blue, 100 - blue)) } }),
          [],
        );
      }),
    );
  });
});

describe("policy traffic-one-owner", () => {
  const second = (arn: string): Resource => ({
    ...rule,
    name: "other",
    props: {
      ...forward([
        { arn, weight: 50 },
        { arn: "arn:9", weight: 50 },
      ]),
      tags: { "sluice:role": "traffic" },
    },
  });

  it("passes rules with target groups of their own, and test rules beside them", () => {
    const test = { ...rule, name: "test", props: { actions: [{ type: "forward", targetGroupArn: "arn:0" }] } };
    assert.deepEqual(judgeStack(trafficOneOwner, [rule, second("arn:8"), test]), []);
  });

  it("refuses two weighted rules over one target group", () => {
    assertRefused(
      judgeStack(trafficOneOwner, [rule, second("arn:0")]),
      /other: actions shares the target group "arn:0" with the rule "api-traffic"/,
    );
  });
});
