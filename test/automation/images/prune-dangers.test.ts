import assert from "node:assert/strict";
import { controlledInterruption } from "../engine-fixture.ts";
import { stateOf } from "./backend-folder.ts";
import { on, PruneFixture, says } from "./prune-fixture.ts";

describe("sluice images prune, when things go wrong", function () {
  this.timeout(60_000);
  let fixture: PruneFixture;

  beforeEach(async () => {
    fixture = await PruneFixture.open();
  });
  afterEach(() => fixture.close());

  describe("refuses, and deletes nothing,", () => {
    const refusals: [string, (digest: string) => void, RegExp][] = [
      ["where a stack cannot be read", () => fixture.folder.write("stacks/shop/x.json", "{"), /x\.json cannot be read/],
      ["where a stack is being updated", () => fixture.folder.lock("shop/x"), /shop\/x is held by process 1 of ann/],
      [
        "where a history cannot be read",
        (digest) => fixture.folder.history("sluice/prod", { ...on(digest), checkpoint: false }),
        /after an update/,
      ],
    ];
    for (const [title, arrange, reason] of refusals) {
      it(title, async () => {
        const [live, old] = [
          await fixture.registry.image("api", "live", "v2"),
          await fixture.registry.image("api", "old", "v1"),
        ];
        fixture.folder.evolve("sluice/prod", on(live));
        arrange(live);
        await assert.rejects(fixture.prune(), says(reason));
        assert.deepEqual(fixture.left(), [live, old].sort());
      });
    }

    it("where another account may pull, and no stack of it was read", async () => {
      const digest = await fixture.registry.image("api", "old", "v1");
      fixture.folder.evolve("sluice/prod", { state: stateOf() });
      await fixture.registry.share("api", "210987654321");
      await assert.rejects(
        fixture.prune(),
        says(/what other accounts run is not known/, /account 210987654321 may pull from api/),
      );
      assert.deepEqual(fixture.left(), [digest]);
      await assert.rejects(fixture.prune({ unusedBy: ["111122223333"] }), says(/210987654321/));
      await fixture.prune({ unusedBy: ["210987654321"] });
      assert.deepEqual(fixture.left(), []);
    });

    it("where there is no stack at all", async () => {
      const digest = await fixture.registry.image("api", "old", "v1");
      assert.deepEqual((await fixture.prune()).deleted, { api: [], web: [] });
      assert.deepEqual(fixture.left(), [digest]);
    });

    it("where a repository cannot be read", async () => {
      const digest = await fixture.registry.image("api", "old", "v1");
      fixture.folder.evolve("sluice/prod", { state: stateOf() });
      const value = { code: "AccessDeniedException", status: 400 };
      fixture.registry.world.cloud.faults.add({ kind: "error", match: { service: "ecrImages", name: "web" }, value });
      await assert.rejects(fixture.prune());
      assert.deepEqual(fixture.left(), [digest]);
    });

    it("where an index cannot be read: it may name any of them", async () => {
      const child = await fixture.registry.image("api", "child");
      const index = await fixture.registry.index("api", [child], "v1");
      const other = await fixture.registry.image("api", "other", "v2");
      fixture.folder.evolve("sluice/prod", { state: stateOf() });
      const value = { images: [] };
      fixture.registry.world.cloud.faults.add({ kind: "lie", match: { operation: "batchGetImage" }, value });
      await fixture.prune();
      assert.deepEqual(fixture.left(), [child, index, other].sort());
    });
  });

  describe("between looking and deleting", () => {
    let live: string;
    let old: string;
    beforeEach(async () => {
      live = await fixture.registry.image("api", "live", "v2");
      old = await fixture.registry.image("api", "old", "v1");
      fixture.folder.evolve("sluice/prod", on(live));
    });

    const changes: [string, () => unknown][] = [
      ["a stack has begun to run the image", () => fixture.folder.evolve("sluice/prod", on(live), on(live, old))],
      ["the image was given a tag", () => fixture.registry.image("api", "old", "v3")],
      ["an index with the image was pushed under a running tag's name", () => pushIndexInUse()],
    ];
    async function pushIndexInUse() {
      const index = await fixture.registry.index("api", [old], "v9");
      fixture.folder.evolve("sluice/prod", on(live), on(live, index));
    }
    for (const [title, change] of changes) {
      it(`${title}: it stays`, async () => {
        await fixture.prune({ meanwhile: change });
        assert.ok(fixture.registry.digests("api").has(old));
      });
    }

    it("an image was pushed: it stays, though nothing names it and the clock is ahead of it", async () => {
      let pushed = "";
      await fixture.prune({
        async meanwhile() {
          pushed = await fixture.registry.image("api", "pushed", "v4");
        },
      });
      assert.deepEqual(fixture.left(), [live, pushed].sort());
    });

    const disturbances: [string, () => void, RegExp][] = [
      ["an update began", () => fixture.folder.lock("sluice/prod"), /prod is held by process 1/],
      ["a stack was made", () => fixture.folder.evolve("sluice/new", on(old)), /new is a new stack/],
    ];
    for (const [title, disturb, reason] of disturbances) {
      it(`${title}: nothing goes`, async () => {
        await assert.rejects(fixture.prune({ meanwhile: disturb }), says(/are being updated/, reason));
        assert.ok(fixture.registry.digests("api").has(old));
      });
    }

    it("the locks were taken away: nothing more goes", async () => {
      await fixture.registry.image("api", "first", "v5");
      await fixture.registry.image("web", "second", "v6");
      await assert.rejects(
        fixture.prune({ check: (count) => count === 1 && fixture.folder.removeLocks() }),
        says(/ended part-way/, /was removed: pulumi cancel does that/, /api: 2 deleted/, /web: 0 deleted/),
      );
    });
  });

  describe("when ECR fails", () => {
    let live: string;
    let old: string[];
    beforeEach(async () => {
      live = await fixture.registry.image("api", "live", "live");
      old = [];
      for (let n = 0; n < 150; n++) old.push(await fixture.registry.image("api", `old ${n}`, `v${n}`));
      fixture.folder.evolve("sluice/prod", on(live));
    });
    const fault = (more: object) =>
      fixture.registry.world.cloud.faults.add({
        kind: "throttle",
        match: { service: "ecrImages", operation: "batchDeleteImage" },
        ...more,
      });

    it("by throttling, it tries again", async () => {
      fault({ times: 2 });
      await fixture.prune();
      assert.deepEqual(fixture.left(), [live]);
    });

    it("after it did what it was asked, nothing is lost or reported twice", async () => {
      fault({ kind: "timeout-after-success", times: 1 });
      assert.equal((await fixture.prune()).deleted.api?.length, 150);
      assert.deepEqual(fixture.left(), [live]);
    });

    it("part-way, it says what is gone, lets go of the stacks, and can be run again", async () => {
      const value = { code: "AccessDeniedException", status: 400 };
      await assert.rejects(
        fixture.prune({ check: (count) => count === 2 && fault({ kind: "error", value }) }),
        says(/ended part-way/, /api: 100 deleted/),
      );
      assert.equal(fixture.registry.digests("api").size, 51);
      assert.deepEqual(fixture.folder.locks(), []);
      fixture.registry.world.cloud.faults.clear();
      await fixture.prune();
      assert.deepEqual(fixture.left(), [live]);
    });

    it("for one image, the others go, and it is named", async () => {
      const [kept = ""] = old;
      await assert.rejects(
        fixture.prune({ check: (count) => count === 1 && fixture.registry.index("api", [kept], "late") }),
        says(/1 images could not be deleted/, new RegExp(`api@${kept} stays: ImageReferencedByManifestList`)),
      );
      assert.equal(fixture.registry.digests("api").size, 3);
    });

    it("and where the run is ended by the user, it says what is gone", async () => {
      const interruption = controlledInterruption();
      interruption.check = () => {
        if (interruption.signal.aborted) throw Object.assign(new Error("cancelled; nothing was changed"));
      };
      await assert.rejects(
        fixture.prune({ check: (count) => count === 1 && interruption.end("signal") }, interruption),
        says(/ended part-way: cancelled$/m, /api: 100 deleted/),
      );
      assert.deepEqual(fixture.folder.locks(), []);
    });
  });
});
