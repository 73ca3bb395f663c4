import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Checkout, versionAt } from "../../stories/checkout.ts";

/** With the real engine and two environments, of which one has moved on. */
describe("sluice images prune, beside the real engine", function () {
  this.timeout(600_000);
  const checkout = new Checkout();
  const images = ["--stack", "foundation", "--sandbox", "--older-than", "0", "--keep", "2"];
  const unused = ["--unused-by", "210987654321"];
  const prune = (...more: string[]) => checkout.sluice("images", "prune", ...images, ...unused, ...more);
  const tags = async () => {
    const { stdout } = await checkout.done("images", "list", ...images, ...unused, "--json");
    const { kept, remove } = JSON.parse(stdout).repositories.api;
    return [...kept, ...remove].flatMap((image: { tags: string[] }) => image.tags).sort();
  };

  before(async () => {
    checkout.create();
    checkout.configure("foundation", (config) => {
      Object.assign(config["sluice:registry"]?.repositories.api ?? {}, {
        mutableTags: ["dev-*"],
        pullFrom: ["210987654321"],
      });
    });
    await checkout.done("quickstart");
    for (const tag of ["v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0"]) {
      await checkout.prove("preview-pr-7", (await checkout.push(tag)).stdout.trim());
    }
    for (const tag of ["v1.1.0", "v1.2.0"]) await checkout.done("up", "--stack", "local", "--image-tag", tag);
    await checkout.done("up", "--stack", "preview-pr-7", "--sandbox", "--image-tag", "v1.3.0");
  });
  after(() => checkout.remove());

  it("shows what would go, and deletes nothing", async () => {
    const { code, stdout } = await prune("--dry-run", "--json");
    assert.equal(code, 0);
    const { repositories, stacks, deleted } = JSON.parse(stdout);
    assert.deepEqual(stacks.toSorted(), ["foundation", "local", "preview-pr-7"]);
    const goes = repositories.api.remove.flatMap((image: { tags: string[] }) => image.tags);
    assert.deepEqual([goes.toSorted(), deleted], [["v1.0.0", "v1.4.0"], undefined]);
    assert.equal((await tags()).length, 5);
  });

  it("refuses where another account may pull, of which no stack was read", async () => {
    const { code, stderr } = await checkout.sluice("images", "prune", ...images);
    assert.equal(code, 2);
    assert.match(stderr, /account 210987654321 may pull from api, and no stack that was read is in it/);
    assert.equal((await tags()).length, 5);
  });

  it("refuses accounts that are none, as the option waives a check", async () => {
    const { code, stderr } = await checkout.sluice("images", "prune", ...images, "--unused-by", "21098765432");
    assert.equal(code, 2);
    assert.match(stderr, /--unused-by: account ids of 12 digits.*; got "21098765432"/);
  });

  it("refuses, naming it, where a stack's state is broken", async () => {
    const file = `${checkout.home}/backend/.pulumi/stacks/sluice/preview-pr-7.json`;
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 100));
    const { code, stderr } = await prune();
    writeFileSync(file, whole);
    assert.equal(code, 1);
    assert.match(stderr, /stacks\/sluice\/preview-pr-7\.json cannot be read; nothing was deleted/);
    assert.equal((await tags()).length, 5);
  });

  it("deletes what no environment needs; rollbacks to what stands by, and to a good tag, still work", async () => {
    const { code, stderr } = await prune();
    assert.equal(code, 0, stderr);
    assert.deepEqual(await tags(), ["v1.1.0", "v1.2.0", "v1.3.0"]);
    await checkout.done("rollback", "--stack", "local", "--to", "previous");
    const { url } = await checkout.service();
    assert.equal(await versionAt(url), "v1.1.0");
    const { code: gone, stderr: why } = await checkout.sluice("rollback", "--stack", "local", "--to", "v1.0.0");
    assert.deepEqual([gone, /no such image; nothing was changed/.test(why)], [2, true]);
  });

  it("protects its repositories: one that leaves the configuration stays, with its policies", async () => {
    checkout.configure("foundation", (config) => {
      config["sluice:registry"] = { repositories: { other: {} } };
    });
    const { code, stderr } = await checkout.sluice("up", "--stack", "foundation", "--sandbox");
    assert.notEqual(code, 0);
    assert.match(stderr, /registry-api.*protect/s);
    assert.deepEqual(await tags(), ["v1.1.0", "v1.2.0", "v1.3.0"]);
  });
});
