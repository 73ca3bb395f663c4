import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type PolicyPack, policyPackOf } from "../../automation/engine-context.ts";
import { sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places, repositoryRoot } from "../../automation/paths.ts";
import { knownStacks, projectSettings, readStackFile } from "../../automation/stack-file.ts";
import { checkConfig } from "../../model/config/config.ts";
import { imagesProven, releaseType } from "../../policy/proof.ts";
import { proveImage } from "../support/evidence.ts";
import { assertRefused, judgeInTime } from "./harness.ts";

/** Every stack that is committed here and runs something. */
const stacks = knownStacks(repositoryRoot)
  .map((stack) => ({ stack, config: checkConfig(projectSettings(readStackFile(repositoryRoot, stack))).config }))
  .filter(({ config }) => Object.keys(config?.services ?? {}).length > 0);

describe("gates of the stacks that are committed", () => {
  let home: string;
  let settings: Record<string, unknown>;
  before(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "sluice-examples-"));
    const pack = sandboxPack(policyPackOf(repositoryRoot) as PolicyPack, places({ SLUICE_HOME: home }));
    settings = JSON.parse(readFileSync(pack.config as string, "utf8"))[imagesProven.name];
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it("do not spare what runs in a stack that is called a foundation", async () => {
    const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:${"f".repeat(64)}`;
    const images = [{ service: "api", colour: "blue", repository: "api", image }];
    const props = { environment: "x-foundation", images };
    const release = { type: releaseType, name: "release", stack: "x-foundation", props };
    assertRefused(await judgeInTime(imagesProven, release, settings), /tests\.unit: needs/);
  });

  it("are fed by roles that reach the place that the pack reads", () => {
    const { evidence } = JSON.parse(readFileSync(path.join(repositoryRoot, "policy/config.json"), "utf8"))[
      imagesProven.name
    ];
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/([^?]+)/.exec(evidence) ?? [];
    const deploying = knownStacks(repositoryRoot)
      .map((stack) => checkConfig(projectSettings(readStackFile(repositoryRoot, stack))).config?.github)
      .filter((github) => github !== undefined && github.deploys.length > 0);
    assert.ok(deploying.length >= 5);
    for (const github of deploying) assert.deepEqual(github?.evidence, { bucket, prefix });
  });

  it("are of ten pipelines' stacks at least, and the repository's own", () => assert.ok(stacks.length >= 14));

  for (const [index, { stack, config }] of stacks.entries()) {
    it(`${stack}: none is milder than the pack's, and all can be met`, async () => {
      const images = Object.entries(config?.services ?? {}).map(([service, { repository = service }], place) => {
        const digest = `sha256:${(index * 16 + place).toString(16).padStart(64, "a")}`;
        const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}@${digest}`;
        return { service, colour: "blue", repository, image, tag: "v1" };
      });
      const gates = config?.gates === undefined ? {} : { gates: config.gates };
      const props = { environment: config?.environment ?? stack, images, ...gates };
      const release = { type: releaseType, name: "release", stack, props };
      for (const { repository, image } of images) {
        await proveImage({ home, stack, repository, digest: image.split("@")[1] as string });
      }
      assert.deepEqual(await judgeInTime(imagesProven, release, settings), []);
    });
  }
});
