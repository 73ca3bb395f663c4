import assert from "node:assert/strict";
import fc from "fast-check";
import { allotPriorities, boundedName, maximumServices, testPriorities, trafficPriorities } from "../../model/names.ts";
import { subnetRanges } from "../../model/subnets.ts";

const route = (hosts: string[], paths: string[]) => trafficPriorities({ hosts, paths });

describe("boundedName", () => {
  it("keeps within its limit, and apart what differs", () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9]{0,40}$/);
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const name = boundedName(32, a, b, c);
        assert.ok(name.length <= 32);
        assert.match(name, /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/);
        assert.notEqual(name, boundedName(32, a, b, `${c}x`));
      }),
    );
  });
});

describe("listener rule priorities", () => {
  it("put the more specific route first", () => {
    const all = route([], []);
    const broad = route([], ["/a*"]);
    const narrow = route([], ["/a/b*"]);
    const host = route(["x.example.com"], []);
    const both = route(["x.example.com"], ["/a*"]);
    assert.ok(both.last < narrow.first && narrow.last < broad.first && broad.last < all.first && host.last < all.first);
  });

  it("stay within ELB's bounds for any route", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 128 }), fc.boolean(), (length, hosted) => {
        const { first, last } = route(hosted ? ["h"] : [], length > 0 ? ["/".padEnd(length, "a")] : []);
        assert.ok(first >= 40_000 && last <= 50_000 && first < last);
      }),
    );
  });

  it("are kept by who has them, and unique", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: maximumServices * 2 });
    fc.assert(
      fc.property(names, names, (before, after) => {
        const bands = (list: string[]) => new Map(list.map((name) => [name, testPriorities] as const));
        const held = allotPriorities(bands(before), new Map());
        const now = allotPriorities(bands(after), held);
        assert.equal(new Set(now.values()).size, after.length);
        for (const name of after) if (held.has(name)) assert.equal(now.get(name), held.get(name));
        for (const name of after) if (!held.has(name)) assert.ok(![...held.values()].includes(now.get(name) as number));
      }),
    );
  });
});

describe("subnetRanges", () => {
  it("cuts without overlap, within the VPC", () => {
    assert.deepEqual(subnetRanges("10.20.0.0/16", 2), {
      public: ["10.20.0.0/20", "10.20.16.0/20"],
      private: ["10.20.64.0/20", "10.20.80.0/20"],
    });
    assert.deepEqual(subnetRanges("10.0.16.0/20", 3).private, ["10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24"]);
  });
  it("leaves what exists where it is when a zone is added", () => {
    const two = subnetRanges("10.20.0.0/16", 2);
    const three = subnetRanges("10.20.0.0/16", 3);
    assert.deepEqual(three.public.slice(0, 2), two.public);
    assert.deepEqual(three.private.slice(0, 2), two.private);
  });
});
