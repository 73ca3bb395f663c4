import assert from "node:assert/strict";
import { reviewImages } from "../../../automation/images/prune.ts";
import { stateOf } from "./backend-folder.ts";
import { on, PruneFixture } from "./prune-fixture.ts";

describe("sluice images prune", function () {
  this.timeout(60_000);
  let fixture: PruneFixture;

  beforeEach(async () => {
    fixture = await PruneFixture.open();
  });
  afterEach(() => fixture.close());

  it("deletes, by pages and batches, what no stack needs, and nothing else", async () => {
    const digests: string[] = [];
    for (let n = 0; n < 250; n++) digests.push(await fixture.registry.image("api", `image ${n}`, `v${n}`));
    const [a = "", b = "", c = "", d = "", e = ""] = digests;
    fixture.folder.evolve("sluice/prod", on(a), on(b), on(c), on(d, c));
    fixture.folder.evolve("shop/stage", { state: { ...stateOf(), note: `runs ${e} somewhere` } });
    await fixture.prune();
    assert.deepEqual(fixture.left(), [c, d, e].sort());
    assert.deepEqual(fixture.folder.locks(), []);
  });

  it("is agnostic of what is not asked about, and finds nothing the second time", async () => {
    const other = await fixture.registry.image("web", "other", "v1");
    await fixture.registry.image("api", "old", "v1");
    fixture.folder.evolve("sluice/prod", { state: stateOf() });
    await fixture.prune();
    assert.deepEqual([fixture.left("api"), fixture.left("web")], [[], []]);
    assert.notEqual(other, "");
    assert.deepEqual((await fixture.prune()).deleted, { api: [], web: [] });
  });

  it("keeps indexes, their images and their signatures together, and deletes them in an order that ECR takes", async () => {
    const family = async (name: string) => {
      const images = [
        await fixture.registry.image("api", `${name} amd64`),
        await fixture.registry.image("api", `${name} arm64`),
      ];
      const index = await fixture.registry.index("api", images, name);
      const signature = await fixture.registry.image("api", `${name} signature`, undefined, index);
      const cosign = await fixture.registry.image("api", `${name} cosign`, `${index.replace(":", "-")}.sig`);
      return [index, ...images, signature, cosign];
    };
    const [old, live, child] = [await family("v1"), await family("v2"), await family("v3")];
    fixture.folder.evolve("sluice/prod", on(live[0] ?? ""));
    fixture.folder.evolve("sluice/stage", on(child[2] ?? ""));
    const { deleted } = await fixture.prune();
    assert.deepEqual(deleted.api?.toSorted(), old.toSorted());
    assert.deepEqual(fixture.left(), [...live, ...child].sort());
  });

  it("changes nothing by looking", async () => {
    const digest = await fixture.registry.image("api", "old", "v1");
    fixture.folder.evolve("sluice/prod", { state: stateOf() });
    const { plans } = await reviewImages(fixture.args());
    assert.deepEqual(
      plans.get("api")?.remove.map((one) => one.digest),
      [digest],
    );
    assert.deepEqual([fixture.left(), fixture.folder.locks()], [[digest], []]);
  });

  it("leaves a rollback what it needs: every one of the last good releases", async () => {
    const releases: string[] = [];
    for (let n = 0; n < 6; n++) releases.push(await fixture.registry.image("api", `release ${n}`, `v${n}`));
    const failed = await fixture.registry.image("api", "failed", "v9");
    const [r0 = "", r1 = "", r2 = "", r3 = "", r4 = "", r5 = ""] = releases;
    fixture.folder.evolve(
      "sluice/prod",
      on(r0),
      on(r2, r0),
      { ...on(failed, r2), result: "failed" },
      on(r3, r2),
      on(r5, r3),
    );
    fixture.folder.evolve("sluice/stage", on(r1), on(r0), on(r4, r0));
    await fixture.prune();
    assert.deepEqual(fixture.left(), [r0, r3, r4, r5].sort());
  });
});
