import assert from "node:assert/strict";
import fc from "fast-check";
import { servicesPerBalancer, trafficPriorities } from "../../model/names.ts";
import { listenerPriorities, servicePriorities } from "../../model/traffic-bands.ts";

type Services = Record<string, { route: { hosts: string[]; paths: string[] }; balancer: number }>;
const service = (hosts: string[], paths: string[], balancer = 1) => ({ route: { hosts, paths }, balancer });
const named = (count: number, make: (index: number) => Services[string]): Services =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, make(index)]));

describe("servicesPerBalancer", () => {
  it("keeps to both quotas, with room for one that takes another's place", () => {
    assert.equal(servicesPerBalancer(100), 32);
    assert.equal(servicesPerBalancer(138), 45);
    assert.equal(servicesPerBalancer(1000), 45);
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1000 }), (rules) => {
        const services = servicesPerBalancer(rules);
        assert.ok(3 * (services + 1) <= rules && 2 * (services + 1) <= 100);
      }),
    );
  });
});

describe("servicePriorities", () => {
  it("has room for 45 services by host, and for 45 paths of one length", () => {
    const hosts = servicePriorities(
      named(45, (index) => service([`s${index}.example.com`], [])),
      new Map(),
    );
    const paths = servicePriorities(
      named(45, (index) => service([], [`/s${String(index).padStart(2, "0")}/*`])),
      new Map(),
    );
    for (const priorities of [hosts, paths]) assert.equal(new Set(priorities.values()).size, 135);
  });

  it("leaves one service where it always was", () => {
    const { first } = trafficPriorities({ hosts: [], paths: ["/a/*"] });
    const priorities = servicePriorities({ api: service([], ["/a/*"]) }, new Map());
    assert.deepEqual(Object.fromEntries(priorities), { "api-blue-test": 1, "api-green-test": 2, "api-traffic": first });
  });

  it("never puts a rule before one whose requests it would take", () => {
    const path = fc.stringMatching(/^\/[ab]{0,3}\*?$/);
    const host = fc.constantFrom("a.test", "b.test", "*.test");
    const route = fc.record({
      hosts: fc.uniqueArray(host, { maxLength: 1 }),
      paths: fc.uniqueArray(path, { maxLength: 2 }),
    });
    const routes = fc.uniqueArray(route, { maxLength: 45, selector: (each) => JSON.stringify(each) });
    fc.assert(
      fc.property(routes, (list) => {
        const services = Object.fromEntries(list.map((each, index) => [`s${index}`, { route: each }]));
        let priorities: Map<string, number>;
        try {
          priorities = servicePriorities(services, new Map());
        } catch (error) {
          assert.ok(error instanceof RangeError);
          return;
        }
        assert.equal(new Set(priorities.values()).size, 3 * list.length);
        const entries = Object.entries(services);
        for (const [one, { route: near }] of entries) {
          for (const [other, { route: far }] of entries) {
            const moreSpecific = trafficPriorities(near).first < trafficPriorities(far).first;
            const shared = request(near, far);
            if (!moreSpecific || shared === undefined) continue;
            const [earlier, later] = [priorities.get(`${one}-traffic`), priorities.get(`${other}-traffic`)];
            assert.ok(Number(earlier) < Number(later), `${one} after ${other} for ${shared}`);
          }
        }
      }),
    );
  });

  it("says so where no order is left", () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const full = {
      ...Object.fromEntries(letters.map((one) => [one, service([], [`/${one}*`])])),
      all: service([], ["/*"]),
    };
    assert.throws(() => servicePriorities(full, new Map()), RangeError);
  });
});

/** A request that both take, looked for among all short ones. */
function request(a: { hosts: string[]; paths: string[] }, b: { hosts: string[]; paths: string[] }): string | undefined {
  const fits = (value: string, patterns: string[]) =>
    patterns.length === 0 ||
    patterns.some((each) => new RegExp(`^${each.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(value));
  for (const host of ["a.test", "b.test", "c.test"]) {
    for (const path of [
      "/",
      "/a",
      "/b",
      "/ab",
      "/ba",
      "/aa",
      "/bb",
      "/aba",
      "/abb",
      "/aaa",
      "/bbb",
      "/bab",
      "/aab",
      "/abab",
    ]) {
      if (fits(host, a.hosts) && fits(host, b.hosts) && fits(path, a.paths) && fits(path, b.paths)) return host + path;
    }
  }
  return undefined;
}

describe("listenerPriorities", () => {
  it("counts for each balancer on its own, and keeps what is held", () => {
    const first: Services = { a: service([], ["/x/*"]), far: service([], ["/x/*"], 2) };
    const priorities = listenerPriorities(first, new Map());
    assert.equal(priorities.get("a-traffic"), priorities.get("far-traffic"));
    const more = listenerPriorities({ ...first, b: service([], ["/y/*"]), c: service([], ["/y/*"], 2) }, priorities);
    for (const [rule, priority] of priorities) assert.equal(more.get(rule), priority);
    assert.equal(more.get("b-blue-test"), more.get("c-blue-test"));
  });

  it("takes no priority that a service which is about to go still has", () => {
    const held = new Map([["gone-blue-test", 1]]);
    assert.equal(listenerPriorities({ api: service([], []) }, held).get("api-blue-test"), 2);
  });
});
