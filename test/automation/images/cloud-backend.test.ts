import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openStateBackend } from "../../../automation/images/state-backend.ts";

/** A stand-in for the CLI: it answers by its arguments, and keeps them. The service itself is nowhere to be had. */
const script = `#!/bin/sh
echo "$*" >> "$0.calls"
case "$*" in
  *"stack ls"*) cat "$0.ls" ;;
  *"stack history"*"--page 1 "*) cat "$0.history" ;;
  *"stack history"*) echo "[]" ;;
  *"stack export"*broken*) echo "error: could not decrypt" >&2; exit 1 ;;
  *"stack export"*"--version "*) printf '{"version":3,"deployment":{"manifest":{},"version":"%s"}}' "$*" ;;
  *"stack export"*) echo '{"version":3,"deployment":{"manifest":{},"now":true}}' ;;
esac
`;

describe("Pulumi Cloud, through a stand-in for the CLI", () => {
  let folder: string;
  let pulumi: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sluice-cloud-"));
    pulumi = path.join(folder, "pulumi");
    writeFileSync(pulumi, script);
    chmodSync(pulumi, 0o755);
    answers({});
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function answers({ ls = [{ name: "acme/sluice/prod" }] as unknown, history = [] as unknown }) {
    writeFileSync(`${pulumi}.ls`, typeof ls === "string" ? ls : JSON.stringify(ls));
    writeFileSync(`${pulumi}.history`, JSON.stringify(history));
  }
  const open = () => {
    const env = { PATH: process.env.PATH, PULUMI_BACKEND_URL: "https://api.pulumi.com" };
    return openStateBackend({ pulumi, root: folder, env, policyPack: undefined });
  };
  const prod = { id: "acme/sluice/prod", name: "acme/sluice/prod" };

  it("has the stacks of every project", async () => {
    assert.deepEqual(await open().stacks(), [prod]);
    assert.match(readFileSync(`${pulumi}.calls`, "utf8"), /^stack ls --all --json --non-interactive/);
  });

  it("has their states, and those that successful updates left, by version", async () => {
    answers({
      history: [
        { kind: "update", result: "succeeded", version: 9 },
        { kind: "update", result: "failed", version: 8 },
        { kind: "refresh", result: "succeeded", version: 7 },
        { kind: "update", result: "succeeded", version: 6 },
      ],
    });
    assert.deepEqual(await open().state(prod), { manifest: {}, now: true });
    const versions: unknown[] = [];
    for await (const state of open().successes(prod))
      versions.push((state as { version: string }).version.split(" ")[5]);
    assert.deepEqual(versions, ["9", "6"]);
  });

  it("says who is updating, and does not go on beside it", async () => {
    answers({ ls: [{ name: prod.name, updateInProgress: true }] });
    assert.deepEqual(await open().busy(), ["acme/sluice/prod is being updated"]);
    await assert.rejects(open().hold([prod]), /are being updated/);
  });

  it("does not go on when there is a new stack", async () => {
    await using hold = await open().hold([prod]);
    answers({ ls: [{ name: prod.name }, { name: "acme/sluice/new" }] });
    await assert.rejects(hold.check(), (error: { details?: string[] }) =>
      /new is a new stack/.test(String(error.details)),
    );
  });

  const broken: [string, unknown, RegExp][] = [
    ["no JSON", "<html>", /the list of stacks cannot be read/],
    ["no list", {}, /the list of stacks cannot be read/],
  ];
  for (const [title, ls, says] of broken) {
    it(`refuses an answer that is ${title}`, async () => {
      answers({ ls });
      await assert.rejects(open().stacks(), says);
    });
  }

  it("refuses a stack that cannot be exported, and an update without a version", async () => {
    const stack = { id: "acme/broken/prod", name: "acme/broken/prod" };
    await assert.rejects(open().state(stack), /acme\/broken\/prod cannot be read/);
    answers({ history: [{ kind: "update", result: "succeeded" }] });
    await assert.rejects(async () => {
      for await (const _ of open().successes(prod)) assert.fail("it has no state");
    }, /an update has no version|cannot be read/);
  });

  it("is not confused with backends that nobody can look into", () => {
    for (const url of ["gs://states", "azblob://states", "postgres://host/states"]) {
      const env = { PULUMI_BACKEND_URL: url };
      assert.throws(() => openStateBackend({ pulumi, root: folder, env, policyPack: undefined }), /cannot be pruned/);
    }
  });
});
