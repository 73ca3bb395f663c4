import assert from "node:assert/strict";
import { checkConfig } from "../../../model/config/config.ts";

const stack = (gates: object, repository = "shop/api") => ({
  network: {},
  cluster: {},
  services: { api: { repository } },
  gates,
});

describe("a stack's section gates", () => {
  const rows: [what: string, gates: object, field: string][] = [
    ["a repository that no service runs from", { repositories: { "shop/web": {} } }, "gates.repositories.shop/web"],
    [
      "a repository's gate that is looser",
      { lint: {}, repositories: { "shop/api": { lint: { issues: 1 } } } },
      "gates.repositories.shop/api.lint.issues",
    ],
    [
      "a freeze of no time",
      { freeze: [{ from: "2026-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z", reason: "x" }] },
      "gates.freeze.0.until",
    ],
    ["two licences in one", { licences: { allow: ["MIT OR ISC"] } }, "gates.licences.allow.0"],
    ["a condition of nothing", { approvals: [{ role: "security", when: {} }] }, "gates.approvals.0.when"],
    [
      "a condition on everything but some",
      { approvals: [{ role: "security", when: { paths: ["!docs/**"] } }] },
      "gates.approvals.0.when.paths",
    ],
    [
      "a part that is everything but some",
      { coverage: { critical: { paths: ["!docs/**"], lines: { atLeast: 1 } } } },
      "gates.coverage.critical.paths",
    ],
    ["approval by oneself", { selfApproval: true }, "gates.selfApproval"],
    ["a bound of two sides", { load: { a: { p95Ms: { below: 1, atMost: 2 } } } }, "gates.load.a.p95Ms"],
    [
      "a benchmark's bound without a unit",
      { performance: { limits: { a: { below: 1 } } } },
      "gates.performance.limits.a",
    ],
  ];
  for (const [what, gates, field] of rows) {
    it(`refuses ${what}`, () => {
      const { problems } = checkConfig(stack(gates));
      assert.deepEqual(
        problems.map((one) => one.field),
        [field],
      );
      assert.ok(problems[0]?.rule && problems[0].remedy);
    });
  }

  it("may name the repository of a service, be it by the service's own name", () => {
    assert.deepEqual(checkConfig(stack({ repositories: { "shop/api": { lint: {} } } })).problems, []);
    const byName = { network: {}, cluster: {}, services: { api: {} }, gates: { repositories: { api: {} } } };
    assert.deepEqual(checkConfig(byName).problems, []);
  });

  it("may stand in a stack that runs nothing", () => {
    assert.deepEqual(checkConfig({ gates: { repositories: { tool: { release: {} } } } }).problems, []);
  });

  it("is taken as it is written: what it leaves out is not the strictest value", () => {
    const { config } = checkConfig(stack({ sast: { high: 1 }, waivers: {} }));
    assert.deepEqual([config?.gates?.sast, config?.gates?.waivers], [{ tools: [], high: 1 }, {}]);
  });
});
