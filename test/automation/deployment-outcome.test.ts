import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { recordFailure, recordMoves, type UpdateContext } from "../../automation/deployment-outcome.ts";
import { policyPackOf } from "../../automation/engine-context.ts";
import { ExitCode, SluiceError } from "../../automation/errors.ts";
import { openPack } from "../../automation/gates/pack.ts";
import { sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places, repositoryRoot } from "../../automation/paths.ts";
import type { Target } from "../../automation/target.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { ofKind } from "../../model/gates/evidence.ts";
import { recordOutput } from "./engine-fixture.ts";

const [first, second] = ["1", "2"].map((digit) => ({
  tag: `v${digit}.0.0`,
  digest: `sha256:${digit.repeat(64)}`,
  release: digit.repeat(16),
})) as [Release, Release];
interface Release {
  tag: string;
  digest: string;
  release: string;
}

/** A state in which `active` carries the traffic of api, on blue. */
function stateOf(active: Release | undefined): UpdateContext["before"] {
  if (active === undefined) return {};
  const urn = (type: string, name: string) => `urn:pulumi:local::sluice::${type}::${name}`;
  const labels = { "dev.sluice.release": active.release, "dev.sluice.tag": active.tag };
  const container = { name: "api", image: `registry/api@${active.digest}`, dockerLabels: labels };
  const group = "aws:lb/targetGroup:TargetGroup";
  const task = "aws:ecs/taskDefinition:TaskDefinition";
  const rule = "aws:lb/listenerRule:ListenerRule";
  const actions = [
    {
      forward: {
        targetGroups: [
          { arn: "blue", weight: 100 },
          { arn: "green", weight: 0 },
        ],
      },
    },
  ];
  return {
    resources: [
      { urn: urn(group, "api-blue-target-group"), type: group, id: "blue" },
      { urn: urn(group, "api-green-target-group"), type: group, id: "green" },
      { urn: urn(task, "api-blue-task"), type: task, outputs: { containerDefinitions: JSON.stringify([container]) } },
      { urn: urn(rule, "api-traffic"), type: rule, id: "rule", outputs: { actions } },
    ],
  };
}

const outputsOf = (active: Release | undefined) => ({
  services: { api: { active: active === undefined ? null : "blue", blue: active ?? null, green: null } },
});

describe("what an update came to", () => {
  let home = "";
  let target: Target;
  const output = recordOutput();
  const context = (before: Release | undefined, action: UpdateContext["action"] = "deployment"): UpdateContext => ({
    target,
    settings: { services: { api: { repository: "team/api" } } },
    before: stateOf(before),
    action,
    output,
  });
  async function outcomes({ digest }: Release): Promise<string[]> {
    const { store, trust } = openPack(target);
    return ofKind((await loadEvidence({ store, digest, trust })).evidence, "deployment").map(
      ({ result }) => result.outcome,
    );
  }

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "sluice-outcome-"));
    const here = places({ SLUICE_HOME: home });
    const policyPack = sandboxPack(policyPackOf(repositoryRoot) ?? assert.fail(), here);
    const env = { PULUMI_BACKEND_URL: `file://${home}` };
    target = {
      stack: "local",
      sandbox: true,
      places: here,
      context: { pulumi: "", root: repositoryRoot, env, policyPack },
    };
    output.stderr.length = 0;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const moves: [
    what: string,
    before: Release | undefined,
    after: Release | undefined,
    asked: string | undefined,
    records: [string[], string[]],
  ][] = [
    ["another release is active", first, second, second.tag, [[], ["green"]]],
    ["a service has its first release", undefined, first, first.tag, [["green"], []]],
    ["nothing moved", first, first, undefined, [[], []]],
    ["what is active was asked for, and there is no record", first, first, first.tag, [["green"], []]],
    ["nothing runs", undefined, undefined, undefined, [[], []]],
  ];
  for (const [what, before, after, imageTag, records] of moves) {
    it(`is recorded, or not, where ${what}`, async () => {
      await recordMoves(context(before), imageTag === undefined ? {} : { all: { imageTag } }, outputsOf(after));
      assert.deepEqual([await outcomes(first), await outcomes(second)], records);
      assert.equal(output.text(), "");
    });
  }

  it("is recorded once for what was asked for again", async () => {
    for (const _ of [1, 2]) await recordMoves(context(first), { all: { imageTag: first.tag } }, outputsOf(first));
    assert.deepEqual(await outcomes(first), ["green"]);
  });

  it("tells what a rollback left behind", async () => {
    await recordMoves(context(second, "rollback"), {}, outputsOf(first));
    assert.deepEqual([await outcomes(first), await outcomes(second)], [["green"], ["rolled-back"]]);
    await recordMoves(context(second, "rollback"), {}, outputsOf({ ...second, release: "3".repeat(16) }));
    assert.deepEqual(
      await outcomes(second),
      ["green", "rolled-back"],
      "another configuration of an image is no way back",
    );
  });

  it("fails nothing where nobody can sign, and says so in one line", async () => {
    const saved = process.env.SLUICE_EVIDENCE_KEY_FILE;
    process.env.SLUICE_EVIDENCE_KEY_FILE = path.join(home, "none.pem");
    try {
      target = { ...target, sandbox: false };
      await recordMoves(context(first), {}, outputsOf(second));
    } finally {
      if (saved === undefined) delete process.env.SLUICE_EVIDENCE_KEY_FILE;
      else process.env.SLUICE_EVIDENCE_KEY_FILE = saved;
    }
    assert.equal(output.stderr.length, 1);
    assert.match(output.text(), /^warning: no record of what runs in local now: SLUICE_EVIDENCE_KEY_FILE/);
  });

  const failures: [exitCode: ExitCode, recorded: boolean][] = [
    [ExitCode.resource, true],
    [ExitCode.rolledBack, true],
    [ExitCode.policy, false],
    [ExitCode.configuration, false],
    [ExitCode.cancelled, false],
    [ExitCode.timeout, false],
  ];
  for (const [exitCode, recorded] of failures) {
    it(`that ended with ${exitCode} is ${recorded ? "" : "not "}a failure of the release that was asked for`, async () => {
      // By its identity, as a rollback asks: no registry has to be there.
      const release = first.release;
      const before = { ...context(first), before: standing() };
      await recordFailure(before, { all: { release: second.release } }, new SluiceError("no", { exitCode }));
      assert.deepEqual(await outcomes(second), recorded ? ["failed"] : []);
      await recordFailure(before, { all: { release } }, new SluiceError("no", { exitCode }));
      assert.deepEqual(await outcomes(first), [], "it was live before, and is");
    });
  }

  /** The first on blue, live; the second on green. */
  function standing(): UpdateContext["before"] {
    const [blue, green] = [stateOf(first), stateOf(second)].map(({ resources = [] }) => resources);
    const task = green?.find(({ urn }) => urn.endsWith("api-blue-task"));
    assert.ok(task);
    return { resources: [...(blue ?? []), { ...task, urn: task.urn.replace("blue", "green") }] };
  }
});
