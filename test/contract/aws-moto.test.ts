import assert from "node:assert/strict";
import { serveWorld, type TestWorld } from "../sandbox/wire/world.ts";
import { type Answer, ask, type Difference, differences } from "./aws-answers.ts";
import { motoBackend, sandboxBackend } from "./aws-backends.ts";
import { ecrSteps } from "./aws-steps-ecr.ts";
import { ecsSteps } from "./aws-steps-ecs.ts";
import { elbEndSteps, elbSteps } from "./aws-steps-elb.ts";
import { ruleSteps } from "./aws-steps-elb-rules.ts";
import { targetSteps } from "./aws-steps-elb-targets.ts";
import { otherSteps } from "./aws-steps-other.ts";
import { type Moto, startMoto } from "./counterparts.ts";
import type { Gap } from "./known-moto-gap.ts";
import { knownMotoGaps } from "./known-moto-gaps.ts";

const steps = [...ecrSteps, ...elbSteps, ...ruleSteps, ...targetSteps, ...ecsSteps, ...elbEndSteps, ...otherSteps];

describe("the sandbox answers AWS calls as moto does", () => {
  let moto: Moto | undefined;
  let sandbox: TestWorld | undefined;
  let motoAnswers: Map<string, Answer>;
  let sandboxAnswers: Map<string, Answer>;
  let found: Difference[];

  before(async function () {
    // The first run installs moto.
    this.timeout(300_000);
    sandbox = await serveWorld(console.error);
    moto = await startMoto();
    motoAnswers = await ask(await motoBackend(moto.endpoint), steps);
    sandboxAnswers = await ask(await sandboxBackend(sandbox.endpoint, sandbox.cloud), steps);
    found = differences(motoAnswers, sandboxAnswers);
  });

  after(async () => {
    await Promise.all([moto?.stop(), sandbox?.close()]);
  });

  for (const { name } of steps) {
    it(name, () => {
      assert.ok(motoAnswers.has(name) && sandboxAnswers.has(name));
      const unlisted = found.filter((one) => one.step === name && !knownMotoGaps.some((gap) => covers(gap, one)));
      assert.deepEqual(unlisted, []);
    });
  }

  for (const gap of knownMotoGaps) {
    for (const step of gap.steps) {
      it(`moto still has its gap in "${step}": ${gap.path || "outcome"}`, () => {
        assert.ok(
          found.some((one) => one.step === step && covers(gap, one)),
          `strike it from the list, or mend it there: ${gap.reason}`,
        );
      });
    }
  }
});

function covers(gap: Gap, { step, path: at, moto, sandbox }: Difference): boolean {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return gap.steps.includes(step) && gap.path === at && same(gap.moto, moto) && same(gap.sandbox, sandbox);
}
