import assert from "node:assert/strict";
import { refuseMoves } from "../../../components/ecs/balancer-moves.ts";
import { StackState } from "../../../components/ecs/stack-state.ts";

const arn = (kind: string, tail: string) => `arn:aws:elasticloadbalancing:eu-west-1:123456789012:${kind}/app/${tail}`;
const urn = (type: string, name: string) => `urn:pulumi:prod::sluice::sluice:ecs:Cluster$${type}::${name}`;
const state = StackState.of({
  [urn("aws:lb/loadBalancer:LoadBalancer", "cluster-balancer")]: { arn: arn("loadbalancer", "sluice-prod/0a") },
  [urn("aws:lb/loadBalancer:LoadBalancer", "cluster-balancer-2")]: {
    arn: arn("loadbalancer", "sluice-prod-balancer-2/0b"),
  },
  [urn("aws:lb/listenerRule:ListenerRule", "api-blue-test")]: { arn: arn("listener-rule", "sluice-prod/0a/1/2") },
  [urn("aws:lb/listenerRule:ListenerRule", "web-blue-test")]: {
    arn: arn("listener-rule", "sluice-prod-balancer-2/0b/1/2"),
  },
});

describe("refuseMoves", () => {
  it("lets services stay, and new ones choose", () => {
    refuseMoves({ api: { balancer: 1 }, web: { balancer: 2 }, added: { balancer: 2 } }, state);
    refuseMoves({ api: { balancer: 1 }, web: { balancer: 2 } }, StackState.of({}));
  });

  it("names every service that would have to move", () => {
    assert.throws(() => refuseMoves({ api: { balancer: 2 }, web: { balancer: 1 } }, state), {
      message: /services\.api\.balancer: a service stays on its balancer; got 2;.*\n.*services\.web\.balancer: .*got 1/,
    });
  });

  it("takes a balancer that is not there yet for another one", () => {
    assert.throws(() => refuseMoves({ api: { balancer: 3 } }, state), /services\.api\.balancer/);
  });
});
