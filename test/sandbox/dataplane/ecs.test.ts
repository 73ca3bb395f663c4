import assert from "node:assert/strict";
import { isRunning } from "./support/processes.ts";
import { createStack, type Stack } from "./support/stack.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

const NETWORK = { awsvpcConfiguration: { subnets: ["subnet-a"] } };

describe("ECS services", () => {
  let world: TestWorld;
  let stack: Stack;

  beforeEach(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
  });
  afterEach(async () => {
    await world?.close();
  });

  const events = async (name: string) =>
    ((await stack.service(name)).events ?? []).map((event) => event.message ?? "").reverse();
  const tasks = async (desiredStatus: "RUNNING" | "STOPPED" = "RUNNING", serviceName?: string) => {
    const { taskArns = [] } = await world.cloud.ecs.listTasks({
      cluster: "main",
      desiredStatus,
      ...(serviceName ? { serviceName } : {}),
    });
    if (taskArns.length === 0) return [];
    return (await world.cloud.ecs.describeTasks({ cluster: "main", tasks: taskArns })).tasks ?? [];
  };
  const version = async () => ((await (await fetch(stack.url)).json()) as { version: string }).version;

  it("tells in events how it got steady, and follows the desired count", async () => {
    await stack.createService("api", "blue", await stack.release("v1"), { desiredCount: 2 });
    const steady = await stack.steady("api");
    assert.equal(steady.deployments?.[0]?.rolloutState, "COMPLETED");
    const said = (await events("api")).map((line) =>
      line.replace(/\(task [0-9a-f]+\)/g, "(task)").replace(/ecs-svc\/\d+/g, "D"),
    );
    assert.equal(said[0], "(service api) has started 2 tasks: (task) (task).");
    assert.deepEqual(said.slice(-2), [
      "(service api) (deployment D) deployment completed.",
      "(service api) has reached a steady state.",
    ]);
    const [one] = await tasks();
    const ip = one?.attachments?.[0]?.details?.[0]?.value;
    assert.match(ip ?? "", /^127\./);
    assert.equal(one?.containers?.[0]?.imageDigest, one?.containers?.[0]?.image?.split("@")[1]);
    await world.cloud.ecs.updateService({ cluster: "main", service: "api", desiredCount: 1 });
    await eventually(
      "one task is left",
      async () => (await tasks()).length === 1 && (await stack.service("api")).runningCount === 1,
    );
    assert.equal((await stack.service("api")).deployments?.length, 1, "a new count is no new deployment");
  });

  it("refuses what ECS refuses", async () => {
    const definition = await stack.release("v1");
    const refused = (options: object, pattern: RegExp) =>
      assert.rejects(stack.createService("api", "blue", definition, options), pattern);
    const loose = await world.cloud.elb.createTargetGroup({
      Name: "loose",
      Protocol: "HTTP",
      Port: 80,
      VpcId: "v",
      TargetType: "ip",
    });
    const arn = loose.TargetGroups?.[0]?.TargetGroupArn ?? "";
    const balancer = (targetGroupArn: string, containerName = "api", containerPort = 8080) => [
      { targetGroupArn, containerName, containerPort },
    ];
    await refused({ loadBalancers: balancer(arn) }, {
      message: `The target group with targetGroupArn ${arn} does not have an associated load balancer.`,
    } as never);
    await refused(
      { loadBalancers: balancer(stack.groups.blue, "web") },
      /The container web does not exist in the task definition/,
    );
    await refused(
      { loadBalancers: balancer(stack.groups.blue, "api", 81) },
      /did not have a container port 81 defined/,
    );
    await refused({ networkConfiguration: undefined }, /Network Configuration must be provided/);
    await refused({ cluster: "other" }, /Cluster not found/);
    await refused({ taskDefinition: "api:99" }, /TaskDefinition not found/);
    await stack.createService("api", "blue", definition);
    await refused({}, /not idempotent/);
    await assert.rejects(world.cloud.ecs.deleteService({ cluster: "main", service: "api" }), /scaled above 0/);
    await assert.rejects(world.cloud.ecs.deleteCluster({ cluster: "main" }), {
      code: "ClusterContainsServicesException",
    } as never);
    await assert.rejects(world.cloud.ecs.updateService({ cluster: "main", service: "nope", desiredCount: 1 }), {
      code: "ServiceNotFoundException",
    } as never);
  });

  it("checks task definitions, and never gives a revision twice", async () => {
    const { ecs } = world.cloud;
    const base = {
      family: "job",
      networkMode: "awsvpc" as const,
      requiresCompatibilities: ["FARGATE" as const],
      cpu: "256",
      memory: "512",
    };
    const containerDefinitions = [{ name: "job", image: `${world.registry}/api:v1` }];
    await assert.rejects(
      ecs.registerTaskDefinition({ ...base, memory: "4096", containerDefinitions }),
      /No Fargate configuration exists for given values: 256 CPU, 4096 memory/,
    );
    await assert.rejects(
      ecs.registerTaskDefinition({ ...base, containerDefinitions: [] }),
      /Container list cannot be empty/,
    );
    await assert.rejects(
      ecs.registerTaskDefinition({ ...base, family: "no spaces", containerDefinitions }),
      /Family contains invalid characters/,
    );
    await assert.rejects(
      ecs.registerTaskDefinition({ ...base, networkMode: "bridge", containerDefinitions }),
      /awsvpc/,
    );
    const first = await ecs.registerTaskDefinition({ ...base, containerDefinitions });
    assert.match(first.taskDefinition?.taskDefinitionArn ?? "", /:task-definition\/job:1$/);
    await ecs.deregisterTaskDefinition({ taskDefinition: "job:1" });
    const second = await ecs.registerTaskDefinition({ ...base, containerDefinitions });
    assert.equal(second.taskDefinition?.revision, 2);
    assert.equal((await ecs.describeTaskDefinition({ taskDefinition: "job:1" })).taskDefinition?.status, "INACTIVE");
    assert.equal((await ecs.describeTaskDefinition({ taskDefinition: "job" })).taskDefinition?.revision, 2);
  });

  it("replaces a task whose process dies, and takes its target out at once", async () => {
    await stack.createService("api", "blue", await stack.release("v1"));
    await stack.steady("api");
    const [before] = await tasks();
    const { pid } = (await (await fetch(stack.url)).json()) as { pid: number };
    process.kill(pid, "SIGKILL");
    await eventually("another task serves", async () => {
      const answer = await fetch(stack.url);
      return answer.status === 200 && ((await answer.json()) as { pid: number }).pid !== pid;
    });
    const [dead] = await tasks("STOPPED");
    assert.equal(dead?.taskArn, before?.taskArn);
    assert.equal(dead?.stopCode, "EssentialContainerExited");
    assert.equal(dead?.stoppedReason, "Essential container in task exited");
    assert.equal(dead?.containers?.[0]?.exitCode, 137);
  });

  it("fails a first deployment that never gets healthy, with nothing to go back to", async () => {
    await stack.createService("api", "blue", await stack.release("v1", { CRASH_AFTER_MS: "100" }));
    const failed = await eventually("the deployment fails", async () => {
      const found = await stack.service("api");
      return found.deployments?.[0]?.rolloutState === "FAILED" && found;
    });
    assert.equal(failed.deployments?.length, 1);
    assert.equal(failed.deployments?.[0]?.rolloutStateReason, "ECS deployment circuit breaker: tasks failed to start.");
    assert.equal(failed.deployments?.[0]?.failedTasks, 3);
    await eventually("nothing runs any more", async () => (await tasks()).length === 0);
    const [task] = world.cloud.ecs.failedTasks(failed.serviceArn ?? "");
    const [log] = world.cloud.ecs.taskLog(task?.taskArn ?? "", 5);
    assert.equal(log?.lines.at(-1), "fatal: planted crash of v1");
    assert.ok((await events("api")).some((line) => line.endsWith("deployment failed: tasks failed to start.")));
  });

  it("rolls a failing update back to what ran, which serves all the while", async () => {
    const v1 = await stack.release("v1");
    await stack.createService("api", "blue", v1);
    await stack.steady("api");
    const v2 = await stack.release("v2", { FAIL_HEALTH: "1" });
    await world.cloud.ecs.updateService({ cluster: "main", service: "api", taskDefinition: v2 });
    await eventually("the deployment is rolled back", async () => {
      assert.equal(await version(), "v1");
      return (await events("api")).some((line) => line.includes("rolling back to deployment"));
    });
    const steady = await stack.steady("api", v1);
    assert.equal(steady.deployments?.length, 1);
    assert.match(steady.deployments?.[0]?.rolloutStateReason ?? "", /completed/);
    const reasons = (await tasks("STOPPED")).map((task) => task.stoppedReason ?? "");
    assert.ok(
      reasons.some((reason) => reason.startsWith("Task failed ELB health checks in (target-group ")),
      reasons.join("; "),
    );
    assert.ok(reasons.some((reason) => reason.includes("failed with these codes: [500]")));
  });

  it("gives a slow starter its time, and an image that is not there none", async () => {
    await stack.createService("slow", "blue", await stack.release("v1", { START_DELAY_MS: "3000" }));
    const slow = await stack.steady("slow");
    assert.equal(slow.deployments?.[0]?.failedTasks, 0);
    const { taskDefinition } = await world.cloud.ecs.registerTaskDefinition({
      family: "missing",
      networkMode: "awsvpc",
      containerDefinitions: [
        { name: "api", image: `${world.registry}/api:v9.9.9`, portMappings: [{ containerPort: 8080 }] },
      ],
    });
    await stack.createService("missing", "green", taskDefinition?.taskDefinitionArn ?? "", { loadBalancers: [] });
    await eventually(
      "the deployment fails",
      async () => (await stack.service("missing")).deployments?.[0]?.rolloutState === "FAILED",
    );
    const [task] = await tasks("STOPPED", "missing");
    assert.equal(task?.stopCode, "TaskFailedToStart");
    assert.match(task?.stoppedReason ?? "", /^CannotPullContainerError: .*\/api:v9\.9\.9: not found$/);
  });

  it("drains and ends a deleted service; its processes are gone when it is", async () => {
    await stack.createService("api", "blue", await stack.release("v1"));
    await stack.steady("api");
    const { pid } = (await (await fetch(stack.url)).json()) as { pid: number };
    await world.cloud.ecs.deleteService({ cluster: "main", service: "api", force: true });
    assert.equal((await stack.service("api")).status, "DRAINING");
    await eventually("the service is inactive", async () => (await stack.service("api")).status === "INACTIVE");
    assert.equal(await isRunning(pid), false);
    const { TargetHealthDescriptions } = await world.cloud.elb.describeTargetHealth({
      TargetGroupArn: stack.groups.blue,
    });
    assert.deepEqual(TargetHealthDescriptions, []);
    await stack.createService("api", "blue", "api");
    await stack.steady("api");
  });

  it("runs one-off tasks to their end, containers in the order of their dependencies", async () => {
    await stack.release("v1");
    const image = `${world.registry}/api:v1`;
    const node = (code: string) => ({ image, entryPoint: ["node", "-e", code] });
    await world.cloud.ecs.registerTaskDefinition({
      family: "job",
      networkMode: "awsvpc",
      containerDefinitions: [
        {
          name: "main",
          ...node("console.log('main', process.env.WHO, Date.now()); process.exit(7)"),
          dependsOn: [{ containerName: "first", condition: "SUCCESS" }],
        },
        { name: "first", ...node("setTimeout(() => console.log('first', Date.now()), 200)"), essential: false },
      ],
    });
    const run = (overrides: object) =>
      world.cloud.ecs.runTask({ cluster: "main", taskDefinition: "job", networkConfiguration: NETWORK, overrides });
    const { tasks: begun } = await run({
      containerOverrides: [{ name: "main", environment: [{ name: "WHO", value: "override" }] }],
    });
    const arn = begun?.[0]?.taskArn ?? "";
    const task = await eventually("the task stops", async () => {
      const { tasks: [found] = [] } = await world.cloud.ecs.describeTasks({ cluster: "main", tasks: [arn] });
      return found?.lastStatus === "STOPPED" && found;
    });
    const codes = Object.fromEntries((task.containers ?? []).map((container) => [container.name, container.exitCode]));
    assert.deepEqual(codes, { main: 7, first: 0 });
    const logs = new Map(world.cloud.ecs.taskLog(arn, 5).map((log) => [log.container, log.lines]));
    assert.match(logs.get("main")?.[0] ?? "", /^main override /);
    const at = (line: string | undefined) => Number(line?.split(" ").at(-1));
    assert.ok(at(logs.get("main")?.[0]) >= at(logs.get("first")?.[0]));
  });

  it("kills a task that does not end in its time", async () => {
    await stack.release("v1");
    await world.cloud.ecs.registerTaskDefinition({
      family: "stubborn",
      networkMode: "awsvpc",
      containerDefinitions: [
        {
          name: "main",
          image: `${world.registry}/api:v1`,
          entryPoint: [
            "node",
            "-e",
            "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up')",
          ],
          stopTimeout: 2,
        },
      ],
    });
    const { tasks: [task] = [] } = await world.cloud.ecs.runTask({
      cluster: "main",
      taskDefinition: "stubborn",
      networkConfiguration: NETWORK,
    });
    const arn = task?.taskArn ?? "";
    const lines = () => world.cloud.ecs.taskLog(arn, 5)[0]?.lines ?? [];
    await eventually("it is up", () => lines().includes("up"));
    await world.cloud.ecs.stopTask({ cluster: "main", task: arn, reason: "enough" });
    const stopped = await eventually("it is stopped", async () =>
      (await tasks("STOPPED")).find((each) => each.lastStatus === "STOPPED"),
    );
    assert.deepEqual(lines(), ["up", "no"]);
    assert.deepEqual(
      [stopped.stoppedReason, stopped.stopCode, stopped.containers?.[0]?.exitCode],
      ["enough", "UserInitiated", 137],
    );
  });

  it("minds container health checks", async () => {
    await stack.release("v1");
    const check = (code: string) => ({ command: ["CMD", "node", "-e", code], retries: 2, interval: 5 });
    const register = async (family: string, code: string) => {
      await world.cloud.ecs.registerTaskDefinition({
        family,
        networkMode: "awsvpc",
        containerDefinitions: [
          {
            name: "main",
            image: `${world.registry}/api:v1`,
            portMappings: [{ containerPort: 8080 }],
            healthCheck: check(code),
          },
        ],
      });
      await stack.createService(family, "blue", family, { loadBalancers: [] });
    };
    await register("well", "process.exit(0)");
    await register("sick", "process.exit(1)");
    await stack.steady("well");
    assert.equal((await tasks("RUNNING", "well"))[0]?.healthStatus, "HEALTHY");
    await eventually(
      "sick fails",
      async () => (await stack.service("sick")).deployments?.[0]?.rolloutState === "FAILED",
    );
    assert.equal((await tasks("STOPPED", "sick"))[0]?.stoppedReason, "Task failed container health checks");
  });

  it("plays a task's death on request", async () => {
    await stack.createService("api", "blue", await stack.release("v1"));
    await stack.steady("api");
    world.cloud.faults.add({ kind: "die", match: { service: "ecs", name: "api" }, times: 1 });
    await eventually("the task dies", async () => (await tasks("STOPPED")).length === 1);
    await stack.steady("api");
    assert.equal((await tasks("STOPPED"))[0]?.containers?.[0]?.exitCode, 137);
  });
});
