import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { startLoad } from "./support/processes.ts";
import { createStack, type Stack } from "./support/stack.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

function slow(url: string, ms: number): Promise<{ status: number; version: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/?ms=${ms}`, { agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, version: /"version":"(\w+)"/.exec(body)?.[1] ?? "" }),
      );
    });
    request.on("error", reject);
    request.end();
  });
}

describe("traffic under load", () => {
  let world: TestWorld;
  let stack: Stack;

  beforeEach(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
    await stack.createService("api-blue", "blue", await stack.release("v1"));
    await stack.steady("api-blue");
  });
  afterEach(async () => {
    await world?.close();
  });

  for (const mode of ["keep-alive", "close"] as const) {
    it(`loses no request of 200 per second over two flips, connections ${mode}`, async () => {
      await stack.createService("api-green", "green", await stack.release("v2"));
      await stack.steady("api-green");
      const { result } = await startLoad(stack.url, 200, 4, mode);
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      await pause(1000);
      await stack.weights(0, 100);
      const flipped = Date.now();
      await pause(1500);
      await stack.weights(100, 0);
      const load = await result;
      assert.deepEqual(load.failures, []);
      assert.equal(load.sent, 800);
      const { v1, v2 } = load.versions;
      assert.equal((v1?.count ?? 0) + (v2?.count ?? 0), 800);
      assert.ok((v1?.count ?? 0) > 100 && (v2?.count ?? 0) > 100, `both answered: ${JSON.stringify(load.versions)}`);
      assert.ok((v2?.first ?? 0) >= flipped - 50, "nothing reached green before the flip");
    });
  }

  it("loses no request while a rolling deployment replaces one task by two", async () => {
    const v2 = await stack.release("v2");
    const { result } = await startLoad(stack.url, 200, 4, "keep-alive");
    await world.cloud.ecs.updateService({ cluster: "main", service: "api-blue", taskDefinition: v2, desiredCount: 2 });
    await stack.steady("api-blue", v2);
    const load = await result;
    assert.deepEqual(load.failures, []);
    assert.ok((load.versions.v1?.count ?? 0) > 0 && (load.versions.v2?.count ?? 0) > 0);
  });

  it("lets a request in flight end: at a flip, and in a task that is being stopped", async () => {
    await stack.createService("api-green", "green", await stack.release("v2"));
    await stack.steady("api-green");
    const inFlight = slow(stack.url, 5000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await stack.weights(0, 100);
    assert.equal((await slow(stack.url, 0)).version, "v2");
    await world.cloud.ecs.updateService({ cluster: "main", service: "api-blue", desiredCount: 0 });
    await eventually("the target is draining", async () => {
      const { TargetHealthDescriptions } = await world.cloud.elb.describeTargetHealth({
        TargetGroupArn: stack.groups.blue,
      });
      return TargetHealthDescriptions?.[0]?.TargetHealth?.State === "draining";
    });
    assert.equal((await stack.service("api-blue")).runningCount, 1, "the task lives while it has a request");
    const { taskArns: [arn = ""] = [] } = await world.cloud.ecs.listTasks({
      cluster: "main",
      serviceName: "api-blue",
      desiredStatus: "STOPPED",
    });
    const { tasks } = await world.cloud.ecs.describeTasks({ cluster: "main", tasks: [arn] });
    assert.equal(tasks?.[0]?.lastStatus, "DEACTIVATING", "its process has not even been asked to end");
    assert.deepEqual(await inFlight, { status: 200, version: "v1" });
    await eventually(
      "the task ends after its last request",
      async () => (await stack.service("api-blue")).runningCount === 0,
    );
  });

  it("cuts a request off when the deregistration delay is over", async () => {
    await world.cloud.elb.modifyTargetGroupAttributes({
      TargetGroupArn: stack.groups.blue,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "1" }],
    });
    const inFlight = slow(stack.url, 60_000).catch((error: Error) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await world.cloud.ecs.updateService({ cluster: "main", service: "api-blue", desiredCount: 0 });
    await eventually("the target is gone", async () => {
      const { TargetHealthDescriptions } = await world.cloud.elb.describeTargetHealth({
        TargetGroupArn: stack.groups.blue,
      });
      return TargetHealthDescriptions?.length === 0;
    });
    // The task itself waits for its request until ECS loses patience; killing it here shows what the client then sees.
    const { taskArns } = await world.cloud.ecs.listTasks({
      cluster: "main",
      serviceName: "api-blue",
      desiredStatus: "STOPPED",
    });
    assert.equal(taskArns?.length, 1);
    const { tasks } = await world.cloud.ecs.describeTasks({ cluster: "main", tasks: taskArns ?? [] });
    assert.equal(tasks?.[0]?.lastStatus, "STOPPING");
    const { processes } = processOf(world);
    for (const pid of processes) process.kill(pid, "SIGKILL");
    const seen = await inFlight;
    assert.ok(!(seen instanceof Error) && seen.status === 502);
  });

  it("counts what it did by target group, with latencies", async () => {
    for (let index = 0; index < 20; index += 1) await fetch(stack.url, { headers: { connection: "close" } });
    await fetch(`${stack.url}/status?code=503`);
    await fetch(`${stack.url}/?ms=300`);
    const dimension = (arn: string, prefix: string) => arn.slice(arn.indexOf(prefix) + prefix.length);
    const Dimensions = [
      { Name: "TargetGroup", Value: `targetgroup/${dimension(stack.groups.blue, ":targetgroup/")}` },
      { Name: "LoadBalancer", Value: dimension(stack.loadBalancer, ":loadbalancer/") },
    ];
    const stat = (Id: string, MetricName: string, Stat: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: "AWS/ApplicationELB", MetricName, Dimensions }, Period: 60, Stat },
    });
    const { MetricDataResults = [] } = await world.cloud.cloudwatch.getMetricData({
      StartTime: new Date(Date.now() - 120_000),
      EndTime: new Date(Date.now() + 1000),
      MetricDataQueries: [
        stat("requests", "RequestCount", "Sum"),
        stat("ok", "HTTPCode_Target_2XX_Count", "Sum"),
        stat("errors", "HTTPCode_Target_5XX_Count", "Sum"),
        stat("gone", "HTTPCode_Target_4XX_Count", "Sum"),
        stat("slowest", "TargetResponseTime", "Maximum"),
        stat("p50", "TargetResponseTime", "p50"),
        stat("healthy", "HealthyHostCount", "Minimum"),
        { Id: "share", Expression: "100 * errors / requests", Period: 60 },
      ],
    });
    const sum = (id: string) =>
      (MetricDataResults.find((each) => each.Id === id)?.Values ?? []).reduce((a, b) => a + b, 0);
    assert.deepEqual([sum("requests"), sum("ok"), sum("errors")], [22, 21, 1]);
    assert.deepEqual(MetricDataResults.find((each) => each.Id === "gone")?.Values, [], "zero counts are left out");
    assert.ok(sum("slowest") >= 0.3 && sum("slowest") < 5, `slowest ${sum("slowest")}`);
    assert.ok(sum("p50") > 0 && sum("p50") < 0.3, `p50 ${sum("p50")}`);
  });
});

function processOf(world: TestWorld): { processes: number[] } {
  const tasks = world.cloud.store.list<{ lastStatus: string; containers: { ref?: { pid: number } }[] }>("ecs.task");
  return { processes: tasks.flatMap((task) => task.containers.flatMap((each) => (each.ref ? [each.ref.pid] : []))) };
}
