import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Project } from "./project.ts";

/** The engine, the host and a program take a second; a machine under load takes longer. */
const TIMEOUT_MS = 60_000;

describe("language host, with the real engine", function () {
  this.timeout(TIMEOUT_MS);
  let project: Project | undefined;

  const create = async (program: string): Promise<Project> => {
    project = await Project.create(program);
    return project;
  };

  afterEach(() => {
    project?.remove();
    project = undefined;
  });

  it("passes configuration, secrets and the program's outputs on", async () => {
    const { pulumi, outputs } = bind(
      await create(`
        import * as pulumi from "@pulumi/pulumi";
        const config = new pulumi.Config();
        export const greeting: string = config.require("greeting");
        export const password = config.requireSecret("password");
        export const where = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()];
        export const preview = pulumi.runtime.isDryRun();
      `),
    );
    await pulumi("config", "set", "greeting", "good morning");
    await pulumi("config", "set", "--secret", "password", "sesame");
    const preview = await pulumi("preview");
    assert.equal(preview.code, 0, preview.stdout);
    assert.match(preview.stdout, /preview *: true/);
    assert.doesNotMatch(preview.stdout + preview.stderr, /warning|sesame/);

    const up = await pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.code, 0, up.stdout);
    assert.doesNotMatch(up.stdout + up.stderr, /warning|sesame/);
    assert.deepEqual(await outputs(), {
      greeting: "good morning",
      password: "sesame",
      where: ["organization", "tiny", "dev"],
      preview: false,
    });
  });

  it("runs a policy pack that is written in TypeScript", async () => {
    const subject = await create('export const colour = "red";');
    subject.writePack(`[{
      name: "no-red", description: "red is taken", enforcementLevel: "mandatory",
      validateStack: (args: StackValidationArgs, report: (message: string) => void) => {
        const stack = args.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
        if (stack?.props.colour === "red") report("the colour is red: choose another");
      },
    }]`);
    const refused = await subject.pulumi("preview", "--policy-pack", "pack");
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout, /\[mandatory\] +no-red[\s\S]*the colour is red: choose another/);

    subject.write("index.ts", 'export const colour = "blue";');
    const accepted = await subject.pulumi("up", "--yes", "--policy-pack", "pack");
    assert.equal(accepted.code, 0, accepted.stdout);
    assert.match(accepted.stdout, /tiny-pack@v0\.1\.0/);
    assert.doesNotMatch(accepted.stdout + accepted.stderr, /warning/);
  });

  it("fails when the pack cannot be loaded, and says where it broke", async () => {
    const subject = await create("export const one = 1;");
    subject.writePack("nowhere");
    const { code, stdout, stderr } = await subject.pulumi("preview", "--policy-pack", "pack");
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /ReferenceError: nowhere is not defined/);
    assert.match(stdout + stderr, /pack\.ts:2/);
  });

  it("shows where a program threw, once, and nothing of its own", async () => {
    const subject = await create(`
      function deep(depth: number): void {
        if (depth === 0) throw new Error("the flux is not compensated");
        deep(depth - 1);
      }
      deep(2);
    `);
    const { code, stdout } = await subject.pulumi("preview");
    assert.notEqual(code, 0);
    const diagnostics = stdout.slice(stdout.indexOf("Diagnostics:"));
    assert.equal(diagnostics.match(/the flux is not compensated/g)?.length, 1, diagnostics);
    assert.match(diagnostics, /index\.ts:3:/);
    assert.doesNotMatch(diagnostics, /non-zero exit code|language-host|child-start/);
  });

  it("names what a program imports but is not there", async () => {
    const { stdout, code } = await (await create('import "./missing.ts";')).pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /missing\.ts/);
  });

  it("reports a program that ends with an exit code of its own", async () => {
    const { stdout, code } = await (await create("process.exit(3);")).pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /Program exited with non-zero exit code: 3/);
  });

  it("passes on what a program prints", async () => {
    const { stdout } = await (
      await create('console.log("to stdout"); console.error("to stderr"); export const one = 1;')
    ).pulumi("preview");
    assert.match(stdout, /to stdout/);
    assert.match(stdout, /to stderr/);
  });

  it("still serializes functions, for which the compiler is loaded late", async () => {
    const subject = await create(`
      import * as pulumi from "@pulumi/pulumi";
      const captured = 41;
      const add = () => captured + 1;
      export const text = pulumi.runtime.serializeFunction(add).then((serialized) => serialized.text);
    `);
    const up = await subject.pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.code, 0, up.stdout);
    assert.match(String((await subject.outputs()).text), /captured: 41/);
  });

  it("tells the engine about the program's Node and dependencies", async () => {
    const subject = await create("export const one = 1;");
    subject.write(
      "package.json",
      JSON.stringify({ name: "tiny", type: "module", dependencies: { "@pulumi/pulumi": "*" } }),
    );
    const { stdout, code } = await subject.pulumi("about");
    assert.equal(code, 0, stdout);
    assert.match(stdout, new RegExp(`version='${process.version}'`));
    const sdk = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };
    assert.match(stdout, new RegExp(`@pulumi/pulumi +${sdk.version.replaceAll(".", "\\.")}`));
    assert.match(stdout, /language +nodejs +/);
  });

  it("names the provider plugins of the program's dependencies", async () => {
    const subject = await create("export const one = 1;");
    subject.write(
      "package.json",
      JSON.stringify({ name: "tiny", type: "module", dependencies: { "@pulumi/random": "*", semver: "*" } }),
    );
    const { stdout, stderr } = await subject.pulumi("preview", "--logtostderr", "-v=7");
    const log = stdout + stderr;
    const { version } = JSON.parse(
      readFileSync(`${subject.folder}/node_modules/@pulumi/random/package.json`, "utf8"),
    ) as { version: string };
    assert.match(log, new RegExp(`random.{0,20}${version.replaceAll(".", "\\.")}`));
    assert.match(log, /GetRequiredPackages.*success: #versions=1/);
  });
});

function bind(project: Project) {
  return { pulumi: project.pulumi.bind(project), outputs: project.outputs.bind(project) };
}
