import assert from "node:assert/strict";
import { ECSClient, ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import { type MigrationArgs, runMigration, type ServiceInputs } from "../../../components/ecs/migration.ts";
import { migrationMark } from "../../../model/migration.ts";
import { buildImage, pushImage } from "../../sandbox/dataplane/support/image.ts";
import { serveWorld, type TestWorld } from "../../sandbox/wire/world.ts";

const own = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

describe("a release's migration, as its hook runs it", function () {
  this.timeout(60_000);
  const environment = { ...process.env };
  let world: TestWorld;
  let inputs: ServiceInputs;
  let image: string;

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
    image = repository.repositoryUri;
    const built = await buildImage([[{ name: "app/readme", content: "nothing" }]], { Entrypoint: [] });
    const pushed = await pushImage(image.split("/")[0] ?? "", "api", "v1", built);
    assert.equal(pushed.status, 201);
  });
  // Each test has a revision of its own, as each release has.
  beforeEach(async () => {
    const { taskDefinition } = await world.cloud.ecs.registerTaskDefinition({
      family: "api-green",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [
        {
          name: "api",
          image: `${image}:v1`,
          command: ["sleep", "100"],
          environment: [{ name: "A", value: "1" }],
          stopTimeout: 2,
        },
      ],
      tags: [{ key: "sluice:stack", value: "test" }],
    });
    inputs = {
      cluster: "main",
      taskDefinition: taskDefinition?.taskDefinitionArn ?? "",
      networkConfiguration: { subnets: ["subnet-a"], securityGroups: ["sg-a"] },
    };
  });
  after(async () => {
    for (const name of own) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await world.close();
  });

  let releases = 0;
  const args = (
    command: string,
    more: { timeout?: number; environment?: Record<string, string> } = {},
  ): MigrationArgs => ({
    service: "api",
    migration: { command: ["sh", "-c", command], timeout: 30, environment: {}, ...more },
    deployed: { id: `release-${++releases}`, tag: "v1", digest: "sha256:0", attempt: 1 },
    logGroup: "/test/api",
    region: "eu-west-1",
  });
  const tasksOf = async ({ service, deployed }: MigrationArgs): Promise<Task[]> => {
    const client = new ECSClient();
    const startedBy = migrationMark(service, deployed.id);
    const listed = await Promise.all(
      (["RUNNING", "STOPPED"] as const).map((desiredStatus) =>
        client.send(new ListTasksCommand({ cluster: "main", startedBy, desiredStatus })),
      ),
    );
    client.destroy();
    const arns = listed.flatMap(({ taskArns = [] }) => taskArns);
    if (arns.length === 0) return [];
    return (await world.cloud.ecs.describeTasks({ cluster: "main", tasks: arns, include: ["TAGS"] })).tasks ?? [];
  };

  it("runs the command with the release's own task definition and variables, and ends with it", async () => {
    const succeeding = args('test "$A$B" = 12', { environment: { B: "2" } });
    await runMigration(inputs, succeeding);
    const [task, ...others] = await tasksOf(succeeding);
    assert.deepEqual(others, []);
    assert.equal(task?.taskDefinitionArn, inputs.taskDefinition);
    assert.equal(task?.containers?.[0]?.exitCode, 0);
    assert.deepEqual(task?.tags, [{ key: "sluice:stack", value: "test" }]);
  });

  it("throws for any other exit code, with the task and its last lines, and runs again when asked again", async () => {
    const failing = args("echo no such table; exit 3");
    const refused =
      /api v1: its migration failed.*task arn:.*: api exited with 3\n {2}its last lines:\n {4}no such table/s;
    await assert.rejects(runMigration(inputs, failing), refused);
    await assert.rejects(runMigration(inputs, failing), refused);
    assert.equal((await tasksOf(failing)).length, 2);
  });

  it("waits for the task that a killed run left, and starts no second one", async () => {
    const slow = args("sleep 3");
    const first = runMigration(inputs, slow);
    while ((await tasksOf(slow)).length === 0) await new Promise((done) => setTimeout(done, 20));
    await Promise.all([first, runMigration(inputs, slow)]);
    assert.equal((await tasksOf(slow)).length, 1);
  });

  it("stops one that takes too long, and throws", async () => {
    const endless = args("echo begun; exec sleep 600", { timeout: 1 });
    await assert.rejects(runMigration(inputs, endless), /not done within 1 s; it was stopped\n.*\n {4}begun/);
    assert.equal((await tasksOf(endless))[0]?.lastStatus, "STOPPED");
  });

  it("throws where the task never starts", async () => {
    const nothing = args("true", {});
    nothing.migration.command = ["no-such-program"];
    await assert.rejects(
      runMigration(inputs, nothing),
      /api has no exit code; CannotStartContainerError|exited with 127/,
    );
  });

  it("throws, and starts nothing, where ECS refuses", async () => {
    const refused = args("true");
    await assert.rejects(runMigration({ ...inputs, cluster: "other" }, refused), /Cluster not found/);
    assert.deepEqual(await tasksOf(refused), []);
  });

  it("waits for a role that ECS does not know yet", async () => {
    const message = "ECS was unable to assume the role that was provided for this task.";
    const value = { code: "ClientException", status: 400, message };
    world.cloud.faults.add({ kind: "error", match: { service: "ecs", operation: "runTask" }, times: 1, value });
    const eager = args("true");
    await runMigration(inputs, eager);
    assert.deepEqual(world.cloud.faults.list(), []);
    assert.equal((await tasksOf(eager)).length, 1);
  });

  it("starts one task, also where the answer to its start is lost", async () => {
    const match = { service: "ecs", operation: "runTask" };
    world.cloud.faults.add({ kind: "timeout-after-success", match, times: 1 });
    const unlucky = args("sleep 1");
    await runMigration(inputs, unlucky);
    assert.equal((await tasksOf(unlucky)).length, 1);
  });
});
