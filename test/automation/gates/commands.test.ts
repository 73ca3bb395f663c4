import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Checkout, type Finished } from "../../stories/checkout.ts";
import { hostile } from "./hostile.ts";

/** What staging asks for here: one gate of each sort, so that each command has something to say. */
const gates = {
  tests: { unit: { minimum: 2 } },
  secrets: {},
  approvals: [
    { role: "senior-engineer" },
    { role: "security", when: { paths: ["auth/**"] } },
    { role: "product-owner", when: { types: ["feat"] } },
  ],
  waivers: { roles: ["release-manager"], breakGlass: ["break-glass"], hours: 48 },
};

describe("sluice gate, approve, approvals and audit", function () {
  this.timeout(120_000);
  const checkout = new Checkout();
  let work = "";
  let digest = "";
  const stack = ["--stack", "staging", "--sandbox"];
  const release = [...stack, "--image-tag", "v1.0.0"];
  const collect = (...args: string[]) =>
    checkout.sluice("gate", "collect", ...release, "--repository", "api", "--root", work, ...args);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: work, encoding: "utf8" }).trim();
  const write = (name: string, text: string) => {
    const file = path.join(work, name);
    writeFileSync(file, text);
    return file;
  };
  const evidence = () => path.join(checkout.home, "evidence");
  const files = () =>
    existsSync(evidence())
      ? readdirSync(evidence(), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"))
      : [];
  const json = ({ stdout }: Finished) => JSON.parse(stdout);
  const failed = ({ code, stderr }: Finished, exitCode: number, ...lines: RegExp[]) => {
    assert.equal(code, exitCode, stderr);
    for (const line of lines) assert.match(stderr, line);
  };

  const junit = (names: readonly string[], failures = 0) => {
    const cases = names.map((name, index) =>
      index < failures
        ? `<testcase name="${name}" classname="a" time="0.1"><failure message="no">no</failure></testcase>`
        : `<testcase name="${name}" classname="a" time="0.1"/>`,
    );
    const counts = `tests="${names.length}" failures="${failures}" errors="0" skipped="0"`;
    return `<testsuites ${counts}><testsuite name="a" ${counts}>${cases.join("")}</testsuite></testsuites>`;
  };
  const sarif = JSON.stringify({
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "gitleaks", semanticVersion: "8.28.0", rules: [] } }, results: [] }],
  });

  before(async () => {
    checkout.create();
    const config = path.join(checkout.root, "policy/config.json");
    const pack = JSON.parse(readFileSync(config, "utf8"));
    pack["images-proven"].environments.staging.gates = gates;
    writeFileSync(config, JSON.stringify(pack));
    await checkout.done("up", "--stack", "foundation", "--sandbox");
    digest = (await checkout.push("v1.0.0")).stdout.trim();
    work = mkdtempSync(path.join(os.tmpdir(), "sluice-work-"));
    git("init", "--quiet", "--initial-branch", "main");
    for (const [message, email] of [
      ["chore: begin", "zoe@example.com"],
      ["feat: pay", "mary@sandbox.test"],
    ]) {
      write("pay.js", message as string);
      git("add", "pay.js");
      git("-c", "user.name=x", "-c", `user.email=${email}`, "commit", "--quiet", "--message", message as string);
    }
    writeFileSync(path.join(work, ".git/info/exclude"), "*.xml\n*.sarif\n");
  });
  after(async () => {
    rmSync(work, { recursive: true, force: true });
    await checkout.remove();
  });

  it("refuse what nothing is known of: exit code 5, one row and one remedy for each gate, data on stdout", async () => {
    const { code, stdout, stderr } = await checkout.sluice("gate", "check", ...release);
    assert.equal(code, 5, stderr);
    for (const gate of ["tests.unit", "secrets.findings", "approvals.senior-engineer", "approvals.security"])
      assert.equal(stdout.split("\n").filter((line) => line.startsWith(`  ${gate} `)).length, 1, gate);
    assert.match(stdout, /tests\.unit +missing .*\n +-> run sluice gate collect tests:unit=FILE\n/);
    assert.match(stdout, /\nstaging: refused\n$/);
    const document = json(await checkout.sluice("gate", "check", ...release, "--json"));
    assert.deepEqual([document.allowed, document.environment, document.images[0].digest], [false, "staging", digest]);
  });

  it("say the same as Markdown, as a page, and as a file", async () => {
    const markdown = await checkout.sluice("gate", "check", ...release, "--markdown");
    assert.equal(markdown.code, 5);
    assert.match(markdown.stdout, /^### Quality gates: refused\n/);
    const report = await checkout.done("gate", "report", ...release);
    assert.match(report.stdout, /^### Quality gates: refused\n/);
    const page = path.join(work, "gates.xml");
    const written = await checkout.done("gate", "report", ...release, "--format", "html", "--output", page);
    assert.equal(written.stdout, "");
    assert.match(readFileSync(page, "utf8"), /^<!doctype html>.*<h1>Quality gates: <span class="refused">/s);
    rmSync(page);
    failed(
      await checkout.sluice("gate", "report", ...release, "--output", path.join(work, "none/x")),
      2,
      /cannot be written/,
    );
  });

  it("judge what runs where no tag is given", async () => {
    failed(await checkout.sluice("gate", "check", ...stack), 6, /nothing runs/);
  });

  const wrong: [what: string, args: string[], rule: RegExp][] = [
    ["a tag that the registry does not have", ["check", ...stack, "--image-tag", "v9"], /no such image/],
    ["a service that is not declared", ["check", ...release, "--service", "nope"], /no service nope/],
    ["a repository that nobody uses", ["check", ...release, "--repository", "nope"], /repository nope/],
    ["two forms at once", ["check", ...release, "--json", "--markdown"], /give one of them/],
    ["a gate that is not in force", ["explain", "lint", ...stack], /no gate lint.*tests\.unit/s],
    ["collecting for an unknown repository", ["collect", ...release, "--repository", "nope"], /no repository nope/],
    [
      "collecting for an unknown digest",
      ["collect", ...stack, "--repository", "api", "--digest", `sha256:${"0".repeat(64)}`, "--commit", "a".repeat(40)],
      /no image sha256:000/,
    ],
    [
      "collecting for nothing",
      ["collect", ...stack, "--repository", "api"],
      /--image-tag, --digest, --artifact: give one of them/,
    ],
  ];
  for (const [what, args, rule] of wrong) {
    it(`refuse ${what}`, async () => failed(await checkout.sluice("gate", ...args), 2, rule));
  }

  it("explain what is asked, by whom, and what feeds it", async () => {
    const { stdout } = await checkout.done("gate", "explain", ...stack);
    assert.match(
      stdout,
      /tests\.unit +pack +all tests passed, at least 2.*not looked at\n +<- sluice gate collect tests:unit=FILE/,
    );
    const { repositories } = json(await checkout.done("gate", "explain", "approvals", ...release, "--json"));
    assert.deepEqual(
      repositories[0].gates.map((one: { gate: string; found: { status: string }[] }) => [
        one.gate,
        one.found[0]?.status,
      ]),
      ["senior-engineer", "security", "product-owner"].map((role) => [`approvals.${role}`, "unknown"]),
    );
  });

  it("send whoever approves or waives to the change first, where nothing is known of it", async () => {
    const waiting = await checkout.sluice("approvals", ...release);
    assert.equal(waiting.code, 20, waiting.stderr);
    assert.match(waiting.stdout, /nothing is known of the change; run sluice gate collect/);
    assert.doesNotMatch(waiting.stdout, /nobody that the pack knows/);
    const waiver = ["tests.unit", "--hours", "4", "--reason", "outage #1", "--as", "ada"];
    const refused = await checkout.sluice("gate", "waive", ...waiver, ...release);
    failed(refused, 5, /nothing is known of the change/, /say first what is released: sluice gate collect --change/);
  });

  it("tell every bad report at once, and write nothing", async () => {
    const [empty, broken] = [write("empty.xml", junit([])), write("broken.xml", '<testsuites><testsuite name="a">')];
    const before = files();
    const args = [`tests:unit=${empty}`, `tests:e2e=${broken}`, `coverage=${work}/none.info`, "image"];
    const refused = await collect(...args);
    failed(refused, 2, /nothing was written/, /empty\.xml/, /broken\.xml/, /none\.info: does not exist/);
    assert.deepEqual(files(), before);
    failed(
      await collect("tests:unit=", "junit.xml", "--commit", "HEAD"),
      2,
      /tests: a file/,
      /KIND\[:NAME\]/,
      /--commit/,
    );
    assert.deepEqual(files(), before);
  });

  it("refuse reports about another commit or a work tree that is none", async () => {
    const other = write(
      "other.sarif",
      JSON.stringify({
        version: "2.1.0",
        runs: [
          {
            tool: { driver: { name: "gitleaks", rules: [] } },
            versionControlProvenance: [{ repositoryUri: "https://example.com/x", revisionId: "b".repeat(40) }],
            results: [],
          },
        ],
      }),
    );
    failed(await collect(`secrets=${other}`), 2, /it is about commit b{40}, the image was built from/);
    write("dirt.js", "1");
    failed(await collect(`secrets=${write("ok.sarif", sarif)}`), 2, /differs from its commit/, /\?\? dirt\.js/);
    rmSync(path.join(work, "dirt.js"));
    failed(await collect("--change", "HEAD~1..HEAD~1"), 2, /change: it is about commit|no commit between/);
  });

  it("collect: every file is named, and the log knows of it", async () => {
    const finding = (text: string) => ({
      ruleId: text.slice(0, 100) || "rule",
      message: { text: text || "-" },
      locations: [{ physicalLocation: { artifactLocation: { uri: "a.js" }, region: { startLine: 1 } } }],
    });
    const bad = JSON.stringify({
      ...JSON.parse(sarif),
      runs: [{ ...JSON.parse(sarif).runs[0], results: hostile.map(finding) }],
    });
    const first = json(await collect("--json", `secrets=${write("bad.sarif", bad)}`));
    assert.deepEqual(
      first.files.map(({ kind, name }: { kind: string; name: string }) => `${kind}:${name}`),
      ["secrets:gitleaks", "image:image", "collection:collection"],
    );
    assert.deepEqual([first.digest, first.commit], [digest, git("rev-parse", "HEAD")]);
    const check = await checkout.sluice("gate", "check", ...release);
    assert.equal(check.code, 5);
    assert.match(check.stdout, /secrets\.findings +failed/);
    assert.doesNotMatch(check.stdout, /(?!\n)\p{Cc}|\p{Cf}/u);
    const { stdout } = await checkout.done("audit", "show", ...stack, "--action", "collection", "--json");
    assert.equal(JSON.parse(stdout).at(-1).subject, digest);
  });

  it("wait for approvals, and say whose", async () => {
    const good = await collect(
      "--json",
      "--attach",
      "--change",
      "HEAD~1..HEAD",
      `tests:unit=${write("good.xml", junit(["a", "b"]))}`,
      `secrets=${path.join(work, "ok.sarif")}`,
    );
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual([json(good).files.length, json(good).attached.length], [5, 5]);
    const approvals = await checkout.sluice("approvals", ...release);
    assert.equal(approvals.code, 20, approvals.stderr);
    assert.match(approvals.stdout, /senior-engineer: 0 of 1, waiting\n +may approve: ada\n/);
    assert.match(approvals.stdout, /security: not needed/);
    assert.match(approvals.stdout, /product-owner: 0 of 1, waiting\n +may approve: nobody/, "mary wrote it");
  });

  const refusals: [what: string, args: string[], code: number, rule: RegExp][] = [
    ["nobody", ["--role", "senior-engineer"], 2, /--as LOGIN/],
    ["somebody unknown", ["--role", "senior-engineer", "--as", "eve"], 2, /does not know eve.*ada \(senior-engineer/s],
    ["somebody without the role", ["--role", "senior-engineer", "--as", "mary"], 5, /has not the role senior-engineer/],
    ["the author", ["--role", "product-owner", "--as", "mary"], 5, /mary's own work/],
    [
      "a role that nobody asks for",
      ["--role", "emperor", "--as", "ada"],
      2,
      /senior-engineer, security, product-owner/,
    ],
    ["for too long", ["--role", "senior-engineer", "--as", "ada", "--hours", "9999"], 2, /--hours/],
  ];
  for (const [what, args, code, rule] of refusals) {
    it(`refuse an approval by ${what}, and write nothing`, async () => {
      const before = files();
      failed(await checkout.sluice("approve", ...release, ...args), code, rule);
      assert.deepEqual(files(), before);
    });
  }

  it("approve, in a known person's name", async () => {
    const args = ["--role", "senior-engineer", "--as", "Ada", "--reason", "looks\u001b[2J good"];
    const approved = json(await checkout.done("approve", ...release, ...args, "--json"));
    assert.equal(approved.by, "ada");
    const after = await checkout.sluice("approvals", ...release, "--json");
    assert.equal(after.code, 20, "the product owner's is still missing");
    const [{ roles }] = json(after).images;
    assert.deepEqual([roles[0].approved, roles[0].passed, roles[2].passed], [["ada"], true, false]);
    const [entry] = json(await checkout.done("audit", "show", ...stack, "--action", "approval", "--json"));
    assert.deepEqual([entry.actor, entry.details.reason], ["ada", "looks [2J good"]);
  });

  const noWaivers: [what: string, args: string[], code: number, rule: RegExp][] = [
    [
      "by who may not",
      ["approvals.product-owner", "--hours", "4", "--as", "mary"],
      5,
      /has not the role release-manager/,
    ],
    [
      "for longer than waivers hold",
      ["approvals.product-owner", "--hours", "49", "--as", "ada"],
      5,
      /longer than 48 h/,
    ],
    ["of a gate that holds", ["tests.unit", "--hours", "4", "--as", "ada"], 2, /nothing has to be waived/],
    ["of a gate that is none", ["lint", "--hours", "4", "--as", "ada"], 2, /no gate lint/],
    ["of everything by a name", ["*", "--hours", "4", "--as", "grace"], 2, /is --break-glass/],
    ["of nothing", ["--hours", "4", "--as", "ada"], 2, /name one gate/],
    ["of one and all", ["tests.unit", "--break-glass", "--hours", "4", "--as", "grace"], 2, /name one gate/],
    ["that breaks the glass by who may not", ["--break-glass", "--hours", "4", "--as", "ada"], 5, /role break-glass/],
  ];
  for (const [what, args, code, rule] of noWaivers) {
    it(`refuse a waiver ${what}, and write nothing`, async () => {
      const before = files();
      failed(await checkout.sluice("gate", "waive", ...args, ...release, "--reason", "outage #1"), code, rule);
      assert.deepEqual(files(), before);
    });
  }

  it("waive one gate, loudly; then the release is let in, and it says so", async () => {
    const args = ["approvals.product-owner", "--hours", "4", "--as", "ada", "--reason", "on leave"];
    const waived = await checkout.done("gate", "waive", ...args, ...release);
    assert.match(waived.stderr, /^warning: WAIVED: approvals\.product-owner of api in staging, by ada/m);
    const { stdout } = await checkout.done("gate", "check", ...release);
    assert.match(stdout, /! WAIVED: approvals\.product-owner/);
    assert.match(stdout, /\nstaging: allowed\n$/);
    assert.equal((await checkout.sluice("approvals", ...release)).code, 0);
  });

  it("refuse again as soon as one byte of any evidence is another, until somebody breaks the glass", async () => {
    const name = files().find((file) => file.includes("/evidence/tests-")) ?? "";
    const file = path.join(evidence(), name);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes.map((byte, index) => (index === 200 ? byte ^ 1 : byte))));
    const check = await checkout.sluice("gate", "check", ...release);
    assert.equal(check.code, 5, check.stdout);
    const integrity = ["integrity", "--hours", "4", "--as", "ada", "--reason", "never mind"];
    failed(await checkout.sluice("gate", "waive", ...integrity, ...release), 5, /break-glass alone/);
    const all = ["--break-glass", "--hours", "1", "--as", "grace", "--reason", "outage #1"];
    const broken = await checkout.done("gate", "waive", ...all, ...release);
    assert.match(broken.stderr, /^warning: BREAK GLASS: every gate of api in staging, by grace/m);
    const { stdout } = await checkout.done("gate", "check", ...release);
    assert.match(stdout, /! BREAK GLASS: every gate/);
    writeFileSync(file, bytes);
  });

  it("have a log that shows who did what, and tells when it was altered or cut off", async () => {
    const entries = json(await checkout.done("audit", "show", ...stack, "--json"));
    const actions = entries.map(({ action }: { action: string }) => action);
    assert.deepEqual(actions, ["collection", "collection", "approval", "waiver", "break-glass"]);
    const last = await checkout.done("audit", "show", ...stack, "--limit", "1");
    assert.match(last.stdout, /break-glass +grace/);
    assert.doesNotMatch(last.stdout, /[0-9a-f]{40}/);
    failed(
      await checkout.sluice("audit", "show", ...stack, "--action", "nonsense"),
      2,
      /name one of: approval, break-glass/,
    );
    assert.equal((await checkout.done("audit", "show", ...stack, "--since", "2999-01-01")).stdout, "");
    failed(await checkout.sluice("audit", "show", ...stack, "--since", "yesterday"), 2, /--since/);
    const head = (await checkout.done("audit", "verify", ...stack)).stdout.trim();
    assert.match(head, /^5:[0-9a-f]{64}$/);
    const end = path.join(evidence(), "audit/000000000005.json");
    const bytes = readFileSync(end, "utf8");
    rmSync(end);
    await checkout.done("audit", "verify", ...stack);
    failed(await checkout.sluice("audit", "verify", ...stack, "--head", head), 4, /cut off/);
    writeFileSync(end, bytes);
    await checkout.done("audit", "verify", ...stack, "--head", head);
    const middle = path.join(evidence(), "audit/000000000003.json");
    writeFileSync(middle, readFileSync(middle, "utf8").replace('"ada"', '"eve"'));
    const tampered = await checkout.sluice("audit", "verify", ...stack, "--json");
    assert.equal(tampered.code, 4);
    assert.equal(json(tampered).problems[0].place, "audit/000000000003.json");
  });

  it("refuse a stack whose own gates are looser than the pack's", async () => {
    checkout.configure("staging", (config) => {
      config["sluice:gates"] = { tests: { unit: { minimum: 1 } }, lint: {} };
    });
    failed(await checkout.sluice("gate", "check", ...release), 2, /gates\.tests\.unit\.minimum: at least 2/);
    checkout.configure("staging", (config) => {
      config["sluice:gates"] = { tests: { unit: { minimum: 3 } }, lint: {} };
    });
    const { stdout } = await checkout.done("gate", "explain", ...stack);
    assert.match(stdout, /tests\.unit +stack +all tests passed, at least 3/);
    assert.match(stdout, /lint\.issues +stack/);
    assert.match(stdout, /secrets\.findings +pack/);
  });
});
