import assert from "node:assert/strict";
import type { StackState } from "../../automation/backend.ts";
import { planRollback } from "../../automation/rollback.ts";
import { releaseLabels } from "../../model/release.ts";
import { ruleTags } from "../../model/traffic.ts";

interface Standing {
  blue?: string;
  green?: string;
  /** Identity of the release that was live before. */
  former?: string;
}

/** Blue is live. */
function stateOf({ former, ...colours }: Standing): StackState {
  const resource = (type: string, name: string, outputs: object) => ({
    urn: `urn:pulumi:local::sluice::${type}::${name}`,
    type,
    id: name,
    custom: true,
    outputs,
  });
  const tasks = Object.entries(colours).map(([colour, tag]) => {
    const dockerLabels = { [releaseLabels.release]: `id-${tag}`, [releaseLabels.tag]: tag };
    const containerDefinitions = JSON.stringify([{ name: "api", image: `r/api@sha256:${tag}`, dockerLabels }]);
    return resource("aws:ecs/taskDefinition:TaskDefinition", `api-${colour}-task`, { containerDefinitions });
  });
  const targetGroups = ["blue", "green"].map((colour) => ({
    arn: `api-${colour}-target-group`,
    weight: colour === "blue" ? 100 : 0,
  }));
  const rule = resource("aws:lb/listenerRule:ListenerRule", "api-traffic", {
    actions: [{ forward: { targetGroups } }],
    tags: { [ruleTags.active]: "blue", ...(former === undefined ? {} : { [ruleTags.former]: former }) },
  });
  const groups = targetGroups.map(({ arn }) => resource("aws:lb/targetGroup:TargetGroup", arn, {}));
  return { resources: [...tasks, ...groups, rule] } as unknown as StackState;
}

const plan = (state: StackState, to = "previous", service?: string) =>
  planRollback({ to, declared: ["api"], state, service });

describe("planRollback", () => {
  it("goes back to what was live before and stands by", () => {
    const { overrides, digests, lines } = plan(stateOf({ blue: "v2", green: "v1", former: "id-v1" }));
    assert.deepEqual(overrides, { services: { api: { release: "id-v1" } } });
    assert.deepEqual(digests, { api: "sha256:v1" });
    assert.match(lines.join(), /api: going back to v1/);
  });

  it("takes a tag as it is", () =>
    assert.deepEqual(plan(stateOf({ blue: "v2" }), "v1").overrides, { services: { api: { imageTag: "v1" } } }));

  const refused: [what: string, state: StackState, detail: RegExp, remedy: RegExp][] = [
    ["a first release", stateOf({ blue: "v1" }), /nothing was live before/, /deploy another release/],
    ["what never went live", stateOf({ blue: "v1", green: "v2" }), /no longer stands by/, /--to TAG/],
    ["what has gone", stateOf({ blue: "v3", green: "v2", former: "id-v1" }), /no longer stands by/, /--to TAG/],
  ];
  for (const [what, state, detail, remedy] of refused) {
    it(`refuses ${what}, and says the way on`, () =>
      assert.throws(
        () => plan(state),
        (error: { exitCode: number; details: string[]; remedy: string }) => {
          assert.equal(error.exitCode, 2);
          assert.match(error.details.join(), detail);
          assert.match(error.remedy, remedy);
          return true;
        },
      ));
  }

  it("refuses a service that there is not", () =>
    assert.throws(() => plan(stateOf({ blue: "v1" }), "previous", "nope"), {
      exitCode: 2,
      message: /no service nope/,
    }));
});
