import assert from "node:assert/strict";
import { everythingStates, productionStates, type States } from "../replay/stacks.ts";
import { awsResources } from "../replay/state.ts";
import { badFindings, badResources } from "./bad-resources.ts";
import { runCheckov, type Verdict, type Verdicts } from "./checkov.ts";
import { reasons } from "./reasons.ts";

/** Verdicts on the stacks; fewer would mean that checks no longer see what they are about. */
const leastVerdicts = 550;
const leastChecks = 70;

describe("checkov on what the program declares", () => {
  let verdicts: Verdicts;
  let ofBad: Verdicts;

  before(async function () {
    // The first run installs checkov; four stacks are brought up.
    this.timeout(900_000);
    ofBad = await runCheckov(badResources);
    const both = [await stateVerdicts(await productionStates()), await stateVerdicts(await everythingStates())];
    verdicts = {
      passed: both.flatMap(({ passed }) => passed),
      failed: both.flatMap(({ failed }) => failed),
    };
  });

  it("finds what is wrong with resources that nobody should make", () => {
    const found = new Set(ofBad.failed.map(({ check, resource }) => `${resource.split(".")[1]} ${check}`));
    assert.deepEqual(
      badFindings.filter((finding) => !found.has(finding)),
      [],
    );
  });

  it("really looks", () => {
    const all = [...verdicts.passed, ...verdicts.failed];
    const checks = new Set(all.map(({ check }) => check));
    assert.ok(all.length >= leastVerdicts, `${all.length} verdicts`);
    assert.ok(checks.size >= leastChecks, `${checks.size} checks`);
  });

  it("finds nothing without a written reason", () => {
    const open = verdicts.failed.filter((verdict) => !reasons.some((reason) => covers(reason, verdict)));
    assert.deepEqual(open, []);
  });

  for (const reason of reasons) {
    it(`still finds ${reason.check} on ${reason.resource.source}`, () => {
      assert.ok(
        verdicts.failed.some((verdict) => covers(reason, verdict)),
        `strike it from the list: ${reason.reason}`,
      );
    });
  }
});

/** The state before the switch holds nothing that the one after it does not. */
function stateVerdicts([foundation, , after]: States): Promise<Verdicts> {
  return runCheckov(awsResources([...foundation, ...after]));
}

function covers(reason: { check: string; resource: RegExp }, { check, resource }: Verdict): boolean {
  return reason.check === check && reason.resource.test(resource);
}
