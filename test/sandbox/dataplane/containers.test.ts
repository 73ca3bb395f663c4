import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ContainerDefinition, RegisterTaskDefinitionRequest, Task } from "@aws-sdk/client-ecs";
import { atTask } from "../../../sandbox/runtime/command.ts";
import { stopOrder } from "../../../sandbox/runtime/task-stop.ts";
import { mounted } from "../../../sandbox/runtime/volumes.ts";
import { pushImage, serverImage } from "./support/image.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

const NETWORK = { awsvpcConfiguration: { subnets: ["subnet-a"] } };

describe("containers of one task", () => {
  let world: TestWorld;
  let image: string;
  before(async () => {
    world = await openTestWorld();
    await world.cloud.ecr.createRepository({ repositoryName: "api" });
    await world.cloud.ecs.createCluster({ clusterName: "main" });
    const built = await serverImage("v1");
    await pushImage(world.registry, "api", "v1", built);
    image = `${world.registry}/api@${built.digest}`;
  });
  after(() => world?.close());

  const node = (code: string): Pick<ContainerDefinition, "image" | "entryPoint"> => ({
    image,
    entryPoint: ["node", "-e", code],
  });
  const run = async (
    containerDefinitions: ContainerDefinition[],
    rest: Partial<RegisterTaskDefinitionRequest> = {},
  ): Promise<string> => {
    const { taskDefinition } = await world.cloud.ecs.registerTaskDefinition({
      family: "job",
      networkMode: "awsvpc",
      containerDefinitions,
      ...rest,
    });
    const { tasks } = await world.cloud.ecs.runTask({
      cluster: "main",
      taskDefinition: taskDefinition?.taskDefinitionArn ?? "",
      networkConfiguration: NETWORK,
    });
    return tasks?.[0]?.taskArn ?? "";
  };
  const task = async (arn: string): Promise<Task> => {
    const { tasks = [] } = await world.cloud.ecs.describeTasks({ cluster: "main", tasks: [arn] });
    return tasks[0] ?? {};
  };
  const until = (arn: string, status: string) =>
    eventually(`the task is ${status}`, async () => {
      const found = await task(arn);
      return found.lastStatus === status && found;
    });
  const said = (arn: string) =>
    new Map(world.cloud.ecs.taskLog(arn, 20).map(({ container, lines }) => [container, lines]));
  const forever = "setInterval(() => {}, 1000);";
  const onEnd = (words: string) =>
    `process.on('SIGTERM', () => { console.log('${words}', Date.now()); process.exit(0) });`;

  it("start when what they wait for is healthy, reach each other on localhost, and end in reverse order", async () => {
    const arn = await run([
      {
        name: "api",
        ...node(`console.log('start', Date.now()); ${onEnd("end")} ${forever}
          fetch(process.env.PEER).then((answer) => answer.text()).then((text) => console.log('peer says', text))`),
        environment: [{ name: "PEER", value: "http://localhost:9090/" }],
        dependsOn: [{ containerName: "proxy", condition: "HEALTHY" }],
      },
      {
        name: "proxy",
        ...node(`${onEnd("end")}
          setTimeout(() => require('http').createServer((_, r) => r.end('hello')).listen(9090, process.env.HOST,
            () => console.log('listens', Date.now())), 300)`),
        portMappings: [{ containerPort: 9090 }],
        healthCheck: {
          command: ["CMD-SHELL", `node -e "fetch('http://localhost:9090').catch(() => process.exit(1))"`],
        },
      },
    ]);
    await until(arn, "RUNNING");
    await eventually("the peer answered", async () => said(arn).get("api")?.includes("peer says hello"));
    const at = (container: string, word: string) =>
      Number(
        said(arn)
          .get(container)
          ?.find((line) => line.startsWith(word))
          ?.split(" ")
          .at(-1),
      );
    assert.ok(at("api", "start") >= at("proxy", "listens"));
    await world.cloud.ecs.stopTask({ cluster: "main", task: arn });
    await until(arn, "STOPPED");
    assert.ok(at("proxy", "end") >= at("api", "end"), "the proxy serves until its user has ended");
  });

  it("go on when one that is not essential ends, and end with one that is", async () => {
    const arn = await run([
      { name: "api", ...node(forever) },
      { name: "once", ...node("process.exit(3)"), essential: false },
    ]);
    await until(arn, "RUNNING");
    await eventually("the other has ended", async () =>
      (await task(arn)).containers?.some(({ name, exitCode }) => name === "once" && exitCode === 3),
    );
    assert.equal((await task(arn)).desiredStatus, "RUNNING");
    await world.cloud.ecs.stopTask({ cluster: "main", task: arn });
    const other = await run([
      { name: "api", ...node(forever) },
      { name: "proxy", ...node("setTimeout(() => process.exit(4), 200)") },
    ]);
    const ended = await until(other, "STOPPED");
    assert.equal(ended.stoppedReason, "Essential container in task exited");
  });

  it("are not started when what they wait for fails", async () => {
    const arn = await run([
      { name: "api", ...node("console.log('never')"), dependsOn: [{ containerName: "prepare", condition: "SUCCESS" }] },
      { name: "prepare", ...node("process.exit(1)"), essential: false },
    ]);
    const ended = await until(arn, "STOPPED");
    assert.match(ended.stoppedReason ?? "", /dependency \[prepare\] for container \[api\] did not start successfully/);
    assert.deepEqual(said(arn).get("api"), []);
  });

  it("write to volumes that they share and to their own tmpfs, which go with the task", async () => {
    const mountPoints = [{ sourceVolume: "work", containerPath: "/work" }];
    const arn = await run(
      [
        {
          name: "reader",
          ...node(`const fs = require('fs');
            console.log(fs.readFileSync(process.env.FILE, 'utf8'), process.env.TMPDIR, fs.readdirSync(process.env.TMPDIR).length)`),
          environment: [{ name: "FILE", value: "/work/in/file" }],
          mountPoints,
          linuxParameters: { tmpfs: [{ containerPath: "/tmp", size: 16 }] },
          dependsOn: [{ containerName: "writer", condition: "SUCCESS" }],
        },
        {
          name: "writer",
          image,
          entryPoint: [
            "node",
            "-e",
            "const fs = require('fs'); fs.mkdirSync(process.argv[1]); fs.writeFileSync(process.argv[1] + '/file', 'shared')",
          ],
          command: ["/work/in"],
          mountPoints,
          essential: false,
        },
      ],
      { volumes: [{ name: "work" }] },
    );
    await until(arn, "STOPPED");
    assert.match(said(arn).get("reader")?.[0] ?? "", /^shared \/.*\/tmpfs\/reader\/0 0$/);
    const folder = join(world.home, "tasks", arn.split("/").at(-1) ?? "");
    await eventually("the volumes are gone", async () => !existsSync(join(folder, "volumes")));
    assert.ok(readdirSync(folder).includes("reader.log"));
  });

  it("get secrets whole, by key, by label and by version, and parameters", async () => {
    const { secretsmanager, ssm } = world.cloud;
    const first = await secretsmanager.createSecret({ Name: "db", SecretString: '{"user":"u1","port":5432}' });
    await secretsmanager.putSecretValue({ SecretId: "db", SecretString: '{"user":"u2-of-the-database","port":5432}' });
    await ssm.putParameter({ Name: "/app/flag", Type: "SecureString", Value: "on" });
    const arn = first.ARN ?? "";
    const started = await run([
      {
        name: "api",
        ...node(
          "const { WHOLE, USER2, PORT2, OLD, PINNED, FLAG } = process.env; console.log(JSON.stringify({ WHOLE, USER2, PORT2, OLD, PINNED, FLAG }))",
        ),
        secrets: [
          { name: "WHOLE", valueFrom: arn },
          { name: "USER2", valueFrom: `${arn}:user::` },
          { name: "PORT2", valueFrom: `${arn}:port::` },
          { name: "OLD", valueFrom: `${arn}:user:AWSPREVIOUS:` },
          { name: "PINNED", valueFrom: `${arn}:user::${first.VersionId}` },
          { name: "FLAG", valueFrom: "arn:aws:ssm:eu-west-1:000000000000:parameter/app/flag" },
        ],
      },
    ]);
    await until(started, "STOPPED");
    assert.deepEqual(JSON.parse(said(started).get("api")?.[0] ?? "{}"), {
      WHOLE: '{"user":"u2-of-the-database","port":5432}',
      USER2: "u2-of-the-database",
      PORT2: "5432",
      OLD: "u1",
      PINNED: "u1",
      FLAG: "on",
    });
    const rows = new DatabaseSync(join(world.home, "state.db"), { readOnly: true });
    const holders = rows
      .prepare("SELECT DISTINCT kind FROM document WHERE instr(json, ?) > 0")
      .all("u2-of-the-database");
    rows.close();
    assert.deepEqual(
      holders.map(({ kind }) => kind),
      ["secretsmanager.secret"],
      "nothing but the secret itself holds its value",
    );
  });

  const missing: [string, string, RegExp][] = [
    [
      "no such secret",
      "arn:aws:secretsmanager:eu-west-1:000000000000:secret:none-AbCdEf",
      /from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret\.$/,
    ],
    [
      "no such key",
      "arn:aws:secretsmanager:eu-west-1:000000000000:secret:key:password::",
      /did not contain json key password$/,
    ],
    [
      "no such parameter",
      "arn:aws:ssm:eu-west-1:000000000000:parameter/none",
      /unable to retrieve secrets from ssm: .*invalid ssm parameters: arn:.*\/none$/,
    ],
  ];
  for (const [what, valueFrom, words] of missing) {
    it(`do not start with ${what}, in ECS's words`, async () => {
      if (what === "no such key")
        await world.cloud.secretsmanager.createSecret({ Name: "key", SecretString: "no json" });
      const arn = await run([{ name: "api", ...node(forever), secrets: [{ name: "A", valueFrom }] }]);
      const ended = await until(arn, "STOPPED");
      assert.equal(ended.stopCode, "TaskFailedToStart");
      assert.match(
        ended.stoppedReason ?? "",
        /^ResourceInitializationError: unable to pull secrets or registry auth: /,
      );
      assert.match(ended.stoppedReason ?? "", words);
    });
  }

  const refused: [string, ContainerDefinition[], RegExp][] = [
    [
      "an unknown volume",
      [{ name: "a", mountPoints: [{ sourceVolume: "v", containerPath: "/v" }] }],
      /Unknown volume 'v'/,
    ],
    [
      "a wait for health without a check",
      [{ name: "a", dependsOn: [{ containerName: "b", condition: "HEALTHY" }] }, { name: "b" }],
      /which has no health check/,
    ],
    [
      "a wait for the end of an essential container",
      [{ name: "a", dependsOn: [{ containerName: "b", condition: "COMPLETE" }] }, { name: "b" }],
      /'b', which is essential/,
    ],
    [
      "a circle",
      [
        { name: "a", dependsOn: [{ containerName: "b", condition: "START" }] },
        { name: "b", dependsOn: [{ containerName: "a", condition: "START" }] },
      ],
      /cycle/,
    ],
    [
      "one port twice",
      [
        { name: "a", portMappings: [{ containerPort: 80 }] },
        { name: "b", portMappings: [{ containerPort: 80 }] },
      ],
      /Port 80/,
    ],
    ["eleven containers", Array.from({ length: 11 }, (_, index) => ({ name: `c${index}` })), /at most 10/],
    ["64 KiB", [{ name: "a", environment: [{ name: "A", value: "x".repeat(65_536) }] }], /65536 bytes/],
    [
      "a parameter's version",
      [{ name: "a", secrets: [{ name: "A", valueFrom: "arn:aws:ssm:eu-west-1:000000000000:parameter/a:2" }] }],
      /Systems Manager parameter name/,
    ],
    [
      "half a suffix",
      [
        {
          name: "a",
          secrets: [{ name: "A", valueFrom: "arn:aws:secretsmanager:eu-west-1:000000000000:secret:a:key" }],
        },
      ],
      /must be followed by/,
    ],
  ];
  for (const [what, containers, words] of refused) {
    it(`are refused with ${what}`, async () => {
      const containerDefinitions = containers.map((one) => ({ image, ...one }));
      const request = { family: "refused", networkMode: "awsvpc" as const, containerDefinitions };
      await assert.rejects(world.cloud.ecs.registerTaskDefinition(request), words);
    });
  }

  it("run on Spot only where the cluster has it", async () => {
    const { ecs } = world.cloud;
    await ecs.registerTaskDefinition({
      family: "spot",
      networkMode: "awsvpc",
      containerDefinitions: [{ name: "a", image }],
    });
    const service = (serviceName: string, more: object) =>
      ecs.createService({
        cluster: "main",
        serviceName,
        taskDefinition: "spot",
        desiredCount: 0,
        networkConfiguration: NETWORK,
        capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
        ...more,
      });
    await assert.rejects(service("spot", {}), /FARGATE_SPOT is not associated with the cluster/);
    await ecs.putClusterCapacityProviders({
      cluster: "main",
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategy: [],
    });
    await assert.rejects(service("spot", { launchType: "FARGATE" }), /both a launch type and capacity provider/);
    const made = await service("spot", {});
    assert.equal(made.service?.launchType, undefined);
    assert.deepEqual(made.service?.capacityProviderStrategy, [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
  });

  it("find addresses and paths as they are without namespaces", () => {
    assert.equal(atTask("http://localhost:80/x?u=127.0.0.1", "127.65.0.1"), "http://127.65.0.1:80/x?u=127.65.0.1");
    assert.equal(
      atTask("localhost.example my-localhost 127.0.0.10", "127.65.0.1"),
      "localhost.example my-localhost 127.0.0.10",
    );
    const mounts = [{ containerPath: "/tmp", folder: "/home/t" }];
    assert.deepEqual(
      ["/tmp", "/tmp/a", "/tmpa", "x/tmp"].map((path) => mounted(path, mounts)),
      ["/home/t", "/home/t/a", "/tmpa", "x/tmp"],
    );
    const waits = (name: string, ...others: string[]) => ({
      name,
      dependsOn: others.map((containerName) => ({ containerName, condition: "START" as const })),
    });
    const order = stopOrder([waits("a", "b", "c"), waits("b", "c"), waits("c"), waits("d")]);
    assert.deepEqual(
      order.map((wave) => wave.map(({ name }) => name)),
      [["a", "d"], ["b"], ["c"]],
    );
  });
});
