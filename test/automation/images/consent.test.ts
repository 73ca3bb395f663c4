import assert from "node:assert/strict";
import { requireAge, requireConsent } from "../../../automation/images/consent.ts";

describe("consent to deleting images", () => {
  const alone = { count: 3, sandbox: false, yes: false, terminal: false };

  it("must be given beforehand where nobody can be asked", async () => {
    await assert.rejects(requireConsent(alone), { exitCode: 2, message: /3 images would go.*nothing was deleted/ });
    await requireConsent({ ...alone, yes: true });
  });

  it("is not asked for in the sandbox, whose images are nobody's", () => requireConsent({ ...alone, sandbox: true }));

  it("does not cover what was pushed just now, but in the sandbox", () => {
    assert.throws(() => requireAge(0, false), { exitCode: 2 });
    requireAge(1, false);
    requireAge(0, true);
  });
});
