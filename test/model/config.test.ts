import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { checkConfig, formatProblems } from "../../model/config/config.ts";
import { stackFileSchema } from "../../model/config/schema.ts";

const root = new URL("../../", import.meta.url);
const valid = () => ({ network: {}, cluster: {}, services: { api: {} as Record<string, unknown> } });
const service = (settings: Record<string, unknown>) => ({ ...valid(), services: { api: settings } });
const problemsOf = (raw: Record<string, unknown>) => checkConfig(raw).problems;

describe("checkConfig", () => {
  it("fills in defaults", () => {
    const { config, problems } = checkConfig(valid());
    assert.deepEqual(problems, []);
    assert.partialDeepStrictEqual(config?.services.api, {
      port: 8080,
      cpu: 256,
      memory: 512,
      count: { min: 1, max: 4 },
    });
    assert.equal(config?.foundation, "foundation");
  });

  it("takes what YAML reads as a number or a boolean for text, and no name for one of its own", () => {
    const { config } = checkConfig(service({ environment: { A: 1, B: true, C: "c" } }));
    assert.deepEqual(config?.services.api?.environment, { A: "1", B: "true", C: "c" });
    assert.deepEqual(problemsOf({ ...valid(), services: { constructor: {} } }), []);
  });

  it("takes nothing at all for a stack without components", () => assert.deepEqual(problemsOf({}), []));

  const releases = (request: Record<string, unknown>) => ({ ...valid(), releases: { api: request } });

  const rows: [breach: string, raw: Record<string, unknown>, field: string, rule: RegExp][] = [
    [
      "a name that would be dropped",
      JSON.parse('{"services":{"__proto__":{}}}'),
      "services.__proto__",
      /keeps for itself/,
    ],
    ["a kind", service({ memory: "big" }), "services.api.memory", /^a number$/],
    ["what is required", service({ sidecars: { a: {} } }), "services.api.sidecars.a.image", /^required: a text$/],
    ["a choice", service({ cpu: 3 }), "services.api.cpu", /^one of 256, 512, 1024, 2048, 4096$/],
    ["what is too small", service({ count: { min: 0 } }), "services.api.count.min", /^at least 1$/],
    ["what is too big", service({ port: 70_000 }), "services.api.port", /^at most 65535$/],
    ["an unknown section", { sevrices: {} }, "sevrices", /no such setting/],
    ["an unknown setting", service({ prot: 80 }), "services.api.prot", /no such setting/],
    [
      "a variable without a value",
      service({ environment: { A: null } }),
      "services.api.environment.A",
      /nothing is not/,
    ],
    ["a bad service name", { ...valid(), services: { Api_1: {} } }, "services.Api_1", /lower-case/],
    [
      "a weight of 101",
      releases({ candidate: { imageTag: "v2", weight: 101 } }),
      "releases.api.candidate.weight",
      /at most 100/,
    ],
    [
      "a weight of -1",
      releases({ candidate: { imageTag: "v2", weight: -1 } }),
      "releases.api.candidate.weight",
      /at least 0/,
    ],
    [
      "half a per cent",
      releases({ candidate: { imageTag: "v2", weight: 0.5 } }),
      "releases.api.candidate.weight",
      /a whole number/,
    ],
    ["a bad tag", releases({ imageTag: "v1 0" }), "releases.api.imageTag", /tag/],
    ["an empty tag", { ...valid(), imageTag: "" }, "imageTag", /tag/],
    ["port 0", service({ port: 0 }), "services.api.port", /at least 1/],
    ["CPU that Fargate lacks", service({ cpu: 300 }), "services.api.cpu", /256/],
    [
      "memory that Fargate lacks for the CPU",
      service({ cpu: 256, memory: 4096 }),
      "services.api.memory",
      /Fargate offers/,
    ],
    ["min above max", service({ count: { min: 5, max: 2 } }), "services.api.count", /min is at most max/],
    [
      "a timeout as long as the interval",
      service({ health: { interval: 5, timeout: 5 } }),
      "services.api.health.timeout",
      /less/,
    ],
    ["a secret that is no ARN", service({ secrets: { TOKEN: "hunter2" } }), "services.api.secrets.TOKEN", /ARN/],
    [
      "a variable both plain and secret",
      service({ environment: { A: "1" }, secrets: { A: "arn:aws:ssm:eu-west-1:123456789012:parameter/a" } }),
      "services.api.environment.A",
      /either plain or secret/,
    ],
    ["two ways to name a release", releases({ imageTag: "v1", release: "0123456789abcdef" }), "releases.api", /one of/],
    ["a release of no service", { releases: { web: { imageTag: "v1" } } }, "releases.web", /a service of this stack/],
    ["a release among a service's settings", service({ imageTag: "v1" }), "services.api.imageTag", /no such setting/],
    ["services without their network", { cluster: {}, services: { api: {} } }, "network", /need this section/],
    ["services without their cluster", { network: {}, services: { api: {} } }, "cluster", /need this section/],
    ["a cluster without its network", { cluster: {} }, "network", /cluster needs/],
    [
      "two services on one route",
      { ...valid(), services: { api: {}, web: {} } },
      "services.web.route",
      /same hosts and paths/,
    ],
    [
      "two services on one route, said in two ways",
      { ...valid(), services: { api: {}, web: { route: { paths: ["/web/*", "/*"] } } } },
      "services.web.route",
      /same hosts and paths/,
    ],
    [
      "two services on one host, said in two cases",
      {
        ...valid(),
        services: { api: { route: { hosts: ["a.test"] } }, web: { route: { hosts: ["b.test", "A.test"] } } },
      },
      "services.web.route",
      /same hosts and paths/,
    ],
    ["a range that is no range", { network: { cidr: "10.0.0.0" } }, "network.cidr", /IPv4 range/],
    ["a range too small to cut", { network: { cidr: "10.0.0.0/24" } }, "network.cidr", /\/16 to \/20/],
    ["a range with host bits", { network: { cidr: "10.0.1.0/16" } }, "network.cidr", /first address/],
    ["no repository", { registry: { repositories: {} } }, "registry.repositories", /at least one/],
    ["46 services", { ...valid(), services: many(46) }, "services", /at most 32/],
    [
      "seven route conditions",
      service({ route: { hosts: ["a", "b", "c"], paths: ["/a", "/b"] } }),
      "services.api.route",
      /at most 4/,
    ],
  ];
  for (const [breach, raw, field, rule] of rows) {
    it(`refuses ${breach}`, () => {
      const problems = problemsOf(raw);
      const problem = problems.find((one) => one.field === field);
      assert.ok(problem, `no problem at ${field}, only at ${problems.map((one) => one.field).join(", ")}`);
      assert.match(problem.rule, rule);
      assert.notEqual(problem.remedy, "");
    });
  }

  it("reports every error at once, each with field, rule, value and remedy", () => {
    const problems = problemsOf({
      colour: "red",
      services: { api: { port: 99_999 } },
      releases: { api: { candidate: { imageTag: "v2", weight: 101 } } },
    });
    assert.deepEqual(problems.map(({ field }) => field).sort(), [
      "colour",
      "releases.api.candidate.weight",
      "services.api.port",
    ]);
    const text = formatProblems(problems);
    assert.match(text, /^configuration error:\n/);
    assert.match(text, /services\.api\.port: .+; got 99999; set sluice:services\.api\.port/);
  });

  it("looks below names that it refuses", () => {
    const raw = {
      ...valid(),
      services: { Bad_Name: { cpu: 3, secrets: { "A-B": "no arn" } }, api: { port: 0 } },
    };
    assert.deepEqual(
      problemsOf(raw)
        .map(({ field, value }) => `${field} ${value}`)
        .sort(),
      [
        'services.Bad_Name "Bad_Name"',
        "services.Bad_Name.cpu 3",
        'services.Bad_Name.secrets.A-B "A-B"',
        'services.Bad_Name.secrets.A-B "no arn"',
        "services.api.port 0",
      ],
    );
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
        const { config, problems } = checkConfig(raw);
        assert.equal(config === undefined, problems.length > 0);
      }),
    );
  });

  const folders = ["./", ...readdirSync(new URL("examples/", root)).map((name) => `examples/${name}/`)];
  const committed = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
      .map((name) => folder + name),
  );
  for (const file of committed) {
    it(`takes the committed ${file}, which names no release`, () => {
      const text = readFileSync(new URL(file, root), "utf8");
      const { config } = parse(text) as { config: Record<string, unknown> };
      const own = Object.entries(config).filter(([key]) => key.startsWith("sluice:"));
      assert.deepEqual(problemsOf(Object.fromEntries(own.map(([key, value]) => [key.slice(7), value]))), []);
      assert.doesNotMatch(text, /imageTag|candidate|weight/);
    });
  }

  it("has a current JSON schema for editors", () => {
    const committed = JSON.parse(readFileSync(new URL("docs/config.schema.json", root), "utf8"));
    assert.deepEqual(committed, JSON.parse(JSON.stringify(stackFileSchema())), "run `npm run schema`");
  });
});

function many(count: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`service-${index}`, { route: { paths: [`/s${index}/*`] } }]),
  );
}
