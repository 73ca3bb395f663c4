import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { engineEnvironment } from "../../engine/locate.mjs";
import { type Result, type Running, run, start } from "./commands.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** A Pulumi project in a temporary folder, with a backend and a PULUMI_HOME of its own, run by the real engine. */
export class Project {
  readonly folder = mkdtempSync(path.join(tmpdir(), "sluice-engine-"));
  readonly #cli: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(cli: string, env: NodeJS.ProcessEnv) {
    this.#cli = cli;
    this.#env = {
      ...env,
      PULUMI_HOME: path.join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  }

  /** @param program the text of index.ts */
  static async create(program: string): Promise<Project> {
    const { pulumi, path: searchPath } = await engineEnvironment();
    const project = new Project(pulumi, { ...process.env, PATH: searchPath });
    for (const name of ["home", "state"]) mkdirSync(path.join(project.folder, name));
    symlinkSync(path.join(REPOSITORY, "node_modules"), path.join(project.folder, "node_modules"));
    project.write("package.json", JSON.stringify({ name: "tiny", type: "module" }));
    project.write(
      "Pulumi.yaml",
      "name: tiny\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
    );
    project.write("index.ts", program);
    const created = await project.pulumi("stack", "init", "dev");
    assert.equal(created.code, 0, created.stderr);
    return project;
  }

  write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** A policy pack in the folder `pack`: JavaScript in front, TypeScript behind. */
  writePack(policies: string): void {
    this.write("pack/PulumiPolicy.yaml", "runtime: nodejs\n");
    this.write(
      "pack/package.json",
      JSON.stringify({ name: "tiny-pack", version: "0.1.0", type: "module", main: "index.js" }),
    );
    this.write("pack/index.js", 'import "./pack.ts";\n');
    this.write(
      "pack/pack.ts",
      `import { PolicyPack, type StackValidationArgs } from "@pulumi/policy";\nnew PolicyPack("tiny-pack", { policies: ${policies} });\n`,
    );
  }

  pulumi(...args: string[]): Promise<Result> {
    return run(this.#cli, args, { cwd: this.folder, env: this.#env });
  }

  start(...args: string[]): Running {
    return start(this.#cli, args, { cwd: this.folder, env: this.#env });
  }

  async outputs(): Promise<Record<string, unknown>> {
    const { stdout, stderr, code } = await this.pulumi("stack", "output", "--json", "--show-secrets");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
