/** The whole way of a release into prod, with the real engine in the sandbox and with reports that real tools make here. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Checkout, type Finished, versionAt } from "../../stories/checkout.ts";
import * as reports from "../../support/reports.ts";
import { installZizmor, requireGoTools } from "../../support/tools.ts";
import { EvidenceFiles } from "./evidence-files.ts";

const tag = "v1.1.0";
const fixtures = path.join(import.meta.dirname, "../../automation/readers/fixtures");

/** What `sluice gate check --json` says of one image. */
interface Image {
  repository: string;
  digest: string;
  allowed: boolean;
  gates: { gate: string; passed: boolean; reason: string; found: string }[];
}

describe("story: nothing runs without proof", function () {
  this.timeout(900_000);
  const checkout = new Checkout();
  let tools: { actionlint: string; gitleaks: string; k6: string };
  let zizmor: string;
  let folder: string;
  let digest: string;
  let files: EvidenceFiles;

  before(async function () {
    [tools, zizmor] = await Promise.all([requireGoTools(this, "actionlint", "gitleaks", "k6"), installZizmor()]);
    checkout.create();
    // More than the pack asks for in prod: proven in staging, and let in by somebody else than who made the change.
    checkout.configure("prod", (config) => {
      config["sluice:gates"] = { provenIn: { environment: "staging" }, approvals: [{ role: "senior-engineer" }] };
    });
    // Ignored by git: what tools write changes nothing that was released.
    folder = path.join(checkout.root, "coverage/reports");
    mkdirSync(folder, { recursive: true });
    await up("foundation");
    digest = await push(tag);
    files = new EvidenceFiles(checkout.home, digest);
    // Where the load test finds it. Nobody asks for proof on a laptop.
    await checkout.done("up", "--stack", "local", "--image-tag", tag);
  });
  after(() => checkout.remove());

  const up = (stack: string, ...options: string[]) =>
    checkout.done("up", "--stack", stack, "--sandbox", "--yes", ...options);
  const to = (stack: string, release = tag) => ["--stack", stack, "--sandbox", "--image-tag", release];

  async function push(release: string): Promise<string> {
    const options = ["--repository", "api", "--tag", release, "--stack", "foundation", "--sandbox"];
    return (await checkout.done("push", "examples/service", ...options)).stdout.trim();
  }

  async function check(stack: string, release = tag): Promise<{ code: number; images: Image[]; said: string }> {
    const { code, stdout, stderr } = await checkout.sluice("gate", "check", ...to(stack, release), "--json");
    return { code, images: stdout === "" ? [] : JSON.parse(stdout).images, said: stdout + stderr };
  }

  /** Gates that refuse. */
  async function refusedBy(stack: string): Promise<string[]> {
    const { images } = await check(stack);
    return images.flatMap(({ gates }) => gates.filter(({ passed }) => !passed).map(({ gate }) => gate));
  }

  /** Counts of calls that write to the cloud, since this was last asked. */
  async function writes(): Promise<Record<string, number>> {
    const url = `http://127.0.0.1:${checkout.daemon().apiPort}/_sandbox/calls`;
    const counts = (await (await fetch(url)).json()) as Record<string, number>;
    await fetch(url, { method: "DELETE" });
    return counts;
  }

  /** What does not change where nothing is changed. */
  const world = () => ({ tasks: checkout.tasks(), tree: checkout.git("status", "--porcelain") });

  /** Each gate that refuses has one line of its own, and nothing was changed. */
  async function assertRefused(run: () => Promise<Finished>, code: number): Promise<void> {
    const gates = await refusedBy("prod");
    assert.ok(gates.length > 5, `prod asks for more than ${gates}`);
    const before = world();
    await writes();
    const finished = await run();
    const said = finished.stdout + finished.stderr;
    assert.equal(finished.code, code, said);
    for (const gate of gates) {
      const lines = said.split("\n").filter((line) => line.includes(`${gate}: needs `));
      assert.equal(lines.length, 1, `${gate}:\n${said}`);
    }
    assert.deepEqual(await writes(), {});
    assert.deepEqual(world(), before);
  }

  it("sluice up refuses an image that nothing is known of with exit code 5, a line for every gate, and changes nothing", () =>
    assertRefused(() => checkout.sluice("up", "--yes", ...to("prod")), 5));

  it("plain pulumi up refuses the same, with Pulumi's own exit code", () =>
    assertRefused(
      () => checkout.pulumi("up", "-s", "prod", "--sandbox", "--yes", "--config", `sluice:imageTag=${tag}`),
      1,
    ));

  it("takes reports that real tools made of this very commit", async () => {
    const collected = await collect(await makeReports());
    assert.equal(collected.code, 0, collected.stdout + collected.stderr);
    assert.ok(files.list().length > 8, files.list().join("\n"));
  });

  it("goes to staging, and is proven there", async () => {
    assert.deepEqual(await refusedBy("staging"), []);
    await up("staging", "--image-tag", tag);
    assert.equal(await versionAt(await checkout.address("staging"), "staging.example.com"), tag);
  });

  it("waits for people", async () => {
    assert.deepEqual([...new Set((await refusedBy("prod")).map((gate) => gate.split(".")[0]))], ["approvals"]);
    await checkout.done("approve", ...to("prod"), "--role", "senior-engineer", "--as", "ada");
    assert.deepEqual(await refusedBy("prod"), []);
  });

  it("is refused again when one bit of any file of evidence is another", async () => {
    assert.deepEqual(await refusedBy("prod"), []);
    for (const [index, file] of files.list().entries()) {
      const place = (index + 0.5) / files.list().length;
      await files.changed(file, place, async () => assertGone(await check("prod"), file));
    }
  });

  it("is refused again when any file of evidence is taken away", async () => {
    assert.deepEqual(await refusedBy("prod"), []);
    for (const file of needed()) await files.without(file, async () => assertGone(await check("prod"), file));
  });

  it("is refused again when any file is signed with another key", async () => {
    assert.deepEqual(await refusedBy("prod"), []);
    for (const file of needed()) await files.signedByStranger(file, async () => assertGone(await check("prod"), file));
  });

  /** All but what prod does not ask about: that it ran on a laptop. */
  const needed = () => files.list().filter((file) => files.statement(file).predicate.result.environment !== "local");

  function assertGone({ code, said }: { code: number; said: string }, file: string): void {
    assert.equal(code, 5, `${file}: ${said}`);
  }

  it("the engine says so, too: sluice preview and plain pulumi preview", async () => {
    const [some] = files.list().filter((file) => file.includes("tests-"));
    assert.ok(some);
    await files.changed(some, 0.5, async () => {
      assert.equal((await checkout.sluice("preview", ...to("prod"))).code, 5);
    });
    await files.without(some, async () => {
      const config = ["--config", `sluice:imageTag=${tag}`];
      const { code, stdout, stderr } = await checkout.pulumi("preview", "-s", "prod", "--sandbox", ...config);
      assert.equal(code, 1, stdout + stderr);
    });
  });

  it("evidence of one image proves nothing of another", async () => {
    const other = await push("v1.2.0");
    assert.notEqual(other, digest);
    files.copyTo(other);
    const { code, images } = await check("prod", "v1.2.0");
    assert.equal(code, 5);
    assert.ok(images.every(({ gates }) => gates.every(({ passed }) => !passed)));
  });

  it("an audit that had no answer is no evidence, and nothing beside it is taken either", async () => {
    const file = path.join(folder, "audit-of-everything.json");
    await reports.npmAudit({ command: "npm", root: checkout.root, file });
    const answered = JSON.parse(readFileSync(file, "utf8")).error === undefined;
    // Where the registry does answer, the answer that it gives elsewhere is played.
    const audit = answered ? path.join(fixtures, "npm-audit/error.json") : file;
    const before = files.list();
    const refused = await collect([`dependencies:npm=${audit}`, `tests:unit=${path.join(folder, "junit.xml")}`]);
    assert.equal(refused.code, 2, refused.stdout + refused.stderr);
    assert.match(refused.stderr, /(?:audit-of-everything|error)\.json: the audit did not run/);
    assert.deepEqual(files.list(), before);
  });

  it("with all of it, it is deployed, and answers", async () => {
    await up("prod", "--image-tag", tag);
    assert.equal(await versionAt(await checkout.address("prod"), "www.example.com"), tag);
  });

  function collect(what: readonly string[]): Promise<Finished> {
    const source = ["--root", checkout.root];
    const about = ["--repository", "api", "--change", "HEAD~1..HEAD", ...source];
    return checkout.sluice("gate", "collect", ...about, ...to("prod"), ...what);
  }

  /** Trivy cannot run here: what it says of a clean image was written by hand, and is made to speak of this one, today. */
  function scanned(): string {
    const text = readFileSync(path.join(fixtures, "trivy/image-clean.json"), "utf8");
    const { RepoDigests } = JSON.parse(text).Metadata;
    const named = String(RepoDigests[0]).split("@")[1] as string;
    const file = path.join(folder, "trivy.json");
    const dated = text.replace(/"CreatedAt": "[^"]*"/, `"CreatedAt": "${new Date().toISOString()}"`);
    writeFileSync(file, dated.replaceAll(named, digest));
    return file;
  }

  /** @returns the reports, as `sluice gate collect` takes them */
  async function makeReports(): Promise<string[]> {
    const file = (name: string) => path.join(folder, name);
    const { root } = checkout;
    const { url } = await checkout.service();
    const service = path.join(root, "examples/service");
    await Promise.all([
      reports.mochaAndC8({ root, tests: "examples/service/test/*.test.js", sources: "examples/service/*.js", folder }),
      reports.actionlint({ command: tools.actionlint, root, file: file("actionlint.sarif") }),
      reports.zizmor({ command: zizmor, root, file: file("zizmor.sarif") }),
      reports.gitleaks({ command: tools.gitleaks, root, file: file("gitleaks.sarif") }),
      reports.npmSbom({ command: "npm", root: service, file: file("sbom.json") }),
      // Of a package without dependencies: there is nothing to ask the registry about.
      reports.npmAudit({ command: "npm", root: service, file: file("audit.json") }),
    ]);
    await reports.k6({ command: tools.k6, root, file: file("k6.json") }, path.join(service, "test/load.k6.js"), url);
    return [
      `tests:unit=${file("junit.xml")}`,
      `coverage=${file("lcov.info")}`,
      `lint:actionlint=${file("actionlint.sarif")}`,
      `sast:zizmor=${file("zizmor.sarif")}`,
      `secrets:gitleaks=${file("gitleaks.sarif")}`,
      `sbom=${file("sbom.json")}`,
      `dependencies:npm=${file("audit.json")}`,
      `container:trivy=${scanned()}`,
      `load=${file("k6.json")}`,
    ];
  }
});
