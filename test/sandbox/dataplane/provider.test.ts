import assert from "node:assert/strict";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { Properties } from "../../../sandbox/providers/resource-type.ts";
import type { ProviderServer } from "../../../sandbox/providers/server.ts";
import { Engine, serve } from "../core/harness.ts";
import { pushImage, serverImage } from "./support/image.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

const urn = (type: string, name: string) => `urn:pulumi:local::sluice::${type}::${name}`;
const TYPE = {
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  listener: "aws:lb/listener:Listener",
  rule: "aws:lb/listenerRule:ListenerRule",
  group: "aws:lb/targetGroup:TargetGroup",
  cluster: "aws:ecs/cluster:Cluster",
  task: "aws:ecs/taskDefinition:TaskDefinition",
  service: "aws:ecs/service:Service",
};

/** The provider as the engine sees it, over a cloud that really runs things. */
describe("load balancers and services as resources", () => {
  let world: TestWorld;
  let server: ProviderServer;
  let engine: Engine;

  before(async () => {
    world = await openTestWorld();
    server = await serve(world.cloud, awsProvider("7.48.0"));
    engine = await new Engine(server.port).configure({ region: "eu-west-1" });
    await world.cloud.ecr.createRepository({ repositoryName: "api" });
  });
  after(async () => {
    engine?.close();
    await server?.close();
    await world?.close();
  });

  const make = async (type: string, name: string, given: Properties) => {
    const { inputs, failures } = await engine.check(urn(type, name), given);
    assert.deepEqual(failures, []);
    const made = await engine.create(urn(type, name), inputs);
    const unchanged = await engine.diff(urn(type, name), made.state, inputs);
    assert.deepEqual(unchanged.paths, [], `${name} has no diff right after its creation`);
    const read = await engine.read(urn(type, name), made.id, made.state, inputs);
    const fresh = await engine.diff(urn(type, name), read.state, inputs);
    assert.deepEqual(fresh.paths, [], `${name} has no diff after a refresh`);
    return { ...made, inputs };
  };
  const change = async (
    type: string,
    name: string,
    old: { id: string; state: Properties; inputs: Properties },
    given: Properties,
  ) => {
    const { inputs, failures } = await engine.check(urn(type, name), { ...given }, old.inputs);
    assert.deepEqual(failures, []);
    const diff = await engine.diff(urn(type, name), old.state, inputs);
    return { inputs, diff, update: () => engine.update(urn(type, name), old.id, old.state, inputs) };
  };
  const release = async (version: string, environment: Record<string, string> = {}) => {
    const image = await serverImage(version);
    await pushImage(world.registry, "api", version, image);
    return {
      family: "api-blue",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      skipDestroy: true,
      containerDefinitions: JSON.stringify([
        {
          name: "api",
          image: `${world.registry}/api@${image.digest}`,
          portMappings: [{ containerPort: 8080 }],
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        },
      ]),
    };
  };

  it("reports every wrong argument of a rule at once", async () => {
    const { failures } = await engine.check(urn(TYPE.rule, "bad"), {
      listenerArn: "arn",
      priority: 60_000,
      conditions: [{ hostHeader: { values: ["a"] }, pathPattern: { values: ["/"] } }],
      actions: [
        {
          type: "forward",
          forward: { targetGroups: [{ arn: "a", weight: 1000 }], stickiness: { enabled: true, duration: 0 } },
        },
      ],
    });
    const text = failures.join("\n");
    for (const part of ["priority", "60000", "weight", "1000", "stickiness.duration"])
      assert.ok(text.includes(part), `${part}: ${text}`);
    const kinds = await engine.check(urn(TYPE.rule, "bad"), {
      listenerArn: "arn",
      conditions: [{ hostHeader: { values: ["a"] }, pathPattern: { values: ["/"] } }],
      actions: [{ type: "forward", redirect: { statusCode: "HTTP_301" } }],
    });
    assert.match(
      kinds.failures.join("\n"),
      /actions\[0\]\.redirect: does not go with type 'forward'[\s\S]*conditions\[0\]: must have exactly one kind of condition, got 2/,
    );
    const long = await engine.check(urn(TYPE.group, "bad"), {
      name: "x".repeat(33),
      port: 80,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: "v",
      healthCheck: { interval: 5, timeout: 5 },
    });
    assert.match(long.failures.join("\n"), /name: expected at most 32 characters/);
  });

  it("brings up a service, flips its rule, releases anew, fails and rolls back as the real provider does", async () => {
    const balancer = await make(TYPE.balancer, "web", {
      name: "web",
      subnets: ["subnet-a", "subnet-b"],
      loadBalancerType: "application",
      dropInvalidHeaderFields: true,
    });
    assert.match(String(balancer.state.dnsName), /^127\./);
    const notFound = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/plain", messageBody: "none", statusCode: "404" },
    };
    const listener = await make(TYPE.listener, "http", {
      loadBalancerArn: balancer.id,
      port: 8080,
      protocol: "HTTP",
      defaultActions: [notFound],
    });
    const groupInputs = {
      name: "api-blue",
      port: 80,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: "vpc-a",
      deregistrationDelay: 5,
      healthCheck: {
        path: "/health",
        interval: 5,
        timeout: 2,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        matcher: "200",
      },
    };
    const blue = await make(TYPE.group, "blue", groupInputs);
    const green = await make(TYPE.group, "green", { ...groupInputs, name: "api-green" });
    const ruleInputs = (weights: [number, number]) => ({
      listenerArn: listener.id,
      priority: 40_000,
      conditions: [{ pathPattern: { values: ["/*"] } }],
      actions: [
        {
          type: "forward",
          forward: {
            targetGroups: [
              { arn: blue.id, weight: weights[0] },
              { arn: green.id, weight: weights[1] },
            ],
            stickiness: { enabled: false, duration: 1 },
          },
        },
      ],
    });
    const rule = await make(TYPE.rule, "traffic", ruleInputs([100, 0]));
    const cluster = await make(TYPE.cluster, "main", {
      name: "main",
      settings: [{ name: "containerInsights", value: "disabled" }],
    });
    const definition = await make(TYPE.task, "task", await release("v1"));
    const serviceInputs = (taskDefinition: unknown) => ({
      name: "api-blue",
      cluster: cluster.id,
      launchType: "FARGATE",
      taskDefinition,
      desiredCount: 1,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriodSeconds: 0,
      waitForSteadyState: true,
      propagateTags: "SERVICE",
      networkConfiguration: { subnets: ["subnet-a"], securityGroups: ["sg-a"], assignPublicIp: true },
      loadBalancers: [{ targetGroupArn: blue.id, containerName: "api", containerPort: 8080 }],
    });
    const service = await make(TYPE.service, "api-blue", serviceInputs(definition.state.arn));
    const url = `http://${balancer.state.dnsName}:8080`;
    assert.equal(
      ((await (await fetch(url)).json()) as { version: string }).version,
      "v1",
      "steady means that it answers",
    );

    const flip = await change(TYPE.rule, "traffic", rule, ruleInputs([0, 100]));
    assert.deepEqual([flip.diff.changes, flip.diff.replaces], [true, []]);
    await flip.update();
    assert.equal((await fetch(url)).status, 503, "green has no targets");
    const live = await engine.invoke("aws:lb/getListenerRule:getListenerRule", { arn: rule.id });
    const [action] = live.actions as { forwards: { targetGroups: { arn: string; weight: number }[] }[] }[];
    assert.deepEqual(action?.forwards[0]?.targetGroups, [
      { arn: blue.id, weight: 0 },
      { arn: green.id, weight: 100 },
    ]);
    const drifted = await engine.read(urn(TYPE.rule, "traffic"), rule.id, rule.state, rule.inputs);
    const back = await engine.diff(urn(TYPE.rule, "traffic"), drifted.state, rule.inputs);
    assert.equal(back.changes, true, "a refresh sees the live weights");
    await engine.update(urn(TYPE.rule, "traffic"), rule.id, drifted.state, rule.inputs);

    const next = await change(TYPE.task, "task", definition, await release("v2"));
    assert.deepEqual(next.diff.replaces, ["containerDefinitions"]);
    const second = await engine.create(urn(TYPE.task, "task"), next.inputs);
    assert.deepEqual(
      [second.state.revision, second.state.arnWithoutRevision],
      [2, definition.state.arnWithoutRevision],
    );
    await engine.delete(urn(TYPE.task, "task"), definition.id, definition.state);
    const kept = await engine.invoke("aws:ecs/getTaskDefinition:getTaskDefinition", {
      taskDefinition: definition.state.arn,
    });
    assert.equal(kept.status, "ACTIVE", "skipDestroy keeps the old revision");
    const moved = await change(TYPE.service, "api-blue", service, serviceInputs(second.state.arn));
    const state = await moved.update();
    assert.equal(state.taskDefinition, second.state.arn);
    assert.equal(((await (await fetch(url)).json()) as { version: string }).version, "v2");

    const bad = await engine.create(
      urn(TYPE.task, "task"),
      (await change(TYPE.task, "task", definition, await release("v3", { FAIL_HEALTH: "1" }))).inputs,
    );
    const rolledBack = await engine.update(urn(TYPE.service, "api-blue"), service.id, state, {
      ...moved.inputs,
      taskDefinition: bad.state.arn,
    });
    assert.equal(
      rolledBack.taskDefinition,
      second.state.arn,
      "ECS went back by itself, and the provider reports success",
    );
    const found = await engine.invoke("aws:ecs/getService:getService", {
      clusterArn: cluster.id,
      serviceName: "api-blue",
    });
    assert.equal(found.taskDefinition, second.state.arn);
    assert.deepEqual(
      (found.deployments as { taskDefinition: string }[]).map((each) => each.taskDefinition),
      [second.state.arn],
    );
    const group = await engine.invoke("aws:lb/getTargetGroup:getTargetGroup", { name: "api-blue" });
    assert.deepEqual([group.arn, group.deregistrationDelay], [blue.id, "5"]);

    const first = await engine.check(urn(TYPE.service, "api-green"), {
      ...serviceInputs(bad.state.arn),
      name: "api-green",
      loadBalancers: [{ targetGroupArn: green.id, containerName: "api", containerPort: 8080 }],
    });
    const crashing = await engine.create(
      urn(TYPE.task, "task"),
      (
        await change(
          TYPE.task,
          "task",
          definition,
          await release("v4", { CRASH_AFTER_MS: "50", START_DELAY_MS: "5000" }),
        )
      ).inputs,
    );
    const failure = await engine
      .create(urn(TYPE.service, "api-green"), { ...first.inputs, taskDefinition: crashing.state.arn })
      .then(
        () => assert.fail("a service that never gets healthy is an error"),
        (error: Error) => error.message,
      );
    assert.match(
      failure,
      /ECS deployment circuit breaker: tasks failed to start\.[\s\S]*api exited with 3[\s\S]*fatal: planted crash of v4/,
    );

    await engine.delete(urn(TYPE.service, "api-blue"), service.id, service.state);
    const greenArn = service.id.replace("api-blue", "api-green");
    await engine.delete(urn(TYPE.service, "api-green"), greenArn, {});
    await engine.delete(urn(TYPE.cluster, "main"), cluster.id, cluster.state);
    await engine.delete(urn(TYPE.rule, "traffic"), rule.id, rule.state);
    for (const one of [blue, green]) await engine.delete(urn(TYPE.group, "x"), one.id, one.state);
    await engine.delete(urn(TYPE.listener, "http"), listener.id, listener.state);
    await engine.delete(urn(TYPE.balancer, "web"), balancer.id, balancer.state);
    const { LoadBalancers, TargetGroups } = {
      ...(await world.cloud.elb.describeLoadBalancers({})),
      ...(await world.cloud.elb.describeTargetGroups({})),
    };
    assert.deepEqual([LoadBalancers, TargetGroups], [[], []]);
    await eventually("no process is left", () =>
      world.cloud.store.list<{ lastStatus: string }>("ecs.task").every((task) => task.lastStatus === "STOPPED"),
    );
  });
});
