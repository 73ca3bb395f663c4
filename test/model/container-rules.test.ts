import assert from "node:assert/strict";
import { checkConfig } from "../../model/config/config.ts";

const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const image = `tools/proxy@sha256:${"b".repeat(64)}`;
const check = (settings: object) => checkConfig({ network: {}, cluster: {}, services: { api: settings } });
const sidecar = (options: object = {}) => ({ sidecars: { proxy: { image, ...options } } });
const permission = (more: object) => ({
  permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::a/*"], ...more }],
});
const health = { command: "true" };

describe("container options", () => {
  const rows: [breach: string, settings: object, field: string, rule: RegExp][] = [
    ["root by number", { user: 0 }, "user", /./],
    ["root by name", { user: "root" }, "user", /never root/],
    ["root with a group", { user: "0:1000" }, "user", /never root/],
    ["root in disguise", { user: "000" }, "user", /never root/],
    ["a sidecar as root", sidecar({ user: "root:root" }), "sidecars.proxy.user", /never root/],
    ["a relative path", { writablePaths: ["tmp"] }, "writablePaths.0", /./],
    ["the root", { writablePaths: ["/"] }, "writablePaths.0", /./],
    ["a path upwards", { writablePaths: ["/a/../etc"] }, "writablePaths.0", /./],
    ["/proc", { writablePaths: ["/proc/self"] }, "writablePaths.0", /./],
    ["a path twice", { writablePaths: ["/a", { path: "/a", memoryMiB: 1 }] }, "writablePaths", /lies in, another/],
    ["a path in another", { writablePaths: ["/a/b", "/a"] }, "writablePaths", /lies in, another/],
    ["more tmpfs than memory", { writablePaths: [{ path: "/t", memoryMiB: 512 }] }, "writablePaths", /less than 512/],
    ["20 GiB of disk", { ephemeralStorage: 20 }, "ephemeralStorage", /21/],
    ["201 GiB of disk", { ephemeralStorage: 201 }, "ephemeralStorage", /200/],
    ["a base without Spot", { capacity: { base: 1 } }, "capacity", /base needs/],
    ["a base of nothing", { capacity: { spot: 100, base: 1 } }, "capacity", /base needs/],
    [
      "Spot that drains longer than it lives",
      { capacity: { spot: 10 }, deregistrationDelay: 31 },
      "deregistrationDelay",
      /at most stopTimeout, 30/,
    ],
    ["a secret of another service", { secrets: { A: "arn:aws:s3:::a" } }, "secrets.A", /ARN of a Secrets Manager/],
    ["half a suffix", { secrets: { A: `${secret}:key` } }, "secrets.A", /./],
    ["label and version", { secrets: { A: `${secret}:k:S:${"0".repeat(32)}` } }, "secrets.A", /./],
    ["a parameter's version", { secrets: { A: "arn:aws:ssm:eu-west-1:123456789012:parameter/a:2" } }, "secrets.A", /./],
    ["a suffix in the arn", { secrets: { A: { arn: `${secret}:k::` } } }, "secrets.A.arn", /./],
    ["an id and a label", { secrets: { A: { arn: secret, stage: "S", version: "0".repeat(32) } } }, "secrets.A", /./],
    [
      "a key that is an alias",
      { secretKeys: ["arn:aws:kms:eu-west-1:123456789012:alias/a"] },
      "secretKeys.0",
      /KMS key/,
    ],
    ["an image by tag", sidecar({ image: "proxy:v1" }), "sidecars.proxy.image", /@sha256/],
    [
      "an image of a registry with a port",
      sidecar({ image: `h:5000/a@${image.split("@")[1]}` }),
      "sidecars.proxy.image",
      /./,
    ],
    ["a sidecar of the service's name", { sidecars: { api: { image } } }, "sidecars.api", /service's name/],
    [
      "ten sidecars",
      { sidecars: Object.fromEntries([..."abcdefghij"].map((name) => [name, { image }])) },
      "sidecars",
      /9/,
    ],
    ["a sidecar as large as the task", sidecar({ memory: 512 }), "sidecars", /less than the task's 512/],
    ["a sidecar with all CPU", sidecar({ cpu: 256 }), "sidecars", /less than the task's 256/],
    ["one port twice", sidecar({ port: 8080 }), "sidecars.proxy.port", /share one address/],
    [
      "a sidecar's secret in plain",
      sidecar({ environment: { A: "" }, secrets: { A: secret } }),
      "sidecars.proxy.environment.A",
      /either/,
    ],
    ["a wait for nobody", { dependsOn: { proxy: "START" } }, "dependsOn.proxy", /another container/],
    ["a wait for oneself", sidecar({ dependsOn: { proxy: "START" } }), "sidecars.proxy.dependsOn.proxy", /another/],
    [
      "a wait for unknown health",
      { ...sidecar(), dependsOn: { proxy: "HEALTHY" } },
      "dependsOn.proxy",
      /needs a check/,
    ],
    [
      "a wait for the service's unknown health",
      sidecar({ dependsOn: { api: "HEALTHY" } }),
      "sidecars.proxy.dependsOn.api",
      /needs a check/,
    ],
    [
      "a wait for an end that never comes",
      { ...sidecar(), dependsOn: { proxy: "SUCCESS" } },
      "dependsOn.proxy",
      /never ends/,
    ],
    [
      "a circle",
      { ...sidecar({ dependsOn: { api: "START" } }), dependsOn: { proxy: "START" } },
      "dependsOn",
      /by way of/,
    ],
    ["more than 64 KiB", { environment: { A: "x".repeat(62_000) } }, "", /64 KiB/],
    [
      "more secrets than a policy holds",
      { secrets: Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`A${n}`, `${secret}${n}`])) },
      "secrets",
      /10240/,
    ],
    ["all actions", permission({ actions: ["*"] }), "permissions.0.actions.0", /SERVICE:Action/],
    ["all actions of a service", permission({ actions: ["s3:*"] }), "permissions.0.actions.0", /SERVICE:Action/],
    ["a wildcard within", permission({ actions: ["s3:*Object"] }), "permissions.0.actions.0", /SERVICE:Action/],
    ["all resources", permission({ resources: ["*"] }), "permissions.0", /name ARNs/],
    ["all of a service", permission({ resources: ["arn:aws:s3:::*"] }), "permissions.0.resources.0", /ARN/],
    [
      "an operator that is none",
      permission({ conditions: { "string equals": {} } }),
      "permissions.0.conditions.string equals",
      /./,
    ],
  ];
  for (const [breach, settings, field, rule] of rows) {
    it(`refuse ${breach}`, () => {
      const { problems } = check(settings);
      const at = `services.api${field === "" ? "" : `.${field}`}`;
      const problem = problems.find((one) => one.field === at || (field === "" && one.field.startsWith(at)));
      assert.ok(problem, `no problem at ${at}, only at ${problems.map((one) => one.field).join(", ") || "none"}`);
      assert.match(problem.rule, rule);
    });
  }

  const accepted: Record<string, object> = {
    "a user by number": { user: 1000 },
    "a user with root's group": { user: "1000:0" },
    "a secret with all suffixes": { secrets: { A: `${secret}:k:S:`, B: `${secret}:::${"0".repeat(32)}`, C: secret } },
    "a parameter": { secrets: { A: "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b.c" } },
    "Spot that drains in time": { capacity: { spot: 10, base: 3 }, deregistrationDelay: 120, stopTimeout: 120 },
    "waits that can be met": {
      ...sidecar({ essential: false, health }),
      dependsOn: { proxy: "HEALTHY" },
    },
    "a job before": { ...sidecar({ essential: false }), dependsOn: { proxy: "SUCCESS" } },
    "a sidecar after the service": { containerHealth: health, ...sidecar({ dependsOn: { api: "HEALTHY" } }) },
    "paths beside each other": { writablePaths: ["/tmp", "/tmpfs", { path: "/var/run", memoryMiB: 8 }] },
    "an action without resources": permission({ actions: ["cloudwatch:PutMetricData"], resources: ["*"] }),
    "a wildcard at the end": permission({ actions: ["s3:Get*"] }),
    "a region's log group": permission({
      actions: ["logs:PutLogEvents"],
      resources: ["arn:aws:logs:eu-west-1:123456789012:log-group:/a:*"],
    }),
  };
  for (const [what, settings] of Object.entries(accepted)) {
    it(`accept ${what}`, () => assert.deepEqual(check(settings).problems, []));
  }
});
