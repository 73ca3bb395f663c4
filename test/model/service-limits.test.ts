import assert from "node:assert/strict";
import fc from "fast-check";
import { checkConfig } from "../../model/config/config.ts";
import { containerDefinitions, volumesOf } from "../../model/container-definitions.ts";
import { releaseOptions, secretValues } from "../../model/release-options.ts";
import { executionPolicy, taskPolicy } from "../../model/service-policies.ts";
import { checkTaskDefinition } from "../../sandbox/cloud/ecs-checks.ts";
import { checkPolicyDocument } from "../../sandbox/cloud/iam-documents.ts";

const longest = (start: string) => start.padEnd(24, "x");
const identifiers = ["api", "proxy", longest("metrics")];
const image = (repository: string) => `${repository}@sha256:${"b".repeat(64)}`;
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";

const many = <T>(value: fc.Arbitrary<T>, maxLength: number) => fc.array(value, { maxLength });
const maybe = <T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(record, { requiredKeys: [] });
/** Long texts, with characters that JSON or UTF-8 make longer. */
const text = (most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.constantFrom("x", "é", "\u0001", '"'))
    .map(([length, character]) => character.repeat(length));
const variables = fc.dictionary(fc.constantFrom("A", "B", "LONG_NAME"), text(9000), { maxKeys: 3 });
const references: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  secret,
  `${secret}:user::`,
  "arn:aws:ssm:eu-west-1:123456789012:parameter/api/key",
  { arn: secret, key: "k".repeat(512), version: "0".repeat(64) },
  { arn: secret, stage: "s".repeat(256) },
);
const secrets = fc.oneof(
  fc.dictionary(fc.stringMatching(/^[C-Z]{1,6}$/), references, { maxKeys: 20 }),
  fc
    .integer({ min: 0, max: 160 })
    .map((count) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, `${secret}${index}`])),
    ),
);
const path = fc.constantFrom("/tmp", "/var/run", "/run", "/data", `/${"d".repeat(254)}`);
const writablePaths = fc.uniqueArray(fc.oneof(path, fc.record({ path, memoryMiB: fc.integer({ min: 1, max: 100 }) })), {
  maxLength: 4,
  selector: (one) => (typeof one === "string" ? one : one.path),
});
const health = maybe<{ command: unknown; interval: number; timeout: number; retries: number; startPeriod: number }>({
  command: fc.constantFrom<unknown>("true", ["/app/health", "--all"]),
  interval: fc.constantFrom(5, 300),
  timeout: fc.constantFrom(2, 60),
  retries: fc.constantFrom(1, 10),
  startPeriod: fc.constantFrom(0, 300),
});
const dependsOn = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc.dictionary(fc.constantFrom(...identifiers), fc.constantFrom("START", "START", "HEALTHY", "COMPLETE", "SUCCESS"), {
    maxKeys: 1,
  }),
);
const container = {
  environment: variables,
  secrets,
  writablePaths,
  dependsOn,
  user: fc.constantFrom<unknown>(1, 65532, "nobody", "1000:1000"),
  command: fc.array(text(4096), { minLength: 1, maxLength: 3 }),
  entryPoint: fc.constant(["/run", ""]),
  stopTimeout: fc.constantFrom(2, 30, 120),
};
const sidecar = fc
  .tuple(
    maybe({
      ...container,
      essential: fc.boolean(),
      cpu: fc.integer({ min: 2, max: 200 }),
      memory: fc.integer({ min: 6, max: 400 }),
      port: fc.constantFrom(8080, 9090, 9091, 9092, 9093),
      health,
    }),
    fc.constantFrom("proxy", "r".repeat(256)),
  )
  .map(([options, repository]) => ({ ...options, image: image(repository) }));
const sizes = fc.constantFrom(
  [256, 512],
  [256, 512],
  [256, 2048],
  [512, 4096],
  [1024, 8192],
  [2048, 16_384],
  [4096, 30_720],
);
const service = fc
  .tuple(
    sizes,
    maybe({
      ...container,
      port: fc.constantFrom(1, 8080, 65_535),
      containerHealth: health,
      ephemeralStorage: fc.constantFrom(21, 200),
      capacity: maybe({ spot: fc.constantFrom(0, 1, 99, 100), base: fc.constantFrom(0, 1) }),
      logs: maybe({ mode: fc.constantFrom("blocking", "non-blocking"), bufferMiB: fc.constantFrom(1, 256) }),
      sidecars: fc.dictionary(fc.constantFrom(...identifiers), sidecar, { maxKeys: 3 }),
      permissions: many(
        fc.record({
          actions: fc.array(fc.constantFrom("s3:GetObject", "sqs:Send*"), { minLength: 1, maxLength: 3 }),
          resources: fc.array(fc.constantFrom("arn:aws:s3:::a/*", `arn:aws:sqs:eu-west-1:1:${"q".repeat(80)}`), {
            minLength: 1,
            maxLength: 50,
          }),
        }),
        3,
      ),
    }),
  )
  .map(([[cpu, memory], options]) => ({ ...options, cpu, memory }));

describe("any service that the configuration accepts", () => {
  it("makes task definitions and policies that ECS and IAM accept", () => {
    let accepted = 0;
    fc.assert(
      fc.property(service, fc.constantFrom("api", longest("api")), (settings, name) => {
        const { config } = checkConfig({ network: {}, cluster: {}, services: { [name]: settings } });
        const one = config?.services[name];
        if (one === undefined) return;
        accepted += 1;
        const repositories = Object.values(one.sidecars).map((each) => each.image.split("@")[0] ?? "");
        const host = "123456789012.dkr.ecr.ap-southeast-99.amazonaws.com";
        const document = containerDefinitions({
          name,
          config: one,
          deployed: { id: "0".repeat(16), tag: "t".repeat(128), digest: `sha256:${"0".repeat(64)}`, attempt: 9999 },
          repositoryUrl: `${host}/${"r".repeat(256)}`,
          sidecarUrls: Object.fromEntries(repositories.map((each) => [each, `${host}/${each}`])),
          logGroup: `/${"p".repeat(100)}/${"s".repeat(100)}/${name}`,
          region: "ap-southeast-99",
        });
        checkTaskDefinition({
          family: "f".repeat(255),
          networkMode: "awsvpc",
          requiresCompatibilities: ["FARGATE"],
          cpu: String(one.cpu),
          memory: String(one.memory),
          executionRoleArn: `arn:aws:iam::123456789012:role/${"e".repeat(64)}`,
          taskRoleArn: `arn:aws:iam::123456789012:role/${"t".repeat(64)}`,
          runtimePlatform: { cpuArchitecture: one.architecture, operatingSystemFamily: "LINUX" },
          containerDefinitions: JSON.parse(document),
          volumes: volumesOf(name, one),
          ...(one.ephemeralStorage === undefined ? {} : { ephemeralStorage: { sizeInGiB: one.ephemeralStorage } }),
        });
        const all = [one, ...Object.values(one.sidecars)];
        const policies = [
          taskPolicy(one.permissions),
          executionPolicy({
            repositoryArns: repositories.map((each) => `arn:aws:ecr:ap-southeast-99:123456789012:repository/${each}`),
            logGroupArn: `arn:aws:logs:ap-southeast-99:123456789012:log-group:/${"p".repeat(100)}/${"s".repeat(100)}/${name}`,
            secrets: all.flatMap((each) => Object.values(secretValues(each.secrets))),
            keys: one.secretKeys,
          }),
        ];
        for (const policy of policies) {
          if (policy === undefined) continue;
          assert.equal(checkPolicyDocument(policy), undefined);
          assert.ok(policy.length <= 10_240);
        }
        releaseOptions(one);
      }),
      { numRuns: 1500 },
    );
    assert.ok(accepted > 150, `only ${accepted} of 1500 were accepted: the property says too little`);
  });
});
