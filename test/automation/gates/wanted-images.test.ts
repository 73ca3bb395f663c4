import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Choice, repositoriesOf, wantedImages } from "../../../automation/gates/wanted-images.ts";
import { places } from "../../../automation/paths.ts";
import type { Target } from "../../../automation/target.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;

/** Resources of a service with images on both colours, each by a letter; the first of a colour is its own. */
function service(
  name: string,
  weights: { blue: number; green: number },
  images: { blue?: string[]; green?: string[] },
) {
  const urn = (type: string, resource: string) => `urn:pulumi:local::sluice::${type}::${resource}`;
  const [group, task, rule] = [
    "aws:lb/targetGroup:TargetGroup",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:lb/listenerRule:ListenerRule",
  ];
  const colours = (["blue", "green"] as const).flatMap((colour) => {
    const containers = (images[colour] ?? []).map((letter, index) =>
      index === 0
        ? {
            image: `host:1/${name}@${digestOf(letter)}`,
            dockerLabels: { "dev.sluice.release": letter, "dev.sluice.tag": `v-${letter}` },
          }
        : { image: `host:1/side/${letter}@${digestOf(letter)}` },
    );
    const definition = {
      type: task,
      urn: urn(task, `${name}-${colour}-task`),
      outputs: { containerDefinitions: JSON.stringify(containers) },
    };
    const target = { type: group, urn: urn(group, `${name}-${colour}-target-group`), id: `${name}-${colour}` };
    return containers.length === 0 ? [target] : [target, definition];
  });
  const targetGroups = Object.entries(weights).map(([colour, weight]) => ({ arn: `${name}-${colour}`, weight }));
  const outputs = { actions: [{ forward: { targetGroups } }], tags: { "sluice:active": "blue" } };
  return [...colours, { type: rule, urn: urn(rule, `${name}-traffic`), id: "rule", outputs }];
}

describe("the images of a stack", () => {
  let home = "";
  let target: Target;
  const settings = { services: { api: {}, web: { repository: "web" } } };
  const write = (resources: readonly object[]) => {
    const folder = path.join(home, ".pulumi/stacks/sluice");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "local.json"), JSON.stringify({ checkpoint: { latest: { resources } } }));
  };
  const images = async (choice: Partial<Choice> = {}) =>
    (await wantedImages(target, settings, { tag: undefined, ...choice })).map(
      ({ services, repository, tag, digest, as }) =>
        `${services.join("+")} ${repository} ${tag} ${digest.slice(7, 8)} ${as}`,
    );

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "sluice-images-"));
    const context = { pulumi: "", root: home, env: { PULUMI_BACKEND_URL: `file://${home}` }, policyPack: undefined };
    target = { stack: "local", sandbox: true, places: places({ SLUICE_HOME: home }), context };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("are what is live and what stands by, with what runs beside them", async () => {
    write(service("api", { blue: 100, green: 0 }, { blue: ["a", "e"], green: ["b", "f"] }));
    assert.deepEqual(await images(), [
      "api api v-a a active",
      "api side/e undefined e sidecar",
      "api api v-b b standby",
      "api side/f undefined f sidecar",
    ]);
  });

  it("are live on both colours in the middle of a split", async () => {
    write(service("api", { blue: 75, green: 25 }, { blue: ["a"], green: ["b"] }));
    assert.deepEqual(await images(), ["api api v-a a active", "api api v-b b active"]);
  });

  it("are all there, too, where the rule does not say which colour is active", async () => {
    const resources = service("api", { blue: 50, green: 50 }, { blue: ["a"], green: ["b"] });
    write(resources.map((one) => JSON.parse(JSON.stringify(one).replace("sluice:active", "nobody"))));
    assert.deepEqual(await images(), ["api api v-a a active", "api api v-b b active"]);
  });

  it("are each there once, whoever runs them", async () => {
    write([
      ...service("api", { blue: 100, green: 0 }, { blue: ["a", "e"] }),
      ...service("web", { blue: 100, green: 0 }, { blue: ["c", "e"], green: ["c"] }),
    ]);
    assert.deepEqual(await images(), [
      "api api v-a a active",
      "api+web side/e undefined e sidecar",
      "web web v-c c active",
    ]);
    assert.deepEqual(await images({ service: "web" }), ["web web v-c c active", "web side/e undefined e sidecar"]);
    assert.deepEqual(await images({ repository: "side/e" }), ["api+web side/e undefined e sidecar"]);
  });

  it("are none where nothing was ever deployed", async () => {
    write([]);
    assert.deepEqual(await images(), []);
  });

  it("are refused for what is not there", async () => {
    await assert.rejects(images(), { exitCode: 6 });
    write(service("api", { blue: 100, green: 0 }, { blue: ["a"] }));
    await assert.rejects(images({ service: "nope" }), /no service nope/);
    await assert.rejects(images({ repository: "nope" }), /no image from repository nope/);
  });

  it("come from repositories that the services name", () => {
    assert.deepEqual(repositoriesOf("local", settings, { tag: undefined }), ["api", "web"]);
    assert.deepEqual(repositoriesOf("local", settings, { tag: undefined, repository: "web" }), ["web"]);
    assert.deepEqual(repositoriesOf("local", settings, { tag: undefined, service: "api" }), ["api"]);
  });
});
