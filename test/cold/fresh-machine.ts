/** A machine on which nothing has been set up: a fresh clone, an empty home, no caches of ours, and on PATH only Node 20, git, Go and coreutils. */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { engineVersion, findOnPath, PLATFORM, ROOT } from "../../engine/places.mjs";
import { type Result, run } from "../engine/commands.ts";

/** What the commands under test may use. `sh` is there because npm runs its scripts with it. */
const TOOLS = ["node", "npm", "npx", "git", "go", "sh"];
const COREUTILS =
  "basename cat chmod cp cut date dirname echo env false head id ln ls mkdir mktemp mv nproc printf pwd readlink realpath rm sleep sort tail tee test touch tr true uname wc";

/** Settings of this machine without which there is no network. Nothing else of its environment is passed on. */
const NETWORK =
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|GIT_SSL_CAINFO|GOPROXY|GOSUMDB|GONOSUMDB|npm_config_registry|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;

export class FreshMachine {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), "sluice-cold-")));
  readonly clone = path.join(this.folder, "clone");
  readonly home = path.join(this.folder, "home");
  readonly cache = path.join(this.folder, "cache");
  readonly #bin = path.join(this.folder, "bin");

  /**
   * @param engine path of a CLI to start from, as if an earlier run had built it
   * @default nothing: the engine is downloaded or built
   */
  static async create(engine?: string): Promise<FreshMachine> {
    const machine = new FreshMachine();
    for (const folder of [machine.home, machine.cache, machine.#bin]) mkdirSync(folder);
    for (const tool of [...TOOLS, ...COREUTILS.split(" ")]) machine.#link(tool);
    writeFileSync(path.join(machine.home, ".npmrc"), "");
    if (engine) machine.#giveEngine(engine);
    // What is committed is what is tested.
    const cloned = await machine.run(machine.folder, "git", "clone", "--quiet", ROOT, machine.clone);
    assert.equal(cloned.code, 0, cloned.stderr);
    return machine;
  }

  /** The machine's own tool: this process has the pinned Node in front of it. */
  #link(tool: string): void {
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.startsWith(ROOT));
    const found = findOnPath(tool, folders.join(path.delimiter));
    // Without Go, the engine has to come by download.
    if (found) symlinkSync(realpathSync(found), path.join(this.#bin, tool));
    else assert.ok(tool === "go", `this test needs ${tool} on PATH`);
  }

  #giveEngine(engine: string): void {
    const folder = path.join(this.cache, "sluice", "engine", `v${engineVersion()}-${PLATFORM}`);
    mkdirSync(folder, { recursive: true });
    for (const name of ["pulumi", "pulumi-language-nodejs"]) {
      cpSync(path.join(path.dirname(realpathSync(engine)), name), path.join(folder, name));
    }
  }

  run(folder: string, file: string, ...args: string[]): Promise<Result> {
    const network = Object.entries(process.env).filter(([name]) => NETWORK.test(name));
    const env = {
      ...Object.fromEntries(network),
      HOME: this.home,
      XDG_CACHE_HOME: this.cache,
      PATH: this.#bin,
      LANG: "C.UTF-8",
    };
    return run(path.join(this.#bin, file), args, { cwd: folder, env });
  }

  /** A command in the clone. */
  command(file: string, ...args: string[]): Promise<Result> {
    return this.run(this.clone, file, ...args);
  }

  /** Processes that work in one of this machine's folders, by the process table. */
  processes(): string[] {
    const own = (link: string): boolean => {
      try {
        return readlinkSync(link).startsWith(this.folder);
      } catch {
        return false;
      }
    };
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => own(`/proc/${pid}/cwd`) || own(`/proc/${pid}/exe`));
  }

  /** What commands have written outside the clone and our cache folder, apart from npm's own logs. */
  litter(): string[] {
    const home = readdirSync(this.home).filter((name) => name !== ".npmrc" && name !== ".npm");
    const npm = existsSync(path.join(this.home, ".npm")) ? readdirSync(path.join(this.home, ".npm")) : [];
    const caches = readdirSync(this.cache).filter((name) => name !== "sluice");
    return [...home, ...npm.filter((name) => !name.startsWith("_")).map((name) => `.npm/${name}`), ...caches];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
