import assert from "node:assert/strict";
import fc from "fast-check";
import { balancerGroupKept, ingressClosed } from "../../policy/ingress.ts";
import { isOpen } from "../../policy/support/address-range.ts";
import {
  assertRefused,
  assertRemarks,
  judge,
  judgeStack,
  type Resource,
  refusesEach,
  unknownValue,
} from "./harness.ts";

const tags = { "sluice:role": "balancer" };
const balancerRule: Resource = {
  type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  name: "balancer-443",
  props: { securityGroupId: "sg-1", cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 443, toPort: 443, tags },
};
const open = (cidr: string) => ({ protocol: "tcp", fromPort: 5432, toPort: 5432, cidrBlocks: [cidr] });

describe("policy ingress-closed, rules of their own", () => {
  refusesEach(ingressClosed, balancerRule, [
    {
      title: "an open rule of another group",
      change: { tags: {} },
      says: /balancer-443: opens tcp port 443 to \["0\.0\.0\.0\/0"\]; let in a security group/,
    },
    { title: "another role", change: { tags: { "sluice:role": "service" } }, says: /opens tcp port 443/ },
    {
      title: "another port",
      change: { fromPort: 22, toPort: 22 },
      says: /opens tcp port 22 .*; open only TCP ports 80 and 443/,
    },
    { title: "a range around the port", change: { fromPort: 443, toPort: 444 }, says: /ports 443 to 444/ },
    {
      title: "all protocols",
      change: { ipProtocol: "-1", fromPort: undefined, toPort: undefined },
      says: /opens everything/,
    },
    { title: "UDP", change: { ipProtocol: "udp" }, says: /opens udp port 443/ },
    {
      title: "all of IPv6 on another port",
      change: { cidrIpv4: undefined, cidrIpv6: "::/0", fromPort: 22, toPort: 22 },
      says: /"::\/0"/,
    },
    { title: "half of the internet", change: { tags: {}, cidrIpv4: "0.0.0.0/1" }, says: /"0\.0\.0\.0\/1"/ },
    { title: "a range shorter than /8", change: { tags: {}, cidrIpv4: "64.0.0.0/7" }, says: /"64\.0\.0\.0\/7"/ },
    {
      title: "all of IPv6 that is given out",
      change: { tags: {}, cidrIpv4: undefined, cidrIpv6: "2000::/3" },
      says: /"2000::\/3"/,
    },
    {
      title: "no range",
      change: { fromPort: 22, toPort: 22, cidrIpv4: "everywhere" },
      says: /"everywhere"\] is no address range/,
    },
    { title: "a range with an odd octet", change: { tags: {}, cidrIpv4: "010.0.0.0/8" }, says: /is no address range/ },
    { title: "a prefix list", change: { cidrIpv4: undefined, prefixListId: "pl-1" }, says: /prefix list "pl-1"/ },
  ]);

  it("passes narrow ranges, other groups and listed prefix lists on any port", () => {
    const rule = (props: object): Resource => ({
      ...balancerRule,
      props: { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, ...props },
    });
    for (const cidrIpv4 of ["10.0.0.0/8", "203.0.113.7/32", "3.0.0.0/8"])
      assert.deepEqual(judge(ingressClosed, rule({ cidrIpv4 })), []);
    for (const cidrIpv6 of ["fc00::/7", "2001:db8::/32", "::1/128"])
      assert.deepEqual(judge(ingressClosed, rule({ cidrIpv6 })), []);
    assert.deepEqual(judge(ingressClosed, rule({ referencedSecurityGroupId: "sg-2" })), []);
    assert.deepEqual(judge(ingressClosed, rule({ prefixListId: "pl-1" }), { prefixLists: ["pl-1"] }), []);
  });

  it("opens a further port for the local stack only, by config", () => {
    const config = { environments: { local: { ports: [80, 443, 8080] } } };
    const rule = { ...balancerRule, props: { ...balancerRule.props, fromPort: 8080, toPort: 8080 } };
    assert.deepEqual(judge(ingressClosed, { ...rule, stack: "local" }, config), []);
    assertRefused(judge(ingressClosed, { ...rule, stack: "prod" }, config), /port 8080/);
  });

  it("remarks at preview what only the update knows", () => {
    const rule = { ...balancerRule, props: { ...balancerRule.props, tags: {}, cidrIpv4: unknownValue } };
    assertRemarks(judge(ingressClosed, rule), /is not known before the update/);
  });
});

describe("policy ingress-closed, rules inside a group", () => {
  const group: Resource = {
    type: "aws:ec2/securityGroup:SecurityGroup",
    name: "balancer",
    props: {
      tags,
      ingress: [{ protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] }],
    },
  };
  refusesEach(ingressClosed, group, [
    {
      title: "a second rule with another port",
      change: { ingress: [...(group.props.ingress as []), open("0.0.0.0/0")] },
      says: /balancer: ingress\[1\] opens tcp port 5432/,
    },
    {
      title: "IPv6 behind a narrow IPv4",
      change: { ingress: [{ ...open("10.0.0.0/8"), ipv6CidrBlocks: ["::/0"] }] },
      says: /"::\/0"/,
    },
    {
      title: "two halves of the internet in one rule",
      change: { ingress: [{ ...open("0.0.0.0/1"), cidrBlocks: ["0.0.0.0/2", "64.0.0.0/2"] }] },
      says: /ingress\[0\]/,
    },
    {
      title: "many narrow ranges in many rules",
      change: { ingress: Array.from({ length: 40 }, (_, index) => open(`${index + 20}.0.0.0/8`)) },
      says: /most of the internet, its ranges taken together/,
    },
    { title: "open ports in a group without the role", change: { tags: undefined }, says: /port 80/ },
    {
      title: "a range that is a number",
      change: { ingress: [{ ...open("x"), cidrBlocks: [7] }] },
      says: /is no address range/,
    },
  ]);

  it("judges the old kind of rule too, inbound only", () => {
    const rule = (type: string): Resource => ({
      type: "aws:ec2/securityGroupRule:SecurityGroupRule",
      props: { type, ...open("0.0.0.0/0") },
    });
    assertRefused(judge(ingressClosed, rule("ingress")), /opens tcp port 5432/);
    assert.deepEqual(judge(ingressClosed, rule("egress")), []);
  });
});

describe("policy balancer-group-kept", () => {
  const group: Resource = {
    type: "aws:ec2/securityGroup:SecurityGroup",
    name: "balancer",
    props: { id: "sg-1", tags },
  };
  const other: Resource = { type: "aws:ec2/securityGroup:SecurityGroup", name: "service", props: { id: "sg-2" } };
  const rule = { ...balancerRule, comesFrom: { securityGroupId: ["balancer"] } };
  const service: Resource = {
    type: "aws:ecs/service:Service",
    name: "api",
    props: { networkConfiguration: { securityGroups: ["sg-2"] } },
    comesFrom: { networkConfiguration: ["service"] },
  };

  it("passes rules in the balancer's group and services in another", () => {
    assert.deepEqual(judgeStack(balancerGroupKept, [group, other, rule, service]), []);
  });

  it("refuses a rule that claims to be the balancer's in another group, before and after its id is known", () => {
    const stray = {
      ...rule,
      props: { ...rule.props, securityGroupId: "sg-2" },
      comesFrom: { securityGroupId: ["service"] },
    };
    assertRefused(
      judgeStack(balancerGroupKept, [group, other, stray]),
      /balancer-443: is tagged as the balancer's rule/,
    );
    const early = { ...stray, props: { ...stray.props, securityGroupId: unknownValue } };
    assertRefused(judgeStack(balancerGroupKept, [group, other, early]), /is tagged as the balancer's rule/);
  });

  it("refuses a service in the balancer's group, by id and by origin", () => {
    const byOrigin = { ...service, comesFrom: { networkConfiguration: ["balancer"] } };
    assertRefused(
      judgeStack(balancerGroupKept, [group, other, byOrigin]),
      /api: networkConfiguration uses the balancer's security group/,
    );
    const byId = { ...service, props: { networkConfiguration: { securityGroups: ["sg-1"] } }, comesFrom: {} };
    assertRefused(judgeStack(balancerGroupKept, [group, other, byId]), /uses the balancer's/);
  });

  it("adds up the rules of one group", () => {
    const narrow = (first: number): Resource => ({
      ...balancerRule,
      name: `rule-${first}`,
      props: { securityGroupId: "sg-2", cidrIpv4: `${first}.0.0.0/8`, ipProtocol: "tcp", fromPort: 22, toPort: 22 },
      comesFrom: { securityGroupId: ["service"] },
    });
    assert.deepEqual(judgeStack(balancerGroupKept, [other, narrow(20)]), []);
    assertRefused(
      judgeStack(balancerGroupKept, [other, narrow(20), narrow(21)]),
      /service: lets in most of the internet/,
    );
  });
});

describe("open address ranges (property)", () => {
  const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
  const range = fc
    .tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 4, max: 16 }))
    .map(([block, prefix]) => ({ first: (block >> (16 - prefix)) << (16 - prefix), prefix }));

  /** Counts blocks of /16, one by one. */
  function openByCounting(ranges: { first: number; prefix: number }[]): boolean {
    const seen = new Uint8Array(65_536);
    for (const { first, prefix } of ranges) seen.fill(1, first, first + 2 ** (16 - prefix));
    const hide = (from: number, count: number) => seen.fill(0, from, from + count);
    hide(10 * 256, 256);
    hide(127 * 256, 256);
    hide(172 * 256 + 16, 16);
    hide(192 * 256 + 168, 1);
    hide(169 * 256 + 254, 1);
    hide(100 * 256 + 64, 64);
    return ranges.some(({ prefix }) => prefix < 8) || seen.reduce((sum, bit) => sum + bit, 0) > 256;
  }

  it("agrees with counting, for IPv4", () => {
    let openOnes = 0;
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const expected = openByCounting(ranges);
        openOnes += Number(expected);
        assert.equal(isOpen(ranges.map(({ first, prefix }) => `${dotted(first * 65_536)}/${prefix}`)), expected);
      }),
      { numRuns: 1000 },
    );
    assert.ok(openOnes > 100 && openOnes < 1000);
  });

  it("takes any spelling of an IPv6 range, and host bits, for what it is", () => {
    for (const cidr of ["::/0", "0::0/0", "0:0:0:0:0:0:0:0/0", "::ffff:1.2.3.4/0", "abcd::/1", "2001:db8::1/31"])
      assert.equal(isOpen([cidr]), true, cidr);
    for (const cidr of ["fe80::/10", "2001:db8::/32", "2001:db8::1/64", "::ffff:1.2.3.4/128"])
      assert.equal(isOpen([cidr]), false, cidr);
    for (const cidr of ["1.2.3.4/0", "10.0.0.0/7"]) assert.equal(isOpen([cidr]), true, cidr);
    for (const cidr of [
      "::/129",
      "1.2.3/8",
      "1.2.3.4/33",
      "1.2.3.4",
      "1.2.3.256/32",
      "1.2.3.4/08",
      ":::/0",
      "",
      "g::/0",
    ])
      assert.equal(isOpen([cidr]), undefined, cidr);
  });
});
