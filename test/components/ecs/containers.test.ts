import assert from "node:assert/strict";
import { releaseLabels } from "../../../model/release.ts";
import { judgeHardening } from "../../../policy/hardening.ts";
import type { Declarations } from "../harness.ts";
import { declareService, digest, statementsOf } from "./service-fixture.ts";

const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/api/key";
const key = "arn:aws:kms:eu-west-1:123456789012:key/0d3f0f4e-5a3b-4c53-9d27-2a4f0f8f8f11";
const proxy = `tools/proxy@sha256:${"b".repeat(64)}`;

const containers = (resources: Declarations) =>
  JSON.parse(resources.one("ecs/taskDefinition", "api-blue-task").containerDefinitions as string);
const logging = (more: object = { mode: "non-blocking", "max-buffer-size": "25m" }) => ({
  logDriver: "awslogs",
  options: {
    "awslogs-group": "/sluice/test/api",
    "awslogs-region": "eu-west-1",
    "awslogs-stream-prefix": "api",
    ...more,
  },
});
const labels = { [releaseLabels.release]: "id-v1", [releaseLabels.tag]: "v1", [releaseLabels.attempt]: "1" };

describe("containers of a service", () => {
  it("are one by default, and nothing is in it that was not asked for", async () => {
    const resources = await declareService({});
    assert.deepEqual(containers(resources), [
      {
        name: "api",
        image: `${registry}/api@${digest}`,
        essential: true,
        user: "65532",
        readonlyRootFilesystem: true,
        linuxParameters: { initProcessEnabled: true },
        portMappings: [{ containerPort: 8080, protocol: "tcp" }],
        environment: [],
        secrets: [],
        stopTimeout: 30,
        logConfiguration: logging(),
        dockerLabels: labels,
      },
    ]);
    const task = resources.one("ecs/taskDefinition", "api-blue-task");
    assert.deepEqual([task.volumes, task.ephemeralStorage], [undefined, undefined]);
    const service = resources.one("ecs/service", "api-blue-service");
    assert.deepEqual([service.launchType, service.capacityProviderStrategies], ["FARGATE", undefined]);
    assert.deepEqual(
      [service.enableExecuteCommand, service.availabilityZoneRebalancing, service.propagateTags],
      [false, "ENABLED", "SERVICE"],
    );
    const policies = resources.names("iam/rolePolicy").filter((one) => one.startsWith("api-"));
    assert.deepEqual(policies, ["api-roles-execution-policy"], "the program may do nothing");
    const logs = resources.one("cloudwatch/logGroup", "api-logs");
    assert.deepEqual([logs.retentionInDays, logs.kmsKeyId], [30, undefined]);
  });

  it("take every option, and stand beside their sidecars", async () => {
    const resources = await declareService({
      user: 1000,
      entryPoint: ["/app/run"],
      command: ["serve", "--fast"],
      writablePaths: ["/var/cache", { path: "/tmp", memoryMiB: 64 }, "/data"],
      containerHealth: { command: ["/app/health"] },
      stopTimeout: 60,
      ephemeralStorage: 50,
      dependsOn: { proxy: "HEALTHY" },
      secrets: { DB: { arn: secret, key: "password", version: "0123456789abcdef0123456789abcdef" }, KEY: parameter },
      logs: { mode: "blocking" },
      sidecars: {
        proxy: {
          image: proxy,
          essential: false,
          cpu: 64,
          memory: 128,
          port: 9090,
          environment: { B: "2", A: "1" },
          secrets: { TOKEN: { arn: secret, stage: "AWSPREVIOUS" } },
          writablePaths: ["/run"],
          health: { command: "test -e /run/ready", interval: 5, timeout: 2, retries: 1, startPeriod: 10 },
          user: "proxy:proxy",
          stopTimeout: 5,
        },
      },
    });
    const [main, sidecar, ...none] = containers(resources);
    assert.deepEqual(none, []);
    assert.deepEqual(main, {
      name: "api",
      image: `${registry}/api@${digest}`,
      essential: true,
      user: "1000",
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true, tmpfs: [{ containerPath: "/tmp", size: 64 }] },
      mountPoints: [
        { sourceVolume: "api-writable-0", containerPath: "/var/cache", readOnly: false },
        { sourceVolume: "api-writable-1", containerPath: "/data", readOnly: false },
      ],
      entryPoint: ["/app/run"],
      command: ["serve", "--fast"],
      portMappings: [{ containerPort: 8080, protocol: "tcp" }],
      environment: [],
      secrets: [
        { name: "DB", valueFrom: `${secret}:password::0123456789abcdef0123456789abcdef` },
        { name: "KEY", valueFrom: parameter },
      ],
      healthCheck: { command: ["CMD", "/app/health"], interval: 30, timeout: 5, retries: 3, startPeriod: 0 },
      dependsOn: [{ containerName: "proxy", condition: "HEALTHY" }],
      stopTimeout: 60,
      logConfiguration: logging({ mode: "blocking" }),
      dockerLabels: labels,
    });
    assert.deepEqual(sidecar, {
      name: "proxy",
      image: `${registry}/${proxy}`,
      essential: false,
      user: "proxy:proxy",
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true },
      mountPoints: [{ sourceVolume: "proxy-writable-0", containerPath: "/run", readOnly: false }],
      cpu: 64,
      memory: 128,
      portMappings: [{ containerPort: 9090, protocol: "tcp" }],
      environment: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
      secrets: [{ name: "TOKEN", valueFrom: `${secret}::AWSPREVIOUS:` }],
      healthCheck: {
        command: ["CMD-SHELL", "test -e /run/ready"],
        interval: 5,
        timeout: 2,
        retries: 1,
        startPeriod: 10,
      },
      stopTimeout: 5,
      logConfiguration: logging({ mode: "blocking" }),
    });
    const task = resources.one("ecs/taskDefinition", "api-blue-task");
    assert.deepEqual(task.volumes, [
      { name: "api-writable-0" },
      { name: "api-writable-1" },
      { name: "proxy-writable-0" },
    ]);
    assert.deepEqual(task.ephemeralStorage, { sizeInGib: 50 });
    assert.deepEqual(judgeHardening(task), [], "the policy pack has nothing against it");
  });

  it("run on Spot by share, after a base on demand", async () => {
    const strategies = async (capacity: object) =>
      (await declareService({ capacity })).one("ecs/service", "api-blue-service").capacityProviderStrategies;
    assert.deepEqual(await strategies({ spot: 70, base: 2 }), [
      { capacityProvider: "FARGATE", weight: 30, base: 2 },
      { capacityProvider: "FARGATE_SPOT", weight: 70 },
    ]);
    assert.deepEqual(await strategies({ spot: 100 }), [{ capacityProvider: "FARGATE_SPOT", weight: 100 }]);
    const resources = await declareService({ capacity: { spot: 1 } });
    assert.equal(resources.one("ecs/service", "api-blue-service").launchType, undefined);
  });

  it("log where they are told to", async () => {
    const resources = await declareService({ logs: { retentionDays: 400, kmsKey: key, bufferMiB: 4 } });
    const { retentionInDays, kmsKeyId } = resources.one("cloudwatch/logGroup", "api-logs");
    assert.deepEqual([retentionInDays, kmsKeyId], [400, key]);
    assert.equal(containers(resources)[0].logConfiguration.options["max-buffer-size"], "4m");
  });
});

describe("roles of a service", () => {
  const execution = (resources: Declarations) => statementsOf(resources, "api-roles-execution-policy");

  it("read no more than the secrets, by their bare ARNs, and decrypt for the two services alone", async () => {
    const resources = await declareService({
      secrets: { A: `${secret}:user::`, B: `${secret}:password::`, C: parameter },
      secretKeys: [key],
      sidecars: {
        proxy: { image: proxy, secrets: { D: { arn: `${secret}X`, version: "0123456789abcdef0123456789abcdef" } } },
      },
    });
    assert.deepEqual(execution(resources), [
      { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
      {
        Effect: "Allow",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: [
          "arn:aws:ecr:eu-west-1:123456789012:repository/api",
          "arn:aws:ecr:eu-west-1:123456789012:repository/tools/proxy",
        ],
      },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: ["arn:mock:aws:cloudwatch/logGroup:LogGroup:api-logs:*"],
      },
      { Effect: "Allow", Action: ["ssm:GetParameters"], Resource: [parameter] },
      { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [secret, `${secret}X`] },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [key],
        Condition: {
          StringEquals: {
            "kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"],
          },
        },
      },
    ]);
  });

  it("keep what the colours that stay still refer to", async () => {
    const kept = {
      secrets: [`${secret}old:user::`, parameter],
      images: [`${registry}/tools/old@sha256:${"c".repeat(64)}`, "elsewhere.example/x@sha256:0"],
    };
    const [, images, , parameters, secrets] = execution(await declareService({ secrets: { A: secret } }, { kept })) as {
      Resource: string[];
    }[];
    assert.deepEqual(images?.Resource.at(-1), "arn:aws:ecr:eu-west-1:123456789012:repository/tools/old");
    assert.deepEqual(images?.Resource.length, 2, "nothing of a registry that is not the stack's");
    assert.deepEqual(parameters?.Resource, [parameter]);
    assert.deepEqual(secrets?.Resource, [secret, `${secret}old`]);
  });

  it("refuse, before anything is declared, what makes a policy that IAM does not take", async () => {
    const kept = { images: [], secrets: Array.from({ length: 150 }, (_, index) => `${secret}${index}`) };
    await assert.rejects(declareService({}, { kept }), /both colours .* IAM takes 10240/);
  });

  it("let the program do what it is permitted, and nothing else", async () => {
    const resources = await declareService({
      permissions: [
        { actions: ["s3:GetObject", "s3:List*"], resources: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"] },
        {
          actions: ["cloudwatch:PutMetricData"],
          resources: ["*"],
          conditions: { StringEquals: { "cloudwatch:namespace": "api" } },
        },
      ],
    });
    assert.deepEqual(statementsOf(resources, "api-roles-task-policy"), [
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:List*"],
        Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
      },
      {
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData"],
        Resource: ["*"],
        Condition: { StringEquals: { "cloudwatch:namespace": "api" } },
      },
    ]);
    assert.equal(resources.one("iam/rolePolicy", "api-roles-task-policy").role, "sluice-test-api-task");
  });
});

describe("names and tags of a service", () => {
  const stack = `s${"t".repeat(99)}`;
  const name = `x${"y".repeat(23)}`;
  /** Longest names, in characters, as each API's reference says. */
  const limits: Record<string, number> = {
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:iam/role:Role": 64,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:ecs/service:Service": 255,
    "aws:ec2/securityGroup:SecurityGroup": 255,
    "aws:cloudwatch/logGroup:LogGroup": 512,
    "aws:appautoscaling/policy:Policy": 256,
  };

  it("stay within their limits with the longest names of stack and service", async () => {
    const sidecars = { [`z${"z".repeat(23)}`]: { image: proxy, writablePaths: ["/run"] } };
    const resources = await declareService({ sidecars, permissions: [] }, { stack, name });
    const long = resources.all.filter(({ type, inputs }) => String(inputs.name ?? "").length > (limits[type] ?? 255));
    assert.deepEqual(long, []);
    for (const { inputs } of resources.all) {
      if (typeof inputs.family === "string") assert.ok(inputs.family.length <= 255);
      for (const [tag, value] of Object.entries((inputs.tags ?? {}) as Record<string, string>)) {
        assert.ok(tag.length <= 128 && value.length <= 256, `${tag}: ${value}`);
      }
    }
    const groups = resources.all.filter(({ type }) => type.includes("targetGroup")).map(({ inputs }) => inputs.name);
    assert.equal(new Set(groups).size, groups.length);
  });

  it("are tagged wherever AWS takes tags", async () => {
    const untagged = ["iam/rolePolicy", "appautoscaling/policy"];
    const resources = await declareService({
      permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::a/*"] }],
    });
    const without = resources.all.filter(
      ({ type, name: own, inputs }) =>
        type.startsWith("aws:") &&
        own.startsWith("api") &&
        inputs.tags === undefined &&
        !untagged.some((one) => type.includes(one)),
    );
    assert.deepEqual(
      without.map(({ type, name: own }) => `${type} ${own}`),
      [],
    );
  });
});
