/** Where benchmarks run: a sandbox of their own, so that neither they nor the user's work disturb each other. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { engineEnvironment } from "../engine/locate.mjs";
import { proveImage } from "../test/support/evidence.ts";
import { command } from "./command.ts";

export const ROOT = path.join(import.meta.dirname, "..");

/** What benchmarks deploy. */
export const RELEASE = "v1.0.0";

/** A project with nothing in it, on the same engine, language host and Node: what Pulumi itself costs. */
const EMPTY_PROJECT = {
  "Pulumi.yaml": "name: empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
  "package.json": '{ "name": "empty", "version": "0.0.0", "private": true, "type": "module" }\n',
  "index.ts": "export {};\n",
};

export class Setting {
  /** The Pulumi CLI. */
  readonly pulumi: string;
  /** The pinned Node. */
  readonly node: string;
  /** A folder that goes when the benchmarks end. */
  readonly home: string;
  readonly #path: string;
  readonly #steps = new Map<string, Promise<unknown>>();

  private constructor(home: string, engine: { pulumi: string; node: string; path: string }) {
    this.home = home;
    this.pulumi = engine.pulumi;
    this.node = engine.node;
    this.#path = engine.path;
  }

  static async create(): Promise<Setting> {
    const engine = await engineEnvironment();
    return new Setting(await mkdtemp(path.join(tmpdir(), "sluice-bench-")), engine);
  }

  /** Variables for `bin/sluice`. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: this.#path, SLUICE_HOME: this.home, NO_COLOR: "1" };
  }

  /** Runs the sluice command. */
  sluice(...args: string[]): Promise<string> {
    return command(path.join(ROOT, "bin/sluice"), args, { cwd: ROOT, env: this.environment });
  }

  /**
   * What plain `pulumi` needs for a stack of the sandbox, as `sluice env` says it, but without the wrapper on PATH: it is
   * the engine and the program that are compared.
   */
  async pulumiEnvironment(stack: string): Promise<NodeJS.ProcessEnv> {
    const printed = JSON.parse(await this.sluice("env", "--stack", stack, "--sandbox", "--json"));
    const set = Object.entries(printed as Record<string, string | null>).map(([name, value]) => [
      name,
      value ?? undefined,
    ]);
    return { ...this.environment, ...Object.fromEntries(set), PATH: this.#path, PULUMI_SKIP_UPDATE_CHECK: "true" };
  }

  /** The foundation stack, which every environment reads; once, whoever asks first. */
  foundation(): Promise<unknown> {
    return this.#once("foundation", () => this.sluice("up", "--stack", "foundation", "--sandbox", "--yes"));
  }

  /**
   * The prod stack, never brought up: previews of it create everything.
   *
   * @returns a copy of its configuration: the plain CLI writes the secrets provider's salt into the file that it is given
   */
  async prod(): Promise<string> {
    await this.foundation();
    return this.#once("prod", async () => {
      await this.sluice("preview", "--stack", "prod", "--sandbox");
      const copy = path.join(this.home, "Pulumi.prod.yaml");
      await copyFile(path.join(ROOT, "Pulumi.prod.yaml"), copy);
      return copy;
    });
  }

  /** The same stack with a release to deploy, which is proven. */
  async prodWithRelease(): Promise<string> {
    const [bare] = await Promise.all([this.prod(), this.image(RELEASE)]);
    return this.#once("prod with a release", async () => {
      const copy = path.join(this.home, "Pulumi.prod-with-release.yaml");
      const text = await readFile(bare, "utf8");
      await writeFile(copy, text.replace(/^config:$/m, `config:\n  sluice:imageTag: ${RELEASE}`));
      return copy;
    });
  }

  /** The example's image in the registry, under a tag, with the evidence that prod demands. */
  async image(tag: string): Promise<void> {
    await this.foundation();
    const args = [
      "push",
      "examples/service",
      "--repository",
      "api",
      "--tag",
      tag,
      "--stack",
      "foundation",
      "--sandbox",
    ];
    await this.#once(`image ${tag}`, async () => {
      const digest = (await this.sluice(...args)).trim();
      await proveImage({ home: this.home, stack: "prod", repository: "api", digest });
    });
  }

  /** The local stack with the example running in it. */
  local(): Promise<unknown> {
    return this.#once("local", () => this.sluice("quickstart"));
  }

  /** The empty project's folder, with a stack named `empty` in the same backend. */
  empty(): Promise<string> {
    return this.#once("empty", async () => {
      const folder = path.join(this.home, "empty");
      await mkdir(folder);
      for (const [name, text] of Object.entries(EMPTY_PROJECT)) await writeFile(path.join(folder, name), text);
      await symlink(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
      await command(this.pulumi, ["stack", "init", "empty"], { cwd: folder, env: await this.emptyEnvironment() });
      return folder;
    });
  }

  /** The sandbox's engine settings without its policy pack. */
  async emptyEnvironment(): Promise<NodeJS.ProcessEnv> {
    return withoutPack(await this.pulumiEnvironment("prod"));
  }

  async remove(): Promise<void> {
    await this.sluice("sandbox", "stop").catch(() => {});
    await rm(this.home, { recursive: true, force: true });
  }

  #once<T>(name: string, step: () => Promise<T>): Promise<T> {
    let started = this.#steps.get(name) as Promise<T> | undefined;
    if (started === undefined) {
      started = step();
      this.#steps.set(name, started);
    }
    return started;
  }
}

/** The same variables, with a pack that does not ask for proof of images. */
export async function withoutGates(setting: Setting, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const config = JSON.parse(await readFile(env.PULUMI_OPTION_POLICY_PACK_CONFIG as string, "utf8"));
  config["images-proven"].environments.prod = { strictness: "disabled" };
  const file = path.join(setting.home, "pack-without-gates.json");
  await writeFile(file, JSON.stringify(config));
  return { ...env, PULUMI_OPTION_POLICY_PACK_CONFIG: file };
}

/** The same variables, with no policy pack attached. */
export function withoutPack(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PULUMI_OPTION_POLICY_PACK: _pack, PULUMI_OPTION_POLICY_PACK_CONFIG: _config, ...rest } = env;
  return rest;
}
