import assert from "node:assert/strict";
import { readPast, type ServicePast } from "../../../components/ecs/previous.ts";
import { StackState } from "../../../components/ecs/stack-state.ts";
import { declare } from "../harness.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:test::sluice::sluice:ecs:Service$sluice:ecs:Colour$${type}::${name}`;
const containers = (tag: string) =>
  JSON.stringify([
    {
      image: `registry.test/api@sha256:${tag}`,
      dockerLabels: { "dev.sluice.release": `id-${tag}`, "dev.sluice.tag": tag, "dev.sluice.attempt": "3" },
    },
  ]);
const targets = (blue: number, green: number) => ({
  targetGroups: [
    { arn: "tg-blue", weight: blue },
    { arn: "tg-green", weight: green },
  ],
});

/** State after two releases: blue serves v1, v2 waits on green. */
const outputs = () => ({
  [urn("aws:lb/listenerRule:ListenerRule", "api-traffic")]: {
    arn: "rule",
    priority: 49_000,
    actions: [{ type: "forward", forward: targets(100, 0) }],
  } as Record<string, unknown>,
  [urn("aws:lb/targetGroup:TargetGroup", "api-blue-target-group")]: { arn: "tg-blue" },
  [urn("aws:lb/targetGroup:TargetGroup", "api-green-target-group")]: { arn: "tg-green" },
  [urn("aws:ecs/taskDefinition:TaskDefinition", "api-blue-task")]: {
    arn: "td-blue:1",
    containerDefinitions: containers("v1"),
  },
  [urn("aws:ecs/taskDefinition:TaskDefinition", "api-green-task")]: {
    arn: "td-green:1",
    containerDefinitions: containers("v2"),
  },
  [urn("aws:ecs/service:Service", "api-blue-service")]: {
    name: "api-blue",
    cluster: "cluster",
    taskDefinition: "td-blue:1",
  },
  [urn("aws:ecs/service:Service", "api-green-service")]: {
    name: "api-green",
    cluster: "cluster",
    taskDefinition: "td-green:1",
  },
});

interface Live {
  rule?: object[];
  tags?: Record<string, string>;
  running?: Record<string, string>;
  deployments?: number;
}

async function past(state: Record<string, Record<string, unknown>>, live: Live = {}): Promise<ServicePast> {
  let read: ServicePast | undefined;
  await declare(
    async () => {
      read = await readPast(StackState.of(state), "api");
    },
    {
      "aws:lb/getListenerRule:getListenerRule": () => ({
        actions: [{ forwards: live.rule ?? [targets(100, 0)] }],
        tags: live.tags ?? { "sluice:active": "blue", "sluice:former": "id-v0" },
      }),
      "aws:ecs/getService:getService": ({ serviceName }) => ({
        taskDefinition: live.running?.[serviceName as string] ?? `${(serviceName as string).replace("api", "td")}:1`,
        deployments: Array.from({ length: live.deployments ?? 1 }, () => ({})),
        desiredCount: 2,
      }),
      "aws:ecs/getTaskDefinition:getTaskDefinition": () => ({ containerDefinitions: containers("v0") }),
    },
  );
  return read as ServicePast;
}

describe("readPast", () => {
  it("finds nothing on a first update", async () => {
    assert.deepEqual(await past({}), {
      colours: { blue: undefined, green: undefined },
      stateWeights: undefined,
      liveWeights: undefined,
      activeTag: undefined,
      former: undefined,
      desiredCounts: { blue: 0, green: 0 },
    });
  });

  it("tells releases, weights and counts from state and live together", async () => {
    const { colours, ...rest } = await past(outputs(), { rule: [targets(75, 25)] });
    assert.deepEqual(colours.blue, {
      deployed: { id: "id-v1", tag: "v1", digest: "sha256:v1", attempt: 3 },
      declared: { id: "id-v1", tag: "v1", digest: "sha256:v1", attempt: 3 },
      intact: true,
    });
    assert.equal(colours.green?.deployed.tag, "v2");
    assert.deepEqual(rest, {
      stateWeights: { blue: 100, green: 0 },
      liveWeights: { blue: 75, green: 25 },
      activeTag: "blue",
      former: "id-v0",
      desiredCounts: { blue: 2, green: 2 },
    });
  });

  it("sees a standby that was rolled back behind the state's back", async () => {
    const { colours } = await past(outputs(), { running: { "api-green": "td-green:0" } });
    assert.equal(colours.green?.intact, false);
    assert.equal(colours.green?.deployed.tag, "v0");
    assert.equal(colours.green?.declared.tag, "v2");
    assert.equal(colours.blue?.intact, true);
  });

  it("sees a deployment under way", async () => {
    assert.equal((await past(outputs(), { deployments: 2 })).colours.blue?.intact, false);
  });

  const unreadable: [what: string, change: (state: ReturnType<typeof outputs>) => void, live: Live, message: RegExp][] =
    [
      [
        "traffic to a stranger",
        () => undefined,
        { rule: [{ targetGroups: [{ arn: "stranger", weight: 100 }] }] },
        /none of its target groups/,
      ],
      ["weights that are not 100 together", () => undefined, { rule: [targets(50, 25)] }, /sum must be 100/],
      [
        "a task definition that is none of ours",
        (state) => {
          const task = state[urn("aws:ecs/taskDefinition:TaskDefinition", "api-blue-task")] as Record<string, unknown>;
          task.containerDefinitions = "[]";
        },
        {},
        /holds no release of ours/,
      ],
      [
        "a secret in place of a text",
        (state) => {
          const task = state[urn("aws:ecs/taskDefinition:TaskDefinition", "api-blue-task")] as Record<string, unknown>;
          task.arn = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
        },
        {},
        /no readable arn/,
      ],
    ];
  for (const [what, change, live, message] of unreadable) {
    it(`refuses to guess at ${what}`, async () => {
      const state = outputs();
      change(state);
      await assert.rejects(past(state, live), message);
    });
  }
});

describe("StackState", () => {
  it("holds the priorities of all rules, also of services that are gone from the configuration", () => {
    const state = StackState.of({
      ...outputs(),
      [urn("aws:lb/listenerRule:ListenerRule", "old-traffic")]: { priority: 49_001 },
    });
    assert.deepEqual(
      [...state.listenerPriorities()],
      [
        ["api-traffic", 49_000],
        ["old-traffic", 49_001],
      ],
    );
  });
});
