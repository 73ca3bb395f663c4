import assert from "node:assert/strict";
import { readClaims } from "../../../automation/images/claims.ts";
import { BackendFolder, digestOf, type Standing, stateOf, type Update } from "./backend-folder.ts";

const url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api";

describe("what stacks need of a repository", () => {
  let folder: BackendFolder;
  beforeEach(() => {
    folder = new BackendFolder();
  });
  afterEach(() => folder.remove());

  async function claims(keep = 2) {
    const backend = folder.open();
    return (await readClaims({ backend, stacks: await backend.stacks(), keep })).stacks;
  }
  const on = (n: number, more: Standing = {}): Update => ({ state: stateOf({ blue: digestOf(n), ...more }) });

  it("is everything in their states, whatever they carry, and what was good before", async () => {
    folder.evolve(
      "sluice/prod",
      on(1),
      on(2),
      { ...on(3), result: "failed" },
      { state: stateOf({ blue: digestOf(2), green: digestOf(4), active: "blue" }) },
    );
    const [claim] = await claims();
    assert.deepEqual([...(claim?.digests ?? [])].sort(), [digestOf(2), digestOf(4)]);
    assert.deepEqual(claim?.good, { api: [digestOf(2), digestOf(1)] });
  });

  it("does not take for good what only stood by, or failed", async () => {
    folder.evolve(
      "sluice/prod",
      on(1),
      { ...on(2, { active: "blue" }), result: "failed" },
      { state: stateOf({ blue: digestOf(1), green: digestOf(9), active: "blue" }) },
      on(3),
    );
    const [claim] = await claims(5);
    assert.deepEqual(claim?.good, { api: [digestOf(3), digestOf(1)] });
  });

  it("looks back until every service has enough, and no further", async () => {
    const both = (api: number, web: number): Update => ({
      state: stateOf({ blue: digestOf(api) }, { blue: digestOf(web), service: "web" }),
    });
    folder.history("sluice/prod", { ...on(99), checkpoint: false });
    folder.evolve("sluice/prod", both(1, 51), both(2, 52), both(3, 52), both(4, 52));
    const [claim] = await claims(2);
    assert.deepEqual(claim?.good.web, [digestOf(52), digestOf(51)]);
    assert.deepEqual(claim?.good.api?.slice(0, 2), [digestOf(4), digestOf(3)]);
  });

  it("counts a release once, however often it came back", async () => {
    folder.evolve("sluice/prod", on(1), on(2), on(1), on(2), on(1));
    assert.deepEqual((await claims(3))[0]?.good, { api: [digestOf(1), digestOf(2)] });
  });

  it("keeps both colours of a past state that does not tell which one was active", async () => {
    const state = stateOf({ blue: digestOf(1), green: digestOf(2) });
    const rule = state.resources.at(-1) as { outputs: object };
    rule.outputs = {};
    folder.evolve("sluice/prod", { state }, on(3));
    assert.deepEqual((await claims(9))[0]?.good.api?.toSorted(), [1, 2, 3].map(digestOf));
  });

  it("is read from stacks of other projects too, by tag", async () => {
    const resources = [{ urn: "u", type: "kubernetes:apps/v1:Deployment", inputs: { image: `${url}:v7` } }];
    folder.stack("shop/live", { ...stateOf(), resources });
    const [claim, ...others] = await claims();
    assert.deepEqual([claim?.stack, claim?.words.has("v7"), claim?.good, others], ["shop/live", true, {}, []]);
  });

  it("is not known of a stack with services and without history", async () => {
    folder.stack("sluice/prod", on(1).state);
    await assert.rejects(claims(), /stack prod has services and no update on record/);
  });

  it("is not known of a stack whose state was imported", async () => {
    folder.evolve("sluice/prod", { ...on(1), kind: "import" });
    await assert.rejects(claims(), /stack prod has services and no update on record/);
  });

  it("is known of a stack whose updates all failed: nothing of it was good", async () => {
    folder.evolve("sluice/prod", { ...on(1), result: "failed" });
    const [claim] = await claims();
    assert.deepEqual([[...(claim?.digests ?? [])], claim?.good], [[digestOf(1)], {}]);
  });

  it("is not known where containers are secret, now or in the past", async () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
    const hidden = stateOf({ blue: digestOf(1) });
    (hidden.resources[0] as { outputs: object }).outputs = { containerDefinitions: secret };
    folder.evolve("sluice/prod", { state: hidden }, on(2));
    await assert.rejects(claims(9), /what api of stack prod ran cannot be read/);
    folder.stack("sluice/prod", hidden);
    await assert.rejects(claims(1), /what stack prod runs cannot be read/);
  });

  it("is not known at all if one stack cannot be read", async () => {
    folder.evolve("sluice/prod", on(1));
    folder.write("stacks/shop/broken.json", "{");
    await assert.rejects(claims(), /stacks\/shop\/broken\.json cannot be read; nothing was deleted/);
  });
});
