import assert from "node:assert/strict";
import { networksWatched } from "../../policy/networks.ts";
import { assertRefused, judgeStack, type Resource, unknownValue } from "./harness.ts";

const vpc: Resource = { type: "aws:ec2/vpc:Vpc", name: "network-vpc", props: { id: "vpc-1" } };
const on = (type: string, name: string, props: Record<string, unknown> = { vpcId: "vpc-1" }): Resource => ({
  type,
  name,
  props,
  comesFrom: props.vpcId === unknownValue ? { vpcId: ["network-vpc"] } : {},
});
const flowLog = on("aws:ec2/flowLog:FlowLog", "flow");
const group = on("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default");

describe("policy networks-watched", () => {
  it("takes a VPC with both, known or not yet known", () => {
    assert.deepEqual(judgeStack(networksWatched, [vpc, flowLog, group]), []);
    const coming = [flowLog, group].map(({ type, name = "" }) => on(type, name, { vpcId: unknownValue }));
    assert.deepEqual(judgeStack(networksWatched, [{ ...vpc, props: {} }, ...coming]), []);
  });

  it("refuses one without flow logs, and one whose default group nobody holds", () => {
    assertRefused(judgeStack(networksWatched, [vpc, group]), /network-vpc: has no flow logs/);
    assertRefused(judgeStack(networksWatched, [vpc, flowLog]), /leaves its default security group/);
  });

  it("takes those of another VPC for none", () => {
    const other = on(flowLog.type, "other", { vpcId: "vpc-2" });
    assertRefused(judgeStack(networksWatched, [vpc, group, other]), /has no flow logs/);
  });

  it("lets previews go without a record, by config, but not with open doors", () => {
    const config = { environments: { preview: { flowLogs: false } } };
    const inPreview = (resource: Resource) => ({ ...resource, stack: "preview-pr-7" });
    assert.deepEqual(judgeStack(networksWatched, [vpc, group].map(inPreview), config), []);
    assertRefused(judgeStack(networksWatched, [vpc].map(inPreview), config), /default security group/);
  });
});
