import assert from "node:assert/strict";
import { keptReferences, pinSecrets, sidecarRepositories } from "../../../components/ecs/references.ts";
import { StackState } from "../../../components/ecs/stack-state.ts";
import type { Foundation } from "../../../components/foundation.ts";
import type { Plan } from "../../../model/traffic.ts";
import { configOf, declare, type InvokeAnswers } from "../harness.ts";

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
const ids = { current: "c".repeat(32), previous: "p".repeat(32) };
const image = `tools/proxy@sha256:${"b".repeat(64)}`;

function serviceOf(settings: object) {
  const config = configOf({ network: {}, cluster: {}, services: { api: settings } });
  return config.services.api as NonNullable<(typeof config.services)[string]>;
}

/** What `body` gives or throws, with these answers of the provider. */
async function within<T>(body: () => Promise<T>, answers: InvokeAnswers): Promise<T> {
  let given: { value: T } | undefined;
  await declare(async () => {
    given = { value: await body() };
  }, answers);
  return (given as { value: T }).value;
}

describe("secrets that are to be pinned", () => {
  const asked: Record<string, unknown>[] = [];
  const answers: InvokeAnswers = {
    "aws:secretsmanager/getSecretVersions:getSecretVersions": (args) => {
      asked.push(args);
      if (args.secretId !== arn) throw new Error("can't find the specified secret\nand more");
      return {
        versions: [
          { versionId: ids.previous, versionStages: ["AWSPREVIOUS"] },
          { versionId: ids.current, versionStages: ["AWSCURRENT", "green"] },
        ],
      };
    },
  };
  beforeEach(() => {
    asked.length = 0;
  });

  it("become the ids of today's versions, in their secret's region, and nothing else is looked up", async () => {
    const config = serviceOf({
      secrets: {
        NOW: { arn, key: "k", version: "pin" },
        BEFORE: { arn, stage: "AWSPREVIOUS", version: "pin" },
        AS_IT_IS: { arn, key: "k" },
        PLAIN: "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
      },
      sidecars: { proxy: { image, secrets: { OWN: { arn, stage: "green", version: "pin" } } } },
    });
    const { secrets, sidecars } = await within(() => pinSecrets("api", config), answers);
    assert.deepEqual(secrets, {
      NOW: `${arn}:k::${ids.current}`,
      BEFORE: `${arn}:::${ids.previous}`,
      AS_IT_IS: { arn, key: "k" },
      PLAIN: "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
    });
    assert.deepEqual(sidecars.proxy?.secrets, { OWN: `${arn}:::${ids.current}` });
    assert.deepEqual(
      asked,
      Array.from({ length: 3 }, () => ({ secretId: arn, region: "us-east-1" })),
    );
  });

  const refusals: [string, object, RegExp][] = [
    [
      "a label that no version has",
      { arn, stage: "blue", version: "pin" },
      /services\.api\.secrets\.A: .* labelled blue/,
    ],
    [
      "a secret that is not there",
      { arn: `${arn}X`, version: "pin" },
      /services\.api\.secrets\.A: .*whose versions can be listed; got arn.*X; create it/,
    ],
  ];
  for (const [what, reference, words] of refusals) {
    it(`are refused with ${what}`, async () => {
      const config = serviceOf({ secrets: { A: reference } });
      await assert.rejects(
        within(() => pinSecrets("api", config), answers),
        words,
      );
    });
  }
});

describe("repositories of sidecars", () => {
  const repository = { name: "tools/proxy", url: "r.test/tools/proxy", arn: "arn:r", registryId: "1" };
  const foundation: Foundation = { repository: async () => repository } as unknown as Foundation;
  const config = serviceOf({ sidecars: { proxy: { image } } });

  it("are those of the foundation, and hold the digest", async () => {
    const asked: Record<string, unknown>[] = [];
    const found = await within(() => sidecarRepositories("api", config, foundation), {
      "aws:ecr/getImage:getImage": (args) => {
        asked.push(args);
        return { imageDigest: args.imageDigest };
      },
    });
    assert.deepEqual(found, { "tools/proxy": repository });
    assert.deepEqual(asked, [{ repositoryName: "tools/proxy", registryId: "1", imageDigest: image.split("@")[1] }]);
  });

  it("are refused where the digest is not there", async () => {
    const missing = () => {
      throw new Error("no image matches\nthe search");
    };
    await assert.rejects(
      within(() => sidecarRepositories("api", config, foundation), { "aws:ecr/getImage:getImage": missing }),
      /services\.api\.sidecars\.proxy\.image: an image in repository tools\/proxy; got .*; push it first/,
    );
  });
});

describe("what kept colours refer to", () => {
  const task = (colour: string, containerDefinitions: unknown) => ({
    [`urn:pulumi:test::sluice::sluice:ecs:Colour$aws:ecs/taskDefinition:TaskDefinition::api-${colour}-task`]: {
      type: "aws:ecs/taskDefinition:TaskDefinition",
      outputs: { containerDefinitions },
    },
  });
  const document = (name: string) =>
    JSON.stringify([
      { image: `r/${name}@sha256:0`, secrets: [{ name: "A", valueFrom: `arn:${name}` }] },
      { image: "r/s@x" },
    ]);
  const stateOf = (resources: Record<string, { type: string; outputs: object }>) =>
    StackState.of(Object.fromEntries(Object.entries(resources).map(([urn, { outputs }]) => [urn, outputs])) as never);
  const planOf = (blue: string, green: string) =>
    ({ colours: { blue: { action: blue }, green: { action: green } } }) as unknown as Plan;

  it("is what their state says, of those colours alone", () => {
    const state = stateOf({ ...task("blue", document("b")), ...task("green", document("g")) });
    assert.deepEqual(keptReferences(state, "api", planOf("keep", "deploy")), {
      secrets: ["arn:b"],
      images: ["r/b@sha256:0", "r/s@x"],
    });
    assert.deepEqual(keptReferences(state, "api", planOf("absent", "absent")), { secrets: [], images: [] });
  });

  it("is nothing where a document cannot be read", () => {
    const state = stateOf(task("blue", "no json"));
    assert.deepEqual(keptReferences(state, "api", planOf("keep", "keep")), { secrets: [], images: [] });
  });
});
