import assert from "node:assert/strict";
import { serviceImages } from "../../../components/ecs/images.ts";
import { StackState } from "../../../components/ecs/stack-state.ts";
import type { Colour, ColourPlan } from "../../../model/traffic.ts";

const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const repositoryOf = (name: string) => ({ name, url: `${registry}/${name}`, arn: "", registryId: "" });
const digests = { v1: `sha256:${"1".repeat(64)}`, v2: `sha256:${"2".repeat(64)}`, proxy: `sha256:${"f".repeat(64)}` };
const released = (tag: "v1" | "v2") => ({ id: `id-${tag}`, tag, digest: digests[tag], attempt: 1 });
const absent: ColourPlan = { action: "absent" };

/** The images of a service whose colours have these plans, where the state's task definitions run these images. */
function imagesOf(
  blue: ColourPlan,
  green: ColourPlan,
  { sidecars = {}, state = {} }: { sidecars?: Record<string, string>; state?: Partial<Record<Colour, string[]>> } = {},
) {
  const urn = (colour: string) =>
    `urn:pulumi:prod::sluice::sluice:ecs:Colour$aws:ecs/taskDefinition:TaskDefinition::shop-${colour}-task`;
  const outputs = Object.entries(state).map(([colour, images]) => [
    urn(colour),
    { containerDefinitions: JSON.stringify(images.map((image) => ({ image }))) },
  ]);
  const config = { sidecars: Object.fromEntries(Object.entries(sidecars).map(([name, image]) => [name, { image }])) };
  const repositories = Object.values(sidecars).map((image) => image.split("@")[0] as string);
  return serviceImages({
    name: "shop",
    config: config as never,
    repository: repositoryOf("team/shop"),
    sidecars: Object.fromEntries(repositories.map((name) => [name, repositoryOf(name)])),
    plan: { outcome: "deploy", colours: { blue, green }, weights: undefined, active: undefined, former: undefined },
    state: StackState.of(Object.fromEntries(outputs)),
  });
}

describe("images of a service", () => {
  const own = (tag: "v1" | "v2") => `${registry}/team/shop@${digests[tag]}`;

  it("are none where it has no release", () => {
    assert.deepEqual(imagesOf(absent, absent), []);
  });

  it("are the one that is deployed and its sidecars', by the names that the registry has for them", () => {
    const found = imagesOf({ action: "deploy", deployed: released("v1") }, absent, {
      sidecars: { proxy: `tools/proxy@${digests.proxy}` },
    });
    assert.deepEqual(found, [
      { service: "shop", colour: "blue", repository: "team/shop", image: own("v1"), tag: "v1" },
      {
        service: "shop",
        colour: "blue",
        repository: "tools/proxy",
        image: `${registry}/tools/proxy@${digests.proxy}`,
      },
    ]);
  });

  it("are those of a colour that is kept too, with the sidecars that it has, not those of today", () => {
    const found = imagesOf(
      { action: "keep", deployed: released("v1") },
      { action: "deploy", deployed: released("v2") },
      { state: { blue: [own("v1"), `${registry}/old/proxy@${digests.proxy}`] } },
    );
    assert.deepEqual(
      found.map(({ colour, repository, tag }) => [colour, repository, tag]),
      [
        ["blue", "team/shop", "v1"],
        ["blue", "old/proxy", undefined],
        ["green", "team/shop", "v2"],
      ],
    );
  });

  it("are what runs and what is declared, where ECS went back by itself", () => {
    const found = imagesOf({ action: "keep", deployed: released("v1") }, absent, { state: { blue: [own("v2")] } });
    assert.deepEqual(
      found.map(({ image, tag }) => [image, tag]),
      [
        [own("v1"), "v1"],
        [own("v2"), undefined],
      ],
    );
  });

  it("are what runs, where the state cannot be read", () => {
    const found = imagesOf({ action: "keep", deployed: released("v1") }, absent);
    assert.deepEqual(
      found.map(({ image }) => image),
      [own("v1")],
    );
  });
});
