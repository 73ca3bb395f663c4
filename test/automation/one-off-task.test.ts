import assert from "node:assert/strict";
import type { StackState } from "../../automation/backend.ts";
import { runTask, type TaskPlace, taskPlace } from "../../automation/one-off-task.ts";
import { releaseLabels } from "../../model/release.ts";
import { buildImage, pushImage } from "../sandbox/dataplane/support/image.ts";
import { serveWorld, type TestWorld } from "../sandbox/wire/world.ts";
import { controlledInterruption } from "./engine-fixture.ts";

const own = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
const network = { subnets: ["subnet-a"], securityGroups: ["sg-a"], assignPublicIp: false };

describe("taskPlace", () => {
  const revision = "arn:aws:ecs:eu-west-1:000000000000:task-definition/api-green:4";
  const labels = { [releaseLabels.release]: "id", [releaseLabels.tag]: "v2", [releaseLabels.attempt]: "1" };
  const containerDefinitions = JSON.stringify([{ name: "api", image: "r/api@sha256:0", dockerLabels: labels }]);
  const resource = (type: string, name: string, outputs: object, id = name) => ({
    urn: `urn:pulumi:local::sluice::${type}::${name}`,
    type,
    id,
    custom: true,
    outputs,
  });
  const group = (colour: string) =>
    resource("aws:lb/targetGroup:TargetGroup", `api-${colour}-target-group`, {}, colour);
  const state = {
    resources: [
      group("blue"),
      group("green"),
      resource("aws:lb/listenerRule:ListenerRule", "api-traffic", {
        actions: [{ forward: { targetGroups: [{ arn: "green", weight: 100 }] } }],
      }),
      resource("aws:ecs/taskDefinition:TaskDefinition", "api-green-task", { arn: revision, containerDefinitions }),
      resource("aws:ecs/service:Service", "api-green-service", {
        cluster: "main",
        taskDefinition: revision,
        networkConfiguration: network,
      }),
    ],
  } as unknown as StackState;

  it("is the active colour's, with the revision that it runs", () =>
    assert.deepEqual(taskPlace(state, "api"), {
      service: "api",
      tag: "v2",
      cluster: "main",
      taskDefinition: revision,
      network,
      region: "eu-west-1",
    }));

  it("is refused where nothing is active", () =>
    assert.throws(() => taskPlace(state, "shop"), { exitCode: 2, message: /shop has no active release/ }));
});

describe("runTask", function () {
  this.timeout(60_000);
  const environment = { ...process.env };
  let world: TestWorld;
  let place: TaskPlace;

  before(async () => {
    world = await serveWorld();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
    });
    await world.cloud.ecs.createCluster({ clusterName: "main" });
    await world.cloud.logs.createLogGroup({ logGroupName: "/test/api" });
    const { repository } = await world.cloud.ecr.createRepository({ repositoryName: "api" });
    const image = repository.repositoryUri;
    const built = await buildImage([[{ name: "app/readme", content: "nothing" }]], { Entrypoint: [] });
    assert.equal((await pushImage(image.split("/")[0] ?? "", "api", "v1", built)).status, 201);
    const { taskDefinition } = await world.cloud.ecs.registerTaskDefinition({
      family: "api-blue",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      executionRoleArn: "arn:aws:iam::000000000000:role/execution",
      containerDefinitions: [
        {
          name: "api",
          image: `${image}:v1`,
          stopTimeout: 2,
          logConfiguration: {
            logDriver: "awslogs",
            options: { "awslogs-group": "/test/api", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "api" },
          },
        },
      ],
    });
    const revision = taskDefinition?.taskDefinitionArn ?? "";
    place = { service: "api", tag: "v1", cluster: "main", taskDefinition: revision, network, region: "eu-west-1" };
  });
  after(async () => {
    for (const name of own) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await world.close();
  });

  it("gives what the command printed", async () => {
    const result = await runTask(place, ["sh", "-c", "echo one; echo two"], controlledInterruption());
    assert.deepEqual([result.exitCode, result.lines, result.tag], [0, ["one", "two"], "v1"]);
  });

  it("gives all of it, however much that is", async () => {
    const result = await runTask(place, ["sh", "-c", "seq 1 300000"], controlledInterruption());
    assert.equal(result.lines.length, 300_000);
    assert.deepEqual([result.lines[0], result.lines.at(-1)], ["1", "300000"]);
  });

  it("fails with what it printed, where it ends otherwise", async () => {
    const failing = runTask(place, ["sh", "-c", "echo no; exit 4"], controlledInterruption());
    const error = await failing.catch((one) => one);
    assert.deepEqual([error.exitCode, error.message], [4, "api v1: the command failed"]);
    assert.deepEqual(error.details.slice(1), ["api exited with 4", "  no"]);
  });

  it("stops the task where the run is cancelled", async () => {
    const interruption = controlledInterruption();
    const running = runTask(place, ["sleep", "600"], interruption);
    const refused = assert.rejects(running, { exitCode: 8 });
    let arns: string[] = [];
    while (arns.length === 0) {
      arns = (await world.cloud.ecs.listTasks({ cluster: "main" })).taskArns ?? [];
      await new Promise((done) => setTimeout(done, 20));
    }
    interruption.end("signal");
    await refused;
    const { tasks: [task] = [] } = await world.cloud.ecs.describeTasks({ cluster: "main", tasks: arns });
    assert.equal(task?.desiredStatus, "STOPPED");
  });
});
