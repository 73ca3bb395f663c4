import assert from "node:assert/strict";
import fc from "fast-check";
import { checkConfig } from "../../model/config/config.ts";
import { networkPlan, requiredEndpoints } from "../../model/network-plan.ts";
import { contains, overlaps, parseCidr } from "../../sandbox/cloud/cidr.ts";

const problems = (network: Record<string, unknown>) =>
  checkConfig({ network }).problems.map(({ field, rule }) => `${field}: ${rule}`);
const planOf = (settings: Record<string, unknown>) => {
  const { network } = checkConfig({ network: settings }).config ?? {};
  assert.ok(network);
  return networkPlan(network);
};
const vpc = {
  id: "vpc-0123456789abcdef0",
  cidr: "10.9.0.0/16",
  publicSubnets: ["subnet-00000001", "subnet-00000002"],
  privateSubnets: ["subnet-00000003", "subnet-00000004"],
};

describe("networkPlan", () => {
  it("is two zones behind one NAT gateway where nothing is said", () => {
    assert.partialDeepStrictEqual(planOf({}), {
      cidr: "10.20.0.0/16",
      egress: "single-nat",
      gateways: 1,
      endpoints: { interface: [], gateway: [] },
    });
    assert.equal(planOf({}).ranges.public.length, 2);
  });

  it("pays for as many gateways as egress asks for", () => {
    const gateways = (egress: string) => planOf({ zones: 3, egress }).gateways;
    assert.deepEqual(["single-nat", "nat-per-zone", "endpoints", "public"].map(gateways), [1, 3, 0, 0]);
  });

  it("has endpoints for what Fargate needs, and those asked for", () => {
    assert.deepEqual(planOf({ egress: "endpoints", endpoints: ["kms", "dynamodb"] }).endpoints, {
      interface: [...requiredEndpoints, "kms"],
      gateway: ["s3", "dynamodb"],
    });
    assert.deepEqual(planOf({ endpoints: ["s3"] }).endpoints, { interface: [], gateway: ["s3"] });
  });

  it("cuts subnets that AWS takes out of every range that the schema takes", () => {
    const range = fc
      .tuple(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 32 }),
      )
      .map(([a, b, c, prefix]) => {
        // Most ranges begin where one can.
        const first = ((a * 256 + b) * 256 + c) * 256;
        const size = 2 ** (32 - prefix);
        const base = Math.floor(first / size) * size;
        return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${prefix}`;
      });
    fc.assert(
      fc.property(range, fc.integer({ min: 2, max: 3 }), (cidr, zones) => {
        const { network } = checkConfig({ network: { cidr, zones } }).config ?? {};
        fc.pre(network !== undefined);
        const plan = networkPlan(network);
        const outer = parseCidr(plan.cidr);
        const blocks = [...plan.ranges.public, ...plan.ranges.private].map((each) => parseCidr(each));
        assert.equal(blocks.length, 2 * zones);
        for (const [index, one] of blocks.entries()) {
          assert.ok(outer && one && contains(outer, one) && one.prefix >= 16 && one.prefix <= 28);
          for (const other of blocks.slice(index + 1)) assert.ok(other && !overlaps(one, other));
        }
      }),
    );
  });
});

describe("the section network", () => {
  it("takes an existing VPC, and nothing beside it", () => {
    assert.deepEqual(problems({ vpc }), []);
    assert.deepEqual(problems({ vpc, zones: 2, egress: "single-nat", cidr: "10.20.0.0/16" }), [
      "network.cidr: an existing VPC is taken as it is",
      "network.zones: an existing VPC is taken as it is",
      "network.egress: an existing VPC is taken as it is",
    ]);
  });

  const rows: [what: string, network: Record<string, unknown>, problem: RegExp][] = [
    [
      "a subnet on both sides",
      { vpc: { ...vpc, privateSubnets: ["subnet-00000001", "subnet-00000003"] } },
      /stands once/,
    ],
    ["a subnet named twice", { vpc: { ...vpc, publicSubnets: ["subnet-00000001", "subnet-00000001"] } }, /stands once/],
    ["one subnet", { vpc: { ...vpc, publicSubnets: ["subnet-00000001"] } }, /publicSubnets: .*at least 2/],
    ["an id that is none", { vpc: { ...vpc, id: "my-vpc" } }, /network\.vpc\.id: a VPC's id/],
    [
      "endpoints without private subnets",
      { egress: "public", endpoints: ["s3"] },
      /only where there are private subnets/,
    ],
    ["endpoints in a VPC that exists", { vpc, endpoints: ["s3"] }, /only where there are private subnets/],
    ["an endpoint that is there anyway", { egress: "endpoints", endpoints: ["ssm"] }, /no endpoint twice/],
    ["an endpoint twice", { egress: "endpoints", endpoints: ["kms", "kms"] }, /no endpoint twice/],
    ["a range too small to cut", { cidr: "10.0.0.0/24" }, /\/16 to \/20/],
    ["four zones", { zones: 4 }, /at most 3/],
  ];
  for (const [what, network, problem] of rows) {
    it(`refuses ${what}`, () => assert.match(problems(network).join("\n"), problem));
  }
});
