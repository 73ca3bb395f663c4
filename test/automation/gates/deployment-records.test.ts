import assert from "node:assert/strict";
import { policyPackOf } from "../../../automation/engine-context.ts";
import { openPack } from "../../../automation/gates/pack.ts";
import { sandboxPack } from "../../../automation/gates/sandbox-pack.ts";
import { places } from "../../../automation/paths.ts";
import { loadEvidence } from "../../../evidence/load.ts";
import { ofKind } from "../../../model/gates/evidence.ts";
import { Checkout } from "../../stories/checkout.ts";

describe("records of what ran where", function () {
  this.timeout(300_000);
  const checkout = new Checkout();
  const digests: Record<string, string> = {};
  const up = (tag: string) => checkout.sluice("up", "--stack", "local", "--image-tag", tag);

  /** Outcomes of a tag in this environment, oldest first, read and verified as the judge's are. */
  async function outcomes(tag: string): Promise<string[]> {
    const here = places({ SLUICE_HOME: checkout.home });
    const pack = policyPackOf(checkout.root);
    assert.ok(pack);
    const target = { stack: "local", sandbox: true, places: here, context: { policyPack: sandboxPack(pack, here) } };
    const { store, trust } = openPack(target as never);
    const known = await loadEvidence({ store, digest: digests[tag] ?? "", trust });
    assert.deepEqual(known.rejected, []);
    const records = ofKind(known.evidence, "deployment").reverse();
    for (const { result } of records)
      assert.deepEqual([result.environment, result.stack, result.service, result.tag], ["local", "local", "api", tag]);
    return records.map(({ result }) => result.outcome);
  }

  before(async () => {
    checkout.create();
    await checkout.done("quickstart");
    for (const tag of ["v1.0.0", "v1.1.0", "v1.2.0"]) digests[tag] = (await checkout.push(tag)).stdout.trim();
  });
  after(() => checkout.remove());

  it("are green for what came to be live, and not written twice for what is", async () => {
    assert.deepEqual(await outcomes("v1.0.0"), ["green"]);
    await checkout.done("up", "--stack", "local");
    assert.equal((await up("v1.0.0")).code, 0);
    assert.deepEqual(await outcomes("v1.0.0"), ["green"]);
  });

  it("are failed for what was asked for and did not come to be live", async () => {
    const crash = (environment: Record<string, string>) =>
      checkout.configure("local", (config) => Object.assign(config["sluice:services"].api ?? {}, { environment }));
    crash({ CRASH_AFTER_MS: "200" });
    assert.equal((await up("v1.1.0")).code, 4);
    assert.deepEqual(await outcomes("v1.1.0"), ["failed"]);
    assert.deepEqual(await outcomes("v1.0.0"), ["green"], "what stayed live failed nowhere");
    crash({});
    await checkout.done("up", "--stack", "local");
    assert.deepEqual(await outcomes("v1.1.0"), ["failed"]);
  });

  it("are not written for what was refused before anything changed", async () => {
    const before = await checkout.done("audit", "show", "--stack", "local");
    assert.equal((await up("v9.9.9")).code, 2);
    assert.equal((await checkout.done("audit", "show", "--stack", "local")).stdout, before.stdout);
  });

  it("are rolled-back for what somebody went back from, and green for what they went back to", async () => {
    const { code, stderr } = await up("v1.2.0");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await outcomes("v1.2.0"), ["green"]);
    await checkout.done("rollback", "--stack", "local", "--to", "v1.0.0");
    assert.deepEqual(await outcomes("v1.2.0"), ["green", "rolled-back"]);
    assert.deepEqual(await outcomes("v1.0.0"), ["green", "green"]);
    const { stdout } = await checkout.done("audit", "show", "--stack", "local", "--json");
    const actions = JSON.parse(stdout).map((one: { action: string; details: Record<string, string> }) => [
      one.action,
      one.details.tag,
      one.details.outcome,
    ]);
    assert.deepEqual(actions, [
      ["deployment", "v1.0.0", "green"],
      ["deployment", "v1.1.0", "failed"],
      ["deployment", "v1.2.0", "green"],
      ["rollback", "v1.0.0", "green"],
      ["rollback", "v1.2.0", "rolled-back"],
    ]);
    await checkout.done("audit", "verify", "--stack", "local");
  });

  it("and a judgement knows what is live and what stands by", async () => {
    const { images } = JSON.parse((await checkout.done("gate", "check", "--stack", "local", "--json")).stdout);
    assert.deepEqual(
      images.map(({ as, tag, digest }: { as: string; tag: string; digest: string }) => [as, tag, digest]),
      [
        ["active", "v1.0.0", digests["v1.0.0"]],
        ["standby", "v1.2.0", digests["v1.2.0"]],
      ],
    );
    const next = JSON.parse(
      (await checkout.done("gate", "check", "--stack", "local", "--image-tag", "v1.1.0", "--json")).stdout,
    );
    assert.deepEqual(
      next.images.map(({ as, tag }: { as: string; tag: string }) => [as, tag]),
      [
        ["asked", "v1.1.0"],
        ["active", "v1.0.0"],
      ],
    );
  });
});
