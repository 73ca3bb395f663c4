import assert from "node:assert/strict";
import path from "node:path";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { pushImage } from "../../../automation/image/push.ts";
import { readLiveService, type ServicePlace } from "../../../automation/live/live-service.ts";
import { compareLive, type ExpectedService } from "../../../model/read-back.ts";
import { releaseLabels } from "../../../model/release.ts";
import { serveWorld, type TestWorld } from "../../sandbox/wire/world.ts";

const example = path.join(import.meta.dirname, "../../../examples/service");
const release = "0123456789abcdef";

describe("automation/live: reading back a service that runs in the sandbox", () => {
  let world: TestWorld;
  let place: ServicePlace;
  let expected: ExpectedService;
  const environment = { ...process.env };

  before(async function () {
    this.timeout(120_000);
    world = await serveWorld();
    // The readers find the cloud as users' tools do: by the environment.
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
    });
    ({ place, expected } = await deploy(world));
  });

  after(async () => {
    for (const name of ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await world.close();
  });

  it("finds what was deployed, once its targets are healthy", async function () {
    this.timeout(60_000);
    let live = await readLiveService(place);
    for (let attempt = 0; attempt < 100 && compareLive(expected, live).length > 0; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      live = await readLiveService(place);
    }
    assert.deepEqual(live, {
      weights: { blue: 100, green: 0 },
      strangers: [],
      sticky: false,
      blue: {
        ...expected.blue,
        deployments: [expected.blue?.taskDefinition],
        desired: 1,
        running: 1,
        healthyTargets: 1,
      },
      green: null,
    });
  });

  it("finds weights that somebody moved", async () => {
    const elb = new ElasticLoadBalancingV2Client();
    const groups = (blue: number) => [forward([place.blue?.targetGroup, place.green?.targetGroup], [blue, 100 - blue])];
    await elb.send(new ModifyRuleCommand({ RuleArn: place.ruleArn, Actions: groups(40) }));
    const fields = compareLive(expected, await readLiveService(place)).map(({ field, live }) => [field, live]);
    assert.deepEqual(fields, [
      ["weights.blue", "40"],
      ["weights.green", "60"],
      ["green", "no service"],
    ]);
    await elb.send(new ModifyRuleCommand({ RuleArn: place.ruleArn, Actions: groups(100) }));
    assert.deepEqual(compareLive(expected, await readLiveService(place)), []);
    elb.destroy();
  });

  it("finds that the cloud runs another revision than it was told to", async () => {
    const value = { "services.0.taskDefinition": `${expected.blue?.taskDefinition}0` };
    world.cloud.faults.add({ kind: "lie", match: { service: "ecs", operation: "describeServices" }, times: 1, value });
    const found = compareLive(expected, await readLiveService(place)).map(({ field, live }) => [field, live]);
    // The revision that it names does not exist, so what is in it cannot be known either.
    assert.deepEqual(found, [
      ["blue.taskDefinition", `${expected.blue?.taskDefinition}0`],
      ["blue.digest", "unknown"],
      ["blue.release", "unknown"],
      ["blue.tag", "unknown"],
    ]);
    assert.deepEqual(compareLive(expected, await readLiveService(place)), []);
  });

  it("is not put off by throttling", async function () {
    this.timeout(30_000);
    world.cloud.faults.add({ kind: "throttle", match: { service: "elb", operation: "describeRules" }, times: 2 });
    assert.deepEqual(compareLive(expected, await readLiveService(place)), []);
    assert.deepEqual(world.cloud.faults.list(), []);
  });

  it("fails for a rule that is not there", async () => {
    await assert.rejects(readLiveService({ ...place, ruleArn: `${place.ruleArn}0` }), {
      name: "RuleNotFoundException",
    });
  });
});

const forward = (arns: (string | undefined)[], weights: number[]) => ({
  Type: "forward" as const,
  ForwardConfig: { TargetGroups: arns.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: weights[index] })) },
});

/** The example service on blue, nothing on green, all traffic on blue. */
async function deploy(world: TestWorld): Promise<{ place: ServicePlace; expected: ExpectedService }> {
  const { repository } = await world.cloud.ecr.createRepository({ repositoryName: "api" });
  const image = await pushImage({ context: example, repositoryUrl: repository.repositoryUri, tag: "v1.0.0" });
  const { Vpc } = await world.cloud.ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const VpcId = Vpc?.VpcId ?? "";
  const subnets = await Promise.all(
    ["a", "b"].map(async (zone, index) => {
      const asked = { VpcId, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `eu-west-1${zone}` };
      return (await world.cloud.ec2.createSubnet(asked)).Subnet?.SubnetId ?? "";
    }),
  );
  const elb = new ElasticLoadBalancingV2Client();
  const made = await elb.send(new CreateLoadBalancerCommand({ Name: "live", Subnets: subnets }));
  const fixed = { Type: "fixed-response" as const, FixedResponseConfig: { StatusCode: "404" } };
  const listener = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: "HTTP",
      DefaultActions: [fixed],
    }),
  );
  const groups = await Promise.all(
    ["live-blue", "live-green"].map(async (Name) => {
      const health = { HealthCheckPath: "/health", HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 };
      const asked = {
        Name,
        VpcId,
        Port: 80,
        Protocol: "HTTP" as const,
        TargetType: "ip" as const,
        HealthyThresholdCount: 2,
      };
      const answer = await elb.send(new CreateTargetGroupCommand({ ...asked, ...health }));
      return answer.TargetGroups?.[0]?.TargetGroupArn ?? "";
    }),
  );
  const rule = await elb.send(
    new CreateRuleCommand({
      ListenerArn: listener.Listeners?.[0]?.ListenerArn,
      Priority: 40_000,
      Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/*"] } }],
      Actions: [forward(groups, [100, 0])],
    }),
  );
  elb.destroy();
  const taskDefinition = await startService(image.reference, subnets, groups[0] ?? "");
  const blue = { tag: "v1.0.0", digest: image.digest, release, taskDefinition };
  return {
    place: {
      cluster: "live",
      ruleArn: rule.Rules?.[0]?.RuleArn ?? "",
      blue: { service: "live-blue", targetGroup: groups[0] ?? "" },
      green: { service: "live-green", targetGroup: groups[1] ?? "" },
    },
    expected: { weights: { blue: 100, green: 0 }, blue, green: null },
  };
}

async function startService(image: string, subnets: string[], targetGroupArn: string): Promise<string> {
  const ecs = new ECSClient();
  await ecs.send(new CreateClusterCommand({ clusterName: "live" }));
  const registered = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "live-blue",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn: "arn:aws:iam::000000000000:role/execution",
      containerDefinitions: [
        {
          name: "api",
          image,
          portMappings: [{ containerPort: 8080 }],
          stopTimeout: 2,
          dockerLabels: {
            [releaseLabels.release]: release,
            [releaseLabels.tag]: "v1.0.0",
            [releaseLabels.attempt]: "1",
          },
        },
      ],
    }),
  );
  const taskDefinition = registered.taskDefinition?.taskDefinitionArn ?? "";
  await ecs.send(
    new CreateServiceCommand({
      cluster: "live",
      serviceName: "live-blue",
      taskDefinition,
      desiredCount: 1,
      launchType: "FARGATE",
      loadBalancers: [{ targetGroupArn, containerName: "api", containerPort: 8080 }],
      networkConfiguration: { awsvpcConfiguration: { subnets } },
    }),
  );
  ecs.destroy();
  return taskDefinition;
}
