import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { releaseOf } from "../../components/ecs/release.ts";
import { checkConfig } from "../../model/config/config.ts";
import { judgeTask, migrationMark, migrationOverrides, migrationToken, overridesLimit } from "../../model/migration.ts";

const container = { name: "api", exitCode: 0 };
const ended = { stopCode: "EssentialContainerExited", stoppedReason: "Essential container in task exited" };

describe("judgeTask", () => {
  it("takes exit code 0 of the named container for success", () =>
    assert.equal(judgeTask({ ...ended, containers: [{ name: "proxy", exitCode: 1 }, container] }, "api"), undefined));

  const failures: [story: string, task: Parameters<typeof judgeTask>[0], why: RegExp][] = [
    ["another exit code", { ...ended, containers: [{ ...container, exitCode: 1 }] }, /^api exited with 1$/],
    ["no exit code", { ...ended, containers: [{ name: "api" }] }, /^api has no exit code; Essential container/],
    [
      "a container that could not start",
      { stopCode: "TaskFailedToStart", stoppedReason: "no image", containers: [{ name: "api", reason: "pull" }] },
      /no exit code; pull; no image/,
    ],
    ["exit code 0 of another container", { ...ended, containers: [{ name: "proxy", exitCode: 0 }] }, /no exit code/],
    [
      "exit code 0 after somebody stopped it",
      { stopCode: "UserInitiated", stoppedReason: "by hand", containers: [container] },
      /^api exited with 0; by hand$/,
    ],
    ["a lost host", { stopCode: "TerminationNotice", containers: [container] }, /no reason given/],
    ["nothing at all", {}, /no exit code/],
  ];
  for (const [story, task, why] of failures)
    it(`refuses ${story}`, () => assert.match(judgeTask(task, "api") ?? "", why));
});

describe("what a migration is started with", () => {
  it("differs from the release's task in command, variables and size alone", () => {
    const config = { command: ["migrate", "up"], timeout: 60, environment: { B: "2", A: "1" }, cpu: 512 as const };
    assert.deepEqual(migrationOverrides("api", config), {
      cpu: "512",
      containerOverrides: [
        {
          name: "api",
          command: ["migrate", "up"],
          environment: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
        },
      ],
    });
  });

  it("is marked and numbered within ECS's limits", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (service, release, run) => {
        assert.match(migrationMark(service, release), /^[A-Za-z0-9_-]{1,36}$/);
        assert.match(migrationToken(release, run), /^[\x21-\x7e]{1,64}$/);
        assert.notEqual(migrationToken(release, run), migrationToken(release, run + 1));
      }),
    );
  });
});

describe("the setting migration", () => {
  const check = (migration: object, more: object = {}) =>
    checkConfig({ network: {}, cluster: {}, services: { api: { ...more, migration } } });
  const command = ["migrate"];

  const refused: [story: string, migration: object, rule: RegExp, more?: object][] = [
    ["no command", { command: [] }, /at least 1/],
    ["a size that Fargate lacks", { command, cpu: 512, memory: 512 }, /Fargate offers/],
    ["less than the service", { command, cpu: 256 }, /no less CPU/, { cpu: 512, memory: 1024 }],
    ["more than ECS takes", { command: ["x".repeat(overridesLimit)] }, /8192 characters/],
    [
      "a plain variable that is a secret of the service",
      { command, environment: { URL: "postgres://" } },
      /has as a secret/,
      { secrets: { URL: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf" } },
    ],
  ];
  for (const [story, migration, rule, more] of refused) {
    it(`refuses ${story}`, () => {
      const { problems } = check(migration, more);
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.match(problems[0]?.rule ?? "", rule);
      assert.match(problems[0]?.field ?? "", /^services\.api\.migration/);
    });
  }

  it("is part of a release; scaling, standby and count are not", () => {
    const id = (settings: object) => {
      const { config, problems } = checkConfig({ network: {}, cluster: {}, services: { api: settings } });
      assert.ok(config?.services.api, JSON.stringify(problems));
      return releaseOf(config.services.api, { tag: "v1", digest: `sha256:${"0".repeat(64)}` }).id;
    };
    const plain = id({});
    assert.notEqual(id({ migration: { command } }), plain);
    assert.notEqual(id({ migration: { command } }), id({ migration: { command: ["other"] } }));
    assert.equal(id({ scaling: { cpu: 40 }, standby: "cold", count: { min: 2, max: 9 } }), plain);
  });

  it("stands in the schema that editors use", () => {
    const schema = readFileSync(new URL("../../docs/config.schema.json", import.meta.url), "utf8");
    for (const word of ["migration", "standby", "scaling"]) assert.ok(schema.includes(`"${word}"`), word);
  });
});
