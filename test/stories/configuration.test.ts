import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Checkout } from "./checkout.ts";

describe("story: what is refused, and what is only shown", function () {
  this.timeout(120_000);
  const checkout = new Checkout();
  before(() => checkout.create());
  after(() => checkout.remove());

  afterEach(() => checkout.reset());

  it("an environment before its foundation: exit code 6 and the command that is missing", async () => {
    const { code, stderr } = await checkout.sluice("up", "--stack", "local");
    assert.equal(code, 6);
    assert.match(stderr, /to mend it: sluice up --stack foundation --sandbox/);
  });

  it("the foundation comes up, judged by the pack", async () => {
    await checkout.done("up", "--stack", "foundation", "--sandbox");
  });

  for (const stack of ["staging", "prod", "preview", "preview-pr-12", "local"]) {
    it(`stack ${stack} previews cleanly before any release, and says that workloads are left out`, async () => {
      const { stderr } = await checkout.done("preview", "--stack", stack, "--sandbox");
      assert.match(stderr, /api has no release yet/);
      assert.match(stderr, /preview: \d+ to create, 0 unchanged/);
      assert.equal(checkout.git("status", "--porcelain"), "");
    });
  }

  it("a preview changes nothing: no task, no resource", async () => {
    const state = JSON.parse(readFileSync(path.join(checkout.home, "backend/.pulumi/stacks/sluice/prod.json"), "utf8"));
    assert.deepEqual(state.checkpoint.latest.resources ?? [], []);
    assert.equal(checkout.tasks().size, 0);
  });

  it("a violation planted in the configuration is refused with exit code 5 and a line that says what and where", async () => {
    checkout.configure("prod", (config) =>
      Object.assign(config["sluice:cluster"] as object, { deletionProtection: false }),
    );
    const { code, stderr } = await checkout.sluice("preview", "--stack", "prod", "--sandbox");
    assert.equal(code, 5, stderr);
    assert.match(
      stderr,
      /error: refused by policy; nothing was changed\n {2}balancers-protected \[\w+\]: cluster-balancer/,
    );
  });

  it("every error of a configuration at once, with field, rule, value and remedy: exit code 2, no engine started", async () => {
    checkout.configure("local", (config) => {
      Object.assign(config["sluice:services"].api ?? {}, { cpus: 1, cpu: 3, port: 0 });
      config["sluice:services"].Bad_Name = {};
      config["sluice:nonsense"] = true;
      delete config["sluice:cluster"];
    });
    const { code, stderr } = await checkout.sluice("up", "--stack", "local");
    assert.equal(code, 2, stderr);
    for (const field of [
      "services.api.cpus",
      "services.api.cpu",
      "services.api.port",
      "services.Bad_Name",
      "nonsense",
    ]) {
      assert.match(stderr, new RegExp(`^ {2}${field.replaceAll(".", "\\.")}: .+; got .+; .+$`, "m"), field);
    }
    assert.ok(!existsSync(path.join(checkout.home, "backend/.pulumi/stacks/sluice/local.json.lock")));
  });

  it("a missing section and a weight of 101 are errors of the same kind", async () => {
    checkout.configure("local", (config) => delete config["sluice:cluster"]);
    const missing = await checkout.sluice("preview", "--stack", "local");
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^ {2}cluster: .+; got nothing; /m);
    const weight = await checkout.sluice("up", "--stack", "local", "--candidate", "v1", "--weight", "101");
    assert.equal(weight.code, 2);
    assert.match(weight.stderr, /--weight: a whole number from 0 to 100; got "101"/);
  });

  it("the program says the same where the plain CLI is used", async () => {
    checkout.configure("local", (config) => Object.assign(config["sluice:services"].api ?? {}, { cpu: 3, port: 0 }));
    const { code, stdout, stderr } = await checkout.pulumi("preview", "-s", "local");
    assert.notEqual(code, 0);
    for (const field of ["services.api.cpu", "services.api.port"]) assert.ok((stdout + stderr).includes(field), field);
  });

  it("a tag that was committed is refused with the command that removes it, and that command works", async () => {
    checkout.configure("local", (config) => {
      config["sluice:imageTag"] = "v1.0.0";
    });
    const { code, stderr } = await checkout.sluice("up", "--stack", "local");
    assert.equal(code, 2);
    const remedy = /npm run pulumi -- (config rm --path sluice:imageTag --stack local)/.exec(stderr)?.[1];
    assert.ok(remedy, stderr);
    assert.equal((await checkout.pulumi(...remedy.split(" "))).code, 0);
    assert.equal((await checkout.sluice("preview", "--stack", "local")).code, 0);
  });

  it("a shell that sluice env has set up runs plain pulumi: in the sandbox, with the pack, and leaves the checkout clean", async () => {
    const before = checkout.git("status", "--porcelain");
    const script = `eval "$(sh bin/sluice env)" && pulumi preview --stack local --config sluice:imageTag=nope 2>&1; pulumi preview --stack prod; pulumi stack ls`;
    const { stdout, stderr } = await checkout.run("sh", ["-c", script]).finished;
    assert.match(stdout, /Policies:\s+✅ sluice@/, stdout + stderr);
    assert.match(stdout, /services\.api.*got "nope"/);
    assert.match(stdout, /foundation/);
    assert.equal(checkout.git("status", "--porcelain"), before);
  });

  it("doctor finds nothing wrong, and what is wrong", async () => {
    const well = await checkout.sluice("doctor", "--json");
    assert.equal(well.code, 0, well.stdout);
    assert.deepEqual(
      JSON.parse(well.stdout).filter(({ verdict }: { verdict: string }) => verdict === "fail"),
      [],
    );
    checkout.configure("local", (config) => {
      config["sluice:imageTag"] = "v1.0.0";
    });
    const ill = await checkout.sluice("doctor");
    assert.equal(ill.code, 1);
    assert.match(ill.stdout, /^fail stack file: .*imageTag.*\n {5}to mend it: /m);
  });
});
