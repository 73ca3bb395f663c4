import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Checkout, type Finished } from "../../stories/checkout.ts";

describe("gates of what is released as files", function () {
  this.timeout(180_000);
  const checkout = new Checkout();
  const stack = ["--stack", "punchtrunk-release", "--sandbox"];
  let file = "";
  const about = () => [...stack, "--artifact", file, "--repository", "punchtrunk"];
  const commit = () => ["--commit", checkout.git("rev-parse", "HEAD").trim()];
  const fixture = (name: string) => path.join(import.meta.dirname, "../readers/fixtures", name);
  const ended = ({ code, stderr }: Finished, expected: number, rule: RegExp) => {
    assert.equal(code, expected, stderr);
    assert.match(stderr, rule);
  };

  before(() => {
    checkout.create();
    const dist = path.join(checkout.root, "dist");
    mkdirSync(dist);
    writeFileSync(path.join(dist, "punchtrunk-linux-amd64"), "binary");
    const hash = createHash("sha256").update("binary").digest("hex");
    file = path.join(dist, "checksums.txt");
    writeFileSync(file, `${hash}  punchtrunk-linux-amd64\n`);
  });
  after(() => checkout.remove());

  it("are told before there is anything", async () => {
    const { stdout } = await checkout.done("gate", "explain", ...stack, "--json");
    const [{ gates }] = JSON.parse(stdout).repositories;
    const names = gates.map(({ gate }: { gate: string }) => gate);
    for (const gate of ["release", "artifacts.files", "artifacts.platforms"]) assert.ok(names.includes(gate), gate);
  });

  it("are never met by no image at all", async () => {
    ended(await checkout.sluice("gate", "check", ...stack), 2, /declares no service.*\n.*--artifact FILE/);
    ended(await checkout.sluice("gate", "check", ...stack, "--image-tag", "v1.0.0"), 2, /declares no service/);
  });

  it("take evidence about the file's hash, and judge it", async () => {
    const reports = [
      `artifacts=${file}`,
      `release=${fixture("changelog/CHANGELOG.md")}`,
      `tests:unit=${fixture("go-test/pass.json")}`,
    ];
    const collect = ["gate", "collect", ...about(), ...commit(), "--release-tag", "v9.9.9", ...reports];
    const { stderr, stdout } = await checkout.done(...collect);
    assert.match(stderr, /sluice gate check --stack punchtrunk-release --sandbox --artifact '/);
    assert.doesNotMatch(stdout, /^image /m);
    const checked = await checkout.sluice("gate", "check", ...about(), "--json");
    assert.equal(checked.code, 5);
    const [{ gates, digest }] = JSON.parse(checked.stdout).images;
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    const reasons = Object.fromEntries(
      gates.map(({ gate, reason }: { gate: string; reason: string }) => [gate, reason]),
    );
    assert.deepEqual(
      [reasons["artifacts.files"], reasons["artifacts.platforms"], reasons["tests.unit"], reasons.release],
      ["met", "failed", "met", "failed"],
    );
  });

  it("know nothing of a file that has changed by one byte", async () => {
    appendFileSync(file, "\n");
    const { stdout } = await checkout.sluice("gate", "check", ...about(), "--json");
    const [{ gates }] = JSON.parse(stdout).images;
    assert.ok(
      gates.every(({ gate, reason }: { gate: string; reason: string }) => gate === "integrity" || reason === "missing"),
    );
  });

  const wrong: [what: string, args: () => string[], rule: RegExp][] = [
    ["an image's tag beside it", () => ["gate", "check", ...about(), "--image-tag", "v1"], /at most one of them/],
    ["neither", () => ["approvals", ...stack], /--image-tag, --artifact: give one/],
    ["what is to be attached", () => ["gate", "collect", ...about(), "--attach", `artifacts=${file}`], /--attach/],
    ["a folder", () => ["gate", "check", ...stack, "--artifact", "."], /cannot be read: it is no regular file/],
    ["what is not there", () => ["gate", "check", ...stack, "--artifact", "nope"], /cannot be read/],
  ];
  for (const [what, args, rule] of wrong)
    it(`refuse ${what}`, async () => ended(await checkout.sluice(...args()), 2, rule));
});
