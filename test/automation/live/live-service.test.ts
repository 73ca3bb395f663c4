import assert from "node:assert/strict";
import type { Service, TaskDefinition } from "@aws-sdk/client-ecs";
import type { Rule, TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { LiveClients } from "../../../automation/live/clients.ts";
import { readLiveService, type ServicePlace } from "../../../automation/live/live-service.ts";

const arn = (kind: string) => `arn:aws:elasticloadbalancing:eu-west-1:000000000000:${kind}`;
const ruleArn = arn("listener-rule/app/a/1/2/3");
const place: ServicePlace = {
  cluster: "main",
  ruleArn,
  blue: { service: "api-blue", targetGroup: arn("targetgroup/blue/1") },
  green: { service: "arn:aws:ecs:eu-west-1:0:service/main/api-green", targetGroup: arn("targetgroup/green/1") },
};

/** A cloud as the readers see it. Tests change what they look at. */
interface FakeCloud {
  rules: Rule[];
  services: Service[];
  failures: { arn: string; reason: string }[];
  taskDefinitions: Record<string, TaskDefinition>;
  health: Record<string, (string | undefined)[]>;
}

function cloud(): FakeCloud {
  const container = (digest: string, tag: string) => ({
    name: "api",
    image: `registry/api@${digest}`,
    dockerLabels: { "dev.sluice.release": `r-${tag}`, "dev.sluice.tag": tag, "dev.sluice.attempt": "1" },
  });
  const service = (colour: string, revision: string): Service => ({
    serviceName: `api-${colour}`,
    serviceArn: `arn:aws:ecs:eu-west-1:0:service/main/api-${colour}`,
    status: "ACTIVE",
    taskDefinition: revision,
    deployments: [{ taskDefinition: revision }],
    desiredCount: 2,
    runningCount: 1,
  });
  const group = (colour: string, Weight: number) => ({ TargetGroupArn: arn(`targetgroup/${colour}/1`), Weight });
  return {
    rules: [
      {
        RuleArn: ruleArn,
        Actions: [{ Type: "forward", ForwardConfig: { TargetGroups: [group("blue", 75), group("green", 25)] } }],
      },
    ],
    services: [service("green", "td-g:7"), service("blue", "td-b:3")],
    failures: [],
    taskDefinitions: {
      "td-b:3": { containerDefinitions: [{ name: "sidecar", image: "x" }, container("sha256:b", "v1")] },
      "td-g:7": { containerDefinitions: [container("sha256:g", "v2")] },
    },
    health: {
      [group("blue", 0).TargetGroupArn]: ["healthy", "draining"],
      [group("green", 0).TargetGroupArn]: ["healthy", "healthy"],
    },
  };
}

/** Clients that answer from the fake cloud, and refuse what the readers have no business to ask. */
function clientsOf(fake: FakeCloud): LiveClients {
  const answers: Record<string, (input: Record<string, unknown>) => unknown> = {
    DescribeRulesCommand: ({ RuleArns }) => ({
      Rules: fake.rules.filter((rule) => (RuleArns as string[]).includes(rule.RuleArn ?? "")),
    }),
    DescribeServicesCommand: ({ cluster, services }) => {
      assert.equal(cluster, "main");
      const asked = services as string[];
      const found = fake.services.filter(
        (one) => asked.includes(one.serviceName ?? "") || asked.includes(one.serviceArn ?? ""),
      );
      return { services: found, failures: fake.failures };
    },
    DescribeTaskDefinitionCommand: ({ taskDefinition }) => ({
      taskDefinition: fake.taskDefinitions[taskDefinition as string],
    }),
    DescribeTargetHealthCommand: ({ TargetGroupArn }) => ({
      TargetHealthDescriptions: fake.health[TargetGroupArn as string]?.map(
        (State) => ({ TargetHealth: { State } }) as TargetHealthDescription,
      ),
    }),
  };
  const send = async (command: object & { input: Record<string, unknown> }) => {
    const answer = answers[command.constructor.name];
    assert.ok(answer, `${command.constructor.name} is no read that was expected`);
    return answer(command.input);
  };
  return { ecs: { send }, elb: { send }, [Symbol.dispose]() {} } as unknown as LiveClients;
}

describe("automation/live: readLiveService", () => {
  it("reads weights, revisions, releases and health, whatever the order of the answers", async () => {
    assert.deepEqual(await readLiveService(place, clientsOf(cloud())), {
      weights: { blue: 75, green: 25 },
      strangers: [],
      sticky: false,
      blue: {
        taskDefinition: "td-b:3",
        deployments: ["td-b:3"],
        desired: 2,
        running: 1,
        healthyTargets: 1,
        tag: "v1",
        digest: "sha256:b",
        release: "r-v1",
      },
      green: {
        taskDefinition: "td-g:7",
        deployments: ["td-g:7"],
        desired: 2,
        running: 1,
        healthyTargets: 2,
        tag: "v2",
        digest: "sha256:g",
        release: "r-v2",
      },
    });
  });

  it("reads a rule that forwards to one target group, and one with a stranger or stickiness in it", async () => {
    const fake = cloud();
    fake.rules = [{ RuleArn: ruleArn, Actions: [{ Type: "forward", TargetGroupArn: place.blue?.targetGroup }] }];
    const single = await readLiveService(place, clientsOf(fake));
    assert.deepEqual([single.weights, single.strangers], [{ blue: 1, green: 0 }, []]);

    const ForwardConfig = {
      TargetGroups: [{ TargetGroupArn: "arn:other", Weight: 5 }],
      TargetGroupStickinessConfig: { Enabled: true },
    };
    fake.rules = [{ RuleArn: ruleArn, Actions: [{ Type: "forward", ForwardConfig }] }];
    const strange = await readLiveService(place, clientsOf(fake));
    assert.deepEqual(
      [strange.weights, strange.strangers, strange.sticky],
      [{ blue: 0, green: 0 }, ["arn:other"], true],
    );
  });

  it("does not take the empty target group of an unused colour for a stranger", async () => {
    const fake = cloud();
    const groups = fake.rules[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    groups[1] = { TargetGroupArn: place.green?.targetGroup, Weight: 0 };
    const read = await readLiveService({ ...place, green: null }, clientsOf(fake));
    assert.deepEqual([read.strangers, read.weights, read.green], [[], { blue: 75, green: 0 }, null]);
  });

  it("says null of a service that is missing or inactive", async () => {
    const fake = cloud();
    fake.services = fake.services.map((one) =>
      one.serviceName === "api-green" ? { ...one, status: "INACTIVE" } : one,
    );
    assert.equal((await readLiveService(place, clientsOf(fake))).green, null);
    fake.services = fake.services.filter((one) => one.serviceName !== "api-green");
    fake.failures = [{ arn: "api-green", reason: "MISSING" }];
    assert.equal((await readLiveService(place, clientsOf(fake))).green, null);
  });

  it("knows no release in a task definition that is none of ours", async () => {
    const fake = cloud();
    fake.taskDefinitions["td-b:3"] = { containerDefinitions: [{ name: "api", image: "nginx:latest" }] };
    const { blue } = await readLiveService(place, clientsOf(fake));
    assert.deepEqual([blue?.tag, blue?.digest, blue?.release], [undefined, undefined, undefined]);
  });

  it("fails where something could not be read", async () => {
    const gone = { ...cloud(), rules: [] };
    await assert.rejects(readLiveService(place, clientsOf(gone)), /forwards to no target group/);
    const refused = { ...cloud(), failures: [{ arn: "api-green", reason: "UNAUTHORIZED" }] };
    await assert.rejects(readLiveService(place, clientsOf(refused)), /could not read api-green \(UNAUTHORIZED\)/);
    await assert.rejects(readLiveService({ ...place, ruleArn: "nonsense" }), /names no region/);
  });
});
