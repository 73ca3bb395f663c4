import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places } from "../../automation/paths.ts";
import { engineEnvironment } from "../../engine/locate.mjs";
import { proveImage } from "../support/evidence.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const pack = path.join(repository, "policy");

/** Declares resources without any provider: to the engine and the pack, a component of that type is one. */
const preamble = `
import * as pulumi from "@pulumi/pulumi";
const declare = (type: string, name: string, args: object, options: object = {}) => new pulumi.ComponentResource(type, name, args, options);
const digest = "sha256:" + "a1".repeat(32);
const roleArn = "arn:aws:iam::123456789012:role/api";
const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api@" + digest;
const container = { name: "api", image, user: "65532", readonlyRootFilesystem: true };
const task = (definition: object, inputs: object = {}, options: object = {}) => declare("aws:ecs/taskDefinition:TaskDefinition", "api-task", {
  networkMode: "awsvpc", skipDestroy: true, executionRoleArn: roleArn, containerDefinitions: JSON.stringify([definition]), ...inputs,
}, options);
/** What an update is about to run; the policy pack judges it before anything else. */
const release = (inputs: object = {}, options: object = {}) => {
  const images = [{ service: "api", colour: "blue", repository: "api", image, tag: "v1" }];
  const environment = pulumi.getStack() === "prod" ? "prod" : "preview";
  const component = new pulumi.ComponentResource("sluice:release:Release", "release", { environment, images, ...inputs }, options);
  return new Promise((resolve) => component.urn.apply(resolve));
};
const early = <T>(value: T) => pulumi.output(pulumi.runtime.isDryRun() ? pulumi.unknown : value);
`;

const released = "await release();";

interface Result {
  code: number;
  output: string;
}

describe("policy pack in the real engine", function () {
  this.timeout(120_000);
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let cli: string;
  /** The pack's config as the sandbox has it: its own key signs what proves the image. */
  let config: string;

  before(async () => {
    const engine = await engineEnvironment();
    cli = engine.pulumi;
    folder = await mkdtemp(path.join(tmpdir(), "sluice-policy-"));
    for (const name of ["home", "state"]) await mkdir(path.join(folder, name));
    await symlink(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
    await writeFile(path.join(folder, "package.json"), '{"name":"planted","type":"module"}');
    const project = "name: planted\nmain: index.ts\nruntime: {name: nodejs, options: {typescript: false}}\n";
    await writeFile(path.join(folder, "Pulumi.yaml"), project);
    environment = {
      ...process.env,
      PATH: engine.path,
      PULUMI_HOME: path.join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    for (const stack of ["prod", "preview-pr-1"]) assert.equal((await pulumi("stack", "init", stack)).code, 0);
    const home = path.join(folder, "sluice");
    config = sandboxPack({ folder: pack, config: path.join(pack, "config.json") }, places({ SLUICE_HOME: home }))
      .config as string;
    for (const stack of ["prod", "preview-pr-1"]) {
      await proveImage({ home, stack, repository: "api", digest: `sha256:${"a1".repeat(32)}` });
    }
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function pulumi(...args: string[]): Promise<Result> {
    return new Promise((resolve) => {
      execFile(cli, args, { cwd: folder, env: environment }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }

  /** Runs a program with the pack and its config, as every way in does. */
  async function run(command: "preview" | "up", stack: string, program: string, first = released): Promise<Result> {
    await writeFile(path.join(folder, "index.ts"), preamble + first + program);
    const attached = ["--policy-pack", pack, "--policy-pack-config", config];
    const unattended = command === "up" ? ["--yes", "--skip-preview"] : [];
    return pulumi(command, "--stack", stack, "--non-interactive", "--color", "never", ...attached, ...unattended);
  }

  async function resources(stack: string): Promise<string[]> {
    const { output } = await pulumi("stack", "export", "--stack", stack);
    const state = JSON.parse(output) as { deployment: { resources?: { urn: string }[] } };
    return (state.deployment.resources ?? []).map(({ urn }) => urn.split("::").at(-1) as string);
  }

  it("passes a compliant program without a remark", async () => {
    const { code, output } = await run("preview", "prod", "task(container);");
    assert.equal(code, 0, output);
    assert.match(output, /sluice@v0\.1\.0/);
    assert.doesNotMatch(output, /\[(?:mandatory|advisory)\]/);
  });

  it("refuses a planted violation in one readable line, in the preview and before the update touches it", async () => {
    const planted = 'task({ ...container, image: "nginx:1" });';
    const line =
      /^ +api-task: containerDefinitions\[0\] "api" image "nginx:1" is named by tag, .*; use REGISTRY\/REPOSITORY@sha256:DIGEST.*$/m;
    const preview = await run("preview", "prod", planted);
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /\[mandatory\].* images-by-digest /);
    assert.match(preview.output, line);
    const update = await run("up", "prod", planted);
    assert.notEqual(update.code, 0);
    assert.match(update.output, line);
    assert.ok(!(await resources("prod")).includes("api-task"));
  });

  it("remarks in the preview what it refuses in the update, where only the update knows the value", async () => {
    const planted =
      'const permissionsBoundary = "arn:aws:iam::000000000000:policy/sluice-foundation-github-boundary-prod";' +
      'declare("aws:iam/role:Role", "deploy", { permissionsBoundary, assumeRolePolicy: early(JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }] })) });';
    const preview = await run("preview", "prod", planted);
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /\[advisory\].* oidc-trust-exact/);
    assert.match(preview.output, /deploy: assumeRolePolicy is not known before the update and is judged then/);
    const update = await run("up", "prod", planted);
    assert.notEqual(update.code, 0);
    assert.match(update.output, /\[mandatory\].* oidc-trust-exact/);
    assert.match(update.output, /deploy: assumeRolePolicy\.Statement\[0\] trusts "\*"/);
    assert.ok(!(await resources("prod")).includes("deploy"));
  });

  it("is milder for previews, by the stack's name", async () => {
    const planted = 'task({ ...container, user: "root" });';
    const preview = await run("preview", "preview-pr-1", planted);
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /\[advisory\].* containers-hardened/);
    const prod = await run("preview", "prod", planted);
    assert.notEqual(prod.code, 0);
    assert.match(prod.output, /\[mandatory\].* containers-hardened/);
  });

  it("judges the stack as a whole", async () => {
    const planted =
      'declare("github:index/repositoryEnvironment:RepositoryEnvironment", "docs", { environment: "docs" });';
    const { code, output } = await run("preview", "prod", planted);
    assert.notEqual(code, 0);
    assert.match(output, /stack: sluice:rulesets no rules protect ~DEFAULT_BRANCH/);
  });

  it("refuses a config that its schemas do not allow", async () => {
    await writeFile(
      path.join(folder, "odd.json"),
      '{"logs-kept":{"environments":{"prod":{"strictness":"sometimes"}}}}',
    );
    await writeFile(path.join(folder, "index.ts"), `${preamble}${released}task(container);`);
    const { code, output } = await pulumi(
      "preview",
      "--stack",
      "prod",
      "--non-interactive",
      "--policy-pack",
      pack,
      "--policy-pack-config",
      "odd.json",
    );
    assert.notEqual(code, 0);
    assert.match(output, /logs-kept: environments\.prod\.strictness: .*must be one of/);
  });

  describe("judges images by what is known of them, and no program talks it out of that:", () => {
    const tricks: [string, string, string, RegExp][] = [
      ["no release", "", "task(container);", /api-task: .* runs sha256:[0-9a-f]+, which no Release before it names/],
      [
        "a release that comes too late",
        "",
        `task(container).urn.apply(() => release());`,
        /api-task: .* which no Release before it names/,
      ],
      [
        "another environment",
        'await release({ environment: "staging" });',
        "",
        /release: environment is "staging", and stack "prod"/,
      ],
      ["signers of its own", "await release({ signers: {} });", "", /release: signers is wrong: no such setting/],
      [
        "evidence of its own",
        'await release({ evidence: "file:///tmp" });',
        "",
        /release: evidence is wrong: no such setting/,
      ],
      [
        "gates looser than the floor",
        "await release({ gates: { ageHours: 9000 } });",
        "",
        /release: gates\.ageHours is too mild for prod/,
      ],
      [
        "images that a preview does not know",
        "await release({ images: early([]) });",
        "",
        /release: images is not known yet/,
      ],
      [
        "a digest that nothing is known of",
        'await release({ images: [{ service: "api", colour: "blue", repository: "api", image: image.replaceAll("a1", "b2") }] });',
        "",
        /release: api api: tests\.unit: needs .*found nothing/,
      ],
    ];
    for (const [title, first, program, says] of tricks) {
      it(title, async () => {
        const { code, output } = await run("preview", "prod", program, first);
        assert.notEqual(code, 0, output);
        assert.match(output, /\[mandatory\].* images-proven /);
        assert.match(output, says);
      });
    }

    it("containers that a preview does not know, in the update", async () => {
      const other = 'task({ ...container, image: image.replaceAll("a1", "b2") }, { containerDefinitions: early(';
      const planted = `${other}JSON.stringify([{ ...container, image: image.replaceAll("a1", "b2") }])) });`;
      const preview = await run("preview", "prod", planted);
      assert.equal(preview.code, 0, preview.output);
      assert.match(preview.output, /api-task: containerDefinitions is not known before the update and is judged then/);
      const update = await run("up", "prod", planted);
      assert.notEqual(update.code, 0);
      assert.match(update.output, /api-task: .* tests\.unit: needs .*found nothing/);
      assert.ok(!(await resources("prod")).includes("api-task"));
    });

    /** Puts something into the state that no pack has judged, as somebody with the right to would. */
    async function unjudged(program: string): Promise<void> {
      await writeFile(path.join(folder, "index.ts"), preamble + program);
      const { code, output } = await pulumi("up", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive");
      assert.equal(code, 0, output);
    }

    it("an image that the state holds, and ignoreChanges keeps", async () => {
      await unjudged('await release(); task({ ...container, image: image.replaceAll("a1", "b2") });');
      const kept = 'task(container, {}, { ignoreChanges: ["containerDefinitions"] });';
      const { code, output } = await run("up", "prod", kept);
      assert.notEqual(code, 0, output);
      assert.match(output, /api-task: .* runs sha256:b2b2.*, which no Release before it names/);
    });

    it("a release that the state holds, and ignoreChanges keeps", async () => {
      await unjudged("await release({ images: [] });");
      const { code, output } = await run(
        "up",
        "prod",
        "task(container);",
        'await release({}, { ignoreChanges: ["images"] });',
      );
      assert.notEqual(code, 0, output);
      assert.match(output, /api-task: .* which no Release before it names/);
      await unjudged("");
    });
  });
});
