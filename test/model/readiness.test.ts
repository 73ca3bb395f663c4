import assert from "node:assert/strict";
import { judgeReadiness, type LiveColour, tasksFor } from "../../model/readiness.ts";

const wanted = { taskDefinitionArn: "api:2", tasks: 2 };
const ready: LiveColour = {
  taskDefinition: "api:2",
  deployments: ["api:2"],
  runningCount: 2,
  healthyTargets: 2,
  failures: [],
};

describe("judgeReadiness", () => {
  it("takes the revision asked for, alone, with all its tasks healthy", () =>
    assert.deepEqual(judgeReadiness(ready, wanted), { ready: true }));

  const rows: [story: string, live: Partial<LiveColour>, final: boolean, reason: RegExp][] = [
    ["another revision", { taskDefinition: "api:1" }, true, /rolled it back/],
    ["two deployments", { deployments: ["api:2", "api:1"] }, false, /2 deployments/],
    ["a deployment of another revision", { deployments: ["api:1"] }, false, /its deployment is of api:1/],
    ["too few tasks", { runningCount: 1 }, false, /1 of 2 tasks run/],
    ["too few healthy targets", { healthyTargets: 0 }, false, /0 of 2 targets/],
    ["two failed tasks and none that runs", { runningCount: 0, failures: ["a", "b"] }, false, /0 of 2 tasks run/],
    [
      "three failed tasks, even when all run now",
      { failures: ["a", "b", "out of memory"] },
      true,
      /3 .* out of memory/,
    ],
  ];
  for (const [story, live, final, reason] of rows) {
    it(`refuses ${story}${final ? ", for good" : ""}`, () => {
      const verdict = judgeReadiness({ ...ready, ...live }, wanted);
      assert.ok(!verdict.ready);
      assert.equal(verdict.final, final);
      assert.match(verdict.reason, reason);
    });
  }
});

describe("tasksFor", () => {
  const rows: [serving: number, weight: number, tasks: number][] = [
    [4, 25, 1],
    [5, 25, 2],
    [0, 100, 1],
    [7, 100, 7],
  ];
  for (const [serving, weight, tasks] of rows) {
    it(`is ${tasks} for ${weight} % of what ${serving} serve`, () => assert.equal(tasksFor(serving, weight), tasks));
  }
});
