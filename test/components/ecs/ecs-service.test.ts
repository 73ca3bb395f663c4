import assert from "node:assert/strict";
import { Cluster } from "../../../components/cluster/cluster.ts";
import { EcsService } from "../../../components/ecs/ecs-service.ts";
import type { ServicePast } from "../../../components/ecs/previous.ts";
import { Network } from "../../../components/network/network.ts";
import { releaseLabels } from "../../../model/release.ts";
import { allOn, type Desired, planTraffic } from "../../../model/traffic.ts";
import { configOf, type Declarations, declare, environment } from "../harness.ts";

const digest = `sha256:${"a".repeat(64)}`;
const release = (tag: string) => ({ id: `id-${tag}`, tag, digest });
const standing = (tag: string) => {
  const deployed = { ...release(tag), attempt: 1 };
  return { deployed, declared: deployed, intact: true };
};
const first: ServicePast = {
  colours: { blue: undefined, green: undefined },
  stateWeights: undefined,
  liveWeights: undefined,
  activeTag: undefined,
  former: undefined,
  desiredCounts: { blue: 0, green: 0 },
};
const onBlue: ServicePast = {
  ...first,
  colours: { blue: standing("v1"), green: undefined },
  stateWeights: allOn("blue"),
  liveWeights: allOn("blue"),
  activeTag: "blue",
  desiredCounts: { blue: 3, green: 0 },
};

function service(past: ServicePast, desired: Desired, settings: Record<string, unknown> = {}): Promise<Declarations> {
  const config = configOf({ network: {}, cluster: {}, services: { api: settings } });
  return declare(() => {
    const network = new Network("network", { environment, ...(config.network as NonNullable<typeof config.network>) });
    const cluster = new Cluster("cluster", {
      environment,
      network,
      ...(config.cluster as NonNullable<typeof config.cluster>),
    });
    new EcsService("api", {
      environment,
      cluster,
      service: "api",
      config: config.services.api as NonNullable<typeof config.services.api>,
      repository: {
        name: "api",
        url: "registry.test/api",
        arn: "arn:aws:ecr:eu-west-1:1:repository/api",
        registryId: "1",
      },
      past,
      plan: planTraffic(past, desired),
      priorities: new Map([
        ["api-blue-test", 1],
        ["api-green-test", 2],
        ["api-traffic", 49_000],
      ]),
    });
  });
}

const container = (resources: Declarations, name: string) =>
  JSON.parse(resources.one("ecs/taskDefinition", name).containerDefinitions as string)[0];
const weights = (resources: Declarations) => {
  const [{ forward }] = resources.one("lb/listenerRule", "api-traffic").actions as [
    { forward: { targetGroups: { weight: number }[] } },
  ];
  return forward.targetGroups.map(({ weight }) => weight);
};

describe("EcsService", () => {
  it("before any release has everything but workloads and the weighted rule", async () => {
    const resources = await service(first, { kind: "keep" });
    assert.deepEqual(resources.names("ecs/service"), []);
    assert.deepEqual(resources.names("ecs/taskDefinition"), []);
    assert.deepEqual(resources.names("lb/targetGroup").sort(), ["api-blue-target-group", "api-green-target-group"]);
    assert.deepEqual(resources.names("lb/listenerRule").sort(), ["api-blue-test", "api-green-test"]);
  });

  it("runs the first release on blue, by digest, with its identity in its labels", async () => {
    const resources = await service(first, { kind: "release", release: release("v1") });
    assert.deepEqual(resources.names("ecs/service"), ["api-blue-service"]);
    const { image, dockerLabels, readonlyRootFilesystem, user } = container(resources, "api-blue-task");
    assert.equal(image, `registry.test/api@${digest}`);
    assert.deepEqual(dockerLabels, {
      [releaseLabels.release]: "id-v1",
      [releaseLabels.tag]: "v1",
      [releaseLabels.attempt]: "1",
    });
    assert.equal(readonlyRootFilesystem, true);
    assert.equal(user, "65532");
    assert.deepEqual(weights(resources), [100, 0]);
  });

  it("puts the next release on green, with what blue serves with, and moves all weight", async () => {
    const resources = await service(onBlue, { kind: "release", release: release("v2") });
    assert.equal(container(resources, "api-green-task").dockerLabels[releaseLabels.tag], "v2");
    assert.equal(resources.one("appautoscaling/target", "api-green-scaling").minCapacity, 3);
    assert.equal(resources.one("appautoscaling/target", "api-blue-scaling").minCapacity, 1);
    assert.deepEqual(weights(resources), [0, 100]);
  });

  it("gives a candidate its weight, and capacity for its share", async () => {
    const resources = await service(onBlue, { kind: "candidate", release: release("v2"), weight: 50 });
    assert.deepEqual(weights(resources), [50, 50]);
    assert.equal(resources.one("appautoscaling/target", "api-green-scaling").minCapacity, 2);
  });

  it("waits for steady state, rolls a failed deployment back, and never leaves sessions behind", async () => {
    const resources = await service(first, { kind: "release", release: release("v1") });
    assert.partialDeepStrictEqual(resources.one("ecs/service", "api-blue-service"), {
      waitForSteadyState: true,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      launchType: "FARGATE",
    });
    assert.equal(resources.one("ecs/service", "api-blue-service").sigintRollback, undefined);
    const [action] = resources.one("lb/listenerRule", "api-traffic").actions as [
      { forward: { stickiness: { enabled: boolean } } },
    ];
    assert.equal(action.forward.stickiness.enabled, false);
  });

  it("lets only the balancer reach its tasks", async () => {
    const resources = await service(first, { kind: "release", release: release("v1") });
    const rule = resources.one("vpc/securityGroupIngressRule", "api-ingress");
    assert.equal(rule.referencedSecurityGroupId, "cluster-balancer-security-group-id");
    assert.equal(rule.cidrIpv4, undefined);
  });

  it("hands secrets over by reference and lets the execution role read these alone", async () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    const resources = await service(
      first,
      { kind: "release", release: release("v1") },
      { secrets: { DATABASE_URL: secret } },
    );
    assert.deepEqual(container(resources, "api-blue-task").secrets, [{ name: "DATABASE_URL", valueFrom: secret }]);
    const { Statement } = JSON.parse(resources.one("iam/rolePolicy", "api-roles-execution-policy").policy as string);
    const reads = Statement.filter(({ Action }: { Action: string[] }) =>
      Action.includes("secretsmanager:GetSecretValue"),
    );
    assert.deepEqual(
      reads.map(({ Resource }: { Resource: string[] }) => Resource),
      [[secret]],
    );
  });
});
