import assert from "node:assert/strict";
import fc from "fast-check";
import { Cluster } from "../../components/cluster/cluster.ts";
import { Environment } from "../../components/environment.ts";
import { Network } from "../../components/network/network.ts";
import { type Config, checkConfig } from "../../model/config/config.ts";
import { S3 } from "../../sandbox/cloud/s3.ts";
import { awsProvider } from "../../sandbox/providers/aws/index.ts";
import { checkInputs } from "../../sandbox/providers/check.ts";
import { specsOf } from "../../sandbox/providers/tagging.ts";
import { bareCloud } from "../sandbox/core/harness.ts";
import { type Declarations, declare } from "./harness.ts";

const { types } = awsProvider("0");

/** What the providers' limits, as the sandbox has them, say against a declaration. */
function problemsOf(resources: Declarations): string[] {
  return resources.all
    .filter(({ type }) => type.startsWith("aws:"))
    .flatMap(({ type, name, inputs }) => {
      const definition = types[type];
      if (definition === undefined) return [`${name}: no type ${type}`];
      const checked = checkInputs(specsOf(definition), inputs);
      const across = definition.check?.(checked.inputs, { region: "eu-west-1" }) ?? [];
      return [...checked.problems, ...across].map(({ property, reason }) => `${name}.${property}: ${reason}`);
    });
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const block = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 16, 240), fc.integer({ min: 15, max: 21 }))
  .map(([second, third, prefix]) => `10.${second}.${third}.0/${prefix}`);
const host = fc.constantFrom("example.com", "www.example.com", `${"a".repeat(52)}.example.com`, "UPPER.example.com");
const egress = fc.constantFrom(
  { egress: "nat-per-zone" },
  { egress: "public" },
  { egress: "endpoints" },
  { egress: "endpoints", endpoints: ["kms", "monitoring"] },
  { egress: "endpoints", endpoints: ["ssm"] },
  { egress: "nat-per-zone", endpoints: ["s3", "dynamodb", "kms"] },
  {},
);
const network = fc
  .record({
    cidr: optional(block),
    zones: optional(fc.integer({ min: 2, max: 4 })),
    flowLogs: optional(fc.record({ enabled: fc.boolean(), traffic: fc.constantFrom("ALL", "REJECT") })),
  })
  .chain((settings) => egress.map((way) => ({ ...settings, ...way })));
const tls = fc.oneof(
  fc.constant({}),
  fc.constant({ certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/0a" }),
  fc.record({
    domain: host,
    certificate: fc.record({
      zoneId: fc.constant("Z012345"),
      alternativeNames: fc.uniqueArray(host, { maxLength: 2 }),
    }),
  }),
);
const cluster = fc
  .record({
    listenerPort: optional(fc.constantFrom(80, 8080, 65_535)),
    balancers: optional(fc.integer({ min: 1, max: 5 })),
    accessLogs: optional(fc.record({ retentionDays: fc.integer({ min: 0, max: 4000 }) })),
    idleTimeout: optional(fc.integer({ min: 0, max: 4100 })),
  })
  .chain((settings) => tls.map((names) => ({ ...settings, ...names })));
const stack = fc.stringMatching(/^[a-z][a-z0-9]{0,10}(-[a-z0-9]{1,20}){0,4}$/);
/** Leaves out what is undefined, as a stack file does. */
const given = (settings: object) => JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;

async function declareBoth(config: Config, name: string): Promise<Declarations> {
  const environment = new Environment({ project: "sluice", stack: name, name, region: "eu-west-1" });
  return declare(() => {
    const place = new Network("network", { environment, ...(config.network as NonNullable<Config["network"]>) });
    new Cluster("cluster", { environment, network: place, ...(config.cluster as NonNullable<Config["cluster"]>) });
  });
}

describe("limits of the network's and the cluster's providers", () => {
  const { store, dispose } = bareCloud();
  after(dispose);

  it("are kept by every configuration that the schema takes", async function () {
    this.timeout(60_000);
    const buckets = new S3({ store, region: "eu-west-1" } as ConstructorParameters<typeof S3>[0]);
    let taken = 0;
    const property = fc.asyncProperty(network, cluster, stack, async (net, clu, name) => {
      const { config } = checkConfig({ network: given(net), cluster: given(clu) });
      fc.pre(config !== undefined);
      taken++;
      const resources = await declareBoth(config, name);
      assert.deepEqual(problemsOf(resources), []);
      for (const bucket of resources.names("s3/bucket")) {
        const Bucket = String(resources.one("s3/bucket", bucket).bucket);
        buckets.createBucket({ Bucket });
        buckets.deleteBucket({ Bucket });
      }
      const names = resources.names("lb/loadBalancer").map((each) => resources.one("lb/loadBalancer", each).name);
      assert.equal(new Set(names).size, names.length, "two balancers of one name");
    });
    await fc.assert(property, { numRuns: 15, maxSkipsPerRun: 500 });
    assert.equal(taken, 15);
  });
});
