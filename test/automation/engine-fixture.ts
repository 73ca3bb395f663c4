/** A project of its own in a temporary folder, with a program, a policy pack, a provider and the real engine. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { commonEnvironment, type EngineContext, locateEngine } from "../../automation/engine-context.ts";
import type { Interruption, Why } from "../../automation/interruption.ts";
import { createOutput, type Output } from "../../automation/output.ts";
import { repositoryRoot } from "../../automation/paths.ts";

/** Output that is kept instead of shown. */
export interface Recorded extends Output {
  stdout: string[];
  stderr: string[];
  text(): string;
}

export function recordOutput(): Recorded {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const into = (lines: string[]) => ({
    write: (text: string) => lines.push(...text.replace(/\n$/, "").split("\n")),
    isTTY: false,
  });
  const output = createOutput({ stdout: into(stdout), stderr: into(stderr), env: {} });
  return { ...output, stdout, stderr, text: () => stderr.join("\n") };
}

/** An interruption that a test decides about, without signals to the test's own process. */
export function controlledInterruption(): Interruption & { end(why: Why): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    why: () => controller.signal.reason as Why | undefined,
    check: () => controller.signal.throwIfAborted(),
    end: (why) => controller.abort(why),
    [Symbol.dispose]: () => {},
  };
}

export interface Project {
  root: string;
  runs: string;
  /** Where the provider keeps what it created: one file each. */
  cloud: string;
  backend: string;
  context: EngineContext;
  interruption: Interruption;
  /** Writes the stack file of `dev`. */
  configure(config: Record<string, unknown>): Promise<void>;
  remove(): Promise<void>;
}

const program = `
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
class Cell extends pulumi.CustomResource {
  constructor(name, args, opts) { super("cell:index:Cell", name, args, { ...opts, version: "0.0.1" }); }
}
const problems = config.get("problems");
if (problems) throw new pulumi.RunError("configuration error:\\n  services.api.cpu: 256 to 4096; got 3; set another\\n  cluster: needed; got nothing; add it");
const defer = config.get("defer");
if (defer) throw new pulumi.RunError("release deferred: api v3 could not be placed: run the same update again to deploy v3");
console.log("a word from the program");
const first = new Cell("first", { value: config.get("value") ?? "one", delay: config.getNumber("delay") ?? 0, fail: config.getBoolean("fail") ?? false });
new Cell("second", { value: "two", delay: 0, fail: false }, { dependsOn: first });
export const value = config.get("value") ?? "one";
export const hidden = pulumi.secret("not to be shown");
`;

const pack = `
const { PolicyPack } = require("@pulumi/policy");
new PolicyPack("tests", { policies: [
  { name: "no-wildcards", description: "Values are exact.", enforcementLevel: "mandatory", severity: "high",
    validateResource: (args, report) => { if (args.props.value === "*") report("value is a wildcard; name it exactly"); } },
  { name: "short", description: "Short is better.", enforcementLevel: "advisory",
    validateResource: (args, report) => { if (args.props.value === "long") report("value is long"); } },
] });
`;

/** Keeps resources as files: existence can be checked without the engine. */
const provider = `
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(${JSON.stringify(path.join(repositoryRoot, "package.json"))});
const provider = require("@pulumi/pulumi/provider");
const cloud = process.env.TEST_CLOUD;
const file = (id) => path.join(cloud, id + ".json");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
class Cells {
  version = "0.0.1";
  async check(urn, olds, news) { return { inputs: news, failures: [] }; }
  async diff(id, urn, olds, news) {
    const changes = ["value", "fail"].some((key) => olds[key] !== news[key]);
    return { changes, replaces: [], stables: [], deleteBeforeReplace: false };
  }
  async create(urn, inputs) {
    const id = urn.split("::").at(-1);
    fs.appendFileSync(path.join(cloud, "calls"), "create " + id + "\\n");
    await sleep(inputs.delay);
    if (inputs.fail) throw new Error("cell " + id + " never became healthy: exit code 3");
    fs.writeFileSync(file(id), JSON.stringify(inputs));
    return { id, outs: inputs };
  }
  async read(id, urn, props) { return fs.existsSync(file(id)) ? { id, props } : { id: undefined, props: {} }; }
  async update(id, urn, olds, news) {
    fs.appendFileSync(path.join(cloud, "calls"), "update " + id + "\\n");
    await sleep(news.delay);
    fs.writeFileSync(file(id), JSON.stringify(news));
    return { outs: news };
  }
  async delete(id) { fs.rmSync(file(id), { force: true }); }
}
// The engine holds our standard input: when it ends, however it died, so do we.
process.stdin.on("end", () => process.exit(1)).on("error", () => process.exit(1)).resume();
provider.main(new Cells(), process.argv.slice(2));
`;

/** Stack `dev` of a new project; its engine is the real one. */
export async function createProject(): Promise<Project> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sluice-engine-"));
  const [root, home, cloud] = ["project", "home", "cloud"].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const plugin = path.join(home, "plugins/resource-cell-v0.0.1");
  for (const made of [path.join(root, "policy"), plugin, cloud, path.join(folder, "backend")])
    await mkdir(made, { recursive: true });
  await symlink(path.join(repositoryRoot, "node_modules"), path.join(root, "node_modules"));
  await symlink(path.join(repositoryRoot, "node_modules"), path.join(root, "policy/node_modules"));
  const engine = await locateEngine();
  const files: Record<string, string> = {
    [path.join(root, "Pulumi.yaml")]:
      "name: sluice\nmain: index.mjs\nruntime: { name: nodejs, options: { typescript: false } }\n",
    [path.join(root, "package.json")]: '{ "name": "project", "version": "0.0.1" }',
    [path.join(root, "index.mjs")]: program,
    [path.join(root, "Pulumi.dev.yaml")]: "config: {}\n",
    [path.join(root, "policy/PulumiPolicy.yaml")]: "runtime: nodejs\nmain: index.js\n",
    [path.join(root, "policy/package.json")]: '{ "name": "tests", "version": "0.0.1", "main": "index.js" }',
    [path.join(root, "policy/index.js")]: pack,
    [path.join(plugin, "provider.mjs")]: provider,
    [path.join(plugin, "pulumi-resource-cell")]: `#!/bin/sh\nexec ${engine.node} ${plugin}/provider.mjs "$@"\n`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(file, text);
  await chmod(path.join(plugin, "pulumi-resource-cell"), 0o755);
  const backend = path.join(folder, "backend");
  const context: EngineContext = {
    pulumi: engine.pulumi,
    root,
    policyPack: { folder: path.join(root, "policy"), config: undefined },
    env: {
      ...process.env,
      ...commonEnvironment(engine),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      TEST_CLOUD: cloud,
    },
  };
  const interruption = controlledInterruption();
  return {
    root,
    cloud,
    backend,
    context,
    interruption,
    runs: path.join(folder, "runs"),
    configure: (config) => writeFile(path.join(root, "Pulumi.dev.yaml"), JSON.stringify({ config })),
    remove: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
